//! Odoo over JSON-2, and over JSON-RPC where it is older: typed calls of our addons' methods, typed errors.
//!
//! Each method of [`Odoo`] is one call and one transaction in Odoo. Nothing is retried here: a caller asks
//! [`OdooError::is_away`] whether the same call may succeed later.

mod answers;
mod batch;
mod digests;
mod error;
mod json2;
mod json_rpc;
mod models;
mod pace;
mod project;
mod reply;
mod transport;
mod version;
mod wire;

use std::{fmt, sync::Arc};

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

pub use answers::{
    BatchAnswer, BatchStatus, Description, FinishAnswer, PreviewAnswer, PreviewOutcome, PreviewRow,
    ProcessLimits, SupplierCandidate, SweepAnswer,
};
pub use batch::{Batch, BatchOptions, BatchRow, MatchKey, Sweep, SweepPolicy, UnknownPolicy};
pub use digests::{Bucket, Digests};
pub use error::OdooError;
pub use json_rpc::{Account, version as version_at};
pub use models::{Horizon, InstalledModule, ModelField, Read};
pub use project::{ProjectAnswer, ProjectBatch, ProjectEnd};
pub(super) use reply::retry_after;
pub use transport::{Answer, Call, Transport};
pub use version::is_older;

use super::Http;
pub use crate::adapters::pace::Pace;
use crate::ids::JobId;
use json_rpc::JsonRpc;
use json2::Json2;
use pace::Paced;
use reply::no_json;

/// The number of the agreement between this server and the addons; `describe` of the addon names its own.
pub const CONTRACT: i64 = 1;

const API: &str = "sluice.api";
const SUPPLIER_BATCH: &str = "sluice.supplier.batch";
const PROJECT_BATCH: &str = "sluice.logikal.batch";

/// One Odoo database, seen through the methods of our addons.
pub struct Odoo {
    transport: Box<dyn Transport>,
}

impl fmt::Debug for Odoo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Odoo").finish_non_exhaustive()
    }
}

impl Odoo {
    /// A database that may not exist: an address that does not know it is [`OdooError::DatabaseNotFound`].
    pub fn new(http: &Http, url: &Url, database: &str, api_key: SecretString) -> Self {
        Self::over(Box::new(Json2::new(http, url, database, api_key)))
    }

    /// A database that has answered before: while its address does not know it, it is [`OdooError::Away`],
    /// because that is what Odoo says while its own Postgres restarts.
    pub fn known(http: &Http, url: &Url, database: &str, api_key: SecretString) -> Self {
        Self::over(Box::new(Json2::known(http, url, database, api_key)))
    }

    /// A database of an Odoo before 19, of this version.
    pub fn older(http: &Http, url: &Url, account: Account<'_>, version: &str) -> Self {
        Self::over(Box::new(JsonRpc::new(http, url, account, version)))
    }

    /// The same, but with no more calls than the pace allows.
    #[must_use]
    pub fn paced(self, pace: Arc<Pace>) -> Self {
        let transport = self.transport;
        Self::over(Box::new(Paced { transport, pace }))
    }

    /// The same methods over another protocol.
    pub fn over(transport: Box<dyn Transport>) -> Self {
        Self { transport }
    }

    /// What Odoo and the addon say of themselves; an Odoo without our addon has no `addon_version`. Fails with [`OdooError::AddonVersion`] if the addon's contract is not ours.
    pub async fn describe(&self) -> Result<Description, OdooError> {
        // Only the number is read first: another contract may well describe itself in another form.
        let call = Call {
            model: API,
            method: "describe",
            arguments: json!({}),
        };
        let answer = match self.transport.call(call).await {
            Err(OdooError::AddonMissing(_) | OdooError::TooOld(_)) => {
                return self.describe_plain().await;
            }
            answer => answer?,
        };
        let told: Value = read(API, "describe", &answer)?;
        let contract = told
            .get("contract")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        if contract != CONTRACT {
            let installed = told
                .get("addon_version")
                .and_then(Value::as_str)
                .unwrap_or("unknown");
            return Err(OdooError::AddonVersion {
                installed: installed.to_owned(),
                contract,
                expected: CONTRACT,
            });
        }
        read(API, "describe", &answer)
    }

