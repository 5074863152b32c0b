//! Looking at mirrored records: pages by id, conditions on columns.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{
    column::ColumnType,
    error::{MirrorError, field},
    handle::Mirror,
    request::check_model,
    selection::{self, Condition, Selection},
    store::{self, Scope},
};
use crate::ids::ConnectionId;

const MOST_FILTERS: usize = 20;

/// How a column is compared.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum FilterOperator {
    #[default]
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// Its text contains the value, whatever its case.
    Contains,
    Empty,
    NotEmpty,
}

/// A condition on one column.
#[derive(Clone, Debug)]
pub struct RecordFilter {
    /// The column's name in the table.
    pub column: String,
    pub operator: FilterOperator,
    /// What to compare with, as Postgres reads it for the column's type.
    pub value: String,
}

/// Which records to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The columns to return; empty means all.
    pub columns: Vec<String>,
    /// All must hold.
    pub filters: Vec<RecordFilter>,
    /// Also those that Odoo no longer has.
    pub include_deleted: bool,
    /// Behind this id.
    pub after: i64,
    /// The most records.
    pub limit: i64,
}

/// One mirrored record.
#[derive(Clone, Debug)]
pub struct MirroredRecord {
    /// Its id in Odoo.
    pub odoo_id: i64,
    /// The columns asked for, by name.
    pub values: Map<String, Value>,
    /// When it was last stored.
    pub synced_at: DateTime<Utc>,
    /// When it was found missing in Odoo.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Mirror {
    /// Records of a model by id.
    pub async fn records(
        &self,
        connection: ConnectionId,
        model: &str,
        listing: &Listing,
    ) -> Result<Vec<MirroredRecord>, MirrorError> {
        check_model(model, "model")?;
        let scope = Scope { connection, model };
        let table = self.table_of(scope).await?;
        let mut acquired = self.db.pool().acquire().await?;
        let known = store::fields(&mut acquired, scope).await?;
        let known: Vec<(String, ColumnType)> = known
            .into_iter()
            .filter_map(|field| Some((field.column_name?, field.column_type?)))
            .collect();
        let conditions = conditions_of(&known, model, &listing.filters)?;
        for (index, column) in listing.columns.iter().enumerate() {
            kind_of(&known, column)
                .ok_or_else(|| unknown(&format!("columns[{index}]"), model, column))?;
        }
        let all = || known.iter().map(|(name, _)| name.as_str()).collect();
        let selection = Selection {
            columns: if listing.columns.is_empty() {
                all()
            } else {
                listing.columns.iter().map(String::as_str).collect()
            },
            conditions,
            include_deleted: listing.include_deleted,
            after: listing.after,
            limit: listing.limit,
        };
        match selection::records(&mut acquired, &table, &selection).await {
            Err(error) if error.is_about_data() => Err(field(
                "filters",
                format!("must hold values that their columns can have ({error})"),
            )),
            found => Ok(found?),
        }
    }
}

/// The type of a column of the table; `None` if it has no such column.
fn kind_of(known: &[(String, ColumnType)], name: &str) -> Option<ColumnType> {
    match name {
        "odoo_id" => Some(ColumnType::Bigint),
        "raw" => Some(ColumnType::Jsonb),
        "_synced_at" | "_deleted_at" => Some(ColumnType::Timestamp),
        name => known
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, kind)| *kind),
    }
}

/// Filters as conditions on the columns of the table.
pub(super) fn conditions_of<'a>(
    known: &[(String, ColumnType)],
    model: &str,
    filters: &'a [RecordFilter],
) -> Result<Vec<Condition<'a>>, MirrorError> {
    if filters.len() > MOST_FILTERS {
        return Err(field("filters", "must be at most 20"));
    }
    let condition = |(index, filter): (usize, &'a RecordFilter)| {
        let kind = kind_of(known, &filter.column)
            .ok_or_else(|| unknown(&format!("filters[{index}].column"), model, &filter.column))?;
        Ok(Condition {
            column: &filter.column,
            kind,
            operator: filter.operator,
            value: &filter.value,
        })
    };
    filters.iter().enumerate().map(condition).collect()
}

fn unknown(at: &str, model: &str, column: &str) -> MirrorError {
    field(
        at,
        format!("must be a column of the table of {model}, which {column:?} is not"),
    )
}
