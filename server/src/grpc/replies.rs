//! How jobs and events look in the contract.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use prost_types::Timestamp;
use sluice_proto::v1;
use tonic::{Code, Status};

use super::errors::{database_away, internal, refusal};
use crate::{
    connections::Connections,
    ids::ConnectionId,
    progress::{Counters, Event, EventType, Progress, ProgressError},
    queue::{Job, JobState, Queue, QueueError, Steered},
};

/// A time in the contract's form.
pub(crate) fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}

/// Jobs in the contract's form, with the names of their connections and the latest event of each.
///
/// The jobs are read once more after their events were counted: a state that is older than its `last_seq` would hide the
/// events in between from everybody who watches on from there; one that is newer is only told twice. But the end of a job is
/// always counted, or it would seem that nothing more is to be told of it.
pub(crate) async fn jobs(
    connections: &Connections,
    progress: &Progress,
    queue: &Queue,
    jobs: Vec<Job>,
) -> Result<Vec<v1::Job>, Status> {
    let names: HashMap<ConnectionId, String> = connections.names().await?;
    let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
    let seqs = async |ids: &[_]| progress.last_seqs(ids).await.map_err(ProgressError::from);
    let mut last_seqs = seqs(&ids).await?;
    let mut latest = queue.these(&ids).await?;
    let ended_meanwhile: Vec<_> = jobs
        .iter()
        .filter(|job| !job.state.is_finished())
        .filter_map(|job| latest.get(&job.id))
        .filter(|job| job.state.is_finished())
        .map(|job| job.id)
        .collect();
    if !ended_meanwhile.is_empty() {
        last_seqs.extend(seqs(&ended_meanwhile).await?);
    }
    let reply = |job: Job| {
        let job = latest.remove(&job.id).unwrap_or(job);
        let name = names.get(&job.connection).cloned().unwrap_or_default();
        let last_seq = last_seqs.get(&job.id).copied().unwrap_or_default();
        reply(job, name, last_seq)
    };
    Ok(jobs.into_iter().map(reply).collect())
}

/// One job in the contract's form.
pub(crate) async fn job(
    connections: &Connections,
    progress: &Progress,
    queue: &Queue,
    job: Job,
) -> Result<v1::Job, Status> {
    let mut replies = jobs(connections, progress, queue, vec![job]).await?;
    replies
        .pop()
        .ok_or_else(|| internal(&"a job without a reply"))
}

/// A job as a wish left it, in the contract's form.
pub(crate) async fn steered(
    connections: &Connections,
    steered: Steered,
) -> Result<v1::Job, Status> {
    let name = connections.name_of(steered.job.connection).await?;
    Ok(reply(steered.job, name, steered.last_seq))
}

fn reply(job: Job, connection: String, last_seq: i64) -> v1::Job {
    let error = job.error_code.map(|code| v1::JobError {
        code,
        message: job.error_message.unwrap_or_default(),
    });
    v1::Job {
        id: job.id.to_string(),
        connection,
        kind: job.kind,
        title: job.title,
        state: state(job.state).into(),
        lane: job.lane.unwrap_or_default(),
        priority: job.priority.into(),
        attempt: job.attempt,
        retry_count: job.retry_count,
        counters: Some(counters(job.counters)),
        error,
        waiting_reason: job.waiting_reason.unwrap_or_default(),
        last_seq,
        created_at: Some(timestamp(job.created_at)),
        run_at: Some(timestamp(job.run_at)),
        started_at: job.started_at.map(timestamp),
        finished_at: job.finished_at.map(timestamp),
        request_id: job.request_id.unwrap_or_default(),
        requested: job.requested.unwrap_or_default(),
    }
}

/// An event in the contract's form.
pub(crate) fn event(event: &Event) -> v1::Event {
    v1::Event {
        job_id: event.job.to_string(),
        seq: event.seq,
        r#type: event_type(event.kind).into(),
        time: Some(timestamp(event.written_at)),
        message: event.message.clone(),
        counters: Some(counters(event.counters)),
        attempt: event.attempt,
        code: event.code.clone(),
        folded: event.folded,
    }
}

/// Counters in the contract's form.
pub(crate) fn counters(counters: Counters) -> v1::Counters {
    v1::Counters {
        rows_total: counters.rows_total,
        rows_done: counters.rows_done,
        created: counters.created,
        updated: counters.updated,
        unchanged: counters.unchanged,
        skipped: counters.skipped,
        errors: counters.errors,
    }
}

fn state(state: JobState) -> v1::JobState {
    match state {
        JobState::Queued => v1::JobState::Queued,
        JobState::Running => v1::JobState::Running,
        JobState::Paused => v1::JobState::Paused,
        JobState::Succeeded => v1::JobState::Succeeded,
        JobState::Failed => v1::JobState::Failed,
        JobState::Cancelled => v1::JobState::Cancelled,
    }
}

fn event_type(kind: EventType) -> v1::EventType {
    match kind {
        EventType::Queued => v1::EventType::Queued,
        EventType::Started => v1::EventType::Started,
        EventType::Progress => v1::EventType::Progress,
        EventType::Waiting => v1::EventType::Waiting,
        EventType::Continued => v1::EventType::Continued,
        EventType::Note => v1::EventType::Note,
        EventType::Retrying => v1::EventType::Retrying,
        EventType::Rescued => v1::EventType::Rescued,
        EventType::Released => v1::EventType::Released,
        EventType::Paused => v1::EventType::Paused,
        EventType::Resumed => v1::EventType::Resumed,
        EventType::Succeeded => v1::EventType::Succeeded,
        EventType::Failed => v1::EventType::Failed,
        EventType::Cancelled => v1::EventType::Cancelled,
    }
}

impl From<QueueError> for Status {
    fn from(error: QueueError) -> Self {
        let message = error.to_string();
        match error {
            QueueError::NotFound(_) => {
                refusal(Code::NotFound, v1::Reason::JobNotFound, message, &[])
            }
            QueueError::ScheduleNotFound(_) => {
                refusal(Code::NotFound, v1::Reason::ScheduleNotFound, message, &[])
            }
            QueueError::State { state, .. } => {
                let state = state.word().to_owned();
                refusal(
                    Code::FailedPrecondition,
                    v1::Reason::JobState,
                    message,
                    &[("state", state)],
                )
            }
            QueueError::RequestIdReused(_) => refusal(
                Code::AlreadyExists,
                v1::Reason::RequestIdReused,
                message,
                &[],
            ),
            QueueError::LaneBusy(job) => {
                let started = job.started_at.unwrap_or(job.created_at);
                refusal(
                    Code::AlreadyExists,
                    v1::Reason::LaneBusy,
                    message,
                    &[
                        ("job_id", job.id.to_string()),
                        (
                            "started",
                            started.to_rfc3339_opts(SecondsFormat::Secs, true),
                        ),
                        (
                            "percent",
                            job.counters.percent().unwrap_or_default().to_string(),
                        ),
                        ("rows_done", job.counters.rows_done.to_string()),
                        ("rows_total", job.counters.rows_total.to_string()),
                    ],
                )
            }
            QueueError::Schedule(why) => super::errors::field("schedule.cron", why),
            QueueError::Db(error) if error.is_transient() => database_away(&error),
            QueueError::Db(error) => internal(&error),
        }
    }
}
