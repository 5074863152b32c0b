//! Why there are no settings: each error names the setting and the place where it stands.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why there are no settings.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A key that means nothing; most likely a typing error.
    #[error("unknown setting `{key}` in {place}{}", hint.as_ref().map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default())]
    Unknown {
        /// The key as it was found.
        key: String,
        /// Where it was found.
        place: String,
        /// A setting of nearly this name.
        hint: Option<&'static str>,
    },
    /// A value that cannot be read.
    #[error("setting `{key}` in {place} cannot be used: {why}")]
    Unreadable {
        /// The setting.
        key: String,
        /// Where it was found.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// A value that cannot work.
    #[error("setting `{key}` {why}")]
    Wrong {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The settings file cannot be read.
    #[error("settings file {path} cannot be read: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        why: io::Error,
    },
    /// There is no place for the server's files.
    #[error("no home directory is known: set data_dir")]
    NoDataDirectory,
}
