//! The settings, typed. What each one does stands in the table beside.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ConfigError, duration};

/// How log lines look.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON elsewhere.
    Auto,
    /// For eyes.
    Human,
    /// One JSON object per line.
    Json,
}

/// Everything that can be set. Printing and serializing it hides what is secret.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Settings {
    /// Where gRPC listens.
    pub listen: SocketAddr,
    /// Where Prometheus reads.
    pub metrics_listen: SocketAddr,
    /// Where the server keeps its files.
    pub data_dir: PathBuf,
    /// A given Postgres; `None` means the server's own.
    #[serde(default, deserialize_with = "secret", serialize_with = "hidden")]
    pub database_url: Option<SecretString>,
    /// Size of the pool.
    pub database_connections: u32,
    /// Patience with a given Postgres at the start.
    #[serde(with = "duration")]
    pub database_wait: Duration,
    /// Where the programs of Postgres are; `None` means they are searched.
    pub postgres_bin: Option<PathBuf>,
    /// Jobs that run at once.
    pub workers: u32,
    /// A silent worker's right to its job.
    #[serde(with = "duration")]
    pub lease: Duration,
    /// Patience with a job that gets no further.
    #[serde(with = "duration")]
    pub stuck_after: Duration,
    /// Patience of a job with an Odoo that is away.
    #[serde(with = "duration")]
    pub max_outage: Duration,
    /// Retries without a checkpoint in between.
    pub max_retries: u32,
    /// How long finished jobs are kept.
    #[serde(with = "duration")]
    pub keep_jobs: Duration,
    /// How long all events of a finished job are kept.
    #[serde(with = "duration")]
    pub keep_events: Duration,
    /// Largest list, in bytes.
    pub max_file_bytes: u64,
    /// Most rows of one call to Odoo.
    pub max_batch_rows: u32,
    /// Hosts in private networks from which lists may come, with commas between; `*` means all.
    pub private_sources: Option<String>,
    /// Patience with a list's address.
    #[serde(with = "duration")]
    pub source_timeout: Duration,
    /// Patience while connecting to Odoo.
    #[serde(with = "duration")]
    pub odoo_connect_timeout: Duration,
    /// Patience with one call to Odoo.
    #[serde(with = "duration")]
    pub odoo_call_timeout: Duration,
    /// Certificate chain (PEM).
    pub tls_certificate: Option<PathBuf>,
    /// Private key (PEM).
    pub tls_key: Option<PathBuf>,
    /// Whether gRPC may leave this machine in plain text.
    pub allow_plaintext: bool,
    /// The sealing key itself, in base64.
    #[serde(default, deserialize_with = "secret", serialize_with = "hidden")]
    pub secret_key: Option<SecretString>,
    /// The file with the sealing key.
    pub secret_key_file: Option<PathBuf>,
    /// Patience of a stop with running jobs.
    #[serde(with = "duration")]
    pub shutdown_grace: Duration,
    /// Filter of the log.
    pub log: String,
    /// Look of the log.
    pub log_format: LogFormat,
}

impl Settings {
    /// The settings as lines of a settings file, secrets hidden and unset ones as comments.
    pub fn print(&self) -> String {
        let serde_json::Value::Object(fields) = serde_json::to_value(self).unwrap_or_default()
        else {
            return String::new();
        };
        super::TABLE
            .iter()
            .map(|setting| match fields.get(setting.name) {
                None | Some(serde_json::Value::Null) => format!("# {} is unset\n", setting.name),
                Some(value) => format!("{} = {value}\n", setting.name),
            })
            .collect()
    }

    /// Refuses values that are well formed but cannot work.
    pub(super) fn check(self) -> Result<Self, ConfigError> {
        let wrong = |key: &'static str, why: &str| {
            Err(ConfigError::Wrong {
                key,
                why: why.to_owned(),
            })
        };
        if self.workers == 0 || self.workers > 100 {
            return wrong("workers", "must be between 1 and 100");
        }
        if self.database_connections < 4 {
            return wrong("database_connections", "must be at least 4");
        }
        if self.max_batch_rows == 0 {
            return wrong("max_batch_rows", "must be at least 1");
        }
        if self.lease < Duration::from_secs(1) {
            return wrong("lease", "must be at least 1s");
        }
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            return wrong(
                "tls_certificate",
                "needs tls_key beside it, and the other way round",
            );
        }
        if self.secret_key.is_some() && self.secret_key_file.is_some() {
            return wrong(
                "secret_key",
                "is set together with secret_key_file; keep one of them",
            );
        }
        if !self.listen.ip().is_loopback()
            && self.tls_certificate.is_none()
            && !self.allow_plaintext
        {
            return wrong(
                "listen",
                "is not a loopback address, so tokens and price lists would travel in plain text; \
                 set tls_certificate and tls_key, or allow_plaintext if something else protects them",
            );
        }
        Ok(self)
    }
}

fn secret<'de, D: Deserializer<'de>>(source: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(source)?.map(SecretString::from))
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn hidden<S: Serializer>(secret: &Option<SecretString>, target: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(_) => target.serialize_some("(hidden)"),
        None => target.serialize_none(),
    }
}
