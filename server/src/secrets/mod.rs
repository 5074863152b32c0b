//! Sealing and opening credentials, and digests of tokens.
//!
//! What is stored is either sealed (the server needs it again: Odoo's API keys) or a digest (it only has to be
//! recognised: tokens). Where it is stored is no business of this room.

mod key_file;
mod keyring;
mod token;

use std::path::PathBuf;

pub use keyring::Keyring;
pub use token::{new_token, token_hash};

/// Why a secret cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file with the key cannot be read or made.
    #[error("the key file {path} cannot be used: {why}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// Others than the owner may read the key.
    #[error("others may read the key file {path} (mode {mode:03o}): run chmod 600 on it")]
    KeyFileOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The key is not written as it should be.
    #[error(
        "key {number} of {origin} is not 32 bytes in base64: make one with `openssl rand -base64 32`"
    )]
    KeyForm {
        /// The setting or the file.
        origin: String,
        /// Which of the keys, from 1.
        number: usize,
    },
    /// There is no key where one should be.
    #[error("{0} holds no key")]
    KeyAbsent(String),
    /// The secret was sealed with a key that this server does not have.
    #[error("a stored secret was sealed with another key: add that key to the server's key file")]
    OtherKey,
    /// The secret was changed, or belongs to something else.
    #[error("a stored secret is damaged")]
    Damaged,
    /// The secret is too long to be sealed.
    #[error("the secret is too long")]
    TooLong,
}
