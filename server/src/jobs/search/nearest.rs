//! The nearest vectors of one or several models; statements made at run time like those of `vectors.rs`.

use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};

use super::{extension::Extension, vectors::Vectors};
use crate::{
    db::{Db, DbError},
    jobs::mirror::{RecordFilter, literal},
};

/// Where so few records pass a filter, looking at each is quick and finds all; an index would look at many that do not pass.
const FEW: i64 = 10_000;
/// How many candidates the index looks at, at least and at most. Of a real model's 75,000 vectors 80 find 99 % of the ten nearest; of
/// some that were made up to be hard, 92 %. A search takes as long as there are candidates.
const EFFORT: (i64, i64) = (80, 1_000);

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
        // One message is a transaction of its own.
        let statements = format!(
            "{}; {} select * from ({}) as near order by distance limit {}",
            self.effort(),
            self.asked(&literal(self.vector)),
            selects.join(" union all "),
            self.limit
        );
        let found = sqlx::raw_sql(AssertSqlSafe(statements));
        near(&found.fetch_all(connection).await?)
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
                self.asked("$1"),
                self.columns(table),
                table.sql(),
                self.limit
            )
        } else {
            let ordered = self.ordered(table, &format!("where {condition}"));
            format!("{} {ordered}", self.asked("$1"))
        };
        self.fetch(db, statement, passing.filters).await
    }

    /// The vector, read once: where it stands in a row's expression, Postgres would read it for each row.
    fn asked(&self, vector: &str) -> String {
        format!(
            "with asked as materialized (select {vector}::{} as vector)",
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

    async fn fetch(
        &self,
        db: &Db,
        statement: String,
        filters: &[RecordFilter],
    ) -> Result<Vec<Near>, DbError> {
        let begin = AssertSqlSafe(format!("begin; {}", self.effort()));
        let mut transaction = db.begin_with(begin).await?;
        let mut query = sqlx::query(AssertSqlSafe(statement)).bind(self.vector);
        for filter in filters {
            query = query.bind(&filter.value);
        }
        let rows = query.persistent(false).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        near(&rows)
    }

    /// Has the index look at as much as it is to, until the transaction ends.
    fn effort(&self) -> String {
        let effort = (self.limit * 2).clamp(EFFORT.0, EFFORT.1);
        // Older ones do not know the second setting, and refuse it.
        let iterative = if self.extension.is_iterative() {
            "; set local hnsw.iterative_scan = relaxed_order"
        } else {
            ""
        };
        format!("set local hnsw.ef_search = {effort}{iterative}")
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
