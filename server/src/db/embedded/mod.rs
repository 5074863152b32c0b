//! The server's own Postgres: a private cluster in the data directory, on a socket and loopback, under an ordinary
//! user.
//!
//! It has its own process group, so that Ctrl-C in a terminal reaches the server first. When the server is killed
//! it goes on running, and the next server takes it over; when it dies itself, it is started again.

mod account;
mod binaries;
mod directory;
mod keeper;
mod postmaster;

use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use thiserror::Error;
use tracing::{info, warn};

use self::{
    account::Account, binaries::Binaries, directory::Directory, keeper::Keeper,
    postmaster::Postmaster,
};
use crate::config::Settings;

/// The role and the database that the cluster has.
const NAME: &str = "sluice";
/// How long a stop waits for open sessions to be ended.
const STOP_PATIENCE: Duration = Duration::from_secs(30);

/// Why the server's own Postgres does not run.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// No programs of Postgres were found.
    #[error(
        "no postgres {oldest} or newer was found: install one (such as `apt-get install postgresql`), \
         name its directory in postgres_bin, or name a running one in database_url",
        oldest = binaries::OLDEST_MAJOR
    )]
    NotInstalled,
    /// The directory that was named holds no usable programs.
    #[error("postgres_bin {path}: {why}")]
    Binaries {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The cluster was made by another major version, which cannot read or be read by the one found.
    #[error(
        "the cluster in {path} was made by postgres {made_by}, but the postgres found is {found}: \
         name the directory of postgres {made_by} in postgres_bin, or move the cluster's data over with pg_upgrade"
    )]
    OtherVersion {
        /// The cluster's directory.
        path: PathBuf,
        /// Its version.
        made_by: String,
        /// The programs' version.
        found: u32,
    },
    /// The ordinary user that runs Postgres cannot reach the data directory.
    #[error(
        "postgres runs as user `{user}`, who cannot enter {path}: choose a data_dir that every user can reach"
    )]
    Unreachable {
        /// The user.
        user: String,
        /// The first folder that is closed.
        path: PathBuf,
    },
    /// The cluster belongs to somebody else.
    #[error(
        "the cluster in {path} belongs to the user with id {owner}: start the server as that user or as root"
    )]
    OthersCluster {
        /// The cluster's directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// There is no ordinary user to run Postgres as.
    #[error(
        "postgres refuses to run as root, and there is neither a user `postgres` nor a user `nobody`"
    )]
    NoAccount,
    /// A program of Postgres ended without doing its work.
    #[error("{program} failed: {output}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// What it printed last.
        output: String,
    },
    /// It started but does not answer in time.
    #[error("postgres did not become ready within {} s; its log is {log}", patience.as_secs())]
    Late {
        /// How long we waited.
        patience: Duration,
        /// Where its log is.
        log: PathBuf,
    },
    /// A file or folder of the cluster cannot be used.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The cluster runs, but does not let us in.
    #[error("the server's own postgres refuses us: {0}")]
    Refused(#[from] sqlx::Error),
}

/// A running cluster.
#[derive(Debug)]
pub(super) struct Cluster {
    keeper: Keeper,
    options: PgConnectOptions,
}

impl Cluster {
    /// Makes the cluster if there is none, and starts it if it does not run.
    pub(super) async fn start(settings: &Settings) -> Result<Self, ClusterError> {
        let directory = Directory::of(&settings.data_dir);
        let made_by = directory.version();
        let binaries = Binaries::find(settings.postgres_bin.as_deref(), made_by.as_deref())?;
        if let Some(made_by) = made_by
            .as_ref()
            .filter(|made_by| **made_by != binaries.major().to_string())
        {
            let (path, made_by) = (directory.cluster().to_owned(), made_by.clone());
            return Err(ClusterError::OtherVersion {
                path,
                made_by,
                found: binaries.major(),
            });
        }
        let account = Account::choose(directory.owner())?;
        account.check_reach(directory.cluster())?;
        if made_by.is_none() {
            info!(directory = %directory.cluster().display(), version = binaries.major(), "making a postgres cluster");
            directory.make(&binaries, &account, NAME).await?;
        }

        let password = directory.password()?;
        let postmaster = match Postmaster::running_in(&directory).await? {
            Some(postmaster) => {
                info!(
                    process.id = postmaster.id(),
                    "took over the postgres of a server that was killed"
                );
                postmaster
            }
            None => Postmaster::start(&directory, &binaries, &account)?,
        };
        let options = options(&postmaster, &directory, &password);
        match prepare(&postmaster, &directory, &options).await {
            Ok(()) => Ok(Self {
                keeper: Keeper::start(postmaster, directory, binaries, account),
                options,
            }),
            Err(error) => {
                postmaster.stop(STOP_PATIENCE).await;
                Err(error)
            }
        }
    }

    /// How to connect to it.
    pub(super) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Ends all sessions and stops it.
    pub(super) async fn stop(&self) {
        if !self.keeper.stop(STOP_PATIENCE).await {
            warn!("postgres did not stop in time; it goes on by itself");
        }
    }
}

/// By the socket, over which a busy machine has one and a half times as many answers as over loopback, where there is one and its path
/// is not too long.
fn options(
    postmaster: &Postmaster,
    directory: &Directory,
    password: &SecretString,
) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(postmaster.port())
        .username(NAME)
        .password(password.expose_secret())
        .database(NAME)
        .ssl_mode(PgSslMode::Disable);
    match directory.of_socket(postmaster.port()) {
        Some(folder) if postmaster.has_socket() => options.socket(folder),
        _ => options,
    }
}

/// Waits until it answers, and makes the database at the first start.
async fn prepare(
    postmaster: &Postmaster,
    directory: &Directory,
    options: &PgConnectOptions,
) -> Result<(), ClusterError> {
    let mut connection = postmaster
        .connect(directory, &options.clone().database("postgres"))
        .await?;
    let exists = sqlx::query_file_scalar!("src/db/sql/database_exists.sql", NAME)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        sqlx::query("create database sluice")
            .execute(&mut connection)
            .await?;
    }
    let _ = PgConnection::close(connection).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    #[tokio::test]
    async fn a_cluster_of_another_version_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let cluster = folder.path().join("postgres");
        std::fs::create_dir(&cluster).unwrap();
        std::fs::write(cluster.join("PG_VERSION"), "9.6\n").unwrap();
        let flags = [("data_dir".to_owned(), folder.path().display().to_string())].into();
        let settings = Sources {
            flags,
            ..Sources::default()
        }
        .load()
        .unwrap();
        let error = Cluster::start(&settings).await.unwrap_err().to_string();
        assert!(error.contains("was made by postgres 9.6"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
