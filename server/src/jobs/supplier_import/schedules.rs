//! Imports that repeat: a schedule keeps the job that it makes, ready to run.

use serde_json::json;

use super::{
    error::ImportError,
    imports::Imports,
    request::{ImportRequest, field},
    run::KIND,
    spec::Source,
};
use crate::{
    ids::ConnectionId,
    queue::{NewSchedule, Schedule},
};

/// The longest name of a schedule.
const LONGEST_NAME: usize = 40;

/// When an import repeats, and under which name.
#[derive(Clone, Debug)]
pub struct Recurrence {
    /// Unique within the connection.
    pub name: String,
    /// A five-field cron expression.
    pub cron: String,
    /// The IANA time zone in which it is read; empty means UTC.
    pub time_zone: String,
}

impl Imports {
    /// Keeps a schedule, in place of an earlier one of the same name. `asked` is the request in its caller's words,
    /// kept to be shown again.
    pub async fn save_schedule(
        &self,
        connection: ConnectionId,
        recurrence: Recurrence,
        request: &ImportRequest,
        asked: Vec<u8>,
    ) -> Result<Schedule, ImportError> {
        check_name(&recurrence.name)?;
        let planned = self.plan(connection, request).await?;
        if matches!(planned.spec.source, Source::List(_)) {
            return Err(field(
                "schedule.import.url",
                "must be where the list is: an upload would bring the same list each time",
            ));
        }
        let new = NewSchedule {
            connection,
            name: recurrence.name,
            cron: recurrence.cron,
            time_zone: recurrence.time_zone,
            kind: KIND,
            title: planned.title,
            lane: Some(planned.lane),
            spec: json!(planned.spec),
            asked,
        };
        Ok(self.queue.save_schedule(&new).await?)
    }
}

fn check_name(name: &str) -> Result<(), ImportError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(plain) {
        return Err(field(
            "schedule.name",
            "must be 1 to 40 lower-case letters, digits, - or _",
        ));
    }
    Ok(())
}
