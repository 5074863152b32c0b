//! Reading any model: what fields it has, which records, and what is in them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Odoo, OdooError};

/// What of a field's description is asked for; the whole one is five times as long.
const FIELD_ATTRIBUTES: [&str; 5] = ["string", "type", "store", "relation", "searchable"];

/// A field of a model as the connection's user may read it. Odoo leaves out the others.
#[derive(Clone, Debug, Deserialize)]
pub struct ModelField {
    /// What people call it.
    #[serde(rename = "string", default)]
    pub label: String,
    /// Odoo's word for its type, such as "many2one".
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether Odoo stores it; else it is computed at each read.
    #[serde(default)]
    pub store: bool,
    /// The model that a relation leads to.
    #[serde(default)]
    pub relation: Option<String>,
}

/// A module that is installed.
#[derive(Clone, Debug, Deserialize)]
pub struct InstalledModule {
    /// Its technical name.
    pub name: String,
    /// What people call it.
    #[serde(rename = "shortdesc")]
    pub title: String,
    #[serde(rename = "installed_version")]
    pub version: String,
    /// Whether Odoo shows it among its apps.
    #[serde(rename = "application")]
    pub is_application: bool,
}

/// Which records of a model to read. Archived ones always count.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    /// Odoo's name of the model.
    pub model: &'a str,
    /// Conditions in Odoo's form: a JSON list.
    pub domain: &'a Value,
    /// The most records.
    pub limit: usize,
}

/// How far Odoo's clock is, and how far back a transaction may still be at work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Horizon {
    /// Now, on Odoo's clock.
    pub now: DateTime<Utc>,
    /// All that was written before is committed; `None` if nobody can tell.
    pub safe: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct HorizonAnswer {
    now: String,
    safe: Value,
}

impl Odoo {
    /// The fields of a model that the user may read, by name.
    pub async fn fields(&self, model: &str) -> Result<BTreeMap<String, ModelField>, OdooError> {
        let arguments = json!({ "attributes": FIELD_ATTRIBUTES });
        self.ask(model, "fields_get", arguments).await
    }

    /// How many records there are.
    pub async fn count(&self, model: &str, domain: &Value) -> Result<i64, OdooError> {
        let arguments = json!({ "domain": domain, "context": context() });
        self.ask(model, "search_count", arguments).await
    }

    /// Records by id, with these fields; relations to one record come as bare ids.
    pub async fn records(
        &self,
        read: Read<'_>,
        fields: &[&str],
    ) -> Result<Vec<Map<String, Value>>, OdooError> {
        let arguments = json!({
            "domain": read.domain,
            "fields": fields,
            "limit": read.limit,
            "order": "id",
            "load": null,
            "context": context(),
        });
        self.ask(read.model, "search_read", arguments).await
    }

    /// The ids of records, in rising order.
    pub async fn ids(&self, read: Read<'_>) -> Result<Vec<i64>, OdooError> {
        let arguments = json!({
            "domain": read.domain,
            "limit": read.limit,
            "order": "id",
            "context": context(),
        });
        self.ask(read.model, "search", arguments).await
    }

    /// The modules that are installed, by name.
    pub async fn modules(&self) -> Result<Vec<InstalledModule>, OdooError> {
        let arguments = json!({
            "domain": [["state", "=", "installed"]],
            "fields": ["name", "shortdesc", "installed_version", "application"],
            "order": "name",
        });
        self.ask("ir.module.module", "search_read", arguments).await
    }

    /// How far changes can be read without missing one that is not yet committed.
    /// Without our addon, or with one that cannot tell, only the clock is known.
    pub async fn horizon(&self) -> Result<Horizon, OdooError> {
        match self
            .ask::<HorizonAnswer>("sluice.mirror", "horizon", json!({}))
            .await
        {
            Ok(answer) => Ok(Horizon {
                now: moment(&answer.now)?,
                safe: answer.safe.as_str().map(moment).transpose()?,
            }),
            Err(OdooError::AddonMissing(_) | OdooError::NotAllowed(_)) => Ok(Horizon {
                now: self.transport.clock().await?,
                safe: None,
            }),
            Err(error) => Err(error),
        }
    }
}

/// Archived records are records too, and texts come in the language that Odoo keeps them in.
fn context() -> Value {
    json!({ "active_test": false })
}

fn moment(text: &str) -> Result<DateTime<Utc>, OdooError> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .map(|moment| moment.and_utc())
        .map_err(|why| OdooError::Answer(format!("{text:?} is no time: {why}")))
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    #[test]
    fn a_time_may_have_microseconds() {
        let with = moment("2026-01-31 10:00:00.123456").unwrap();
        assert_eq!(with.timestamp_subsec_micros(), 123_456);
        assert!(moment("2026-01-31 10:00:00").is_ok());
        assert!(matches!(moment("soon"), Err(OdooError::Answer(_))));
    }

    #[test]
    fn a_field_needs_no_more_than_its_type() {
        let field: ModelField = read("m", "fields_get", json!({ "type": "char" })).unwrap();
        assert_eq!((field.kind.as_str(), field.store), ("char", false));
    }
}
