//! What LOGIKAL answers, read leniently: its releases differ, and half of its fields may be absent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

/// The frame around each JSON answer, of success and of failure alike.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Envelope {
    pub(super) data: Value,
    pub(super) message: Option<String>,
    pub(super) errors: Option<Vec<String>>,
}

impl Envelope {
    /// What went wrong, in LOGIKAL's words.
    pub(super) fn complaint(&self) -> String {
        let message = self.message.as_deref().unwrap_or_default();
        let errors = self.errors.as_deref().unwrap_or_default();
        let parts: Vec<&str> = std::iter::once(message)
            .chain(errors.iter().map(String::as_str))
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        if parts.is_empty() {
            "without an explanation".to_owned()
        } else {
            parts.join(": ").chars().take(500).collect()
        }
    }
}

/// A list of which single entries may be beyond reading; those do not hide the others.
#[derive(Clone, Debug)]
pub struct Listing<T> {
    /// What could be read, in LOGIKAL's order.
    pub entries: Vec<T>,
    /// What could not.
    pub unreadable: Vec<Unreadable>,
}

/// An entry of a list that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The name that stands in the entry; empty if none does.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

impl<T: DeserializeOwned> Listing<T> {
    pub(super) fn read(entries: Vec<Value>) -> Self {
        let mut listing = Self {
            entries: Vec::with_capacity(entries.len()),
            unreadable: Vec::new(),
        };
        for entry in entries {
            let name = entry
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            match serde_json::from_value(entry) {
                Ok(entry) => listing.entries.push(entry),
                Err(why) => listing.unreadable.push(Unreadable {
                    name,
                    why: why.to_string(),
                }),
            }
        }
        listing
    }

    /// Whether everything that LOGIKAL lists was read.
    pub fn is_complete(&self) -> bool {
        self.unreadable.is_empty()
    }
}

/// A folder of projects.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Directory {
    /// Its own name.
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    /// The names from the top down to it, with `/` between them; what it is selected by.
    pub path: String,
}

/// A project as it is listed.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Its key. Names are not: the same one occurs in several directories.
    pub id: Uuid,
    /// Its name, for people.
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    /// A number with leading zeros, so a text.
    #[serde(default, deserialize_with = "text")]
    pub job_number: String,
    /// The number of the offer.
    #[serde(default, deserialize_with = "text")]
    pub offer_number: String,
    /// Who works on it.
    #[serde(default, deserialize_with = "text")]
    pub person_in_charge: String,
    /// When it was made.
    #[serde(default, deserialize_with = "moment")]
    pub created_date: Option<DateTime<Utc>>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "moment")]
    pub changed_date: Option<DateTime<Utc>>,
    /// Whether it lies in the recycle bin.
    #[serde(default, deserialize_with = "or_default")]
    pub is_deleted: bool,
    /// Whether its prices were estimated.
    #[serde(default, deserialize_with = "or_default")]
    pub estimated: bool,
}

/// A part of a project.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Phase {
    /// Its key inside the project. The null GUID is each project's default phase.
    pub id: Uuid,
    /// Its name, for people.
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    /// What is said of it.
    #[serde(default, deserialize_with = "text")]
    pub description: String,
}

/// A window, door or facade as it is listed.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Elevation {
    /// Its key.
    pub id: Uuid,
    /// Changes with each change of the elevation.
    #[serde(default, deserialize_with = "guid")]
    pub version_id: Option<Uuid>,
    /// Its name, for people.
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    /// How many of it are made.
    #[serde(default, deserialize_with = "or_default")]
    pub amount: f64,
    /// Millimetres.
    #[serde(default, deserialize_with = "or_default")]
    pub width: f64,
    /// Millimetres.
    #[serde(default, deserialize_with = "or_default")]
    pub height: f64,
    /// Whether it lies in the recycle bin; it is listed all the same.
    #[serde(default, deserialize_with = "or_default")]
    pub is_in_recycle_bin: bool,
    /// Written by LOGIKAL.
    #[serde(default, deserialize_with = "text")]
    pub automatic_description: String,
    /// The profile system.
    #[serde(default, deserialize_with = "text")]
    pub system_description: String,
    /// The model inside the system.
    #[serde(default, deserialize_with = "text")]
    pub model_description: String,
    /// Written by a person.
    #[serde(default, deserialize_with = "text")]
    pub user_description: String,
    /// The colours of frame and sash.
    #[serde(default, deserialize_with = "or_default")]
    pub surface_of_base_element: Surface,
    /// The colours of what is set into them.
    #[serde(default, deserialize_with = "or_default")]
    pub surface_of_insertions: Surface,
    /// Who made it.
    #[serde(default, deserialize_with = "text")]
    pub created_by_user: String,
    /// When it was made.
    #[serde(default, deserialize_with = "moment")]
    pub created_date: Option<DateTime<Utc>>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "moment")]
    pub changed_date: Option<DateTime<Utc>>,
    /// LOGIKAL's word for the kind: a text or an alternative is listed like a window.
    #[serde(default, rename = "type", deserialize_with = "word")]
    pub kind: String,
    /// LOGIKAL's word for how far it is.
    #[serde(default, deserialize_with = "word")]
    pub state: String,
}

