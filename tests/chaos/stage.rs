//! The stage of a campaign: three servers on one Postgres, an Odoo, and a proxy on each line between any two.

use crate::faults::Fault;
use anyhow::{Context as _, Result};
use sluice_client::{Client, Options};
use sluice_tests::{
    checkout::root,
    cluster::Cluster,
    odoo::{Odoo, Site},
    price_list::PriceList,
    proxy::Proxy,
    server::Server,
    world::{CONNECTION, save_connection},
};
use sqlx::{Connection as _, PgConnection};
use std::{fs, path::PathBuf, time::Duration};
use tokio::sync::{Mutex, MutexGuard};

/// Long enough for what a lease is for, short enough for a campaign.
pub(crate) const LEASE: Duration = Duration::from_secs(3);
/// A key that all servers share, so that each can open what another has sealed.
const SECRET_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Small enough to be filled in no time, and more than a campaign needs.
const DISK_MIB: u32 = 600;
const SERVERS: usize = 3;
/// Odoo's database.
const DATABASE: &str = "demo";

/// A server, and the lines to it and from it.
pub(crate) struct Seat {
    pub(crate) server: Mutex<Server>,
    pub(crate) to_postgres: Proxy,
    pub(crate) from_clients: Proxy,
    /// The administrator's, through the proxy.
    pub(crate) client: Client,
}

pub(crate) struct Stage {
    pub(crate) seats: Vec<Seat>,
    pub(crate) postgres: Mutex<Cluster>,
    pub(crate) odoo: Odoo,
    pub(crate) to_odoo: Proxy,
    pub(crate) site: Mutex<Site>,
    /// Odoo's worker processes; 0 means threads.
    workers: Mutex<u32>,
    /// The list whose products Odoo knows.
    pub(crate) list: PriceList,
    postgres_port: u16,
    odoo_postgres: String,
}

impl Stage {
    /// Builds it; most of the time goes into Odoo's first products, which are kept for the next campaign.
    pub(crate) async fn set(rows: usize, faults: &[Fault]) -> Result<Self> {
        let list = PriceList::new(1, rows);
        let site = Site::with_catalogue(&list, |_| ()).await?;
        let odoo = site.start(DATABASE, 0).await?;
        let to_odoo = Proxy::start(odoo.port()?, "").await?;
        let disk = faults.contains(&Fault::DiskFull).then_some(DISK_MIB);
        let settings = [
            "max_connections = 60",
            "max_wal_size = 96MB",
            "min_wal_size = 32MB",
            "wal_keep_size = 0",
        ];
        let postgres = Cluster::start(&settings, disk).await?;
        postgres.create_database("sluice").await?;
        let mut seats: Vec<Seat> = Vec::new();
        for _ in 0..SERVERS {
            let first = match seats.first() {
                Some(seat) => Some(seat.server.lock().await),
                None => None,
            };
            let seat = seat(&postgres, first.as_deref()).await?;
            drop(first);
            seats.push(seat);
        }
        let mut behind = odoo.clone();
        behind.access.url = format!("http://127.0.0.1:{}", to_odoo.port);
        save_connection(&seats[0].client, CONNECTION, &behind).await?;
        Ok(Self {
            seats,
            postgres_port: postgres.port,
            odoo_postgres: site.postgres_url(DATABASE)?,
            postgres: Mutex::new(postgres),
            odoo,
            to_odoo,
            site: Mutex::new(site),
            workers: Mutex::new(0),
            list,
        })
    }

    /// Lets Odoo run with so many worker processes, 0 for threads.
    pub(crate) async fn run_odoo_with(&self, workers: u32) -> Result<()> {
        let site = self.site.lock().await;
        let mut now = self.workers.lock().await;
        if *now != workers {
            site.stop(DATABASE).await?;
            *now = workers;
            drop(now);
            self.serve_odoo(&site).await?;
        }
        Ok(())
    }

