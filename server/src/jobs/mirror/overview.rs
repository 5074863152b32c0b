//! A company in a few numbers, from its mirror.

use chrono::{DateTime, Utc};

use super::{
    error::MirrorError,
    handle::Mirror,
    selection::{self, Sum},
    store::{self, Scope},
};
use crate::ids::ConnectionId;

/// A company in a few numbers.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The time up to which all of it is stored.
    pub as_of: DateTime<Utc>,
    /// What is mirrored of the well-known.
    pub sections: Vec<Section>,
}

/// One model in a few numbers.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it tells of.
    pub name: &'static str,
    /// Odoo's name of the model.
    pub model: &'static str,
    /// How many there are.
    pub count: i64,
    /// Their amounts, as decimal numbers, by the ids of their currencies.
    pub totals: Vec<(i64, String)>,
}

/// What a section counts: a name, a model, the columns that its condition and its sum want, and both in SQL.
struct Question {
    name: &'static str,
    model: &'static str,
    columns: &'static [&'static str],
    sum: Sum,
}

const QUESTIONS: [Question; 4] = [
    Question {
        name: "contacts",
        model: "res.partner",
        columns: &["active"],
        sum: Sum {
            condition: "active",
            has_amount: false,
        },
    },
    Question {
        name: "sales",
        model: "sale.order",
        columns: &["state", "amount_total", "currency_id"],
        sum: Sum {
            condition: "state in ('sale', 'done')",
            has_amount: true,
        },
    },
    Question {
        name: "invoices",
        model: "account.move",
        columns: &["state", "move_type", "amount_total", "currency_id"],
        sum: Sum {
            condition: "move_type = 'out_invoice' and state = 'posted'",
            has_amount: true,
        },
    },
    Question {
        name: "employees",
        model: "hr.employee",
        columns: &["active"],
        sum: Sum {
            condition: "active",
            has_amount: false,
        },
    },
];

impl Mirror {
    /// Sums up what is mirrored. [`MirrorError::NotReady`] until all of it was stored once.
    pub async fn overview(&self, connection: ConnectionId) -> Result<Overview, MirrorError> {
        let rows = store::models(&self.db, connection).await?;
        let mut missing = Vec::new();
        let mut as_of: Option<DateTime<Utc>> = None;
        let mut sections = Vec::new();
        for question in QUESTIONS {
            let Some(row) = rows.iter().find(|row| row.model == question.model) else {
                continue;
            };
            let Some(cursor) = row.cursor else {
                missing.push(question.model.to_owned());
                continue;
            };
            as_of = Some(as_of.map_or(cursor, |earlier| earlier.min(cursor)));
            sections.extend(self.section(connection, &question).await?);
        }
        match as_of {
            Some(as_of) if missing.is_empty() && !sections.is_empty() => {
                Ok(Overview { as_of, sections })
            }
            _ => Err(MirrorError::NotReady(missing)),
        }
    }

    /// The numbers of a model; none if it is mirrored without the fields that they want.
    async fn section(
        &self,
        connection: ConnectionId,
        question: &Question,
    ) -> Result<Option<Section>, MirrorError> {
        let scope = Scope {
            connection,
            model: question.model,
        };
        let table = self.table_of(scope).await?;
        let mut acquired = self.db.pool().acquire().await?;
        let fields = store::fields(&mut acquired, scope).await?;
        let is_there = |column: &&str| {
            fields
                .iter()
                .any(|field| field.is_read && field.column_name.as_deref() == Some(*column))
        };
        if !question.columns.iter().all(is_there) {
            return Ok(None);
        }
        let (count, totals) = selection::sum(&mut acquired, &table, &question.sum).await?;
        Ok(Some(Section {
            name: question.name,
            model: question.model,
            count,
            totals,
        }))
    }
}
