//! Two servers on one Postgres, and jobs that run for long enough to be interrupted.

use anyhow::{Context as _, Result, ensure};
use sluice_client::{
    Client, Options,
    v1::{SupplierImport, supplier_import::Source},
};
use sluice_tests::{
    cluster::Cluster,
    odoo::Odoo,
    price_list::PriceList,
    proxy::{Proxy, Weather},
    server::Server,
    until::until_within,
    world::{CONNECTION, mapping, save_connection},
};
use sqlx::PgPool;
use std::time::Duration;
use uuid::Uuid;

const SECRET_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub(super) struct Stand {
    pub(super) servers: Vec<Server>,
    pub(super) to_odoo: Proxy,
    odoo: Odoo,
    list: PriceList,
    pool: PgPool,
    _cluster: Cluster,
}

impl Stand {
    pub(super) async fn set(odoo: &Odoo, list: &PriceList) -> Result<Self> {
        let cluster = Cluster::start(&["max_connections = 100"], None).await?;
        cluster.create_database("sluice").await?;
        let url = Cluster::url_at(cluster.port, "sluice");
        let settings = [
            ("DATABASE_URL", url.as_str()),
            ("SLUICE_SECRET_KEY", SECRET_KEY),
        ];
        let first = Server::start_alone(&settings).await?;
        let second = Server::start_beside(&first, &settings).await?;
        let to_odoo = Proxy::start(odoo.port()?, "").await?;
        let mut behind = odoo.clone();
        behind.access.url = format!("http://127.0.0.1:{}", to_odoo.port);
        save_connection(&first.client().await?, CONNECTION, &behind).await?;
        Ok(Self {
            servers: vec![first, second],
            to_odoo,
            odoo: odoo.clone(),
            list: list.first_rows(2_000),
            pool: PgPool::connect(&url).await?,
            _cluster: cluster,
        })
    }

    /// A job that has applied rows and has more to apply.
    pub(super) async fn running_job(&self) -> Result<String> {
        let name = format!("RECOVERY-{}", Uuid::new_v4().simple());
        let supplier = self.odoo.create_supplier(&name, &name).await?;
        self.to_odoo.weather(Weather::Slow(super::DELAY));
        let import = SupplierImport {
            connection: CONNECTION.to_owned(),
            supplier: supplier.to_string(),
            source: Some(Source::Content(self.list.csv())),
            mapping: mapping(),
            ..SupplierImport::default()
        };
        let job = self.client().await?.enqueue(import).await?.job.id;
        let look = async || self.rows_done(&job).await;
        until_within(Duration::from_mins(1), "rows are applied", look, |rows| {
            *rows > 0
        })
        .await?;
        Ok(job)
    }

    /// Which server runs the job.
    pub(super) async fn holder(&self, job: &str) -> Result<usize> {
        let name: String = sqlx::query_scalar("select name from worker join job on job.worker = worker.number where job.id = $1::uuid")
            .bind(job)
            .fetch_one(&self.pool)
            .await?;
        let holder = self.servers.iter().position(|server| {
            server
                .process_id()
                .is_some_and(|process| name.ends_with(&format!(":{process}")))
        });
        holder.with_context(|| format!("no server here is {name}"))
    }

    pub(super) async fn until_attempt(&self, job: &str, attempt: i32) -> Result<()> {
        let look = async || -> Result<(String, i32)> {
            Ok(
                sqlx::query_as("select state, attempt from job where id = $1::uuid")
                    .bind(job)
                    .fetch_one(&self.pool)
                    .await?,
            )
        };
        let seen = until_within(
            Duration::from_mins(2),
            "the job runs again",
            look,
            |(_, now)| *now >= attempt,
        )
        .await?;
        ensure!(
            seen.0 == "running" && seen.1 == attempt,
            "the job is {seen:?}"
        );
        Ok(())
    }

    /// Lets the rest of the list through at full speed.
    pub(super) async fn until_over(&self, job: &str) -> Result<()> {
        self.to_odoo.weather(Weather::Clear);
        let look = async || -> Result<String> {
            Ok(
                sqlx::query_scalar("select state from job where id = $1::uuid")
                    .bind(job)
                    .fetch_one(&self.pool)
                    .await?,
            )
        };
        until_within(Duration::from_mins(2), "the job is over", look, |state| {
            state == "succeeded"
        })
        .await?;
        Ok(())
    }

    /// The seq of the job's latest checkpoint.
    pub(super) async fn last_checkpoint(&self, job: &str) -> Result<i64> {
        let query = "select coalesce(max(seq), 0) from progress_event where job_id = $1::uuid and type = 'progress'";
        Ok(sqlx::query_scalar(query)
            .bind(job)
            .fetch_one(&self.pool)
            .await?)
    }

    pub(super) async fn failures(&self, job: &str) -> Result<i64> {
        let query = "select count(*) from progress_event where job_id = $1::uuid and type in ('retrying', 'rescued')";
        Ok(sqlx::query_scalar(query)
            .bind(job)
            .fetch_one(&self.pool)
            .await?)
    }

    async fn rows_done(&self, job: &str) -> Result<i64> {
        Ok(
            sqlx::query_scalar("select rows_done from job where id = $1::uuid")
                .bind(job)
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// A client of whichever server answers first.
    async fn client(&self) -> Result<Client> {
        let server = &self.servers[0];
        let options =
            Options::new(format!("http://{}", server.address)).token(server.admin_token.clone());
        Ok(Client::connect(options).await?)
    }
}
