//! The nearest vectors of one or several models; statements made at run time like those of `vectors.rs`.

use std::ops::RangeInclusive;

use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};

use super::{extension::Extension, vectors::Vectors};
use crate::{
    db::{Db, DbError},
    jobs::mirror::RecordFilter,
};

/// Where so few records pass a filter, looking at each is quick and finds all; an index would look at many that do not pass.
const FEW: i64 = 10_000;
/// How many candidates the index looks at, at least and at most. A search takes the longer the more there are.
const EFFORT: RangeInclusive<i64> = 40..=1_000;
/// The same for who asks alone: more for vectors that are hard for an index; of a real model's 40 find 98 % of the ten nearest among
/// 75,000.
const CARE: RangeInclusive<i64> = 200..=1_000;

/// A part that is near.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    pub(super) model: i32,
    pub(super) record: i64,
    pub(super) part: i32,
    /// -1 to 1.
    pub(super) similarity: f64,
}

/// Which records of a model may be found.
#[derive(Debug)]
pub(super) struct Passing<'a> {
    /// The mirrored table in a statement.
    pub(super) table: String,
    /// Conditions on it, each behind `and`, their values from the second parameter on; the table is called `stored`.
    pub(super) conditions: String,
    pub(super) filters: &'a [RecordFilter],
}

/// What is near a vector, the nearest first.
#[derive(Debug)]
pub(super) struct Nearest<'a> {
    pub(super) extension: &'a Extension,
    pub(super) tables: &'a [Vectors],
    /// The vector as Postgres reads it.
    pub(super) vector: &'a str,
    pub(super) limit: i64,
    /// Whether nobody else asks at the same time.
    pub(super) is_alone: bool,
}

impl Nearest<'_> {
    /// What is near, of all models.
    pub(super) async fn of_all(&self, connection: &mut PgConnection) -> Result<Vec<Near>, DbError> {
        let selects: Vec<String> = self
            .tables
            .iter()
            .map(|table| format!("({})", self.ordered(*table, "")))
            .collect();
        if selects.is_empty() {
            return Ok(Vec::new());
        }
        let statement = format!(
            "{} select * from ({}) as near order by distance limit {}",
            self.asked(),
            selects.join(" union all "),
            self.limit
        );
        // Kept by the connection: reading and planning it takes a sixth as long as running it.
        let query = sqlx::query(AssertSqlSafe(statement)).bind(self.vector);
        near(&query.fetch_all(connection).await?)
    }

    /// What is near, of records that pass.
    pub(super) async fn of_passing(
        &self,
        db: &Db,
        table: Vectors,
        passing: &Passing<'_>,
    ) -> Result<Vec<Near>, DbError> {
        let condition = format!(
            "record_id in (select stored.odoo_id from {} as stored where stored._deleted_at is null{})",
            passing.table, passing.conditions
        );
        let statement = if self.few_pass(db, passing).await? {
            // Materialized, so that it is not the index that gives the order.
            format!(
                "{}, near as materialized (select {} from {} where {condition}) \
                select * from near order by distance limit {}",
                self.asked(),
                self.columns(table),
                table.sql(),
                self.limit
            )
        } else {
            let ordered = self.ordered(table, &format!("where {condition}"));
            format!("{} {ordered}", self.asked())
        };
        let mut query = sqlx::query(AssertSqlSafe(statement)).bind(self.vector);
        for filter in passing.filters {
            query = query.bind(&filter.value);
        }
        near(&query.persistent(false).fetch_all(db.pool()).await?)
    }

    /// The vector, read once: where it stands in a row's expression, Postgres would read it for each row. Along with it goes how much
    /// the index is to look at, until the statement ends; the index asks for the vector before it looks.
    fn asked(&self) -> String {
        let range = if self.is_alone { CARE } else { EFFORT };
        let effort = self.limit.clamp(*range.start(), *range.end());
        // Older ones do not know the second setting, and refuse it.
        let iterative = if self.extension.is_iterative() {
            ", set_config('hnsw.iterative_scan', 'relaxed_order', true)"
        } else {
            ""
        };
        format!(
            "with asked as materialized (\
                select $1::{} as vector, set_config('hnsw.ef_search', '{effort}', true){iterative}\
            )",
            self.extension.any_half()
        )
    }

    fn columns(&self, table: Vectors) -> String {
        format!(
            "{} as model_id, record_id, part, \
            (embedding {} (select vector from asked))::double precision as distance",
            table.model,
            self.extension.distance()
        )
    }

    fn ordered(&self, table: Vectors, condition: &str) -> String {
        format!(
            "select {} from {} {condition} order by embedding {} (select vector from asked) limit {}",
            self.columns(table),
            table.sql(),
            self.extension.distance(),
            self.limit
        )
    }

    async fn few_pass(&self, db: &Db, passing: &Passing<'_>) -> Result<bool, DbError> {
        let statement = format!(
            "select count(*) from (\
                select from {} as stored where $1::text is not null and stored._deleted_at is null{} limit {}\
            ) as passing",
            passing.table,
            passing.conditions,
            FEW + 1
        );
        let mut query = sqlx::query_scalar(AssertSqlSafe(statement)).bind(self.vector);
        for filter in passing.filters {
            query = query.bind(&filter.value);
        }
        let count: i64 = query.persistent(false).fetch_one(db.pool()).await?;
        Ok(count <= FEW)
    }
}

fn near(rows: &[PgRow]) -> Result<Vec<Near>, DbError> {
    let near: Result<_, sqlx::Error> = rows
        .iter()
        .map(|row| {
            let distance: f64 = row.try_get(3)?;
            Ok(Near {
                model: row.try_get(0)?,
                record: row.try_get(1)?,
                part: row.try_get(2)?,
                similarity: 1.0 - distance,
            })
        })
        .collect();
    Ok(near?)
}
