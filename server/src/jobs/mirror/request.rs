//! What callers ask for, and what of it can be refused before Odoo is asked.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;

use super::{
    choice::FieldChoice,
    curated,
    error::{MirrorError, field},
    spec::{CleanupSpec, What},
    store::PAGE_SIZE,
};
use crate::queue::Queue;

const LARGEST_PAGE: i32 = 10_000;
const MOST_FIELDS: usize = 1_000;
const MOST_IDS: usize = 10_000;
const MAX_PERCENT: i64 = 20;

/// How a model is mirrored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelSettings {
    /// Odoo's name of the model.
    pub model: String,
    /// Which of its fields.
    pub field_choice: FieldChoice,
    /// The fields of [`FieldChoice::Named`].
    pub field_names: Vec<String>,
    /// Limits the records: a list in JSON, or empty.
    pub domain: String,
    /// How many records one call asks for; 0 means 1,000.
    pub page_size: i32,
    /// When changes are read: a five-field cron expression, or empty.
    pub cron: String,
    /// The IANA time zone of the expression; empty means UTC.
    pub time_zone: String,
    /// The same as a span, in seconds, instead of an expression.
    pub interval: Option<i64>,
}

/// What a cleanup is to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct CleanupRequest {
    /// Marks nothing.
    pub dry_run: bool,
    /// The largest share of records that may be found missing, in percent; 0 means 20.
    pub max_percent: i32,
    /// Marks them however many there are.
    pub confirm: bool,
    /// Removes the rows instead of marking them.
    pub hard_delete: bool,
}

/// A model's name as Odoo gives them. It becomes a part of addresses and names, so nothing else gets through.
pub(in crate::jobs) fn check_model(name: &str, at: &str) -> Result<(), MirrorError> {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.');
    let is_name = (1..=128).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..");
    if is_name {
        Ok(())
    } else {
        Err(field(
            at,
            "must be Odoo's name of a model, such as res.partner",
        ))
    }
}

impl ModelSettings {
    /// Checks the settings, and returns the domain and the page size that they mean. `at` is their place in the request.
    pub(super) fn check(&self, at: &str) -> Result<(Value, i32), MirrorError> {
        check_model(&self.model, &format!("{at}.model"))?;
        let names = format!("{at}.field_names");
        let is_named = self.field_choice == FieldChoice::Named;
        if is_named == self.field_names.is_empty() {
            return Err(field(
                names,
                "must list fields if, and only if, the choice is to name them",
            ));
        }
        if self.field_names.len() > MOST_FIELDS {
            return Err(field(names, "must list at most 1,000 fields"));
        }
        let distinct: BTreeSet<&String> = self.field_names.iter().collect();
        if distinct.len() < self.field_names.len() {
            return Err(field(names, "must list each field once"));
        }
        if self.field_choice == FieldChoice::Curated && curated::fields_of(&self.model).is_none() {
            return Err(field(
                format!("{at}.field_choice"),
                "cannot be the curated list: there is none for this model",
            ));
        }
        if !(0..=LARGEST_PAGE).contains(&self.page_size) {
            return Err(field(
                format!("{at}.page_size"),
                "must be from 1 to 10,000, or 0 for 1,000",
            ));
        }
        if !self.cron.is_empty()
            && let Err(error) = Queue::check_schedule(&self.cron, &self.time_zone)
        {
            return Err(field(
                format!("{at}.cron"),
                format!("cannot be kept: {error}"),
            ));
        }
        let page_size = if self.page_size == 0 {
            PAGE_SIZE
        } else {
            self.page_size
        };
        Ok((domain(&self.domain, &format!("{at}.domain"))?, page_size))
    }
}

impl ModelSettings {
    /// The same with the expression that its interval means. `at` is its place in the request.
    pub(super) fn settled(&self, at: &str) -> Result<Self, MirrorError> {
        let Some(seconds) = self.interval else {
            return Ok(self.clone());
        };
        let at = format!("{at}.interval");
        if !self.cron.is_empty() {
            return Err(field(at, "cannot be given beside a cron expression"));
        }
        let cron = cron_of(seconds).ok_or_else(|| {
            field(
                at,
                "must be whole minutes that divide an hour, whole hours that divide a day, or a day",
            )
        })?;
        Ok(Self {
            cron,
            interval: None,
            ..self.clone()
        })
    }
}

/// The expression by which something happens each so many seconds, counted from midnight.
fn cron_of(seconds: i64) -> Option<String> {
    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;
    let divides = |part: i64, whole: i64| part > 0 && whole % part == 0;
    match seconds {
        60 => Some("* * * * *".to_owned()),
        HOUR => Some("0 * * * *".to_owned()),
        DAY => Some("0 0 * * *".to_owned()),
        _ if divides(seconds, HOUR) && divides(60, seconds) => {
            Some(format!("*/{} * * * *", seconds / 60))
        }
        _ if divides(seconds, DAY) && divides(HOUR, seconds) => {
            Some(format!("0 */{} * * *", seconds / HOUR))
        }
        _ => None,
    }
}

fn domain(text: &str, at: &str) -> Result<Value, MirrorError> {
    if text.trim().is_empty() {
        return Ok(Value::Array(Vec::new()));
    }
    match serde_json::from_str(text) {
        Ok(Value::Array(conditions)) => Ok(Value::Array(conditions)),
        _ => Err(field(
            at,
            "must be an Odoo domain in JSON, such as [[\"is_company\", \"=\", true]]",
        )),
    }
}

