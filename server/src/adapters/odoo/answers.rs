//! What the addon's methods answer.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What Odoo and the addon say of themselves.
#[derive(Clone, Debug, Deserialize)]
pub struct Description {
    /// Empty without our addon.
    pub addon_version: String,
    /// The number of the agreement that the addon keeps.
    pub contract: i64,
    pub odoo_version: String,
    /// Names the database even after it was renamed; a copy may carry the same one.
    pub database_uuid: String,
    /// The Sluice addons that are installed.
    pub modules: Vec<String>,
    /// The service user's login.
    pub user: String,
    pub company_id: i64,
    /// ISO code.
    pub company_currency: String,
    /// Worker processes; 0 means that Odoo runs threaded, and gains nothing from a second caller.
    pub workers: i32,
    /// What the service user may not do but should; empty is good.
    pub missing_rights: Vec<String>,
    /// What Odoo allows its processes; an addon from before it was told brings none.
    pub limits: Option<ProcessLimits>,
}

/// What Odoo allows one of its processes; 0 means no limit.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ProcessLimits {
    /// Seconds that a request may take.
    pub time_real: i64,
    /// Seconds of processor time that a request may take.
    pub time_cpu: i64,
    /// Bytes of memory above which a worker ends after its request.
    pub memory_soft: i64,
}

/// What a user learns of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Own {
    /// Unknown before version 16.
    #[serde(default)]
    pub(super) uid: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Candidates {
    pub(super) candidates: Vec<SupplierCandidate>,
}

/// A contact that a supplier's reference may mean.
#[derive(Clone, Debug, Deserialize)]
pub struct SupplierCandidate {
    pub id: i64,
    pub name: String,
    #[serde(rename = "ref", deserialize_with = "absent_if_false", default)]
    pub reference: Option<String>,
    pub active: bool,
    /// Whether Odoo has it among its suppliers, or has price lines of it.
    pub is_supplier: bool,
    /// The only company that sees it; `None` means all.
    #[serde(deserialize_with = "absent_if_false", default)]
    pub company_id: Option<i64>,
}

/// Whether Odoo did what a batch, a sweep or a finish asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchStatus {
    Applied,
    /// A later attempt of the job is at work; nothing was written, and the caller must stop.
    StaleAttempt,
    /// The job began with another supplier; nothing was written.
    WrongSupplier,
}

/// What became of the rows of a batch. Each row that was sent is in exactly one of the five lists.
#[derive(Clone, Debug, Deserialize)]
pub struct BatchAnswer {
    pub status: BatchStatus,
    pub highest_attempt: i32,
    /// When the job's run began, on Odoo's clock, as `YYYY-MM-DD HH:MM:SS` in UTC.
    #[serde(deserialize_with = "absent_if_false", default)]
    pub started_at: Option<String>,
    #[serde(default)]
    pub created: Vec<i64>,
    #[serde(default)]
    pub updated: Vec<i64>,
    #[serde(default)]
    pub unchanged: Vec<i64>,
    #[serde(default)]
    pub skipped: Vec<SkippedRow>,
    #[serde(default)]
    pub errors: Vec<RowError>,
    /// How many rows were answered from the ledger of an earlier call.
    #[serde(default)]
    pub replayed: i64,
}

/// A row that was left out on purpose.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize)]
pub struct SkippedRow {
    pub row: i64,
    /// A stable `lower_snake` word.
    pub reason: String,
}

/// A row that Odoo could not take.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize)]
pub struct RowError {
    pub row: i64,
    /// A stable `lower_snake` word.
    pub code: String,
    /// In plain words, with names.
    pub message: String,
}

/// What a batch would do.
#[derive(Clone, Debug, Deserialize)]
pub struct PreviewAnswer {
    pub rows: Vec<PreviewRow>,
}

/// What a batch would do with one row.
#[derive(Clone, Debug, Deserialize)]
pub struct PreviewRow {
    pub row: i64,
    pub outcome: PreviewOutcome,
    /// The reason or the error's code; `None` where the outcome says all.
    #[serde(deserialize_with = "absent_if_false", default)]
    pub code: Option<String>,
    #[serde(deserialize_with = "absent_if_false", default)]
    pub message: Option<String>,
    /// The product that the row matches; `None` if there is none yet.
    #[serde(deserialize_with = "absent_if_false", default)]
    pub product_id: Option<i64>,
    #[serde(deserialize_with = "absent_if_false", default)]
    pub product_name: Option<String>,
    /// The price now; `None` where there is no line.
    #[serde(deserialize_with = "absent_if_false", default)]
    pub price_before: Option<f64>,
    /// The price afterwards; `None` where no line would be written.
    #[serde(deserialize_with = "absent_if_false", default)]
    pub price_after: Option<f64>,
}

/// What would become of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewOutcome {
    Created,
    Updated,
    Unchanged,
    Skipped,
    Error,
}

/// What a sweep did.
#[derive(Clone, Debug, Deserialize)]
pub struct SweepAnswer {
    pub status: BatchStatus,
    /// All lines of the supplier in this company.
    #[serde(default)]
    pub total_lines: i64,
    /// Lines that the job did not touch, before this call.
    #[serde(default)]
    pub stale_lines: i64,
    /// Lines that this call ended or deleted; 0 in a dry run.
    #[serde(default)]
    pub swept: i64,
    /// Lines that are left for the next call.
    #[serde(default)]
    pub remaining: i64,
}

/// What Odoo says to the end of a job.
#[derive(Clone, Debug, Deserialize)]
pub struct FinishAnswer {
    pub status: BatchStatus,
}

/// Odoo writes `false` for what is not there.
fn absent_if_false<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    match Value::deserialize(deserializer)? {
        Value::Null | Value::Bool(false) => Ok(None),
        value => T::deserialize(value)
            .map(Some)
            .map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn outcomes_of_rows_come_as_short_lists() {
        let answer: BatchAnswer = serde_json::from_value(json!({
            "status": "applied", "highest_attempt": 2, "started_at": "2026-01-31 10:00:00",
            "created": [2, 3], "updated": [], "unchanged": [4],
            "skipped": [[5, "unknown_product"]],
            "errors": [[6, "product_ambiguous", "fits Saw and Hammer"]], "replayed": 0,
        }))
        .unwrap();
        assert_eq!(answer.status, BatchStatus::Applied);
        assert_eq!(
            answer.skipped,
            [SkippedRow {
                row: 5,
                reason: "unknown_product".to_owned()
            }]
        );
        assert_eq!(answer.errors[0].message, "fits Saw and Hammer");
    }

    #[test]
    fn false_means_absent() {
        let candidate: SupplierCandidate = serde_json::from_value(json!({
            "id": 9, "name": "Acme", "ref": false, "active": true, "is_supplier": true, "company_id": false,
        }))
        .unwrap();
        assert_eq!((candidate.reference, candidate.company_id), (None, None));
    }

    #[test]
    fn a_refused_batch_needs_no_lists() {
        let answer: BatchAnswer =
            serde_json::from_value(json!({"status": "stale_attempt", "highest_attempt": 3}))
                .unwrap();
        assert_eq!(
            (answer.status, answer.highest_attempt),
            (BatchStatus::StaleAttempt, 3)
        );
    }
}
