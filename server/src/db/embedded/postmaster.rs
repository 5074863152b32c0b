//! The process that is Postgres: started, taken over, waited for, stopped.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use rand::RngExt as _;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
    time::{Instant, sleep},
};
use tracing::info;

use super::{
    ClusterError,
    account::Account,
    binaries::Binaries,
    directory::{Directory, at},
};
use crate::db::DbError;

/// How long a start may take; recovery after a crash is part of it.
const START_PATIENCE: Duration = Duration::from_mins(5);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Ports above are given to outgoing connections by the system.
const PORTS: std::ops::Range<u16> = 15_000..32_000;

/// For a small server that shares its machine; `wal_level` is minimal because nobody replicates a private cluster.
const OPTIONS: [&str; 15] = [
    "listen_addresses=127.0.0.1",
    // The cluster's own directory, where Postgres works.
    "unix_socket_directories=.",
    "max_connections=100",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=1GB",
    "wal_compression=on",
    "checkpoint_timeout=15min",
    "jit=off",
    "log_min_messages=warning",
    "log_line_prefix=%m [%p] ",
    "log_timezone=UTC",
    "timezone=UTC",
    "cluster_name=sluice",
    "log_checkpoints=off",
];

/// The least and the most memory for pages, in MiB. It is taken as it is needed: 75,000 records that are searchable need some 300 MiB.
const BUFFERS: (u64, u64) = (64, 512);

/// A running postmaster.
#[derive(Debug)]
pub(super) struct Postmaster {
    id: Pid,
    port: u16,
    /// One that an older server started has none.
    has_socket: bool,
    /// `None` if an earlier server started it.
    child: Option<Mutex<Child>>,
    file: PathBuf,
    ended: AtomicBool,
}

impl Postmaster {
    /// Starts Postgres on the port it had, or on a free one.
    pub(super) fn start(
        directory: &Directory,
        binaries: &Binaries,
        account: &Account,
    ) -> Result<Self, ClusterError> {
        let port = directory
            .last_port()
            .filter(|port| is_free(*port))
            .unwrap_or_else(free_port);
        Self::start_on(port, directory, binaries, account)
    }

    /// Starts Postgres on this port.
    pub(super) fn start_on(
        port: u16,
        directory: &Directory,
        binaries: &Binaries,
        account: &Account,
    ) -> Result<Self, ClusterError> {
        let log = directory.open_log()?;
        let error_log = log.try_clone().map_err(at(directory.log()))?;
        let program = binaries.program("postgres");
        let mut command = Command::new(&program);
        command
            .arg("-D")
            .arg(directory.cluster())
            .arg("-p")
            .arg(port.to_string());
        for option in OPTIONS {
            command.arg("-c").arg(option);
        }
        let buffers = buffer_mib(memory());
        command.arg("-c").arg(format!("shared_buffers={buffers}MB"));
        command.stdin(Stdio::null()).stdout(log).stderr(error_log);
        account.apply(&mut command);
        let child = command.spawn().map_err(at(&program))?;
        directory.remember_port(port)?;
        let file = directory.cluster().join("postmaster.pid");
        let id = child
            .id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
            .ok_or_else(|| failed(directory))?;
        info!(
            process.id = id.as_raw_nonzero().get(),
            port,
            version = binaries.major(),
            "started postgres"
        );
        Ok(Self {
            id,
            port,
            has_socket: true,
            child: Some(Mutex::new(child)),
            file: file.clone(),
            ended: AtomicBool::new(false),
        })
    }

