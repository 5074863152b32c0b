//! TLS from two files, refused with the name of the one that is wrong.

use std::{
    fs,
    path::{Path, PathBuf},
};

use thiserror::Error;
use tonic::transport::{Identity, Server, ServerTlsConfig};

use crate::config::Settings;

/// Why TLS cannot be offered.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{setting} {path}: {source}")]
    File {
        /// The setting that names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The contents do not work.
    #[error(
        "tls_certificate {certificate} and tls_key {key} do not work together: {}",
        cause_of(source)
    )]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls says.
        source: tonic::transport::Error,
    },
}

/// Adds TLS to the server if the settings have it.
pub(super) fn configure(server: Server, settings: &Settings) -> Result<Server, TlsError> {
    let (Some(certificate), Some(key)) = (&settings.tls_certificate, &settings.tls_key) else {
        return Ok(server);
    };
    let identity = Identity::from_pem(read("tls_certificate", certificate)?, read("tls_key", key)?);
    server
        .tls_config(ServerTlsConfig::new().identity(identity))
        .map_err(|source| TlsError::Unusable {
            certificate: certificate.clone(),
            key: key.clone(),
            source,
        })
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::File {
        setting,
        path: path.to_owned(),
        source,
    })
}

/// The innermost cause: the outer ones only say that something failed.
fn cause_of(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