/// Checks what a sync is to read.
pub(super) fn check_what(what: &What) -> Result<(), MirrorError> {
    match what {
        What::Trial(limit) if *limit < 1 => Err(field("limit", "must not be negative")),
        What::Range { from, to } if to.is_some_and(|to| to <= *from) => {
            Err(field("changed_to", "must be after changed_from"))
        }
        What::Ids(ids) if ids.len() > MOST_IDS => Err(field("ids", "must be at most 10,000")),
        What::Ids(ids) if ids.iter().any(|id| *id < 1) => {
            Err(field("ids", "must be ids of Odoo, which are above 0"))
        }
        _ => Ok(()),
    }
}

/// A request id, if there is one, must be a UUID.
pub(in crate::jobs) fn check_request_id(request_id: Option<&str>) -> Result<(), MirrorError> {
    match request_id {
        Some(id) if Uuid::parse_str(id).is_err() => Err(field("request_id", "must be a UUID")),
        _ => Ok(()),
    }
}

impl CleanupRequest {
    /// Makes the job's spec.
    pub(super) fn spec(self, model: &str) -> Result<CleanupSpec, MirrorError> {
        if !(0..=100).contains(&self.max_percent) {
            return Err(field("max_percent", "must be from 1 to 100, or 0 for 20"));
        }
        let percent = match self.max_percent {
            0 => MAX_PERCENT,
            percent => i64::from(percent),
        };
        Ok(CleanupSpec {
            model: model.to_owned(),
            dry_run: self.dry_run,
            max_percent: (!self.confirm).then_some(percent),
            hard_delete: self.hard_delete,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: std::fmt::Debug>(answer: Result<T, MirrorError>) -> String {
        match answer {
            Err(MirrorError::Field { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_models_name_is_no_path() {
        for wrong in [
            "",
            "..",
            "../web",
            "res/partner",
            "res.partner?x",
            "Res.Partner",
            "a..b",
            ".a",
        ] {
            assert_eq!(refused(check_model(wrong, "model")), "model", "{wrong}");
        }
        check_model("x_studio.model_2", "model").unwrap();
    }

    #[test]
    fn a_setting_that_cannot_be_used_is_named() {
        let plain = ModelSettings {
            model: "res.partner".to_owned(),
            ..ModelSettings::default()
        };
        assert_eq!(plain.check("m").unwrap(), (Value::Array(Vec::new()), 1000));
        let table = [
            (
                "m.page_size",
                ModelSettings {
                    page_size: 1_000_000,
                    ..plain.clone()
                },
            ),
            (
                "m.page_size",
                ModelSettings {
                    page_size: -1,
                    ..plain.clone()
                },
            ),
            (
                "m.domain",
                ModelSettings {
                    domain: "name = x".to_owned(),
                    ..plain.clone()
                },
            ),
            (
                "m.domain",
                ModelSettings {
                    domain: "{}".to_owned(),
                    ..plain.clone()
                },
            ),
            (
                "m.field_names",
                ModelSettings {
                    field_names: vec!["a".to_owned()],
                    ..plain.clone()
                },
            ),
            (
                "m.field_names",
                ModelSettings {
                    field_choice: FieldChoice::Named,
                    ..plain.clone()
                },
            ),
            (
                "m.cron",
                ModelSettings {
                    cron: "now and then".to_owned(),
                    ..plain.clone()
                },
            ),
            (
                "m.field_choice",
                ModelSettings {
                    field_choice: FieldChoice::Curated,
                    model: "x.model".to_owned(),
                    ..plain
                },
            ),
        ];
        for (at, settings) in table {
            assert_eq!(refused(settings.check("m")), at);
        }
    }

    #[test]
    fn an_interval_is_an_expression_or_refused() {
        let table = [
            (60, "* * * * *"),
            (300, "*/5 * * * *"),
            (1_800, "*/30 * * * *"),
            (3_600, "0 * * * *"),
            (7_200, "0 */2 * * *"),
            (86_400, "0 0 * * *"),
        ];
        let every = |seconds| ModelSettings {
            interval: Some(seconds),
            ..ModelSettings::default()
        };
        for (seconds, cron) in table {
            assert_eq!(every(seconds).settled("m").unwrap().cron, cron);
            Queue::check_schedule(cron, "").unwrap();
        }
        for odd in [-60, 0, 1, 59, 90, 420, 5 * 3_600, 2 * 86_400] {
            assert_eq!(refused(every(odd).settled("m")), "m.interval", "{odd}");
        }
        let both = ModelSettings {
            cron: "0 * * * *".to_owned(),
            ..every(60)
        };
        assert_eq!(refused(both.settled("m")), "m.interval");
    }

    #[test]
    fn what_to_read_must_make_sense() {
        let time = chrono::DateTime::UNIX_EPOCH;
        let range = What::Range {
            from: time,
            to: Some(time),
        };
        assert_eq!(refused(check_what(&range)), "changed_to");
        assert_eq!(refused(check_what(&What::Trial(-1))), "limit");
        assert_eq!(refused(check_what(&What::Ids(vec![0]))), "ids");
        assert_eq!(refused(check_what(&What::Ids(vec![1; 10_001]))), "ids");
        check_what(&What::Changes).unwrap();
    }
}
