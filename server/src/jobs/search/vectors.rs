//! The tables of vectors: one for each generation and model, so that no search ever looks at another tenant's vectors or at those
//! of another embedding model. Their type comes with an extension and their length with an embedder, so the statements are made
//! at run time; only numbers of ours and names of the extension go into them.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};
use uuid::Uuid;

use super::{extension::Extension, store::GenerationRow};
use crate::{
    db::{Db, DbError},
    jobs::mirror::quoted,
};

/// How many neighbours the index keeps of each vector, and among how many it chooses them. pgvector's own 16 and 64 make it in half
/// the time, which nobody waits for, and a search then has to look at twice as many candidates to find as much.
const NEIGHBOURS: u32 = 24;
const CARE: u32 = 128;

/// The table of one model in one generation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Vectors {
    pub(super) generation: i64,
    pub(super) model: i32,
}

/// A vector on its way into its table.
#[derive(Clone, Debug)]
pub(super) struct NewVector {
    pub(super) record_id: i64,
    pub(super) part: i32,
    /// What it was made of.
    pub(super) hash: Uuid,
    pub(super) vector: Vec<f32>,
}

impl Vectors {
    /// Its name within the schema.
    pub(super) fn name(self) -> String {
        format!("vectors_{}_{}", self.generation, self.model)
    }

    /// The table in a statement.
    pub(super) fn sql(self) -> String {
        format!("sluice_search.{}", self.name())
    }

    /// Makes the table.
    pub(super) async fn create(
        self,
        connection: &mut PgConnection,
        extension: &Extension,
        generation: &GenerationRow,
    ) -> Result<(), DbError> {
        // Of vectors there is nothing to know by which a plan would be better, and gathering it takes longer than of all else.
        let statements = format!(
            "create table if not exists {table} (\
                record_id bigint not null, \
                part integer not null, \
                hash uuid not null, \
                embedding {} not null, \
                primary key (record_id, part)\
            );\n\
            alter table {table} alter column embedding set statistics 0",
            extension.half(generation.dimensions),
            table = self.sql()
        );
        execute(connection, statements).await
    }

    /// Drops the table.
    pub(super) async fn drop_table(self, connection: &mut PgConnection) -> Result<(), DbError> {
        execute(connection, format!("drop table if exists {}", self.sql())).await
    }

    /// Removes the vectors of records.
    pub(super) async fn remove(
        self,
        connection: &mut PgConnection,
        ids: &[i64],
    ) -> Result<(), DbError> {
        let statement = format!("delete from {} where record_id = any($1)", self.sql());
        sqlx::query(AssertSqlSafe(statement))
            .bind(ids)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Removes what records have besides their first so many parts.
    pub(super) async fn keep_parts(
        self,
        connection: &mut PgConnection,
        ids: &[i64],
        parts: &[i32],
    ) -> Result<(), DbError> {
        let statement = format!(
            "delete from {} as stored \
            using unnest($1::bigint[], $2::integer[]) as kept (record_id, parts) \
            where stored.record_id = kept.record_id and stored.part >= kept.parts",
            self.sql()
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(ids)
            .bind(parts)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// What the vectors of records were made of.
    pub(super) async fn hashes(
        self,
        connection: &mut PgConnection,
        ids: &[i64],
    ) -> Result<HashMap<(i64, i32), Uuid>, DbError> {
        let statement = format!(
            "select record_id, part, hash from {} where record_id = any($1)",
            self.sql()
        );
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(ids)
            .fetch_all(connection)
            .await?;
        let hashes: Result<_, sqlx::Error> = rows
            .iter()
            .map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?)))
            .collect();
        Ok(hashes?)
    }

