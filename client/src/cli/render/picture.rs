//! What the updates of a story add up to.

use prost_types::Timestamp;
use sluice_client::{
    Update,
    v1::{Counters, Event, EventType, Job, JobState},
};

use super::{rate::Rate, text::clean, words};

/// A job as the story has told it so far.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    job: Job,
    /// The latest event that the picture includes; older ones are history.
    seq: i64,
    rate: Rate,
    started: Option<f64>,
    ended: Option<f64>,
    trouble: String,
    message: String,
}

impl Picture {
    pub(crate) fn take(&mut self, update: &Update) {
        match update {
            Update::Interrupted { .. } => {
                "the server is away, trying again".clone_into(&mut self.trouble);
            }
            Update::Snapshot(snapshot) => {
                self.trouble.clear();
                if let Some(job) = &snapshot.job
                    && snapshot.seq >= self.seq
                {
                    self.trouble.clone_from(&job.waiting_reason);
                    self.started = job.started_at.as_ref().map(seconds).or(self.started);
                    self.ended = job.finished_at.as_ref().map(seconds);
                    self.job = job.clone();
                    self.seq = snapshot.seq;
                }
            }
            Update::Event(event) => self.take_event(event),
        }
    }

    fn take_event(&mut self, event: &Event) {
        let time = event.time.as_ref().map(seconds);
        let counters = event.counters.unwrap_or_default();
        let kind = event.r#type();
        if let Some(time) = time {
            if kind == EventType::Progress {
                self.rate.at(time, counters.rows_done);
            } else {
                // An attempt, a wait or a pause begins or ends: the time in between was no work.
                self.rate.restart();
                if matches!(kind, EventType::Started | EventType::Continued) {
                    self.rate.at(time, counters.rows_done);
                }
            }
            if kind == EventType::Started {
                self.started.get_or_insert(time);
            }
        }
        if !event.message.is_empty() && kind != EventType::Progress {
            self.message.clone_from(&event.message);
        }
        if event.seq < self.seq {
            return;
        }
        self.seq = event.seq;
        self.job.counters = Some(counters);
        if let Some(state) = state_after(kind) {
            self.job.set_state(state);
        }
        match kind {
            EventType::Waiting | EventType::Retrying => self.trouble.clone_from(&event.message),
            EventType::Note => {}
            _ => self.trouble.clear(),
        }
        self.ended = time.filter(|_| is_terminal(kind));
    }

    pub(crate) fn state(&self) -> JobState {
        self.job.state()
    }

    pub(crate) fn counters(&self) -> Counters {
        self.job.counters.unwrap_or_default()
    }

    /// One line beside the bar: how far, how fast, how long, what holds it up.
    pub(crate) fn line(&self) -> String {
        let counters = self.counters();
        let mut parts = Vec::new();
        if counters.rows_total > 0 {
            parts.push(words::percent(&counters));
        }
        if self.state() != JobState::Running || counters.rows_done == 0 {
            parts.push(words::state_word(self.state(), counters.errors > 0).to_owned());
        }
        if counters.rows_done > 0 {
            parts.push(format!("{} rows", words::rows(&counters)));
        }
        if !self.trouble.is_empty() {
            parts.push(clean(&self.trouble));
        } else if self.state() == JobState::Running {
            if let Some(rate) = self.rate.per_second() {
                parts.push(words::per_second(rate));
            }
            if let Some(left) = self.rate.seconds_left(counters.rows_total) {
                parts.push(format!("{} left", words::span(left)));
            }
        }
        parts.join(" · ")
    }

    /// What became of the rows so far.
    pub(crate) fn outcomes(&self) -> String {
        words::outcomes(&self.counters())
    }

    /// The last lines of a story that has ended.
    pub(crate) fn summary(&self, job_id: &str) -> Vec<String> {
        let counters = self.counters();
        let mut line = words::state_word(self.state(), counters.errors > 0).to_owned();
        if counters.rows_done > 0 {
            line = format!("{line}: {} rows", words::rows(&counters));
        }
        if let (Some(started), Some(ended)) = (self.started, self.ended) {
            let took = (ended - started).max(0.001);
            line = format!("{line} in {took:.1} s");
            if let Ok(rows) = u32::try_from(counters.rows_done)
                && rows > 0
            {
                line = format!("{line}, {}", words::per_second(f64::from(rows) / took));
            }
        }
        let mut lines = vec![line];
        let outcomes = words::outcomes(&counters);
        if !outcomes.is_empty() {
            lines.push(format!("  {outcomes}"));
        }
        if self.state() == JobState::Failed {
            let why = match &self.job.error {
                _ if !self.message.is_empty() => &self.message,
                Some(error) => &error.message,
                None => "the server gave no reason",
            };
            lines.push(format!("  {}", clean(why)));
            lines.push(format!(
                "to let it go on after its checkpoint: sluice jobs retry {job_id}"
            ));
        }
        if counters.errors > 0 && self.job.kind == "model_sync" {
            lines.push(format!(
                "what was put aside: sluice mirror status --connection {}",
                clean(&self.job.connection)
            ));
        } else if counters.errors > 0 {
            lines.extend(words::after_row_errors(job_id).lines().map(str::to_owned));
        }
        lines
    }
}

