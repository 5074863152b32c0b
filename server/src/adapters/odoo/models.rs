//! Reading any model: what fields it has, which records, and what is in them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Call, Odoo, OdooError};

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
    /// Whether our addon gives records as [rows](Odoo::rows).
    pub gives_rows: bool,
}

#[derive(Deserialize)]
struct Named {
    id: i64,
    #[serde(default)]
    display_name: Value,
}

#[derive(Deserialize)]
struct HorizonAnswer {
    now: String,
    safe: Value,
    /// An older addon cannot.
    #[serde(default)]
    gives_rows: bool,
}

impl Odoo {
    /// The fields of a model that the user may read, by name.
    pub async fn fields(&self, model: &str) -> Result<BTreeMap<String, ModelField>, OdooError> {
        let arguments = json!({ "attributes": FIELD_ATTRIBUTES });
        match self.ask(model, "fields_get", arguments).await {
            // Older versions do not tell an unknown model from other mistakes.
            Err(OdooError::Rejected { .. }) if !self.has_model(model).await? => {
                Err(OdooError::ModelMissing(model.to_owned()))
            }
            answer => answer,
        }
    }

    async fn has_model(&self, model: &str) -> Result<bool, OdooError> {
        let named = json!([["model", "=", model]]);
        Ok(self.count("ir.model", &named).await? > 0)
    }

    /// How many records there are.
    pub async fn count(&self, model: &str, domain: &Value) -> Result<i64, OdooError> {
        let arguments = json!({ "domain": domain, "context": context() });
        self.ask(model, "search_count", arguments).await
    }

    /// Records by id, with these fields; relations to one record come as bare ids.
    pub async fn records(&self, read: Read<'_>, fields: &[&str]) -> Result<Answer, OdooError> {
        let arguments = json!({
            "domain": read.domain,
            "fields": fields,
            "limit": read.limit,
            "order": "id",
            "load": null,
            "context": context(),
        });
        let call = Call {
            model: read.model,
            method: "search_read",
            arguments,
        };
        self.transport.call(call).await
    }

    /// The same from our addon, if it gives rows: each record is a list of its id and its values, which takes Odoo two thirds of the time.
    pub async fn rows(&self, read: Read<'_>, fields: &[&str]) -> Result<Answer, OdooError> {
        let arguments = json!({
            "model": read.model,
            "domain": read.domain,
            "names": fields,
            "limit": read.limit,
        });
        let call = Call {
            model: "sluice.mirror",
            method: "rows",
            arguments,
        };
        self.transport.call(call).await
    }

    /// How records are called, by id; those that are gone, or that the user may not see, are missing.
    pub async fn names(&self, model: &str, ids: &[i64]) -> Result<Vec<(i64, String)>, OdooError> {
        let arguments = json!({
            "domain": [["id", "in", ids]],
            "fields": ["display_name"],
            "context": context(),
        });
        let found: Vec<Named> = self.ask(model, "search_read", arguments).await?;
        // A record without a name has `false` instead.
        let name = |named: Named| Some((named.id, named.display_name.as_str()?.to_owned()));
        Ok(found.into_iter().filter_map(name).collect())
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

    /// The highest id among the records of a domain; `None` if there are none.
    pub async fn highest_id(&self, model: &str, domain: &Value) -> Result<Option<i64>, OdooError> {
        let arguments = json!({
            "domain": domain,
            "limit": 1,
            "order": "id desc",
            "context": context(),
        });
        let found: Vec<i64> = self.ask(model, "search", arguments).await?;
        Ok(found.first().copied())
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

    /// How many calls Odoo's processes can answer at once; 0 if it runs threaded, or if nobody can tell.
    pub async fn workers(&self) -> Result<i32, OdooError> {
        match self.describe().await {
            Ok(description) => Ok(description.workers),
            Err(error) if error.is_away() => Err(error),
            Err(_) => Ok(0),
        }
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
                gives_rows: answer.gives_rows,
            }),
            Err(OdooError::AddonMissing(_) | OdooError::TooOld(_) | OdooError::NotAllowed(_)) => {
                Ok(Horizon {
                    now: self.transport.clock().await?,
                    safe: None,
                    gives_rows: false,
                })
            }
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
        let answer = Answer(br#"{ "type": "char" }"#.to_vec());
        let field: ModelField = read("m", "fields_get", &answer).unwrap();
        assert_eq!((field.kind.as_str(), field.store), ("char", false));
    }
}