    /// What an Odoo without our addon says of itself: that it is there, and lets us in.
    async fn describe_plain(&self) -> Result<Description, OdooError> {
        let own: answers::Own = self.ask("res.users", "context_get", json!({})).await?;
        Ok(Description {
            addon_version: String::new(),
            contract: CONTRACT,
            odoo_version: self.transport.version().await?,
            database_uuid: String::new(),
            modules: Vec::new(),
            user: format!("user {}", own.uid),
            company_id: 0,
            company_currency: String::new(),
            workers: 0,
            missing_rights: Vec::new(),
            limits: None,
        })
    }

    /// The contacts that `reference` may mean: an id, a `ref`, or an exact name whatever its case. At most ten; none is an empty list.
    pub async fn find_supplier(
        &self,
        reference: &str,
    ) -> Result<Vec<SupplierCandidate>, OdooError> {
        let arguments = json!({ "reference": reference });
        let found: answers::Candidates =
            self.ask(SUPPLIER_BATCH, "find_supplier", arguments).await?;
        Ok(found.candidates)
    }

    /// Applies one batch in one transaction; rows that were applied before are answered from Odoo's ledger.
    pub async fn apply_batch(&self, batch: &Batch<'_>) -> Result<BatchAnswer, OdooError> {
        self.ask(SUPPLIER_BATCH, "apply_batch", written(batch)?)
            .await
    }

    /// What [`Odoo::apply_batch`] would do with these rows; writes nothing.
    pub async fn preview_batch(
        &self,
        supplier: i64,
        options: &BatchOptions,
        rows: &[BatchRow],
    ) -> Result<PreviewAnswer, OdooError> {
        let arguments =
            json!({ "supplier": supplier, "options": written(options)?, "rows": written(rows)? });
        self.ask(SUPPLIER_BATCH, "preview_batch", arguments).await
    }

    /// Ends or deletes some of the supplier's lines that the job's list did not name; call again while `remaining` is not 0.
    pub async fn sweep(&self, sweep: &Sweep) -> Result<SweepAnswer, OdooError> {
        self.ask(SUPPLIER_BATCH, "sweep", written(sweep)?).await
    }

    /// Tells Odoo that the job is through. `clean` says that the whole list was applied without a row error.
    pub async fn finish(
        &self,
        job: JobId,
        attempt: i32,
        supplier: i64,
        clean: bool,
    ) -> Result<FinishAnswer, OdooError> {
        let arguments =
            json!({ "job": job, "attempt": attempt, "supplier": supplier, "clean": clean });
        self.ask(SUPPLIER_BATCH, "finish", arguments).await
    }

    /// Applies elevations of a LOGIKAL project in one transaction; rows that were applied before are answered from Odoo's ledger.
    pub async fn apply_project(
        &self,
        batch: &ProjectBatch<'_>,
    ) -> Result<ProjectAnswer, OdooError> {
        self.ask(PROJECT_BATCH, "apply_batch", written(batch)?)
            .await
    }

    /// Tells Odoo that a project's job is through, and what is there.
    pub async fn finish_project(&self, end: &ProjectEnd) -> Result<FinishAnswer, OdooError> {
        self.ask(PROJECT_BATCH, "finish", written(end)?).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        model: &str,
        method: &'static str,
        arguments: Value,
    ) -> Result<T, OdooError> {
        let call = Call {
            model,
            method,
            arguments,
        };
        read(model, method, &self.transport.call(call).await?)
    }
}

fn written<T: serde::Serialize + ?Sized>(argument: &T) -> Result<Value, OdooError> {
    serde_json::to_value(argument)
        .map_err(|why| OdooError::Answer(format!("the call cannot be written: {why}")))
}

fn read<T: DeserializeOwned>(model: &str, method: &str, answer: &Answer) -> Result<T, OdooError> {
    serde_json::from_slice(answer.json()).map_err(|why| {
        if why.is_data() {
            let form = format!("{model}.{method} answered in an unknown form: {why}");
            OdooError::Answer(form)
        } else {
            no_json()
        }
    })
}
