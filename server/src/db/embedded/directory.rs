//! The cluster's files: where they are, and how they are made so that a half-made cluster is never used.

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Stdio,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::process::Command;

use super::{ClusterError, account::Account, binaries::Binaries};

/// The most bytes of a socket's path, in Linux; elsewhere there are a few less.
const LONGEST_SOCKET: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Paths of a cluster in a data directory.
#[derive(Debug)]
pub(super) struct Directory {
    cluster: PathBuf,
    unfinished: PathBuf,
    password: PathBuf,
    port: PathBuf,
    log: PathBuf,
}

impl Directory {
    pub(super) fn of(data_dir: &Path) -> Self {
        Self {
            cluster: data_dir.join("postgres"),
            unfinished: data_dir.join("postgres.unfinished"),
            password: data_dir.join("postgres.password"),
            port: data_dir.join("postgres.port"),
            log: data_dir.join("postgres.log"),
        }
    }

    pub(super) fn cluster(&self) -> &Path {
        &self.cluster
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// The major version that made the cluster; `None` if there is none.
    pub(super) fn version(&self) -> Option<String> {
        Some(
            fs::read_to_string(self.cluster.join("PG_VERSION"))
                .ok()?
                .trim()
                .to_owned(),
        )
    }

    /// Who owns the cluster, if there is one.
    pub(super) fn owner(&self) -> Option<(PathBuf, u32)> {
        let metadata = fs::metadata(&self.cluster).ok()?;
        Some((self.cluster.clone(), metadata.uid()))
    }

    /// The password of the cluster's role.
    pub(super) fn password(&self) -> Result<SecretString, ClusterError> {
        let text = fs::read_to_string(&self.password).map_err(at(&self.password))?;
        Ok(SecretString::from(text.trim().to_owned()))
    }

    /// The port of the last start, so that people find their database where it was.
    pub(super) fn last_port(&self) -> Option<u16> {
        fs::read_to_string(&self.port).ok()?.trim().parse().ok()
    }

    pub(super) fn remember_port(&self, port: u16) -> Result<(), ClusterError> {
        fs::write(&self.port, format!("{port}\n")).map_err(at(&self.port))
    }

    /// The folder of the socket that belongs to a port, if the system can connect to one whose path is so long.
    pub(super) fn of_socket(&self, port: u16) -> Option<&Path> {
        let socket = self.cluster.join(format!(".s.PGSQL.{port}"));
        let fits = socket.as_os_str().len() <= LONGEST_SOCKET && socket.to_str().is_some();
        fits.then_some(&self.cluster)
    }

    /// The log's file, opened for Postgres to write to; one older log is kept.
    pub(super) fn open_log(&self) -> Result<fs::File, ClusterError> {
        const LARGE: u64 = 10 << 20;
        if fs::metadata(&self.log).is_ok_and(|log| log.len() > LARGE) {
            fs::rename(&self.log, self.log.with_extension("log.1")).map_err(at(&self.log))?;
        }
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&self.log)
            .map_err(at(&self.log))
    }

    /// The last lines of the log, for an error.
    pub(super) fn end_of_log(&self) -> String {
        let mut text = Vec::new();
        if let Ok(mut file) = fs::File::open(&self.log) {
            let length = file.metadata().map_or(0, |metadata| metadata.len());
            let _ = io::Seek::seek(&mut file, io::SeekFrom::Start(length.saturating_sub(1_000)));
            let _ = file.read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).trim().to_owned()
    }

    /// Makes a cluster beside its place and moves it there when it is complete.
    pub(super) async fn make(
        &self,
        binaries: &Binaries,
        account: &Account,
        role: &str,
    ) -> Result<(), ClusterError> {
        if self.unfinished.exists() {
            fs::remove_dir_all(&self.unfinished).map_err(at(&self.unfinished))?;
        }
        fs::create_dir(&self.unfinished).map_err(at(&self.unfinished))?;
        fs::set_permissions(&self.unfinished, fs::Permissions::from_mode(0o700))
            .map_err(at(&self.unfinished))?;
        account.give(&self.unfinished)?;
        self.write_password()?;
        account.give(&self.password)?;

        let mut command = Command::new(binaries.program("initdb"));
        command
            .arg("--pgdata")
            .arg(&self.unfinished)
            .arg("--pwfile")
            .arg(&self.password)
            .args(["--username", role, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", "C.UTF-8"])
            .stdin(Stdio::null());
        account.apply(&mut command);
        let program = binaries.program("initdb");
        let output = command.output().await.map_err(at(&program))?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(ClusterError::Failed {
                program: "initdb",
                output,
            });
        }
        fs::rename(&self.unfinished, &self.cluster).map_err(at(&self.cluster))
    }

    fn write_password(&self) -> Result<(), ClusterError> {
        let mut bytes = [0; 24];
        rand::rng().fill_bytes(&mut bytes);
        let password = SecretString::from(URL_SAFE_NO_PAD.encode(bytes));
        let _ = fs::remove_file(&self.password);
        let file = fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&self.password);
        file.and_then(|mut file| {
            io::Write::write_all(&mut file, password.expose_secret().as_bytes())
        })
        .map_err(at(&self.password))
    }
}

/// Says which file an error is about.
pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> ClusterError {
    let path = path.to_owned();
    move |source| ClusterError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_used_where_its_path_is_short_enough() {
        // `/postgres/.s.PGSQL.15000` is behind it.
        let longest = LONGEST_SOCKET - 24;
        for (length, expected) in [(4, true), (longest, true), (longest + 1, false)] {
            let data_dir = PathBuf::from(format!("/{}", "d".repeat(length - 1)));
            let directory = Directory::of(&data_dir);
            assert_eq!(directory.of_socket(15_000).is_some(), expected, "{length}");
        }
    }
}
