//! The contract's services: parse, call, reply. No SQL and no decisions here.

mod auth;
mod connections;
mod diagnostics;
mod errors;
mod force_sync;
mod import_messages;
mod import_queue;
mod import_replies;
mod jobs;
mod mirror;
mod mirror_messages;
mod page;
mod progress;
mod project_messages;
mod projects;
mod replies;
mod schedules;
mod search;
mod search_messages;
mod shield;
mod tls;
mod watch;

use std::{io, net::SocketAddr, time::Duration};

use sluice_proto::v1::{
    FILE_DESCRIPTOR_SET, connections_server::ConnectionsServer,
    diagnostics_server::DiagnosticsServer, force_sync_server::ForceSyncServer,
    import_queue_server::ImportQueueServer, jobs_server::JobsServer, mirror_server::MirrorServer,
    progress_server::ProgressServer, projects_server::ProjectsServer,
    schedules_server::SchedulesServer, search_server::SearchServer,
};
use thiserror::Error;
use tokio::net::TcpSocket;
use tokio_util::sync::CancellationToken;
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};
use tonic_health::{
    ServingStatus,
    pb::health_server::HealthServer,
    server::{HealthReporter, HealthService},
};

pub use self::tls::TlsError;
use self::{
    auth::AuthLayer, connections::ConnectionsService, diagnostics::DiagnosticsService,
    force_sync::ForceSyncService, import_queue::ImportQueueService, jobs::JobsService,
    mirror::MirrorService, progress::ProgressService, projects::ProjectsService,
    schedules::SchedulesService, search::SearchService, shield::ShieldLayer,
};
use crate::{
    config::Settings,
    connections::Connections,
    diagnosis::Diagnosis,
    jobs::{
        OdooClients, mirror::Mirror, project_sync::Projects, search::Search,
        supplier_import::Imports,
    },
    progress::Progress,
    queue::Queue,
};

/// How many bytes a caller may send before the server has taken them: one piece of an upload.
const UPLOAD_WINDOW: u32 = 1024 * 1024;
/// Largest message that is taken; whole lists travel as streams.
const LARGEST_MESSAGE: usize = 32 << 20;
const MOST_STREAMS_PER_CONNECTION: u32 = 1_000;

/// Every service of the contract, for health.
const SERVICES: [&str; 10] = [
    "sluice.v1.Connections",
    "sluice.v1.Diagnostics",
    "sluice.v1.ForceSync",
    "sluice.v1.ImportQueue",
    "sluice.v1.Jobs",
    "sluice.v1.Mirror",
    "sluice.v1.Progress",
    "sluice.v1.Projects",
    "sluice.v1.Schedules",
    "sluice.v1.Search",
];

/// Why gRPC is not served.
#[derive(Debug, Error)]
pub enum GrpcError {
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What went wrong; most often another program has it.
        source: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The transport failed.
    #[error("grpc: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// Reflection cannot describe the contract.
    #[error("reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// What the services work with.
#[derive(Clone, Debug)]
pub struct Rooms {
    /// Who calls, and on whose behalf.
    pub connections: Connections,
    /// The way to each connection's Odoo.
    pub odoo: OdooClients,
    /// The queue.
    pub queue: Queue,
    /// The stories of jobs.
    pub progress: Progress,
    /// Supplier lists and their imports.
    pub imports: Imports,
    /// Odoo models as tables.
    pub mirror: Mirror,
    /// LOGIKAL projects.
    pub projects: Projects,
    /// Records found by meaning or words.
    pub search: Search,
    /// What is wrong.
    pub diagnosis: Diagnosis,
    /// Cancelled when replies have to end.
    pub stopping: CancellationToken,
}

/// How many callers may wait for their connection to be taken.
const MOST_WAITING: u32 = 1024;

/// A bound address, at which nobody is let in yet: who calls a server that still waits for its Postgres is turned away at once,
/// and comes back, rather than being kept waiting for an answer.
#[derive(Debug)]
pub struct Grpc {
    socket: TcpSocket,
    address: SocketAddr,
    server: Server,
    health: HealthReporter,
}

impl Grpc {
    /// Takes the address, and reads the certificate if there is one.
    pub fn bind(settings: &Settings) -> Result<Self, GrpcError> {
        let server = Server::builder()
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(20)))
            .max_concurrent_streams(MOST_STREAMS_PER_CONNECTION)
            .initial_stream_window_size(UPLOAD_WINDOW)
            .initial_connection_window_size(2 * UPLOAD_WINDOW)
            .tcp_nodelay(true);
        let server = tls::configure(server, settings)?;
        let (address, socket) = bind(settings.listen).map_err(|source| GrpcError::Bind {
            address: settings.listen,
            source,
        })?;
        Ok(Self {
            socket,
            address,
            server,
            health: HealthReporter::new(),
        })
    }

    /// The address that was bound.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What tells load balancers whether to send calls here.
    pub fn health(&self) -> Health {
        Health(self.health.clone())
    }

    /// Lets callers in at once, and returns what answers them until `rooms.stopping` is cancelled and the last replies have
    /// ended.
    pub fn serve(
        self,
        rooms: Rooms,
    ) -> Result<impl Future<Output = Result<(), GrpcError>>, GrpcError> {
        let listener = self.socket.listen(MOST_WAITING);
        let listener = listener.map_err(|source| GrpcError::Bind {
            address: self.address,
            source,
        })?;
        let incoming = TcpIncoming::from(listener)
            .with_nodelay(Some(true))
            .with_keepalive(Some(Duration::from_mins(1)));
        let health = HealthServer::new(HealthService::from_health_reporter(self.health));
        let routes = services(&rooms)
            .add_service(health)
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?);
        let server = self
            .server
            .layer(ShieldLayer::new(rooms.stopping.clone()))
            .layer(AuthLayer::new(rooms.connections.clone()))
            .add_routes(routes);
        Ok(async move {
            server
                .serve_with_incoming_shutdown(incoming, rooms.stopping.cancelled_owned())
                .await?;
            Ok(())
        })
    }
}

