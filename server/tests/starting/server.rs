//! A real `sluice-server` process with a Postgres of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};
use tonic::transport::{Channel, Endpoint};

const PATIENCE: Duration = Duration::from_mins(1);

/// A server that runs, in a folder that goes with it.
pub(crate) struct Server {
    folder: TempDir,
    child: Child,
    arguments: Vec<String>,
    address: String,
    output: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments: Vec<String> = arguments
            .iter()
            .map(|argument| (*argument).to_owned())
            .collect();
        let child = command(folder.path(), &arguments).spawn().unwrap();
        let mut server = Self {
            folder,
            child,
            arguments,
            address: String::new(),
            output: String::new(),
        };
        server.wait_until_ready().await;
        server
    }

    /// Starts another process in the folder of one that has ended.
    pub(crate) async fn start_again(&mut self) {
        self.child = command(self.folder.path(), &self.arguments)
            .spawn()
            .unwrap();
        self.wait_until_ready().await;
    }

    /// Starts one that must not come up, and returns what it complains of.
    pub(crate) async fn refused(folder: &Path, arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments
            .iter()
            .map(|argument| (*argument).to_owned())
            .collect();
        let mut child = command(folder, &arguments).spawn().unwrap();
        let status = timeout(PATIENCE, child.wait())
            .await
            .expect("it should have given up")
            .unwrap();
        assert_eq!(status.code(), Some(1));
        fs::read_to_string(folder.join("log")).unwrap()
    }

    async fn wait_until_ready(&mut self) {
        let mut lines = BufReader::new(self.child.stdout.take().unwrap());
        self.output = match timeout(PATIENCE, read_greeting(&mut lines)).await {
            Ok(Some(output)) => output,
            _ => panic!("the server did not become ready:\n{}", self.log()),
        };
        let line = self
            .output
            .lines()
            .find(|line| line.contains("gRPC"))
            .unwrap();
        let address = line.split_whitespace().last().unwrap();
        address.clone_into(&mut self.address);
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    pub(crate) fn log(&self) -> String {
        self.read("log")
    }

    /// What it printed when it was ready.
    pub(crate) fn output(&self) -> &str {
        &self.output
    }

    pub(crate) fn token(&self) -> String {
        self.read("admin.token").trim().to_owned()
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::from_shared(self.address.clone()).unwrap()
    }

    pub(crate) async fn channel(&self) -> Channel {
        self.endpoint().connect().await.unwrap()
    }

    pub(crate) fn signal_to_stop(&self) {
        let id = rustix::process::Pid::from_raw(self.id().cast_signed()).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    }

    /// Stops it as a service manager does.
    pub(crate) async fn terminate(&mut self) {
        self.signal_to_stop();
        let status = self.ended().await;
        assert!(status.success(), "{status}\n{}", self.log());
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let Ok(status) = timeout(PATIENCE, self.child.wait()).await else {
            panic!("the server did not end:\n{}", self.log())
        };
        status.unwrap()
    }

    /// Whether it talks to its Postgres over a socket.
    pub(crate) async fn is_on_a_socket(&self) -> bool {
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.read("postgres.port").trim().parse().unwrap())
            .username("sluice")
            .password(self.read("postgres.password").trim())
            .database("sluice");
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        let of_the_server = "select bool_and(client_addr is null) from pg_stat_activity where application_name = 'sluice-server'";
        let is_on_a_socket = sqlx::query_scalar(of_the_server)
            .fetch_one(&mut connection)
            .await;
        connection.close().await.unwrap();
        is_on_a_socket.unwrap()
    }

    /// Kills it as the machine does when memory is short.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }
}

/// A test that fails leaves neither server nor Postgres behind.
impl Drop for Server {
    fn drop(&mut self) {
        let Ok(text) = fs::read_to_string(self.file("postgres/postmaster.pid")) else {
            return;
        };
        let first = text.lines().next().and_then(|line| line.parse().ok());
        if let Some(id) = first.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::QUIT);
        }
    }
}

fn command(folder: &Path, arguments: &[String]) -> Command {
    let log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("log"))
        .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice-server"));
    command
        .env_remove("DATABASE_URL")
        .arg("--data-dir")
        .arg(folder)
        .args(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true);
    command
}

/// Everything up to the last line of the greeting; `None` if the server ends before.
async fn read_greeting(lines: &mut BufReader<ChildStdout>) -> Option<String> {
    let mut output = String::new();
    while lines.read_line(&mut output).await.ok()? > 0 {
        if output.lines().last()?.trim_start().starts_with("token") {
            // At a first start the token follows; it came in the same write.
            let waiting = lines.buffer().len();
            let mut rest = vec![0; waiting];
            lines.read_exact(&mut rest).await.ok()?;
            output.push_str(&String::from_utf8_lossy(&rest));
            return Some(output);
        }
    }
    None
}
