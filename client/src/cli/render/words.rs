//! Numbers, times and states in words.

use chrono::{DateTime, Local};
use prost_types::Timestamp;
use sluice_client::v1::{Counters, EventType, Job, JobState};

/// A number with its thousands apart, such as `13,445`.
pub(crate) fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How far, in whole percent; `100 %` only when all is done, `-` while the total is not known.
pub(crate) fn percent(counters: &Counters) -> String {
    if counters.rows_total <= 0 {
        return "-".to_owned();
    }
    let done = i128::from(counters.rows_done.clamp(0, counters.rows_total));
    format!("{} %", done * 100 / i128::from(counters.rows_total))
}

/// Rows done of rows in all.
pub(crate) fn rows(counters: &Counters) -> String {
    let done = number(counters.rows_done);
    if counters.rows_total <= 0 {
        return done;
    }
    format!("{done} of {}", number(counters.rows_total))
}

/// What became of the rows; only what is not zero.
pub(crate) fn outcomes(counters: &Counters) -> String {
    let parts: Vec<String> = [
        (counters.created, "created"),
        (counters.updated, "updated"),
        (counters.unchanged, "unchanged"),
        (counters.skipped, "skipped"),
        (
            counters.errors,
            if counters.errors == 1 {
                "error"
            } else {
                "errors"
            },
        ),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{} {word}", number(count)))
    .collect();
    parts.join(", ")
}

/// The state of a job.
pub(crate) fn state(job: &Job) -> String {
    let errors = job.counters.is_some_and(|counters| counters.errors > 0);
    let word = state_word(job.state(), errors);
    if job.state() == JobState::Running && !job.waiting_reason.is_empty() {
        return format!("{word}, waiting");
    }
    word.to_owned()
}

/// A state as people call it.
pub(crate) fn state_word(state: JobState, row_errors: bool) -> &'static str {
    match state {
        JobState::Unspecified => "unknown",
        JobState::Queued => "queued",
        JobState::Running => "running",
        JobState::Paused => "paused",
        JobState::Succeeded if row_errors => "done with errors",
        JobState::Succeeded => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
    }
}

/// What an event tells.
pub(crate) fn event(kind: EventType) -> String {
    of(kind.as_str_name(), "EVENT_TYPE_")
}

/// The word of an enum's value.
pub(crate) fn of(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_lowercase()
}

/// A time on this machine's clock, or other words if there is none.
pub(crate) fn time_or(time: Option<&Timestamp>, none: &str) -> String {
    match time.and_then(moment) {
        Some(time) => time
            .with_timezone(&Local)
            .format("%Y-%m-%d %H:%M:%S")
            .to_string(),
        None => none.to_owned(),
    }
}

/// A time of the wire.
pub(crate) fn moment(time: &Timestamp) -> Option<DateTime<chrono::Utc>> {
    DateTime::from_timestamp(time.seconds, u32::try_from(time.nanos).ok()?)
}

/// A length of time in seconds, such as `0:06` or `1:02:03`.
pub(crate) fn span(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    let seconds = seconds.ceil().clamp(0.0, 1e9) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// Rows per second.
pub(crate) fn per_second(rate: f64) -> String {
    if rate < 10.0 {
        return format!("{rate:.1} rows/s");
    }
    #[expect(clippy::cast_possible_truncation, reason = "no rate is near 2^63")]
    let whole = rate.round() as i64;
    format!("{} rows/s", number(whole))
}

/// Where to look after an import with row errors.
pub(crate) fn after_row_errors(job_id: &str) -> String {
    format!(
        "the rows that failed: sluice errors {job_id}\n\
         as a file to mend:    sluice fix-file {job_id} -o fix.csv"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(number),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(number(-1_000), "-1,000");
    }

    #[test]
    fn a_hundred_percent_is_all_and_not_nearly_all() {
        let counters = |rows_done, rows_total| Counters {
            rows_done,
            rows_total,
            ..Counters::default()
        };
        assert_eq!(percent(&counters(0, 0)), "-");
        assert_eq!(percent(&counters(999, 1_000)), "99 %");
        assert_eq!(percent(&counters(1_000, 1_000)), "100 %");
    }

    #[test]
    fn spans_read_like_a_clock() {
        assert_eq!(
            [0.0, 5.2, 65.0, 3_723.0].map(span),
            ["0:00", "0:06", "1:05", "1:02:03"]
        );
        assert_eq!(span(f64::INFINITY), "277777:46:40");
    }

    #[test]
    fn row_errors_show_in_the_state() {
        let mut job = Job {
            state: JobState::Succeeded.into(),
            ..Job::default()
        };
        assert_eq!(state(&job), "done");
        job.counters = Some(Counters {
            errors: 1,
            ..Counters::default()
        });
        assert_eq!(state(&job), "done with errors");
    }
}
