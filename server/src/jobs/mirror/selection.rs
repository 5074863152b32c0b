//! Statements that read mirrored records, made at run time like those of [`super::tables`].

use sqlx::{AssertSqlSafe, PgConnection, Row as _, types::Json};

use super::{
    column::ColumnType,
    identifier::quoted,
    records::{FilterOperator, MirroredRecord},
    tables::Table,
};
use crate::db::DbError;

/// Which records of a table, and what of them.
#[derive(Debug)]
pub(super) struct Selection<'a> {
    /// Columns of the table.
    pub(super) columns: Vec<&'a str>,
    pub(super) conditions: Vec<Condition<'a>>,
    pub(super) include_deleted: bool,
    pub(super) after: i64,
    pub(super) limit: i64,
}

/// A condition on a column of the table.
#[derive(Debug)]
pub(super) struct Condition<'a> {
    pub(super) column: &'a str,
    pub(super) kind: ColumnType,
    pub(super) operator: FilterOperator,
    pub(super) value: &'a str,
}

impl Condition<'_> {
    /// The condition, with its value as parameter `number`.
    pub(super) fn sql(&self, number: usize) -> String {
        let (column, kind) = (quoted(self.column), self.kind.sql());
        // JSON has no order, and so no comparison but by its text.
        let value = format!("${number}::text::{kind}");
        match self.operator {
            FilterOperator::Equal => format!("stored.{column} = {value}"),
            FilterOperator::NotEqual => format!("stored.{column} is distinct from {value}"),
            FilterOperator::Less => format!("stored.{column} < {value}"),
            FilterOperator::LessOrEqual => format!("stored.{column} <= {value}"),
            FilterOperator::Greater => format!("stored.{column} > {value}"),
            FilterOperator::GreaterOrEqual => format!("stored.{column} >= {value}"),
            FilterOperator::Contains => {
                format!("position(lower(${number}::text) in lower(stored.{column}::text)) > 0")
            }
            FilterOperator::Empty => {
                format!("(stored.{column} is null or ${number}::text is null)")
            }
            FilterOperator::NotEmpty => {
                format!("(stored.{column} is not null or ${number}::text is null)")
            }
        }
    }
}

/// Reads records by id.
pub(super) async fn records(
    connection: &mut PgConnection,
    table: &Table,
    selection: &Selection<'_>,
) -> Result<Vec<MirroredRecord>, DbError> {
    let columns: Vec<String> = selection
        .columns
        .iter()
        .map(|column| format!("stored.{}", quoted(column)))
        .collect();
    let mut statement = format!(
        "select stored.odoo_id, stored._synced_at, stored._deleted_at, \
            (select to_jsonb(chosen) from (select {}) as chosen) \
        from {} as stored \
        where stored.odoo_id > $1",
        columns.join(", "),
        table.sql(),
    );
    if !selection.include_deleted {
        statement += " and stored._deleted_at is null";
    }
    for (index, condition) in selection.conditions.iter().enumerate() {
        statement += " and ";
        statement += &condition.sql(index + 3);
    }
    statement += " order by stored.odoo_id limit $2";
    let mut query = sqlx::query(AssertSqlSafe(statement))
        .bind(selection.after)
        .bind(selection.limit);
    for condition in &selection.conditions {
        query = query.bind(condition.value);
    }
    let rows = query.persistent(false).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let Json(values) = row.try_get(3)?;
            Ok(MirroredRecord {
                odoo_id: row.try_get(0)?,
                synced_at: row.try_get(1)?,
                deleted_at: row.try_get(2)?,
                values,
            })
        })
        .collect()
}

/// What is counted and summed up. Its text is ours alone.
#[derive(Debug)]
pub(super) struct Sum {
    /// Which rows.
    pub(super) condition: &'static str,
    /// Whether they have an amount in a currency.
    pub(super) has_amount: bool,
}

/// How many rows there are that Odoo has, and their amounts by currency.
pub(super) async fn sum(
    connection: &mut PgConnection,
    table: &Table,
    sum: &Sum,
) -> Result<(i64, Vec<(i64, String)>), DbError> {
    let (currency, amount) = if sum.has_amount {
        ("coalesce(currency_id, 0)", "sum(amount_total)::text")
    } else {
        ("0::bigint", "null::text")
    };
    let statement = format!(
        "select {currency}, count(*), {amount} from {} where _deleted_at is null and {} group by 1 order by 1",
        table.sql(),
        sum.condition
    );
    let rows = sqlx::query(AssertSqlSafe(statement))
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let mut count = 0;
    let mut totals = Vec::new();
    for row in rows {
        count += row.try_get::<i64, _>(1)?;
        if let Some(amount) = row.try_get(2)? {
            totals.push((row.try_get(0)?, amount));
        }
    }
    Ok((count, totals))
}
