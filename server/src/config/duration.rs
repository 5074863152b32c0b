//! Spans of time as people write them: `500ms`, `30s`, `15min`, `2h`, `30d`.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serializer, de};

const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Reads a span; the error says what it should look like.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a span of time such as 500ms, 30s, 15min, 2h or 30d");
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    let (count, unit) = text.split_at(digits);
    let count: u64 = count.parse().map_err(|_| wrong())?;
    let (_, factor) = UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim_start())
        .ok_or_else(wrong)?;
    count
        .checked_mul(*factor)
        .map(Duration::from_millis)
        .ok_or_else(wrong)
}

/// Writes a span in the largest unit that keeps it whole.
pub(super) fn format(span: Duration) -> String {
    let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let (unit, factor) = UNITS
        .iter()
        .rev()
        .find(|(_, factor)| millis.is_multiple_of(*factor) && millis >= *factor)
        .unwrap_or(&UNITS[1]);
    format!("{}{unit}", millis / factor)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(source)?;
    parse(&text).map_err(de::Error::custom)
}

pub(super) fn serialize<S: Serializer>(span: &Duration, target: S) -> Result<S::Ok, S::Error> {
    target.collect_str(&Shown(*span))
}

struct Shown(Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_as_it_is_written() {
        for text in ["500ms", "30s", "15min", "2h", "30d", "90s", "1500ms", "0s"] {
            assert_eq!(format(parse(text).unwrap()), text);
        }
        assert_eq!(parse(" 15 min ").unwrap(), Duration::from_mins(15));
    }

    #[test]
    fn a_span_without_a_known_unit_is_refused() {
        for text in [
            "",
            "30",
            "s",
            "1.5h",
            "-3s",
            "3 weeks",
            "99999999999999999999s",
            "999999999999999999d",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
