//! A real `sluice-server` process: started, killed, stopped, started again.

use crate::{
    checkout::{free_port, program},
    postgres::Database,
    until::{until, until_gone},
};
use anyhow::{Context as _, Result, bail, ensure};
use sluice_client::{Client, Options};
use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::{Child, Command},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// So many times a server looks for ports that stay free until it has them.
const PLACES: usize = 3;

fn free_address() -> Result<String> {
    Ok(format!("127.0.0.1:{}", free_port()?))
}

/// A server with a data directory and ports of its own, which it keeps across restarts.
pub struct Server {
    /// Where gRPC listens, as `127.0.0.1:port`.
    pub address: String,
    /// Where metrics are.
    pub metrics_address: String,
    /// The administrator's token, made at the first start.
    pub admin_token: String,
    settings: Vec<(String, String)>,
    folder: TempDir,
    process: Option<Child>,
}

impl Server {
    /// Starts a server on a database of the tests' Postgres.
    pub async fn start(settings: &[(&str, &str)]) -> Result<Self> {
        let database = Database::new().await?;
        let mut all = vec![("DATABASE_URL", database.url.as_str())];
        all.extend_from_slice(settings);
        Self::start_alone(&all).await
    }

    /// Starts a server that runs its own Postgres in its data directory, unless a setting says otherwise.
    pub async fn start_alone(settings: &[(&str, &str)]) -> Result<Self> {
        let mut server = Self::new(settings, "")?;
        server.begin_somewhere().await?;
        let token_file = server.data_dir().join("admin.token");
        fs::read_to_string(&token_file)
            .with_context(|| format!("the first start left no {}", token_file.display()))?
            .trim()
            .clone_into(&mut server.admin_token);
        Ok(server)
    }

    /// Starts a server on the database of another, which made the administrator's token. Both need the same `SLUICE_SECRET_KEY`.
    pub async fn start_beside(first: &Self, settings: &[(&str, &str)]) -> Result<Self> {
        let mut server = Self::new(settings, &first.admin_token)?;
        server.begin_somewhere().await?;
        Ok(server)
    }

    fn new(settings: &[(&str, &str)], admin_token: &str) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("sluice-server.")
            .tempdir()?;
        // The server's own Postgres runs as another user, who must be able to enter.
        open_to_all(folder.path())?;
        Ok(Self {
            address: free_address()?,
            metrics_address: free_address()?,
            admin_token: admin_token.to_owned(),
            settings: settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            folder,
            process: None,
        })
    }

    /// Gives a setting another value from the next start on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(set, _)| set != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Leaves a setting at its default from the next start on.
    pub fn unset(&mut self, name: &str) {
        self.settings.retain(|(set, _)| set != name);
    }

    /// Starts the process for the first time, on other ports if somebody has taken one since it was free.
    async fn begin_somewhere(&mut self) -> Result<()> {
        for _ in 1..PLACES {
            match self.begin().await {
                Err(error) if format!("{error:#}").contains("Address already in use") => {
                    self.address = free_address()?;
                    self.metrics_address = free_address()?;
                }
                begun => return begun,
            }
        }
        self.begin().await
    }

    /// Starts the process again, on the same directory and ports, and waits until it answers.
    pub async fn begin(&mut self) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_file())?;
        let process = Command::new(program("sluice-server")?)
            .env_clear()
            .envs(
                ["PATH", "HOME", "SLUICE_CACHE"]
                    .iter()
                    .filter_map(|name| Some((name, env::var_os(name)?))),
            )
            .env("SLUICE_LISTEN", &self.address)
            .env("SLUICE_METRICS_LISTEN", &self.metrics_address)
            .env("SLUICE_DATA_DIR", self.data_dir())
            .env("SLUICE_LOG_FORMAT", "human")
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        self.process = Some(process);
        let address = self.address.clone();
        let process = self.process.as_mut().context("it was just started")?;
        let answers = until(
            "the server serves",
            async || match process.try_wait()? {
                Some(status) => Ok(Begun::Ended(status)),
                None if serves(&address).await? => Ok(Begun::Serving),
                None => bail!("it does not serve yet"),
            },
            |_| true,
        )
        .await;
        match answers {
            Ok(Begun::Serving) => Ok(()),
            Ok(Begun::Ended(status)) => {
                bail!("the server ended at once ({status}):\n{}", self.log())
            }
            Err(error) => Err(error.context(self.log())),
        }
    }

    /// Kills the process as a crash would: no chance to say good-bye.
    pub async fn kill(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the server runs")?;
        process.kill().await?;
        Ok(())
    }

    /// Asks the process to stop, and waits until it has.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        let mut process = self.process.take().context("the server runs")?;
        signal(
            process.id().context("the server has ended already")?,
            "TERM",
        )
        .await?;
        let ended = tokio::time::timeout(crate::until::PATIENCE, process.wait()).await;
        Ok(ended.with_context(|| format!("the server did not stop:\n{}", self.log()))??)
    }

    /// Sends the process a signal by its name, such as `STOP`.
    pub async fn signal(&self, name: &str) -> Result<()> {
        signal(self.process_id().context("the server runs")?, name).await
    }

    /// The id of the running process.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().and_then(Child::id)
    }

    /// A client with the administrator's token.
    pub async fn client(&self) -> Result<Client> {
        self.client_with(&self.admin_token).await
    }

    /// A client with another token.
    pub async fn client_with(&self, token: &str) -> Result<Client> {
        Ok(Client::connect(Options::new(format!("http://{}", self.address)).token(token)).await?)
    }

    /// Where the server keeps its files.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the server counts, as Prometheus reads it.
    pub async fn metrics(&self) -> Result<String> {
        let mut stream = TcpStream::connect(&self.metrics_address).await?;
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

/// Sends a process a signal by its name.
pub async fn signal(process: u32, name: &str) -> Result<()> {
    let sent = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(process.to_string())
        .status()
        .await?;
    ensure!(sent.success(), "process {process} took no SIG{name}");
    Ok(())
}

#[derive(Debug)]
enum Begun {
    Serving,
    Ended(ExitStatus),
}

/// What the health service says of the server as a whole; no token is needed to ask.
async fn serves(address: &str) -> Result<bool> {
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}"))?
        .connect_timeout(Duration::from_secs(1))
        .timeout(Duration::from_secs(2))
        .connect()
        .await?;
    let answer = HealthClient::new(channel)
        .check(HealthCheckRequest::default())
        .await?
        .into_inner();
    Ok(answer.status() == ServingStatus::Serving)
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // A story that failed may hold connections open, which a graceful stop would wait for.
            let _killed = process.start_kill();
        }
        // A killed server leaves its own Postgres behind for the next one, but nobody comes here any more.
        let postmaster = fs::read_to_string(self.data_dir().join("postgres/postmaster.pid"));
        if let Some(id) = postmaster.unwrap_or_default().lines().next() {
            let _asked = std::process::Command::new("kill")
                .args(["-QUIT", id])
                .status();
            until_gone(Path::new("/proc").join(id).as_path());
        }
    }
}

fn open_to_all(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(
        folder,
        fs::Permissions::from_mode(0o755),
    )?)
}