/// Colours of a surface.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", default)]
pub struct Surface {
    /// What the surface is called.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// The colour on the inside.
    #[serde(deserialize_with = "text")]
    pub color_inside: String,
    /// The colour on the outside.
    #[serde(deserialize_with = "text")]
    pub color_outside: String,
}

/// The prices of a whole project.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub struct Estimation {
    /// ISO code or sign, as LOGIKAL writes it.
    #[serde(deserialize_with = "text")]
    pub currency: String,
    /// The price of each elevation.
    #[serde(deserialize_with = "or_default")]
    pub elevations: Vec<ElevationPrice>,
}

/// What an elevation costs.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ElevationPrice {
    /// The elevation's key.
    pub id: Uuid,
    /// Net price of one piece.
    #[serde(default, deserialize_with = "or_default")]
    pub net_price_per_unit: f64,
    /// Price of one piece with everything.
    #[serde(default, deserialize_with = "or_default")]
    pub total_price_per_unit: f64,
    /// Net price of all pieces.
    #[serde(default, deserialize_with = "or_default")]
    pub net_price: f64,
    /// Price of all pieces with everything.
    #[serde(default, deserialize_with = "or_default")]
    pub total_price: f64,
}

/// The answer to a login.
#[derive(Deserialize)]
pub(super) struct Login {
    pub(super) token: String,
}

/// Absent and null are the empty value.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    value: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

/// Names come with blanks at their ends.
fn text<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(value)?
        .unwrap_or_default()
        .trim()
        // Postgres stores no zeros in texts, and nobody misses them.
        .replace('\0', ""))
}

/// A word that some releases give as a number.
fn word<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(value)? {
        Value::String(text) => text.trim().replace('\0', ""),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

/// A version that is no GUID is an unknown version: the elevation then counts as changed.
fn guid<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Uuid>, D::Error> {
    Ok(Option::<String>::deserialize(value)?.and_then(|text| text.trim().parse().ok()))
}

/// Unix seconds; 0 means unknown.
fn moment<'de, D: Deserializer<'de>>(value: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(Value::deserialize(value)?
        .as_i64()
        .filter(|seconds| *seconds > 0)
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_that_cannot_be_read_does_not_hide_the_others() {
        let listing: Listing<Phase> = Listing::read(vec![
            json!({"id": "00000000-0000-0000-0000-000000000000", "name": "Posities zonder levering "}),
            json!({"id": "no guid", "name": "Broken"}),
        ]);
        assert_eq!(listing.entries[0].id, Uuid::nil());
        assert_eq!(listing.entries[0].name, "Posities zonder levering");
        assert_eq!(listing.unreadable[0].name, "Broken");
        assert!(!listing.is_complete());
    }

    #[test]
    fn what_is_absent_or_null_is_empty() {
        let elevation: Elevation = serde_json::from_value(json!({
            "id": "5ddb1393-56eb-4280-9f7e-3c3aec51483c", "versionId": "none", "name": null, "changedDate": 0, "amount": null, "type": 3,
        }))
        .unwrap();
        assert_eq!(elevation.version_id, None);
        assert_eq!(elevation.changed_date, None);
        assert_eq!(elevation.kind, "3");
        assert_eq!(elevation.surface_of_insertions, Surface::default());
    }

    #[test]
    fn dates_are_unix_seconds_and_numbers_keep_their_zeros() {
        let project: Project = serde_json::from_value(json!({
            "id": "5ddb1393-56eb-4280-9f7e-3c3aec51483c", "name": "DOS22309", "jobNumber": "0000003948",
            "personInCharge": "J. Jansen ", "createdDate": 1_711_463_060,
        }))
        .unwrap();
        assert_eq!(project.job_number, "0000003948");
        assert_eq!(project.person_in_charge, "J. Jansen");
        assert_eq!(
            project.created_date.unwrap().to_rfc3339(),
            "2024-03-26T14:24:20+00:00"
        );
    }
}
