//! A real Odoo, looked at and prepared over JSON-2 as its administrator.

mod hold;
mod look;
mod prepare;
mod site;

pub use hold::Hold;
pub use look::LineInOdoo;
pub use site::{Site, answer};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

/// One Odoo database that is being served.
#[derive(Clone)]
pub struct Odoo {
    pub access: Access,
    http: reqwest::Client,
}

/// What `odoo.sh` writes about a database.
#[derive(Clone, Deserialize)]
pub struct Access {
    pub url: String,
    pub database: String,
    /// The key of the service user, as Sluice gets it.
    pub api_key: String,
    /// The login of the service user.
    pub user: String,
    /// The administrator's key, with which tests prepare and look.
    pub admin_api_key: String,
    pub login: String,
    pub password: String,
}

/// The folder of the Odoo that the tests were started with, for `odoo.sh`.
pub fn folder() -> Result<PathBuf> {
    env::var_os("TEST_ODOO_DIR").map(PathBuf::from).context(
        "TEST_ODOO_DIR is not set, so there is no Odoo: run the tests by `make test` or `make e2e`",
    )
}

impl Odoo {
    /// The Odoo that all tests of a run share; each test uses its own supplier and products.
    pub fn shared() -> Result<Self> {
        Self::described_in(&folder()?.join("sluice.json"))
    }

    /// The Odoo that a file of `odoo.sh` describes.
    pub fn described_in(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let access = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
        // Another test of this process may have chosen it before: then it is the same one.
        let _chosen_before = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            access,
            http: reqwest::Client::builder()
                .timeout(Duration::from_mins(5))
                .build()?,
        })
    }

    /// The port at which it is served.
    pub fn port(&self) -> Result<u16> {
        let (_, port) = self
            .access
            .url
            .rsplit_once(':')
            .context("the address has a port")?;
        Ok(port.parse()?)
    }

    /// Calls a method with named arguments; an error of Odoo is told in its words.
    pub async fn call(&self, model: &str, method: &str, arguments: Value) -> Result<Value> {
        let answer = self
            .http
            .post(format!("{}/json/2/{model}/{method}", self.access.url))
            .bearer_auth(&self.access.admin_api_key)
            .header("X-Odoo-Database", &self.access.database)
            .json(&arguments)
            .send()
            .await?;
        let status = answer.status();
        let body = answer.text().await?;
        if !status.is_success() {
            let told: Value = serde_json::from_str(&body).unwrap_or_default();
            bail!(
                "Odoo refused {model}.{method} ({status}): {}",
                told["message"]
            );
        }
        serde_json::from_str(&body).with_context(|| format!("{model}.{method} answered no JSON"))
    }
}
