//! Whether the events of a job make one unbroken story.

use sluice_proto::v1::{Event, EventType, JobState, Snapshot};

/// What to do with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It is the next one: tell it.
    New,
    /// It was told before: drop it.
    Repeat,
    /// Events before it are missing: read again.
    Gap,
}

/// How far a story has been read.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    last_seq: i64,
    /// The latest event that is known to exist: a terminal event before it was followed by a retry.
    known_seq: i64,
    ended: bool,
    /// Whether the job has ended and all that is known of it has been told.
    may_have_ended: bool,
}

impl Progress {
    pub(crate) fn after(seq: i64) -> Self {
        Self {
            last_seq: seq,
            known_seq: seq,
            ended: false,
            may_have_ended: false,
        }
    }

    /// The last event that was told, or that a slow watcher was spared.
    pub(crate) fn last_seq(&self) -> i64 {
        self.last_seq
    }

    /// Whether there is nothing more to come.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Whether there is nothing more to come if the server says no more. A snapshot may be newer than the event that it counts
    /// up to, so it cannot tell that by itself.
    pub(crate) fn may_have_ended(&self) -> bool {
        self.may_have_ended
    }

    /// Takes the next event in. The story moves on only if it is new.
    pub(crate) fn read(&mut self, event: &Event) -> Reading {
        if event.seq <= self.last_seq {
            return Reading::Repeat;
        }
        // Folded events may reach back over ones that were told before a reconnect; missing ones may not.
        if event.seq - event.folded.max(0) - 1 > self.last_seq {
            return Reading::Gap;
        }
        self.last_seq = event.seq;
        self.may_have_ended = false;
        let terminal = matches!(
            event.r#type(),
            EventType::Succeeded | EventType::Failed | EventType::Cancelled
        );
        self.ended = terminal && event.seq >= self.known_seq;
        Reading::New
    }

    /// Takes a snapshot in.
    pub(crate) fn look(&mut self, snapshot: &Snapshot) {
        let state = snapshot.job.as_ref().map(sluice_proto::v1::Job::state);
        let terminal = matches!(
            state,
            Some(JobState::Succeeded | JobState::Failed | JobState::Cancelled)
        );
        self.known_seq = self.known_seq.max(snapshot.seq);
        self.may_have_ended = terminal && snapshot.seq <= self.last_seq;
    }
}

#[cfg(test)]
mod tests {
    use sluice_proto::v1::Job;

    use super::*;

    fn event(seq: i64, folded: i64, kind: EventType) -> Event {
        Event {
            seq,
            folded,
            r#type: kind.into(),
            ..Event::default()
        }
    }

    fn snapshot(seq: i64, state: JobState) -> Snapshot {
        let job = Job {
            state: state.into(),
            ..Job::default()
        };
        Snapshot {
            job: Some(job),
            seq,
            time: None,
        }
    }

    #[test]
    fn events_are_told_once_and_without_holes() {
        let mut story = Progress::after(0);
        let progress = |seq, folded| event(seq, folded, EventType::Progress);
        assert_eq!(story.read(&progress(1, 0)), Reading::New);
        assert_eq!(story.read(&progress(1, 0)), Reading::Repeat);
        assert_eq!(story.read(&progress(3, 0)), Reading::Gap);
        assert_eq!(story.last_seq(), 1);
        assert_eq!(story.read(&progress(2, 0)), Reading::New);
    }

    #[test]
    fn folded_events_are_no_hole() {
        let mut story = Progress::after(4);
        assert_eq!(story.read(&event(10, 5, EventType::Progress)), Reading::New);
        assert_eq!(story.read(&event(14, 2, EventType::Progress)), Reading::Gap);
        // Folded together after a reconnect: some of the folded ones had been told.
        assert_eq!(story.read(&event(14, 8, EventType::Progress)), Reading::New);
        assert_eq!(story.last_seq(), 14);
    }

    #[test]
    fn only_a_terminal_event_ends_a_story() {
        let mut story = Progress::after(0);
        story.read(&event(1, 0, EventType::Started));
        assert!(!story.ended());
        story.look(&snapshot(2, JobState::Succeeded));
        assert!(!story.ended(), "the terminal event has not been told yet");
        story.read(&event(2, 0, EventType::Succeeded));
        assert!(story.ended());
    }

    #[test]
    fn a_job_that_ended_before_has_nothing_more_to_tell() {
        let mut story = Progress::after(9);
        story.look(&snapshot(9, JobState::Cancelled));
        assert!(story.may_have_ended());
        story.look(&snapshot(9, JobState::Running));
        assert!(!story.may_have_ended());
    }

    #[test]
    fn a_snapshot_that_is_newer_than_its_seq_does_not_end_a_story() {
        let mut story = Progress::after(8);
        story.look(&snapshot(8, JobState::Succeeded));
        assert!(!story.ended(), "the end may be on its way");
        assert_eq!(story.read(&event(9, 0, EventType::Succeeded)), Reading::New);
        assert!(story.ended());
    }

    #[test]
    fn a_retried_job_goes_on_after_its_first_end() {
        let mut story = Progress::after(0);
        story.look(&snapshot(2, JobState::Queued));
        story.read(&event(1, 0, EventType::Failed));
        assert!(!story.ended(), "the snapshot knows of an event after it");
        story.read(&event(2, 0, EventType::Resumed));
        story.read(&event(3, 0, EventType::Failed));
        assert!(story.ended());
    }
}
