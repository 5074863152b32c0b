//! A story in lines for people.

use sluice_client::{
    Update,
    v1::{Event, EventType},
};

use super::{text::clean, words};

/// Lines of progress are at least this far apart, in seconds of the story.
const PROGRESS_SECONDS: i64 = 2;

/// Turns updates into lines, and leaves out most lines of mere progress.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    last_progress: Option<i64>,
}

impl Plain {
    pub(crate) fn line(&mut self, update: &Update) -> Option<String> {
        match update {
            Update::Snapshot(_) => None,
            Update::Interrupted { error, .. } => Some(interrupted(&error.message)),
            Update::Event(event) => {
                if event.r#type() == EventType::Progress {
                    let now = event.time.as_ref().map_or(0, |time| time.seconds);
                    if self
                        .last_progress
                        .is_some_and(|last| now - last < PROGRESS_SECONDS)
                    {
                        return None;
                    }
                    self.last_progress = Some(now);
                }
                Some(told(event))
            }
        }
    }
}

/// An event as a line.
pub(crate) fn told(event: &Event) -> String {
    let time = words::time_or(event.time.as_ref(), "");
    let kind = words::event(event.r#type());
    let mut line = format!("{time}  {kind:<9}");
    let counters = event.counters.unwrap_or_default();
    if event.r#type() == EventType::Progress {
        line = format!(
            "{line}  {}  {} rows",
            words::percent(&counters),
            words::rows(&counters)
        );
        let outcomes = words::outcomes(&counters);
        if !outcomes.is_empty() {
            line = format!("{line}  {outcomes}");
        }
    }
    if !event.message.is_empty() {
        line = format!("{line}  {}", clean(&event.message));
    }
    line.trim_end().to_owned()
}

/// What to say when the line breaks.
pub(crate) fn interrupted(why: &str) -> String {
    format!(
        "the server is away ({}); watching goes on when it is back",
        clean(why)
    )
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;

    fn event(kind: EventType, seconds: i64) -> Update {
        Update::Event(Box::new(Event {
            r#type: kind.into(),
            time: Some(Timestamp { seconds, nanos: 0 }),
            ..Event::default()
        }))
    }

    #[test]
    fn progress_is_thinned_out_and_the_rest_is_not() {
        let mut plain = Plain::default();
        let mut told = |kind, seconds| plain.line(&event(kind, seconds)).is_some();
        assert!(told(EventType::Progress, 0));
        assert!(!told(EventType::Progress, 1));
        assert!(told(EventType::Waiting, 1));
        assert!(told(EventType::Waiting, 1));
        assert!(told(EventType::Progress, 2));
    }
}
