//! The one place that writes to the terminal.

use std::io::{self, IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::Value;

/// How a long story is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A bar that moves.
    Bar,
    /// Lines for people.
    Plain,
    /// Lines for programs.
    Json,
}

/// Where answers go, and in which form.
pub(crate) struct Output {
    json: bool,
    plain: bool,
    out: io::Stdout,
    err: io::Stderr,
}

impl Output {
    pub(crate) fn new(json: bool, plain: bool) -> Self {
        Self {
            json,
            plain,
            out: io::stdout(),
            err: io::stderr(),
        }
    }

    /// Whether single answers are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// How progress is shown: a bar on a terminal, JSON lines elsewhere, unless told.
    pub(crate) fn style(&self) -> Style {
        let terminal = self.out.is_terminal();
        if self.json || !(self.plain || terminal) {
            Style::Json
        } else if self.plain || !self.err.is_terminal() {
            Style::Plain
        } else {
            Style::Bar
        }
    }

    /// A line of the answer.
    pub(crate) fn line(&self, line: &str) -> io::Result<()> {
        let mut out = self.out.lock();
        writeln!(out, "{line}")?;
        out.flush()
    }

    /// A value of the answer as one line.
    pub(crate) fn value(&self, value: &Value) -> io::Result<()> {
        self.line(&value.to_string())
    }

    /// Raw output.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = self.out.lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// A remark beside the answer; dropped where programs read.
    pub(crate) fn remark(&self, line: &str) {
        if !self.json {
            self.error(line);
        }
    }

    /// A line of the error output. If even that is gone, nobody is left to tell.
    pub(crate) fn error(&self, line: &str) {
        let _ = writeln!(self.err.lock(), "{line}");
    }

    /// A bar on the terminal, or one that nobody sees where there is none.
    pub(crate) fn bar(&self) -> ProgressBar {
        if self.style() == Style::Bar {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))
        } else {
            ProgressBar::hidden()
        }
    }
}
