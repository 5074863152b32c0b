//! What went wrong, and what to do about it: one sentence each, and an exit code.

use std::{fmt, io};

use serde_json::json;
use sluice_client::{ClientError, Code};

use super::{
    output::Output,
    render::{advice, text::clean},
};

/// Why a command could not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was typed, or a file that it names, cannot be used.
    Usage { what: String, remedy: String },
    /// Something on this machine does not work.
    Local { what: String, remedy: String },
    /// The server did not do it, or was not reached.
    Refused(Box<ClientError>),
    /// Nobody reads the answer any more.
    Unheard,
}

impl Failure {
    pub(crate) fn usage(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Usage {
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn local(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Local {
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// Says it on the error output and returns the exit code.
    pub(crate) fn report(&self, output: &Output) -> u8 {
        if let Self::Unheard = self {
            return 0;
        }
        if output.is_json() {
            output.error(&self.json().to_string());
        } else {
            output.error(&self.to_string());
        }
        self.code()
    }

    fn code(&self) -> u8 {
        match self {
            Self::Usage { .. } => 2,
            Self::Refused(error)
                if error.reason.is_none() && error.code == Code::InvalidArgument =>
            {
                2
            }
            Self::Local { .. } | Self::Refused(_) => 1,
            Self::Unheard => 0,
        }
    }

    /// What to do about it; empty if there is nothing to say.
    pub(crate) fn remedy(&self) -> String {
        match self {
            Self::Usage { remedy, .. } | Self::Local { remedy, .. } => remedy.clone(),
            Self::Refused(error) => advice::remedy(error),
            Self::Unheard => String::new(),
        }
    }

    /// What happened.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Usage { what, .. } | Self::Local { what, .. } => what.clone(),
            Self::Refused(error) => error.message.clone(),
            Self::Unheard => "nobody reads the answer".to_owned(),
        }
    }

    fn json(&self) -> serde_json::Value {
        let mut error = json!({ "message": self.what(), "remedy": self.remedy() });
        if let Self::Refused(refusal) = self {
            error["code"] = json!(advice::code_word(refusal.code));
            error["reason"] = json!(refusal.reason.map(sluice_client::v1::Reason::word));
            error["fields"] = refusal
                .violations
                .iter()
                .map(|violation| json!({ "field": violation.field, "why": violation.why }))
                .collect();
            error["metadata"] = json!(refusal.metadata);
        }
        json!({ "type": "error", "error": error })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", clean(&self.what()))?;
        if let Self::Refused(error) = self {
            for violation in &error.violations {
                let name = advice::argument(&violation.field);
                // Where the one field at fault is the whole message, it need not be said twice.
                let said = error.message.contains(&violation.why)
                    && error.message.contains(&violation.field);
                match (said, name) {
                    (true, None) => {}
                    (true, Some(name)) => write!(formatter, "\n  that is {name}")?,
                    (false, name) => {
                        let (field, why) = (clean(&violation.field), clean(&violation.why));
                        let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
                        write!(formatter, "\n  {field}{name}: {why}")?;
                    }
                }
            }
        }
        let remedy = self.remedy();
        if !remedy.is_empty() {
            write!(formatter, "\nhelp: {}", clean(&remedy))?;
        }
        Ok(())
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Refused(Box::new(error))
    }
}

/// Only output is written with `?`: a reader that left, such as `head`, is no failure of the command.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Unheard;
        }
        Self::local(format!("the answer cannot be written: {error}"), "")
    }
}