fn bind(address: SocketAddr) -> io::Result<(SocketAddr, TcpSocket)> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // Connections of a server before this one may still be ending.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok((socket.local_addr()?, socket))
}

fn services(rooms: &Rooms) -> Routes {
    let Rooms {
        connections,
        odoo,
        queue,
        progress,
        imports,
        mirror,
        projects,
        search,
        diagnosis,
        stopping: _,
    } = rooms.clone();
    let diagnostics = DiagnosticsService::new(diagnosis);
    let jobs = JobsService {
        queue: queue.clone(),
        progress: progress.clone(),
        connections: connections.clone(),
    };
    let stories = ProgressService {
        queue: queue.clone(),
        progress: progress.clone(),
        connections: connections.clone(),
    };
    let schedules = SchedulesService {
        imports: imports.clone(),
        queue: queue.clone(),
        connections: connections.clone(),
    };
    let forced = ForceSyncService {
        mirror: mirror.clone(),
        projects: projects.clone(),
        progress: progress.clone(),
        queue: queue.clone(),
        connections: connections.clone(),
    };
    let mirrors = MirrorService {
        mirror,
        progress: progress.clone(),
        queue: queue.clone(),
        connections: connections.clone(),
    };
    let searches = SearchService {
        search,
        progress: progress.clone(),
        queue: queue.clone(),
        connections: connections.clone(),
    };
    let lists = ImportQueueService {
        imports,
        queue: queue.clone(),
        progress,
        connections: connections.clone(),
    };
    let fetched = ProjectsService {
        projects: projects.clone(),
        connections: connections.clone(),
    };
    let sites = projects.sites().clone();
    let connected = ConnectionsService::new(connections, odoo, sites, queue);
    Routes::new(DiagnosticsServer::new(diagnostics).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(ConnectionsServer::new(connected).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(ImportQueueServer::new(lists).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(ForceSyncServer::new(forced).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(MirrorServer::new(mirrors).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(ProjectsServer::new(fetched).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(JobsServer::new(jobs).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(ProgressServer::new(stories).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(SearchServer::new(searches).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(SchedulesServer::new(schedules).max_decoding_message_size(LARGEST_MESSAGE))
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

/// Says of every service whether it is served.
#[derive(Clone, Debug)]
pub struct Health(HealthReporter);

impl Health {
    /// From now on calls are welcome.
    pub async fn serving(&self) {
        self.set(ServingStatus::Serving).await;
    }

    /// From now on calls should go elsewhere.
    pub async fn not_serving(&self) {
        self.set(ServingStatus::NotServing).await;
    }

    async fn set(&self, status: ServingStatus) {
        // The empty name stands for the server as a whole.
        for service in SERVICES.into_iter().chain([""]) {
            self.0.set_service_status(service, status).await;
        }
    }
}
