//! What is known of searches: generations, searchable models, texts, what waits, and what failed. The statements on vectors are
//! made at run time, in `vectors.rs` and `nearest.rs`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::extension::Extension;
use crate::{
    db::{Db, DbError},
    ids::{ConnectionId, JobId},
};

/// How often a record is tried before it waits for somebody.
pub(super) const MOST_TRIES: i32 = 3;

/// A generation as it is stored.
#[derive(Clone, Debug)]
pub(super) struct GenerationRow {
    pub(super) id: i64,
    pub(super) url: String,
    pub(super) embedding_model: String,
    pub(super) dimensions: i32,
    pub(super) api_key_sealed: Option<Vec<u8>>,
    pub(super) max_texts: i32,
    pub(super) max_tokens: i32,
    pub(super) calls_per_minute: i32,
    pub(super) timeout_ms: i32,
    pub(super) query_prefix: String,
    pub(super) text_prefix: String,
    pub(super) is_serving: bool,
    pub(super) created_at: DateTime<Utc>,
}

/// A searchable model as it is stored.
#[derive(Clone, Debug)]
pub(super) struct ModelRow {
    pub(super) id: i32,
    pub(super) model: String,
    pub(super) field_names: Vec<String>,
    pub(super) made_of: String,
    /// What its texts are made of; empty before the first.
    pub(super) embedded_fields: Vec<String>,
    pub(super) last_job: Option<JobId>,
    pub(super) last_error: Option<String>,
}

/// What is searched of a connection.
#[derive(Debug, Default)]
pub(super) struct Searched {
    /// By name.
    pub(super) models: Vec<ModelRow>,
    /// None while no generation answers, or where no pgvector could.
    pub(super) answering: Option<Answering>,
}

/// What answers a question.
#[derive(Clone, Debug)]
pub(super) struct Answering {
    /// The generation.
    pub(super) generation: i64,
    /// What stands before each question.
    pub(super) query_prefix: String,
    pub(super) extension: Extension,
}

/// A record that waits to be embedded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) record_id: i64,
    pub(super) version: i64,
    pub(super) tries: i32,
}

/// A part of a record as it is searched.
#[derive(Clone, Debug)]
pub(super) struct StoredText {
    pub(super) record_id: i64,
    pub(super) part: i32,
    pub(super) title: String,
    pub(super) content: String,
}

/// A record that could not be embedded.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Odoo's name of its model.
    pub model: String,
    /// Its id in Odoo.
    pub record_id: i64,
    /// What went wrong the last time.
    pub error: String,
    /// How often it was tried.
    pub tries: i32,
    /// When it was last tried.
    pub failed_at: DateTime<Utc>,
}

/// What there is of a searchable model.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) records: i64,
    pub(super) texts: i64,
    pub(super) waiting: i64,
    pub(super) failed: i64,
    pub(super) lag_seconds: Option<f64>,
}

/// Waits until nobody else shapes the search of this connection; until the transaction ends nobody else will.
pub(super) async fn lock(connection: &mut PgConnection, of: ConnectionId) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/search/sql/lock.sql", of.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// The generations of a connection, the newest first.
pub(super) async fn generations(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<GenerationRow>, DbError> {
    let found = sqlx::query_file_as!(GenerationRow, "src/jobs/search/sql/generations.sql", of.0);
    Ok(found.fetch_all(connection).await?)
}

/// The searchable models of a connection, by name.
pub(super) async fn models(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Vec<ModelRow>, DbError> {
    let found = sqlx::query_file_as!(ModelRow, "src/jobs/search/sql/models.sql", of.0);
    Ok(found.fetch_all(connection).await?)
}

/// The searchable models of a connection with what answers for them.
pub(super) async fn searched(db: &Db, of: ConnectionId) -> Result<Searched, DbError> {
    let found = sqlx::query_file!("src/jobs/search/sql/searched.sql", of.0)
        .fetch_all(db.pool())
        .await?;
    let mut searched = Searched::default();
    for row in found {
        let extension = row.extension_version.zip(row.extension_schema);
        let extension = extension.map(|(version, schema)| Extension::told(version, &schema));
        searched.answering = row
            .generation
            .zip(row.query_prefix)
            .zip(extension.and_then(|extension| extension.checked().ok()))
            .map(|((generation, query_prefix), extension)| Answering {
                generation,
                query_prefix,
                extension,
            });
        searched.models.push(ModelRow {
            id: row.id,
            model: row.model,
            field_names: row.field_names,
            made_of: row.made_of,
            embedded_fields: row.embedded_fields,
            last_job: row.last_job,
            last_error: row.last_error,
        });
    }
    Ok(searched)
}

/// The searchable model of this name.
pub(super) async fn model(
    connection: &mut PgConnection,
    of: ConnectionId,
    model: &str,
) -> Result<Option<ModelRow>, DbError> {
    let found = models(connection, of).await?;
    Ok(found.into_iter().find(|row| row.model == model))
}

/// Remembers of which fields texts are made.
pub(super) async fn set_made_of(
    connection: &mut PgConnection,
    model: i32,
    digest: &str,
    fields: &[String],
) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/search/sql/set_made_of.sql", model, digest, fields)
        .execute(connection)
        .await?;
    Ok(())
}

/// Remembers the latest job that embeds.
pub(super) async fn set_job(db: &Db, model: i32, job: JobId) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/search/sql/set_job.sql", model, job.0)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// Remembers why the embedder could not be used, or that it could.
pub(super) async fn set_error(db: &Db, model: i32, error: Option<&str>) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/search/sql/set_error.sql", model, error)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// How many records wait, whenever they may be tried.
pub(super) async fn waiting(db: &Db, model: i32) -> Result<i64, DbError> {
    let found = sqlx::query_file_scalar!("src/jobs/search/sql/waiting.sql", model);
    Ok(found.fetch_one(db.pool()).await?)
}

/// Records behind an id that may be tried now, by id.
pub(super) async fn due(db: &Db, model: i32, after: i64, limit: i64) -> Result<Vec<Due>, DbError> {
    let found = sqlx::query_file_as!(Due, "src/jobs/search/sql/due.sql", model, after, limit);
    Ok(found.fetch_all(db.pool()).await?)
}

/// In how many seconds the next waiting record may be tried; `None` if none waits.
pub(super) async fn next_due(db: &Db, model: i32) -> Result<Option<f64>, DbError> {
    let found = sqlx::query_file_scalar!("src/jobs/search/sql/next_due.sql", model);
    Ok(found.fetch_one(db.pool()).await?)
}

/// Those records that still wait as they did when they were read, locked until the transaction ends.
pub(super) async fn hold(
    connection: &mut PgConnection,
    model: i32,
    read: &[Due],
) -> Result<Vec<i64>, DbError> {
    let ids: Vec<i64> = read.iter().map(|due| due.record_id).collect();
    let versions: Vec<i64> = read.iter().map(|due| due.version).collect();
    let held = sqlx::query_file_scalar!("src/jobs/search/sql/hold.sql", model, &ids, &versions);
    Ok(held.fetch_all(connection).await?)
}

/// Lets records be tried again after so many seconds.
pub(super) async fn put_off(
    connection: &mut PgConnection,
    model: i32,
    ids: &[i64],
    seconds: f64,
) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/search/sql/put_off.sql", model, ids, seconds)
        .execute(connection)
        .await?;
    Ok(())
}

