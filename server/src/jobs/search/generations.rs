//! What makes a generation whole: its indexes, and the moment when it answers instead of the one before.

use tracing::warn;

use super::{extension::Extension, store, vectors::Vectors};
use crate::{
    db::{Db, DbError},
    ids::ConnectionId,
    queue::JobError,
};

/// Below so many vectors looking at each is as fast as an index, and finds all.
const WORTH_AN_INDEX: i64 = 2_000;
/// What an index takes beside its vectors, in bytes for each.
const BYTES_BESIDE: i64 = 400;
/// How much memory may be taken for making one, in megabytes.
const MEMORY: (i64, i64) = (64, 1_024);

/// Makes the index of a table that is filled, if it is worth one and has none.
pub(super) async fn index(
    db: &Db,
    extension: &Extension,
    vectors: Vectors,
) -> Result<(), JobError> {
    let mut connection = db.pool().acquire().await?;
    if vectors.has_index(&mut connection).await? {
        return Ok(());
    }
    let count = vectors.count(&mut connection).await?;
    if count < WORTH_AN_INDEX {
        return Ok(());
    }
    let bytes = vectors.bytes_of_one(&mut connection).await? + BYTES_BESIDE;
    drop(connection);
    let memory = (count * bytes / (1 << 20) + MEMORY.0).min(MEMORY.1);
    // Workers share memory that small containers do not have.
    if let Err(error) = make(db, extension, vectors, (memory, true)).await {
        if error.is_transient() && !error.is_out_of_resources() {
            return Err(error.into());
        }
        warn!(
            "cannot make an index of vectors with several processes: {error}; making it with one"
        );
        make(db, extension, vectors, (memory, false)).await?;
    }
    Ok(())
}

async fn make(
    db: &Db,
    extension: &Extension,
    vectors: Vectors,
    (memory, in_parallel): (i64, bool),
) -> Result<(), DbError> {
    let mut transaction = db.begin().await?;
    vectors
        .make_index(&mut transaction, extension, memory, in_parallel)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Lets the newest generation of a connection answer, if nothing waits for it any more, and drops the others.
pub(super) async fn switch(db: &Db, of: ConnectionId) -> Result<(), DbError> {
    let mut transaction = db.begin().await?;
    store::lock(&mut transaction, of).await?;
    let generations = store::generations(&mut transaction, of).await?;
    let Some((newest, older)) = generations.split_first() else {
        return Ok(());
    };
    if newest.is_serving || store::anything_waits(&mut transaction, of).await? {
        return Ok(());
    }
    let models = store::models(&mut transaction, of).await?;
    for generation in older {
        drop_generation(&mut transaction, generation.id, &models).await?;
    }
    sqlx::query_file!("src/jobs/search/sql/serve_generation.sql", newest.id)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Drops a generation with all its vectors.
pub(super) async fn drop_generation(
    connection: &mut sqlx::PgConnection,
    generation: i64,
    models: &[store::ModelRow],
) -> Result<(), DbError> {
    for model in models {
        let vectors = Vectors {
            generation,
            model: model.id,
        };
        vectors.drop_table(connection).await?;
    }
    sqlx::query_file!("src/jobs/search/sql/delete_generation.sql", generation)
        .execute(connection)
        .await?;
    Ok(())
}
