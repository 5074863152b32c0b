//! Whether a model still has the records it had, without their ids on the wire: a digest for each range of ids.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Odoo, OdooError};

/// The ids of one range, in short.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct Bucket {
    /// The range is from this number times the width of buckets on, and as wide.
    pub number: i64,
    /// How many ids there are in it.
    pub count: i64,
    /// MD5 of the ids in rising order, with commas between them.
    pub digest: String,
}

/// All ids of a model, in short.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Digests {
    /// How many ids a bucket spans.
    pub width: i64,
    /// Buckets that are not empty, by rising numbers.
    pub buckets: Vec<Bucket>,
}

#[derive(Deserialize)]
struct Part {
    width: i64,
    buckets: Vec<Bucket>,
    next_bucket: Value,
}

impl Odoo {
    /// The ids of the records of a domain, archived ones too, in short. `None` without our addon, or with one that cannot
    /// tell; then the ids have to be listed.
    pub async fn digests(&self, model: &str, domain: &Value) -> Result<Option<Digests>, OdooError> {
        let mut digests = Digests::default();
        let mut first = 0;
        loop {
            let arguments = json!({ "model": model, "domain": domain, "first_bucket": first });
            let part: Part = match self.ask("sluice.mirror", "digests", arguments).await {
                Ok(part) => part,
                Err(
                    OdooError::AddonMissing(_)
                    | OdooError::TooOld(_)
                    | OdooError::NotAllowed(_)
                    | OdooError::Rejected { .. },
                ) => return Ok(None),
                Err(error) => return Err(error),
            };
            digests.width = part.width;
            digests.buckets.extend(part.buckets);
            let is_rising = digests
                .buckets
                .windows(2)
                .all(|pair| pair[0].number < pair[1].number);
            match part.next_bucket.as_i64() {
                _ if !is_rising || part.width < 1 => {
                    return Err(OdooError::Answer(
                        "its digests of ids are not in order".to_owned(),
                    ));
                }
                Some(next) if next > first => first = next,
                _ => return Ok(Some(digests)),
            }
        }
    }
}