/// Puts a record on the list of those that could not be embedded.
pub(super) async fn fail(
    connection: &mut PgConnection,
    model: i32,
    record: i64,
    error: &str,
    tries: i32,
) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/search/sql/fail.sql", model, record, error, tries)
        .execute(connection)
        .await?;
    Ok(())
}

/// Records are searchable as they are now: they wait no longer, and have failed no longer.
pub(super) async fn done(
    connection: &mut PgConnection,
    model: i32,
    ids: &[i64],
) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/search/sql/unnote.sql", model, ids)
        .execute(&mut *connection)
        .await?;
    sqlx::query_file!("src/jobs/search/sql/forget_failed.sql", model, ids)
        .execute(connection)
        .await?;
    Ok(())
}

/// The parts of records, by record and part.
pub(super) async fn texts_of(
    db: &Db,
    model: i32,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<StoredText>>, DbError> {
    let found = sqlx::query_file_as!(StoredText, "src/jobs/search/sql/texts_of.sql", model, ids);
    let mut texts: HashMap<i64, Vec<StoredText>> = HashMap::new();
    for text in found.fetch_all(db.pool()).await? {
        texts.entry(text.record_id).or_default().push(text);
    }
    Ok(texts)
}

/// Stores the parts of records instead of those that they had.
pub(super) async fn replace_texts(
    connection: &mut PgConnection,
    model: i32,
    texts: &[StoredText],
) -> Result<(), DbError> {
    let ids: Vec<i64> = texts.iter().map(|text| text.record_id).collect();
    sqlx::query_file!("src/jobs/search/sql/forget_texts.sql", model, &ids)
        .execute(&mut *connection)
        .await?;
    let parts: Vec<i32> = texts.iter().map(|text| text.part).collect();
    let titles: Vec<String> = texts.iter().map(|text| text.title.clone()).collect();
    let contents: Vec<String> = texts.iter().map(|text| text.content.clone()).collect();
    sqlx::query_file!(
        "src/jobs/search/sql/insert_texts.sql",
        model,
        &ids,
        &parts,
        &titles,
        &contents
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What there is of each searchable model of a connection, by its id.
pub(super) async fn tallies(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<HashMap<i32, Tally>, DbError> {
    let rows = sqlx::query_file!("src/jobs/search/sql/tally.sql", of.0)
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let tally = Tally {
                records: row.records,
                texts: row.texts,
                waiting: row.waiting,
                failed: row.failed,
                lag_seconds: row.lag_seconds,
            };
            (row.id, tally)
        })
        .collect())
}

/// Records that could not be embedded, behind one of them, by model and id. An empty model means all.
pub(super) async fn failures(
    db: &Db,
    of: ConnectionId,
    model: &str,
    after: &(String, i64),
    limit: i64,
) -> Result<Vec<Failure>, DbError> {
    let found = sqlx::query_file_as!(
        Failure,
        "src/jobs/search/sql/failed.sql",
        of.0,
        model,
        after.0,
        after.1,
        limit
    );
    Ok(found.fetch_all(db.pool()).await?)
}

/// Whether any record of a connection waits to be embedded.
pub(super) async fn anything_waits(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<bool, DbError> {
    let found = sqlx::query_file_scalar!("src/jobs/search/sql/waiting_of_connection.sql", of.0);
    Ok(found.fetch_one(connection).await?)
}
