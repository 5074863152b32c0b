//! Which records one call reads: windows of time that are half open, cut by rising ids.
//!
//! Only `>=` is ever used below a window and `<` above it. Odoo 19 compares whole seconds, so that `>` would lose the rest of
//! a second; and all records of one transaction share one `write_date`, so that only ids can part them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::adapters::odoo::Horizon;

/// How long a transaction in Odoo may take and still be found when nobody can tell which ones are open: more than twice
/// the 120 seconds after which Odoo ends a call.
const LONGEST_TRANSACTION: Duration = Duration::from_mins(5);

/// What may still be read twice although the bound is safe: a clock is read before it is shown to others.
const CLOCK_DOUBT: Duration = Duration::from_secs(2);

/// Changes from a time on, up to before another; none means no bound.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Window {
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) to: Option<DateTime<Utc>>,
}

impl Window {
    /// All changes since everything before `cursor` was stored.
    pub(super) fn since(cursor: DateTime<Utc>) -> Self {
        Self {
            from: Some(cursor),
            to: None,
        }
    }

    /// The conditions for the records of this window behind an id and up to another, added to the model's own.
    pub(super) fn between(&self, domain: &[Value], after: i64, up_to: i64) -> Value {
        let mut conditions = domain.to_vec();
        if let Some(from) = self.from {
            conditions.push(json!(["write_date", ">=", second(from)]));
        }
        if let Some(to) = self.to {
            conditions.push(json!(["write_date", "<", second(to)]));
        }
        if after > 0 {
            conditions.push(json!(["id", ">", after]));
        }
        if up_to < i64::MAX {
            conditions.push(json!(["id", "<=", up_to]));
        }
        Value::Array(conditions)
    }
}

/// The conditions for these records.
pub(super) fn of_ids(domain: &[Value], ids: &[i64]) -> Value {
    let mut conditions = domain.to_vec();
    conditions.push(json!(["id", "in", ids]));
    Value::Array(conditions)
}

/// The cursor that is true once a run that begins now is through: what was written before it is committed by now.
pub(super) fn cursor_of(horizon: Horizon) -> DateTime<Utc> {
    match horizon.safe {
        Some(safe) => safe.min(horizon.now) - CLOCK_DOUBT,
        None => horizon.now - LONGEST_TRANSACTION,
    }
}

/// The whole second that a time lies in, as Odoo writes it.
fn second(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_is_half_open_and_cut_by_ids() {
        let window = Window {
            from: Some(at("2026-01-31T10:00:00.9Z")),
            to: Some(at("2026-01-31T11:00:00Z")),
        };
        assert_eq!(
            window.between(&[json!(["active", "=", true])], 7, 9),
            json!([
                ["active", "=", true],
                ["write_date", ">=", "2026-01-31 10:00:00"],
                ["write_date", "<", "2026-01-31 11:00:00"],
                ["id", ">", 7],
                ["id", "<=", 9],
            ])
        );
        assert_eq!(Window::default().between(&[], 0, i64::MAX), json!([]));
    }

    #[test]
    fn a_cursor_stays_behind_open_transactions() {
        let now = at("2026-01-31T10:00:00Z");
        let blind = Horizon {
            now,
            safe: None,
            gives_rows: false,
        };
        assert_eq!(cursor_of(blind), at("2026-01-31T09:55:00Z"));
        let safe = Horizon {
            safe: Some(at("2026-01-31T09:30:00Z")),
            ..blind
        };
        assert_eq!(cursor_of(safe), at("2026-01-31T09:29:58Z"));
    }
}
