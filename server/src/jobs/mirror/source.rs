//! What other pipelines read of a mirrored model: its table, its columns, and conditions on them.

use super::{
    column::ColumnType,
    error::MirrorError,
    records::{RecordFilter, conditions_of},
    store::{self, Scope},
    tables::Table,
};
use crate::{
    db::{Db, DbError},
    ids::{ConnectionId, JobId},
};

/// The table of a mirrored model.
#[derive(Clone, Debug)]
pub(in crate::jobs) struct Source {
    /// The table in a statement.
    pub(in crate::jobs) table: String,
    /// The columns of the fields that are read.
    pub(in crate::jobs) columns: Vec<SourceColumn>,
    /// The model's latest sync or cleanup.
    pub(in crate::jobs) last_job: Option<JobId>,
    known: Vec<(String, ColumnType)>,
}

/// A column of a field.
#[derive(Clone, Debug)]
pub(in crate::jobs) struct SourceColumn {
    /// Odoo's name of the field.
    pub(in crate::jobs) field: String,
    /// The column's name, not quoted.
    pub(in crate::jobs) name: String,
    /// Whether it holds text.
    pub(in crate::jobs) is_text: bool,
    /// Whether it holds a truth value.
    pub(in crate::jobs) is_boolean: bool,
}

impl Source {
    /// The table of a model; `None` if it is not mirrored, or was never read.
    pub(in crate::jobs) async fn of(
        db: &Db,
        connection: ConnectionId,
        model: &str,
    ) -> Result<Option<Self>, DbError> {
        let scope = Scope { connection, model };
        let Some(row) = store::model(db, scope).await? else {
            return Ok(None);
        };
        let mut acquired = db.pool().acquire().await?;
        let schema = store::schema_of(&mut acquired, connection).await?;
        let (Some(schema), Some(name)) = (schema, row.table_name) else {
            return Ok(None);
        };
        let fields = store::fields(&mut acquired, scope).await?;
        let known = fields
            .iter()
            .filter_map(|field| Some((field.column_name.clone()?, field.column_type?)));
        let known = known.collect();
        let columns = fields.into_iter().filter(|field| field.is_read);
        let columns = columns.filter_map(|field| {
            Some(SourceColumn {
                name: field.column_name?,
                is_text: field.column_type == Some(ColumnType::Text),
                is_boolean: field.column_type == Some(ColumnType::Boolean),
                field: field.field,
            })
        });
        Ok(Some(Self {
            table: Table { schema, name }.sql(),
            columns: columns.collect(),
            last_job: row.last_job,
            known,
        }))
    }

    /// Whether a model is mirrored, read yet or not.
    pub(in crate::jobs) async fn is_mirrored(
        db: &Db,
        connection: ConnectionId,
        model: &str,
    ) -> Result<bool, DbError> {
        let scope = Scope { connection, model };
        Ok(store::model(db, scope).await?.is_some())
    }

    /// The column of a field.
    pub(in crate::jobs) fn column(&self, field: &str) -> Option<&SourceColumn> {
        self.columns.iter().find(|column| column.field == field)
    }

    /// The condition for records that people look for: neither deleted nor archived. The table is called `stored`.
    pub(in crate::jobs) fn is_living(&self) -> String {
        let active = self.column("active").filter(|column| column.is_boolean);
        let archived = active.map_or_else(String::new, |column| {
            format!(
                " and stored.{} is not false",
                super::identifier::quoted(&column.name)
            )
        });
        format!("stored._deleted_at is null{archived}")
    }

    /// The conditions for records that pass filters, each behind `and`, with the values from parameter `first` on. The table is
    /// called `stored`.
    pub(in crate::jobs) fn passing(
        &self,
        model: &str,
        filters: &[RecordFilter],
        first: usize,
    ) -> Result<String, MirrorError> {
        let conditions = conditions_of(&self.known, model, filters)?;
        let conditions = conditions.iter().enumerate();
        let each: Vec<String> = conditions
            .map(|(index, condition)| format!(" and {}", condition.sql(first + index)))
            .collect();
        Ok(each.concat())
    }
}
