//! Builds the rooms, starts them, and stops them in order.

mod admin_token;
mod command_line;
mod data_directory;
mod duties;
mod signals;
mod tuning;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use secrecy::SecretString;
use thiserror::Error;
use tokio::{task::JoinSet, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

use self::data_directory::DataDirectory;
pub use self::{
    command_line::{Order, read_command_line},
    data_directory::DataDirectoryError,
    signals::Signals,
};
use crate::{
    adapters::{Http, HttpError},
    config::Settings,
    connections::{Connections, ConnectionsError},
    db::{Db, DbError, MayPass, patiently},
    diagnosis::Diagnosis,
    grpc::{Grpc, GrpcError, Health, Rooms},
    jobs::{
        OdooClients,
        mirror::Mirror,
        project_sync::{LogikalSites, Projects},
        search::{Embedders, Search},
        supplier_import::Imports,
    },
    progress::Progress,
    queue::{Queue, RunJob, Worker},
    secrets::{Keyring, SecretsError},
    telemetry::metrics::Metrics,
};

/// How long a start waits to be a worker that others see, so that who asks at once is not told that no server lives.
const FIRST_LOCK: Duration = Duration::from_secs(5);
/// How long a stop waits for callers to take their last answers.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// How long a stop waits for what else runs; longer only if Postgres does not answer.
const LAST_TASKS: Duration = Duration::from_secs(1);

/// Why there is no server.
#[derive(Debug, Error)]
pub enum AppError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDirectory(#[from] DataDirectoryError),
    /// Postgres cannot be used.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The key that seals credentials cannot be used.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The administrator's token cannot be made.
    #[error(transparent)]
    Connections(#[from] ConnectionsError),
    /// The administrator's token cannot be kept.
    #[error("{path}: {source}")]
    AdminToken {
        /// Its file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// Odoo cannot be called.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// There is no room to unpack lists.
    #[error("the folder for unpacked lists cannot be made: {source}")]
    Scratch {
        /// What went wrong.
        source: std::io::Error,
    },
    /// gRPC cannot be served.
    #[error(transparent)]
    Grpc(#[from] GrpcError),
    /// The address for metrics cannot be had.
    #[error("cannot listen on {address} for metrics: {source}")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// What went wrong.
        source: std::io::Error,
    },
}

impl MayPass for AppError {
    fn may_pass(&self) -> bool {
        match self {
            Self::Db(error) | Self::Connections(ConnectionsError::Db(error)) => {
                error.is_transient()
            }
            _ => false,
        }
    }
}

/// What a person who starts a server wants to know.
#[derive(Debug)]
pub struct Greeting {
    /// Where gRPC is served.
    pub address: SocketAddr,
    /// Whether it is served over TLS.
    pub is_tls: bool,
    /// Where metrics are served.
    pub metrics_address: SocketAddr,
    /// Where the server keeps its files.
    pub data_dir: PathBuf,
    /// Where the administrator's token is.
    pub token_file: PathBuf,
    /// The token itself, at the first start only.
    pub first_token: Option<SecretString>,
}

/// A running server.
#[derive(Debug)]
pub struct App {
    health: Health,
    worker: Worker,
    db: Db,
    sites: LogikalSites,
    /// Cancelled when replies and stories have to end.
    stopping: CancellationToken,
    tasks: TaskTracker,
    /// Ends when gRPC has ended.
    grpc: JoinSet<Result<(), GrpcError>>,
    /// Duties that are dropped at the end.
    _duties: JoinSet<()>,
    _data_directory: DataDirectory,
}

impl App {
    /// Starts everything; when it returns, calls are answered.
    pub async fn start(settings: Settings) -> Result<(Self, Greeting), AppError> {
        // Which TLS there is cannot be chosen; a second server in one process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data_directory = DataDirectory::take(&settings.data_dir).await?;
        // Addresses first: if another program has them, no Postgres needs to start.
        let grpc = Grpc::bind(&settings)?;
        let metrics = Metrics::start(settings.metrics_listen);
        let metrics = metrics.await.map_err(|source| AppError::Metrics {
            address: settings.metrics_listen,
            source,
        })?;
        let db = Db::connect(&settings).await?;
        match Self::start_on(&db, settings, grpc, metrics, data_directory).await {
            Ok(started) => Ok(started),
            Err(error) => {
                db.close().await;
                Err(error)
            }
        }
    }

    async fn start_on(
        db: &Db,
        settings: Settings,
        grpc: Grpc,
        metrics: Metrics,
        data_directory: DataDirectory,
    ) -> Result<(Self, Greeting), AppError> {
        let keyring = Arc::new(Keyring::open(&settings)?);
        let connections = Connections::new(db.clone(), Arc::clone(&keyring));
        let token_file = settings.data_dir.join("admin.token");
        let keep = |token: &SecretString| {
            let path = token_file.clone();
            admin_token::keep(&token_file, token)
                .map_err(|source| AppError::AdminToken { path, source })
        };
        let first_token = patiently(settings.database_wait, async || {
            connections.ensure_admin_token(keep).await
        })
        .await?;

        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let progress = Progress::start(db.clone(), &tasks, stopping.clone());
        let queue = Queue::start(
            db.clone(),
            progress.clone(),
            tuning::queue(&settings),
            &tasks,
            stopping.clone(),
        );
        let http = Http::open(tuning::http(&settings))?;
        let odoo = OdooClients::new(connections.clone(), http.clone());
        let sites = LogikalSites::new(connections.clone(), http.clone());
        let embedders = Embedders::new(http.clone(), keyring);
        let projects = projects(db, &queue, &sites, &odoo, &settings);
        let imports = Imports::new(
            db.clone(),
            queue.clone(),
            odoo.clone(),
            http,
            tuning::imports(&settings),
        )
        .map_err(|source| AppError::Scratch { source })?;
        let (mirror, search) = records(db, &queue, &connections, &odoo, embedders, &settings);
        let worker = Worker::start(
            queue.clone(),
            pipelines(&imports, &mirror, &projects, &search),
            tuning::name_of_process(),
        );
        let diagnosis = Diagnosis::new(
            db.clone(),
            queue.clone(),
            connections.clone(),
            odoo.clone(),
            search.clone(),
            &settings,
        );

        let greeting = Greeting {
            address: grpc.address(),
            is_tls: settings.tls_certificate.is_some(),
            metrics_address: metrics.address().unwrap_or(settings.metrics_listen),
            data_dir: settings.data_dir,
            token_file,
            first_token,
        };
        let mut beside = duties::start(&imports, &mirror, &projects, &search, &queue);
        beside.spawn(metrics.serve());
        if timeout(FIRST_LOCK, worker.until_alive()).await.is_err() {
            warn!("serving without the liveness lock: jobs wait until it can be taken");
        }
        let health = grpc.health();
        health.serving().await;
        let mut running = JoinSet::new();
        running.spawn(grpc.serve(Rooms {
            connections,
            odoo,
            queue,
            progress,
            imports,
            mirror,
            projects,
            search,
            diagnosis,
            stopping: stopping.clone(),
        })?);
        info!(
            address = %greeting.address,
            metrics_address = %greeting.metrics_address,
            version = env!("CARGO_PKG_VERSION"),
            "serving"
        );
        let app = Self {
            health,
            worker,
            db: db.clone(),
            sites,
            stopping,
            tasks,
            grpc: running,
            _duties: beside,
            _data_directory: data_directory,
        };
        Ok((app, greeting))
    }

    /// Waits until the server ends by itself, which it does only when it is broken.
    pub async fn broken(&mut self) -> String {
        match self.grpc.join_next().await {
            Some(Ok(Err(error))) => error.to_string(),
            _ => "grpc ended by itself".to_owned(),
        }
    }

    /// Stops in order: no new calls, jobs to their checkpoints, streams, Postgres.
    pub async fn stop(mut self) {
        info!("stopping");
        self.health.not_serving().await;
        // Callers can watch how the jobs are put down.
        self.worker.stop().await;
        self.sites.close().await;
        self.stopping.cancel();
        match timeout(LAST_ANSWERS, self.grpc.join_next()).await {
            Ok(Some(Ok(Err(error)))) => error!("grpc did not end well: {error}"),
            Ok(_) => {}
            Err(_) => warn!("some callers did not take their last answers in time"),
        }
        self.grpc.shutdown().await;
        self.tasks.close();
        if timeout(LAST_TASKS, self.tasks.wait()).await.is_err() {
            warn!("postgres did not answer some last questions in time");
        }
        self.db.close().await;
        info!("stopped");
    }
}

fn pipelines(
    imports: &Imports,
    mirror: &Mirror,
    projects: &Projects,
    search: &Search,
) -> Vec<Arc<dyn RunJob>> {
    vec![
        Arc::new(imports.runner()),
        Arc::new(mirror.sync_runner()),
        Arc::new(mirror.cleanup_runner()),
        Arc::new(projects.runner()),
        Arc::new(projects.listing_runner()),
        Arc::new(search.runner()),
    ]
}

/// What mirrors records, and what finds them.
fn records(
    db: &Db,
    queue: &Queue,
    connections: &Connections,
    odoo: &OdooClients,
    embedders: Embedders,
    settings: &Settings,
) -> (Mirror, Search) {
    let search = Search::new(
        db.clone(),
        queue.clone(),
        odoo.clone(),
        embedders,
        settings.max_outage,
    );
    let mirror = Mirror::new(
        db.clone(),
        queue.clone(),
        connections.clone(),
        odoo.clone(),
        settings.max_outage,
    );
    (mirror, search)
}

fn projects(
    db: &Db,
    queue: &Queue,
    sites: &LogikalSites,
    odoo: &OdooClients,
    settings: &Settings,
) -> Projects {
    let (db, queue) = (db.clone(), queue.clone());
    Projects::new(db, queue, sites.clone(), odoo.clone(), settings.max_outage)
}