    /// Stores vectors, each instead of the one that its part had.
    pub(super) async fn put(
        self,
        connection: &mut PgConnection,
        extension: &Extension,
        vectors: &[NewVector],
    ) -> Result<(), DbError> {
        if vectors.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = vectors.iter().map(|new| new.record_id).collect();
        let parts: Vec<i32> = vectors.iter().map(|new| new.part).collect();
        let hashes: Vec<Uuid> = vectors.iter().map(|new| new.hash).collect();
        let written: Vec<String> = vectors.iter().map(|new| written(&new.vector)).collect();
        let statement = format!(
            "insert into {} (record_id, part, hash, embedding) \
            select record_id, part, hash, written::{} \
            from unnest($1::bigint[], $2::integer[], $3::uuid[], $4::text[]) \
                as made (record_id, part, hash, written) \
            on conflict (record_id, part) do update \
            set hash = excluded.hash, embedding = excluded.embedding",
            self.sql(),
            extension.any_half()
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(ids)
            .bind(parts)
            .bind(hashes)
            .bind(written)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// What the parts of a record come to; `None` if it has none.
    pub(super) async fn mean(
        self,
        connection: &mut PgConnection,
        extension: &Extension,
        record: i64,
    ) -> Result<Option<String>, DbError> {
        let statement = format!(
            "select {}(embedding)::text from {} where record_id = $1",
            extension.mean(),
            self.sql()
        );
        Ok(sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(record)
            .fetch_one(connection)
            .await?)
    }

    /// How many vectors there are.
    pub(super) async fn count(self, connection: &mut PgConnection) -> Result<i64, DbError> {
        let statement = format!("select count(*) from {}", self.sql());
        Ok(sqlx::query_scalar(AssertSqlSafe(statement))
            .fetch_one(connection)
            .await?)
    }

    /// How many bytes one of them takes, about.
    pub(super) async fn bytes_of_one(self, connection: &mut PgConnection) -> Result<i64, DbError> {
        let statement = format!(
            "select coalesce(max(pg_column_size(embedding)), 0)::bigint from (select embedding from {} limit 10) as sample",
            self.sql()
        );
        Ok(sqlx::query_scalar(AssertSqlSafe(statement))
            .fetch_one(connection)
            .await?)
    }

    /// Whether the index was made.
    pub(super) async fn has_index(self, connection: &mut PgConnection) -> Result<bool, DbError> {
        Ok(sqlx::query_scalar("select to_regclass($1) is not null")
            .bind(self.index())
            .fetch_one(connection)
            .await?)
    }

    /// Makes the index, once the table is filled: filling it with an index takes several times as long. `memory` is how much
    /// that may take, in megabytes.
    pub(super) async fn make_index(
        self,
        connection: &mut PgConnection,
        extension: &Extension,
        memory: i64,
        in_parallel: bool,
    ) -> Result<(), DbError> {
        let workers = if in_parallel { 2 } else { 0 };
        let statements = format!(
            "set local maintenance_work_mem = '{memory}MB'; \
            set local max_parallel_maintenance_workers = {workers}; \
            create index if not exists {}_near on {} using hnsw (embedding {}) \
            with (m = {NEIGHBOURS}, ef_construction = {CARE})",
            self.name(),
            self.sql(),
            extension.index_class()
        );
        execute(connection, statements).await
    }

    fn index(self) -> String {
        format!("{}_near", self.sql())
    }
}

/// Drops a table that belongs to nothing any more; its name was read from Postgres.
pub(super) async fn drop_orphan(db: &Db, name: &str) -> Result<(), DbError> {
    let statement = format!("drop table if exists sluice_search.{}", quoted(name));
    execute(&mut *db.pool().acquire().await?, statement).await
}

async fn execute(connection: &mut PgConnection, statement: String) -> Result<(), DbError> {
    connection.execute(AssertSqlSafe(statement)).await?;
    Ok(())
}

/// A vector as Postgres reads it, of length 1: only its direction counts, and so no number is too large for half precision.
pub(super) fn written(vector: &[f32]) -> String {
    use std::fmt::Write as _;
    let square: f64 = vector
        .iter()
        .map(|number| f64::from(*number) * f64::from(*number))
        .sum();
    let length = square.sqrt();
    let mut text = String::with_capacity(vector.len() * 10 + 2);
    text.push('[');
    for (index, number) in vector.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        let _ = write!(text, "{:.6}", f64::from(*number) / length);
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_written_with_length_one() {
        assert_eq!(written(&[3.0, -4.0]), "[0.600000,-0.800000]");
        assert_eq!(written(&[1e30, 0.0]), "[1.000000,0.000000]");
    }
}
