//! A private database for each test, in the Postgres that the tests were started with.

use anyhow::{Context as _, Result};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::env;

/// An empty database of its own. It stays behind for a look; the whole Postgres goes at the end of the run.
pub struct Database {
    pub url: String,
}

impl Database {
    /// Makes one. The tests need `DATABASE_URL`, which `make test` sets.
    pub async fn new() -> Result<Self> {
        let server = env::var_os("DATABASE_URL")
            .and_then(|url| url.into_string().ok())
            .context("DATABASE_URL is not set: run the tests by `make test` or `make e2e`")?;
        let name = format!("sluice_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect(&server)
            .await
            .context("the Postgres of the tests does not answer")?;
        connection
            .execute(sqlx::AssertSqlSafe(format!("create database {name}")))
            .await?;
        let (address, _) = server
            .rsplit_once('/')
            .context("DATABASE_URL names no database")?;
        Ok(Self {
            url: format!("{address}/{name}"),
        })
    }

    /// A connection for a look at the tables.
    pub async fn connect(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.url).await?)
    }
}