    /// The postmaster that still runs in this directory, if there is one.
    pub(super) async fn running_in(directory: &Directory) -> Result<Option<Self>, ClusterError> {
        let file = directory.cluster().join("postmaster.pid");
        let deadline = Instant::now() + START_PATIENCE;
        while let Ok(text) = fs::read_to_string(&file) {
            let mut lines = text.lines();
            let id = lines
                .next()
                .and_then(|line| Pid::from_raw(line.trim().parse().ok()?));
            let port = lines.nth(2).and_then(|line| line.trim().parse().ok());
            let has_socket = lines.next().is_some_and(|folder| !folder.trim().is_empty());
            let status = lines.nth(2).unwrap_or_default().trim();
            let Some(id) = id.filter(|id| works_in(*id, directory.cluster())) else {
                // Left behind by a crash of the machine; its number may belong to anybody now.
                fs::remove_file(&file).map_err(at(&file))?;
                return Ok(None);
            };
            if let Some(port) = port.filter(|_| status != "stopping") {
                return Ok(Some(Self {
                    id,
                    port,
                    has_socket,
                    child: None,
                    file: file.clone(),
                    ended: AtomicBool::new(false),
                }));
            }
            if Instant::now() > deadline {
                return Err(ClusterError::Late {
                    patience: START_PATIENCE,
                    log: directory.log().to_owned(),
                });
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(None)
    }

    pub(super) fn id(&self) -> i32 {
        self.id.as_raw_nonzero().get()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Whether it can be reached by the socket in its cluster's directory too.
    pub(super) fn has_socket(&self) -> bool {
        self.has_socket
    }

    /// Connects as soon as it answers.
    pub(super) async fn connect(
        &self,
        directory: &Directory,
        options: &PgConnectOptions,
    ) -> Result<PgConnection, ClusterError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            let error = match PgConnection::connect_with(options).await {
                Ok(connection) => return Ok(connection),
                Err(error) => error,
            };
            if self.has_ended().await {
                return Err(failed(directory));
            }
            let error = DbError::from(error);
            if let (false, DbError::Statement(error)) = (error.is_transient(), error) {
                return Err(ClusterError::Refused(error));
            }
            if Instant::now() > deadline {
                return Err(ClusterError::Late {
                    patience: START_PATIENCE,
                    log: directory.log().to_owned(),
                });
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Ends all sessions, writes everything down and stops. False if it still runs after the time given.
    pub(super) async fn stop(&self, patience: Duration) -> bool {
        // It may be gone already, which is what we want.
        let _ = kill_process(self.id, Signal::INT);
        let deadline = Instant::now() + patience;
        while !self.has_ended().await {
            if Instant::now() > deadline {
                return false;
            }
            sleep(LOOK_AGAIN).await;
        }
        true
    }

    pub(super) async fn has_ended(&self) -> bool {
        let ended = match &self.child {
            Some(child) => !matches!(child.lock().await.try_wait(), Ok(None)),
            // Whoever inherited it may be slow to bury it, but its file goes with it.
            None => !self.file.exists() || test_kill_process(self.id).is_err(),
        };
        self.ended.fetch_or(ended, Ordering::Relaxed);
        ended
    }
}

/// A server that gives up in the middle does not leave Postgres behind.
impl Drop for Postmaster {
    fn drop(&mut self) {
        // Once it has ended, its number may belong to anybody.
        if !self.ended.load(Ordering::Relaxed) {
            let _ = kill_process(self.id, Signal::INT);
        }
    }
}

fn failed(directory: &Directory) -> ClusterError {
    ClusterError::Failed {
        program: "postgres",
        output: directory.end_of_log(),
    }
}

/// Whether a process lives and has this directory as its own, as a postmaster does.
fn works_in(id: Pid, cluster: &Path) -> bool {
    if test_kill_process(id).is_err() {
        return false;
    }
    let process = Path::new("/proc").join(id.as_raw_nonzero().to_string());
    match (
        fs::read_link(process.join("cwd")),
        fs::canonicalize(cluster),
    ) {
        (Ok(place), Ok(cluster)) => place == cluster,
        // Where processes cannot be looked at, a living one has to be believed.
        _ => true,
    }
}

/// The memory of this machine, in bytes.
fn memory() -> u64 {
    let machine = rustix::system::sysinfo();
    machine.totalram.saturating_mul(u64::from(machine.mem_unit))
}

/// How much of so much memory is for pages: a sixteenth, since others share the machine.
fn buffer_mib(memory: u64) -> u64 {
    (memory / 16 / (1 << 20)).clamp(BUFFERS.0, BUFFERS.1)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn free_port() -> u16 {
    let mut random = rand::rng();
    loop {
        let port = random.random_range(PORTS);
        if is_free(port) {
            return port;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_machine_gives_little_memory_and_a_large_one_not_too_much() {
        let sizes = [1, 4, 64].map(|gib| buffer_mib(gib << 30));
        assert_eq!(sizes, [64, 256, 512]);
    }
}
