//! Builds the rooms, starts them, and stops them in order.

mod command_line;
mod data_directory;
mod signals;

use std::net::SocketAddr;

use thiserror::Error;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use self::data_directory::DataDirectory;
pub use self::{
    command_line::{Order, read_command_line},
    data_directory::DataDirectoryError,
    signals::Signals,
};
use crate::{
    config::Settings,
    db::{Db, DbError},
    grpc::{Grpc, GrpcError, Health, Rooms},
    telemetry::metrics::Metrics,
};

/// Why there is no server.
#[derive(Debug, Error)]
pub enum AppError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDirectory(#[from] DataDirectoryError),
    /// Postgres cannot be used.
    #[error(transparent)]
    Db(#[from] DbError),
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

/// A running server.
#[derive(Debug)]
pub struct App {
    address: SocketAddr,
    metrics_address: SocketAddr,
    health: Health,
    db: Db,
    stopping: CancellationToken,
    /// Ends when gRPC has ended.
    grpc: JoinSet<Result<(), GrpcError>>,
    /// Duties that are dropped at the end.
    _duties: JoinSet<()>,
    _data_directory: DataDirectory,
}

impl App {
    /// Starts everything; when it returns, calls are answered.
    pub async fn start(settings: Settings) -> Result<Self, AppError> {
        // Which TLS there is depends on nothing that could be set; a second server in one process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data_directory = DataDirectory::take(&settings.data_dir)?;
        // Addresses first: if another program has them, no Postgres needs to start.
        let grpc = Grpc::bind(&settings)?;
        let metrics = Metrics::start(settings.metrics_listen);
        let metrics = metrics.await.map_err(|source| AppError::Metrics {
            address: settings.metrics_listen,
            source,
        })?;
        let metrics_address = metrics.address().unwrap_or(settings.metrics_listen);
        let db = Db::connect(&settings).await?;

        let stopping = CancellationToken::new();
        let mut duties = JoinSet::new();
        duties.spawn(metrics.serve());
        let (address, health) = (grpc.address(), grpc.health());
        health.serving().await;
        let mut running = JoinSet::new();
        running.spawn(grpc.serve(Rooms {
            stopping: stopping.clone(),
        }));
        info!(%address, %metrics_address, version = env!("CARGO_PKG_VERSION"), "serving");
        Ok(Self {
            address,
            metrics_address,
            health,
            db,
            stopping,
            grpc: running,
            _duties: duties,
            _data_directory: data_directory,
        })
    }

    /// Where gRPC is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where metrics are served.
    pub fn metrics_address(&self) -> SocketAddr {
        self.metrics_address
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
        self.stopping.cancel();
        while let Some(ended) = self.grpc.join_next().await {
            if let Ok(Err(error)) = ended {
                error!("grpc did not end well: {error}");
            }
        }
        self.db.close().await;
        info!("stopped");
    }
}
