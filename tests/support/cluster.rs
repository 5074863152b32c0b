//! A Postgres of one's own that may be crashed, filled up and started again, where the tests' common one may not.

use crate::{
    checkout::{free_port, script},
    odoo::answer,
    until::until,
};
use anyhow::{Context as _, Result, bail, ensure};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Stdio,
};
use tempfile::TempDir;
use tokio::process::Command;

/// The user and group `nobody`, as which root runs Postgres.
const NOBODY: u32 = 65_534;

/// A private cluster; it is stopped, and its files go, when it is dropped.
pub struct Cluster {
    /// Where it listens.
    pub port: u16,
    folder: TempDir,
    programs: PathBuf,
    is_mounted: bool,
}

impl Cluster {
    /// Makes and starts a cluster with these lines in its configuration. With `disk_mib` it lies on a disk of that size.
    pub async fn start(configuration: &[&str], disk_mib: Option<u32>) -> Result<Self> {
        let programs = PathBuf::from(answer(&mut Command::new(script("postgres.sh"))).await?);
        let folder = tempfile::Builder::new()
            .prefix("sluice-cluster.")
            .tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let mut cluster = Self {
            port: free_port()?,
            folder,
            programs,
            is_mounted: false,
        };
        let disk = cluster.disk();
        fs::create_dir(&disk)?;
        if let Some(size) = disk_mib {
            mount(&disk, size).await?;
            cluster.is_mounted = true;
        }
        if is_root() {
            std::os::unix::fs::chown(&disk, Some(NOBODY), Some(NOBODY))?;
        }
        let data = cluster.data();
        cluster
            .run(
                "initdb",
                &[
                    "--username=postgres",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                ],
            )
            .await?;
        let mut text = fs::read_to_string(data.join("postgresql.conf"))?;
        for line in [
            "listen_addresses = '127.0.0.1'",
            "unix_socket_directories = ''",
            "fsync = off",
        ] {
            text.push_str(line);
            text.push('\n');
        }
        for line in configuration {
            text.push_str(line);
            text.push('\n');
        }
        fs::write(data.join("postgresql.conf"), text)?;
        cluster.go_on().await?;
        Ok(cluster)
    }

    /// The address of a database, at the cluster's port or at that of a proxy before it.
    pub fn url_at(port: u16, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{database}")
    }

    /// Makes an empty database.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        connection
            .execute(sqlx::AssertSqlSafe(format!("create database {name}")))
            .await?;
        Ok(connection.close().await?)
    }

    /// A connection of the superuser.
    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        Ok(PgConnection::connect(&Self::url_at(self.port, database)).await?)
    }

    /// Ends every process of the cluster at once, as a power cut would.
    pub async fn crash(&self) -> Result<()> {
        self.run("pg_ctl", &["stop", "--mode=immediate", "--silent"])
            .await
    }

    /// Starts the cluster, if it does not run, and waits until it answers.
    pub async fn go_on(&self) -> Result<()> {
        if self.connect("postgres").await.is_ok() {
            return Ok(());
        }
        let (port, log) = (
            format!("-p {}", self.port),
            self.folder.path().join("disk/log"),
        );
        let log = log.display().to_string();
        let started = self
            .run(
                "pg_ctl",
                &[
                    "start",
                    "-o",
                    &port,
                    "--log",
                    &log,
                    "--wait",
                    "--timeout=60",
                    "--silent",
                ],
            )
            .await;
        if let Err(error) = started {
            // One that is still recovering counts as running.
            until(
                "Postgres answers",
                async || self.connect("postgres").await.map(drop),
                |()| true,
            )
            .await
            .with_context(|| {
                format!("{error}: {}", fs::read_to_string(&log).unwrap_or_default())
            })?;
        }
        Ok(())
    }

    /// Keeps the cluster as it is now, for [`Cluster::restore`]. It stands still meanwhile.
    pub async fn back_up(&self) -> Result<()> {
        self.crash().await?;
        copy(&self.data(), &self.backup()).await?;
        self.go_on().await
    }

    /// Makes the cluster what it was at the backup.
    pub async fn restore(&self) -> Result<()> {
        self.crash().await?;
        fs::remove_dir_all(self.data())?;
        copy(&self.backup(), &self.data()).await?;
        self.go_on().await
    }

    fn backup(&self) -> PathBuf {
        self.disk().join("backup")
    }

    /// The file system that holds the cluster.
    pub fn disk(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    fn data(&self) -> PathBuf {
        self.disk().join("data")
    }

    async fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(self.programs.join(program));
        command
            .arg(format!("--pgdata={}", self.data().display()))
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let status = command.status().await.with_context(|| program.to_owned())?;
        ensure!(
            status.success(),
            "{program} {arguments:?} failed ({status})"
        );
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut command = std::process::Command::new(self.programs.join("pg_ctl"));
        command
            .args(["stop", "--mode=immediate", "--silent"])
            .arg(format!("--pgdata={}", self.data().display()))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if is_root() {
            std::os::unix::process::CommandExt::uid(&mut command, NOBODY);
        }
        let _stopped = command.status();
        if self.is_mounted {
            let _unmounted = std::process::Command::new("umount")
                .arg(self.disk())
                .status();
        }
    }
}

async fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp")
        .arg("-a")
        .arg("--no-target-directory")
        .args([from, to])
        .status()
        .await?;
    ensure!(status.success(), "{} could not be copied", from.display());
    Ok(())
}

/// Gives a folder a small disk of its own, which only an administrator can.
async fn mount(folder: &Path, mib: u32) -> Result<()> {
    if !is_root() {
        bail!("a disk that can run full needs a mount: run the campaign as root");
    }
    let status = Command::new("mount")
        .args([
            "-t",
            "tmpfs",
            "-o",
            &format!("size={mib}m,mode=755"),
            "tmpfs",
        ])
        .arg(folder)
        .status()
        .await?;
    ensure!(
        status.success(),
        "a small disk could not be mounted at {}",
        folder.display()
    );
    Ok(())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
