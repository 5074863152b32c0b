//! Statements on projects beside what LOGIKAL says: what could not be had, what is gone, and what nothing refers to.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{ProjectError, finding::Failed, spec::Tallies, store::clean};
use crate::{
    db::{Db, DbError},
    ids::JobId,
};
use serde_json::json;

pub(super) async fn add_failure(
    connection: &mut PgConnection,
    project: Uuid,
    job: JobId,
    failed: &Failed,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/project_sync/sql/add_failure.sql",
        project,
        job.0,
        clean(&failed.place),
        failed.part.word(),
        clean(&failed.phase),
        clean(&failed.elevation),
        failed.code,
        clean(&failed.message)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many elevations a phase has, and how many of them are not in `listed`.
pub(super) async fn missing_elevations(
    connection: &mut PgConnection,
    phase: Uuid,
    listed: &[Uuid],
) -> Result<(i64, i64), DbError> {
    let counted = sqlx::query_file!(
        "src/jobs/project_sync/sql/counted_of_phase.sql",
        phase,
        listed
    )
    .fetch_one(connection)
    .await?;
    Ok((counted.known, counted.missing))
}

/// Marks elevations that are not in `listed`; returns how many.
pub(super) async fn sweep_elevations(
    connection: &mut PgConnection,
    phase: Uuid,
    listed: &[Uuid],
) -> Result<u64, DbError> {
    let swept = sqlx::query_file!(
        "src/jobs/project_sync/sql/sweep_elevations.sql",
        phase,
        listed
    )
    .execute(connection)
    .await?;
    Ok(swept.rows_affected())
}

/// How many phases a project has, and how many of them are not in `listed`.
pub(super) async fn missing_phases(
    connection: &mut PgConnection,
    project: Uuid,
    listed: &[Uuid],
) -> Result<(i64, i64), DbError> {
    let counted = sqlx::query_file!(
        "src/jobs/project_sync/sql/counted_of_project.sql",
        project,
        listed
    )
    .fetch_one(connection)
    .await?;
    Ok((counted.known, counted.missing))
}

/// Marks phases that are not in `listed`, and their elevations; returns how many elevations.
pub(super) async fn sweep_phases(
    connection: &mut PgConnection,
    project: Uuid,
    listed: &[Uuid],
) -> Result<u64, DbError> {
    let swept = sqlx::query_file!(
        "src/jobs/project_sync/sql/sweep_phases.sql",
        project,
        listed
    )
    .execute(connection)
    .await?;
    Ok(swept.rows_affected())
}

pub(super) async fn finish(
    connection: &mut PgConnection,
    project: Uuid,
    job: JobId,
    tallies: &Tallies,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/project_sync/sql/finish.sql",
        project,
        job.0,
        json!(tallies)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops contents that nothing refers to; returns how many.
pub(super) async fn delete_blobs(db: &Db) -> Result<u64, ProjectError> {
    let dropped = sqlx::query_file!("src/jobs/project_sync/sql/delete_blobs.sql")
        .execute(db.pool())
        .await?;
    Ok(dropped.rows_affected())
}
