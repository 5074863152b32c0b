//! The log's statements, as functions.

use std::collections::HashMap;

use sqlx::{PgConnection, PgExecutor, PgPool};

use super::{Counters, Event, EventType, NewEvent};
use crate::{db::DbError, ids::JobId};

/// Appends one event to each named job's story, within the caller's transaction, and returns them as they stand there. A job may
/// be named once.
pub(super) async fn append(
    connection: &mut PgConnection,
    events: &[NewEvent],
) -> Result<Vec<Event>, DbError> {
    let jobs: Vec<_> = events.iter().map(|event| event.job.0).collect();
    let kinds: Vec<EventType> = events.iter().map(|event| event.kind).collect();
    let attempts: Vec<_> = events.iter().map(|event| event.attempt).collect();
    let messages: Vec<_> = events.iter().map(|event| event.message.clone()).collect();
    let codes: Vec<_> = events.iter().map(|event| event.code.clone()).collect();
    let count = |read: fn(&Counters) -> i64| -> Vec<i64> {
        events.iter().map(|event| read(&event.counters)).collect()
    };
    let places = sqlx::query_file!(
        "src/progress/sql/append.sql",
        &jobs,
        &kinds as &[EventType],
        &attempts,
        &messages,
        &codes,
        &count(|counters| counters.rows_total),
        &count(|counters| counters.rows_done),
        &count(|counters| counters.created),
        &count(|counters| counters.updated),
        &count(|counters| counters.unchanged),
        &count(|counters| counters.skipped),
        &count(|counters| counters.errors),
    )
    .fetch_all(connection)
    .await?;
    let mut places: HashMap<_, _> = places
        .into_iter()
        .map(|place| (place.job, (place.seq, place.written_at)))
        .collect();
    let told = events.iter().filter_map(|event| {
        let (seq, written_at) = places.remove(&event.job)?;
        Some(event.clone().at(seq, written_at))
    });
    Ok(told.collect())
}

/// The next events after `seq`, at most `limit`.
pub(super) async fn read_after(
    pool: &PgPool,
    job: JobId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Event>, DbError> {
    let rows = sqlx::query_file_as!(
        EventRow,
        "src/progress/sql/read_after.sql",
        job.0,
        seq,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(events(rows, seq))
}

/// The next events after `seq`, at most `limit`, with runs of progress folded into their last.
pub(super) async fn read_folded(
    pool: &PgPool,
    job: JobId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Event>, DbError> {
    let rows = sqlx::query_file_as!(
        EventRow,
        "src/progress/sql/read_folded.sql",
        job.0,
        seq,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(events(rows, seq))
}

/// Where a story begins and ends.
pub(super) struct Head {
    pub(super) last_seq: i64,
    pub(super) oldest_seq: i64,
}

/// Where the job's story begins and ends; `None` if it has none.
pub(super) async fn head(pool: &PgPool, job: JobId) -> Result<Option<Head>, DbError> {
    Ok(
        sqlx::query_file_as!(Head, "src/progress/sql/head.sql", job.0)
            .fetch_optional(pool)
            .await?,
    )
}

/// Whether the job's story ends with the event `seq`.
pub(super) async fn ends_at(pool: &PgPool, job: JobId, seq: i64) -> Result<bool, DbError> {
    Ok(
        sqlx::query_file_scalar!("src/progress/sql/ends_at.sql", job.0, seq)
            .fetch_one(pool)
            .await?,
    )
}

/// The latest seq of each job that has a story.
pub(super) async fn last_seqs(
    executor: impl PgExecutor<'_>,
    jobs: &[JobId],
) -> Result<HashMap<JobId, i64>, DbError> {
    let jobs: Vec<_> = jobs.iter().map(|job| job.0).collect();
    let rows = sqlx::query_file!("src/progress/sql/heads.sql", &jobs)
        .fetch_all(executor)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.job, row.last_seq))
        .collect())
}

struct EventRow {
    job: JobId,
    seq: i64,
    kind: EventType,
    written_at: chrono::DateTime<chrono::Utc>,
    attempt: i32,
    message: String,
    code: String,
    rows_total: i64,
    rows_done: i64,
    created_count: i64,
    updated_count: i64,
    unchanged_count: i64,
    skipped_count: i64,
    error_count: i64,
}

/// Rows in order, each told how many were left out before it.
fn events(rows: Vec<EventRow>, mut after: i64) -> Vec<Event> {
    rows.into_iter()
        .map(|row| {
            let folded = row.seq - after - 1;
            after = row.seq;
            Event {
                job: row.job,
                seq: row.seq,
                kind: row.kind,
                written_at: row.written_at,
                attempt: row.attempt,
                message: row.message,
                code: row.code,
                counters: Counters {
                    rows_total: row.rows_total,
                    rows_done: row.rows_done,
                    created: row.created_count,
                    updated: row.updated_count,
                    unchanged: row.unchanged_count,
                    skipped: row.skipped_count,
                    errors: row.error_count,
                },
                folded,
            }
        })
        .collect()
}