    /// Starts Odoo again where it was. Its workers are recycled after a few dozen requests, and killed after a few seconds.
    pub(crate) async fn serve_odoo(&self, site: &MutexGuard<'_, Site>) -> Result<()> {
        let workers = self.workers.lock().await.to_string();
        let arguments = [
            "--workers",
            &workers,
            "--",
            "--limit-request=60",
            "--limit-time-real=5",
        ];
        let arguments = if workers == "0" {
            &arguments[..0]
        } else {
            &arguments[..]
        };
        site.serve_again(&self.odoo, arguments).await
    }

    /// The servers' database, by no proxy.
    pub(crate) async fn look(&self) -> Result<PgConnection> {
        let url = Cluster::url_at(self.postgres_port, "sluice");
        let opened = tokio::time::timeout(Duration::from_secs(5), PgConnection::connect(&url));
        Ok(opened.await.context("Postgres does not answer")??)
    }

    /// Odoo's database, behind Odoo's back.
    pub(crate) async fn look_behind_odoo(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.odoo_postgres).await?)
    }

    /// The process that holds a job now.
    pub(crate) async fn holder(&self, job: uuid::Uuid) -> Option<u32> {
        let found = async {
            let mut connection = self.look().await.ok()?;
            let query = "select worker.name from job join worker on worker.number = job.worker where job.id = $1";
            let name: String = sqlx::query_scalar(query)
                .bind(job)
                .fetch_optional(&mut connection)
                .await
                .ok()??;
            name.rsplit_once(':')?.1.parse().ok()
        };
        tokio::time::timeout(Duration::from_secs(1), found)
            .await
            .ok()
            .flatten()
    }

    /// Puts the servers' logs, and Odoo's, where they outlive the stage.
    pub(crate) fn keep_logs(&self, seed: u64) -> PathBuf {
        let folder = root().join(format!("target/chaos/{seed}"));
        let keep = || -> Result<()> {
            fs::create_dir_all(&folder)?;
            for (number, seat) in self.seats.iter().enumerate() {
                if let Ok(server) = seat.server.try_lock() {
                    fs::write(folder.join(format!("server-{number}.log")), server.log())?;
                }
            }
            if let Ok(site) = self.site.try_lock() {
                fs::copy(
                    site.path().join(format!("{DATABASE}.log")),
                    folder.join("odoo.log"),
                )?;
            }
            if let Ok(postgres) = self.postgres.try_lock() {
                fs::copy(postgres.disk().join("log"), folder.join("postgres.log"))?;
            }
            Ok(())
        };
        // A log that is missing must not hide what went wrong.
        let _kept = keep();
        folder
    }
}

async fn seat(postgres: &Cluster, first: Option<&Server>) -> Result<Seat> {
    let to_postgres = Proxy::start(postgres.port, "LISTEN").await?;
    let url = Cluster::url_at(to_postgres.port, "sluice");
    let lease = format!("{}s", LEASE.as_secs());
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("SLUICE_LEASE", &lease),
        ("SLUICE_SECRET_KEY", SECRET_KEY),
        // Many small batches, so that there are many moments for a fault to strike between two of them and in one.
        ("SLUICE_MAX_BATCH_ROWS", "100"),
        ("SLUICE_ODOO_CALL_TIMEOUT", "8s"),
        ("SLUICE_ODOO_CONNECT_TIMEOUT", "3s"),
    ];
    let server = match first {
        None => Server::start_alone(&settings).await?,
        Some(first) => Server::start_beside(first, &settings).await?,
    };
    let (_, port) = server
        .address
        .rsplit_once(':')
        .context("the address has a port")?;
    let from_clients = Proxy::start(port.parse()?, "").await?;
    let options = Options::new(format!("http://127.0.0.1:{}", from_clients.port))
        .token(server.admin_token.clone());
    let client = Client::connect(options.patience(Duration::from_mins(1))).await?;
    Ok(Seat {
        server: Mutex::new(server),
        to_postgres,
        from_clients,
        client,
    })
}
