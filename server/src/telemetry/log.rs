//! The log: lines for eyes on a terminal, JSON elsewhere.

use std::io::{self, IsTerminal as _};

use thiserror::Error;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogFormat, Settings};

/// Tells of each statement; naming it in the setting gives it its voice back.
const QUIET: &str = "sqlx=warn";

/// Why there is no log.
#[derive(Debug, Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error("setting `log` cannot be used: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody else logs in this process already.
    #[error("the log was started twice")]
    Twice,
}

/// Sends all log lines of this process to standard error.
pub fn start_log(settings: &Settings) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", settings.log))?;
    let is_terminal = io::stderr().is_terminal();
    let human = match settings.log_format {
        LogFormat::Auto => is_terminal,
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let registry = tracing_subscriber::registry().with(filter);
    let started = if human {
        registry
            .with(fmt::layer().with_writer(io::stderr).with_ansi(is_terminal))
            .try_init()
    } else {
        registry
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_writer(io::stderr),
            )
            .try_init()
    };
    started.map_err(|_| LogError::Twice)
}
