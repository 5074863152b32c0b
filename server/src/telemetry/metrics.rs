//! Metrics in Prometheus' text form, and the one place where their names stand.

use std::{io, net::SocketAddr, time::Duration};

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{interval, timeout},
};
use tracing::debug;

/// Calls answered; labels `method` and `code`.
pub const GRPC_CALLS: &str = "sluice_grpc_calls_total";
/// Seconds until a call's first answer; label `method`.
pub const GRPC_SECONDS: &str = "sluice_grpc_answer_seconds";
/// Jobs that could run now and wait for a worker, of all servers on this database.
pub const JOBS_DUE: &str = "sluice_jobs_due";
/// Jobs that run now, of all servers on this database.
pub const JOBS_RUNNING: &str = "sluice_jobs_running";
/// How long the oldest due job has waited, in seconds.
pub const JOBS_OLDEST_DUE: &str = "sluice_jobs_oldest_due_seconds";
/// Servers on this database whose workers are alive.
pub const SERVERS_ALIVE: &str = "sluice_servers_alive";
/// Seconds since the lease of a running job was renewed, of the job where it is longest; of all servers on this database.
pub const LEASE_AGE: &str = "sluice_lease_age_seconds";
/// Jobs that this server took from a holder that was gone, hung or stuck; label `code`.
pub const RESCUES: &str = "sluice_rescues_total";
/// Attempts of this server that failed and are repeated; label `code`.
pub const RETRIES: &str = "sluice_retries_total";
/// Seconds that a batch of rows took Odoo.
pub const BATCH_SECONDS: &str = "sluice_batch_seconds";
/// How many events behind its job's story a watcher was when it was told something.
pub const WATCHER_LAG: &str = "sluice_watcher_lag_events";

const PATIENCE: Duration = Duration::from_secs(5);
const LARGEST_REQUEST: usize = 8 << 10;
const MOST_READERS: usize = 32;

/// The metrics of this process, ready to be read.
#[derive(Debug)]
pub struct Metrics {
    handle: PrometheusHandle,
    listener: TcpListener,
}

impl Metrics {
    /// Starts to count, and binds the address at which Prometheus reads.
    pub async fn start(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // Only tests have several servers in one process; the first one counts for all.
        if metrics::set_global_recorder(recorder).is_ok() {
            describe();
        }
        Ok(Self { handle, listener })
    }

    /// The address that was bound.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers readers until it is dropped.
    pub async fn serve(self) {
        let mut readers = JoinSet::new();
        let mut upkeep = interval(Duration::from_secs(10));
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if readers.len() < MOST_READERS => {
                    if let Ok((stream, _)) = accepted {
                        readers.spawn(answer(stream, self.handle.clone()));
                    }
                }
                _ = readers.join_next(), if !readers.is_empty() => {}
                _ = upkeep.tick() => self.handle.run_upkeep(),
            }
        }
    }
}

async fn answer(mut stream: TcpStream, handle: PrometheusHandle) {
    let answered = timeout(PATIENCE, async {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            if request.len() > LARGEST_REQUEST || stream.read_buf(&mut request).await? == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        let (status, body) = match request.split(u8::is_ascii_whitespace).nth(1) {
            Some(b"/metrics") if request.starts_with(b"GET ") => ("200 OK", handle.render()),
            _ => ("404 Not Found", "metrics are at /metrics\n".to_owned()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        stream.shutdown().await
    });
    if !matches!(answered.await, Ok(Ok(()))) {
        debug!("a reader of metrics went away or sent something else than HTTP");
    }
}

fn describe() {
    describe_counter!(GRPC_CALLS, "calls answered");
    describe_histogram!(
        GRPC_SECONDS,
        Unit::Seconds,
        "time until a call's first answer"
    );
    describe_gauge!(JOBS_DUE, "jobs that could run now and wait for a worker");
    describe_gauge!(JOBS_RUNNING, "jobs that run now");
    describe_gauge!(
        JOBS_OLDEST_DUE,
        Unit::Seconds,
        "how long the oldest due job has waited"
    );
    describe_gauge!(SERVERS_ALIVE, "servers whose workers are alive");
    describe_gauge!(
        LEASE_AGE,
        Unit::Seconds,
        "time since the lease of a running job was renewed, the longest"
    );
    describe_counter!(RESCUES, "jobs taken from holders that were gone");
    describe_counter!(RETRIES, "attempts that failed and are repeated");
    describe_histogram!(BATCH_SECONDS, Unit::Seconds, "time a batch took Odoo");
    describe_histogram!(
        WATCHER_LAG,
        Unit::Count,
        "events that a watcher was behind when it was told something"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn prometheus_reads_what_was_counted() {
        let metrics = Metrics::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = metrics.address().unwrap();
        let mut server = JoinSet::new();
        server.spawn(metrics.serve());
        metrics::gauge!(JOBS_DUE).set(3.0);
        let text = get(address, "/metrics").await;
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        assert!(text.contains("\nsluice_jobs_due 3\n"), "{text}");
        assert!(get(address, "/").await.starts_with("HTTP/1.1 404"));
    }
}
