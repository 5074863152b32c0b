//! Dates as lists write them: ISO, or day first as in Europe. Month-first dates are refused where they cannot be day-first.

use chrono::NaiveDate;

/// Reads a date; a time of day behind it is left out. None if it is no date.
pub(super) fn read(text: &str) -> Option<NaiveDate> {
    let text = text.split(['T', ' ']).next().unwrap_or(text);
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return from_parts(&text[..4], &text[4..6], &text[6..]);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [first, second, third] = parts[..] else {
        return None;
    };
    if first.len() == 4 {
        from_parts(first, second, third)
    } else {
        from_parts(third, second, first)
    }
}

fn from_parts(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4
        || !digits(year)
        || !digits(month)
        || !digits(day)
        || month.len() > 2
        || day.len() > 2
    {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let sensible = NaiveDate::from_ymd_opt(1970, 1, 1)?..=NaiveDate::from_ymd_opt(9999, 12, 31)?;
    sensible.contains(&date).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_day_first_or_not_at_all() {
        let cases = [
            ("2026-01-31", Some("2026-01-31")),
            ("2026-01-31T10:00:00", Some("2026-01-31")),
            ("31-01-2026", Some("2026-01-31")),
            ("31/1/2026", Some("2026-01-31")),
            ("1.2.2026 08:30", Some("2026-02-01")),
            ("20260131", Some("2026-01-31")),
            ("01/31/2026", None),
            ("2026-02-30", None),
            ("31-01-26", None),
            ("0001-01-01", None),
            ("morgen", None),
        ];
        for (text, expected) in cases {
            assert_eq!(
                read(text).map(|date| date.to_string()).as_deref(),
                expected,
                "{text:?}"
            );
        }
    }
}