fn is_terminal(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::Succeeded | EventType::Failed | EventType::Cancelled
    )
}

fn state_after(kind: EventType) -> Option<JobState> {
    match kind {
        EventType::Queued
        | EventType::Retrying
        | EventType::Rescued
        | EventType::Released
        | EventType::Resumed => Some(JobState::Queued),
        EventType::Started | EventType::Progress | EventType::Continued | EventType::Waiting => {
            Some(JobState::Running)
        }
        EventType::Paused => Some(JobState::Paused),
        EventType::Succeeded => Some(JobState::Succeeded),
        EventType::Failed => Some(JobState::Failed),
        EventType::Cancelled => Some(JobState::Cancelled),
        EventType::Note | EventType::Unspecified => None,
    }
}

/// Seconds since 1970, with their fraction.
fn seconds(time: &Timestamp) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact for 200 million years")]
    let whole = time.seconds as f64;
    whole + f64::from(time.nanos) / 1e9
}

#[cfg(test)]
mod tests {
    use sluice_client::v1::Snapshot;

    use super::*;

    fn event(seq: i64, at: i64, kind: EventType, rows_done: i64, message: &str) -> Update {
        Update::Event(Box::new(Event {
            seq,
            r#type: kind.into(),
            time: Some(Timestamp {
                seconds: at,
                nanos: 0,
            }),
            message: message.to_owned(),
            counters: Some(Counters {
                rows_total: 1_000,
                rows_done,
                created: rows_done,
                ..Counters::default()
            }),
            ..Event::default()
        }))
    }

    #[test]
    fn a_line_says_how_far_how_fast_and_how_long() {
        let mut picture = Picture::default();
        picture.take(&event(1, 0, EventType::Started, 0, ""));
        picture.take(&event(2, 2, EventType::Progress, 500, ""));
        assert_eq!(
            picture.line(),
            "50 % · 500 of 1,000 rows · 250 rows/s · 0:02 left"
        );
        assert_eq!(picture.outcomes(), "500 created");
    }

    #[test]
    fn a_wait_is_said_and_its_time_does_not_count() {
        let mut picture = Picture::default();
        picture.take(&event(1, 0, EventType::Started, 0, ""));
        picture.take(&event(2, 2, EventType::Progress, 500, ""));
        picture.take(&event(3, 3, EventType::Waiting, 500, "odoo is away"));
        assert!(
            picture.line().contains("odoo is away"),
            "{}",
            picture.line()
        );
        picture.take(&event(4, 600, EventType::Continued, 500, "odoo is back"));
        picture.take(&event(5, 601, EventType::Progress, 700, ""));
        assert!(picture.line().contains("200 rows/s"), "{}", picture.line());
        assert!(!picture.line().contains("away"));
    }

    #[test]
    fn history_does_not_turn_the_bar_back() {
        let mut picture = Picture::default();
        let job = Job {
            state: JobState::Running.into(),
            counters: Some(Counters {
                rows_total: 1_000,
                rows_done: 800,
                ..Counters::default()
            }),
            ..Job::default()
        };
        picture.take(&Update::Snapshot(Box::new(Snapshot {
            job: Some(job),
            seq: 9,
            time: None,
        })));
        picture.take(&event(1, 0, EventType::Queued, 0, ""));
        assert_eq!(picture.counters().rows_done, 800);
        assert_eq!(picture.state(), JobState::Running);
    }

    #[test]
    fn the_summary_tells_the_time_and_the_way_on() {
        let mut picture = Picture::default();
        picture.take(&event(1, 10, EventType::Started, 0, ""));
        picture.take(&event(2, 14, EventType::Succeeded, 1_000, "all done"));
        assert_eq!(
            picture.summary("j")[0],
            "done: 1,000 of 1,000 rows in 4.0 s, 250 rows/s"
        );
        let mut failed = Picture::default();
        failed.take(&event(1, 1, EventType::Failed, 0, "the key is refused"));
        let text = failed.summary("j").join("\n");
        assert!(text.contains("the key is refused") && text.contains("sluice jobs retry j"));
    }
}
