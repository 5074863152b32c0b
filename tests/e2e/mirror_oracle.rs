//! Whatever happens in Odoo, to the server, to its Postgres and on the lines between: at every quiet point the mirror is what
//! Odoo has.

use anyhow::Result;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;
use sluice_client::v1::{ConnectionsSaveRequest, ForceSyncCleanupDeletedRequest};
use sluice_tests::{
    mirror::Mirrored,
    proxy::{Lost, Proxy, Weather},
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::time::Duration;

/// How often something happens in Odoo, each second time with a fault on top, and how often the mirror is compared.
const ROUNDS: usize = 32;
const QUIET_EVERY: usize = 8;

/// How much longer each piece takes on a slow line.
const DELAY: Duration = Duration::from_millis(100);

#[tokio::test]
async fn at_every_quiet_point_the_mirror_is_what_odoo_has() -> Result<()> {
    let seed = rand::rng().random();
    let mut story = Story::new(seed).await?;
    for round in 1..=ROUNDS {
        story
            .something_happens(round)
            .await
            .map_err(|error| error.context(format!("seed {seed}, round {round}")))?;
        if round.is_multiple_of(QUIET_EVERY) {
            story
                .comes_to_rest()
                .await
                .map_err(|error| error.context(format!("seed {seed}, round {round}")))?;
        }
    }
    Ok(())
}

struct Story {
    random: StdRng,
    mirrored: Mirrored,
    /// The line between the server and Odoo.
    line: Proxy,
    alive: Vec<i64>,
    /// A transaction in Odoo that stays open over several syncs.
    late: Option<PgConnection>,
}

impl Story {
    async fn new(seed: u64) -> Result<Self> {
        let mirrored = Mirrored::unconnected().await?;
        let line = Proxy::start(mirrored.odoo.port()?, "").await?;
        let request = ConnectionsSaveRequest {
            url: format!("http://127.0.0.1:{}", line.port),
            ..mirrored.connection()
        };
        mirrored.client.save_connection(request).await?;
        mirrored.configure(mirrored.categories(7), &[]).await?;
        let alive = mirrored.create(60).await?;
        mirrored.sync(mirrored.changes()).await?;
        Ok(Self {
            random: StdRng::seed_from_u64(seed),
            mirrored,
            line,
            alive,
            late: None,
        })
    }

    fn some(&mut self) -> Vec<i64> {
        let count = self.random.random_range(1..10);
        self.alive
            .sample(&mut self.random, count)
            .copied()
            .collect()
    }

    /// Something happens in Odoo while a sync is on its way, and something breaks every other time.
    async fn something_happens(&mut self, round: usize) -> Result<()> {
        let job = self
            .mirrored
            .client
            .sync_model(self.mirrored.changes())
            .await?;
        self.odoo_changes(round).await?;
        if round.is_multiple_of(2) {
            self.something_breaks().await?;
        }
        let ended = self.mirrored.succeeded(&job).await;
        self.line.weather(Weather::Clear);
        self.line.keep_answers();
        ended.map(drop)
    }

    async fn odoo_changes(&mut self, round: usize) -> Result<()> {
        match self.random.random_range(0..6) {
            0 => {
                let count = self.random.random_range(1..20);
                self.alive.extend(self.mirrored.create(count).await?);
            }
            1 => {
                let gone = self.some();
                self.alive.retain(|id| !gone.contains(id));
                self.mirrored.unlink(&gone).await?;
            }
            2 => {
                let archived = self.some();
                let active: bool = self.random.random();
                self.mirrored
                    .write(&archived, json!({ "active": active }))
                    .await?;
            }
            3 => self.begin_late(round).await?,
            4 => self.commit_late().await?,
            _ => {
                let changed = self.some();
                self.mirrored
                    .write(&changed, json!({ "color": round }))
                    .await?;
            }
        }
        Ok(())
    }

    async fn something_breaks(&mut self) -> Result<()> {
        match self.random.random_range(0..7) {
            0 => {
                self.mirrored.server.kill().await?;
                self.mirrored.server.begin().await?;
            }
            1 => {
                self.mirrored.server.stop().await?;
                self.mirrored.server.begin().await?;
            }
            2 => self.mirrored.cut_postgres().await?,
            3 => self.line.reset_all(),
            4 => self.line.lose_answer("search_read", Lost::BeforeAnswer),
            5 => self.line.weather(Weather::Slow(DELAY)),
            _ => self.line.weather(Weather::Drip),
        }
        Ok(())
    }

    /// Changes a record in a transaction that stays open; nobody else touches the record meanwhile.
    async fn begin_late(&mut self, round: usize) -> Result<()> {
        if self.late.is_some() || self.alive.len() < 2 {
            return Ok(());
        }
        let id = self.alive.swap_remove(0);
        let mut late = self.mirrored.odoos_database().await?;
        sqlx::query("begin").execute(&mut late).await?;
        sqlx::query(AssertSqlSafe(format!(
            "update res_partner_category set color = {}, write_date = now() at time zone 'UTC' where id = {id}",
            100 + round
        )))
        .execute(&mut late)
        .await?;
        self.late = Some(late);
        Ok(())
    }

    async fn commit_late(&mut self) -> Result<()> {
        if let Some(mut late) = self.late.take() {
            sqlx::query("commit").execute(&mut late).await?;
            late.close().await?;
        }
        Ok(())
    }

    /// Nothing happens any more: one sync and one cleanup later both sides are the same.
    async fn comes_to_rest(&mut self) -> Result<()> {
        self.commit_late().await?;
        self.mirrored.sync(self.mirrored.changes()).await?;
        let confirmed = ForceSyncCleanupDeletedRequest {
            confirm: true,
            ..self.mirrored.deleted()
        };
        self.mirrored.cleanup(confirmed).await?;
        self.mirrored.equals_odoo().await.map(drop)
    }
}
