//! What a run reads and where it puts it: the chosen fields as columns, with the names that earlier runs gave them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    choice::{Dropped, choose},
    column::{Column, ColumnType},
    identifier::{column_name, distinct},
    store::{FieldRow, ModelRow},
};
use crate::adapters::odoo::ModelField;

/// What a run reads.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) columns: Vec<Column>,
    /// What became of every field that was ever chosen.
    pub(super) fields: Vec<FieldRow>,
    /// Whether a column is new, or was not filled lately: rows that are stored lack it.
    pub(super) has_new: bool,
}

/// Plans the columns of a model. Fields that turned out to be unreadable stay away until `again`.
pub(super) fn plan(
    row: &ModelRow,
    known: &BTreeMap<String, ModelField>,
    before: &[FieldRow],
    again: bool,
) -> Plan {
    let (chosen, dropped) = choose(&row.model, row.field_choice, &row.field_names, known);
    let before: BTreeMap<&str, &FieldRow> = before
        .iter()
        .map(|field| (field.field.as_str(), field))
        .collect();
    let mut taken: BTreeSet<String> = before
        .values()
        .filter_map(|field| field.column_name.clone())
        .collect();
    let mut plan = Plan {
        columns: Vec::new(),
        fields: Vec::new(),
        has_new: false,
    };
    for (name, field) in &chosen {
        let earlier = before.get(name.as_str()).copied();
        if let Some(earlier) = earlier.filter(|earlier| !again && is_unreadable(earlier)) {
            plan.fields.push(earlier.clone());
            continue;
        }
        let kind = ColumnType::of(field);
        let (column, changed) = place(name, kind, earlier, &mut taken);
        plan.has_new |= changed.is_some() || earlier.is_none_or(|earlier| !earlier.is_read);
        let note = changed.or_else(|| earlier.and_then(type_note));
        plan.fields.push(FieldRow {
            field: name.clone(),
            column_name: Some(column.clone()),
            column_type: Some(kind),
            is_read: true,
            dropped_code: note.as_ref().map(|note| note.code.clone()),
            dropped_reason: note.map(|note| note.reason),
        });
        plan.columns.push(Column {
            field: name.clone(),
            name: column,
            kind,
            label: field.label.clone(),
        });
    }
    for gone in dropped {
        plan.fields.push(FieldRow {
            field: gone.field,
            column_name: None,
            column_type: None,
            is_read: false,
            dropped_code: Some(gone.code),
            dropped_reason: Some(gone.reason),
        });
    }
    // What was chosen once and is not any more keeps its column, and nothing is said of it.
    let said: BTreeSet<String> = plan
        .fields
        .iter()
        .map(|field| field.field.clone())
        .collect();
    for (name, earlier) in before {
        if !said.contains(name) && (earlier.is_read || earlier.dropped_code.is_some()) {
            plan.fields.push(FieldRow {
                is_read: false,
                dropped_code: None,
                dropped_reason: None,
                ..earlier.clone()
            });
        }
    }
    plan
}

fn is_unreadable(field: &FieldRow) -> bool {
    field.dropped_code.as_deref() == Some("unreadable")
}

/// What was said of a field whose type changed, which stays true.
fn type_note(field: &FieldRow) -> Option<Dropped> {
    let code = field.dropped_code.as_deref()?;
    (code == "type_changed").then(|| {
        let reason = field.dropped_reason.clone().unwrap_or_default();
        Dropped::new(&field.field, code, reason)
    })
}

/// The column of a field: the one it had, or a new one if it had none or one of another type.
fn place(
    field: &str,
    kind: ColumnType,
    earlier: Option<&FieldRow>,
    taken: &mut BTreeSet<String>,
) -> (String, Option<Dropped>) {
    let had =
        earlier.and_then(|earlier| Some((earlier.column_name.clone()?, earlier.column_type?)));
    if let Some((name, _)) = had.clone().filter(|(_, before)| *before == kind) {
        return (name, None);
    }
    let mut name = column_name(field);
    if taken.contains(&name) {
        name = distinct(&name, &format!("{field} {}", kind.sql()));
    }
    taken.insert(name.clone());
    let changed = had.map(|(old, before)| {
        let why = format!(
            "it was {} and is {} now: new values are in the column {name}, the column {old} keeps the old ones",
            before.sql(),
            kind.sql()
        );
        Dropped::new(field, "type_changed", why)
    });
    (name, changed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jobs::mirror::choice::FieldChoice;

    fn known(fields: &[(&str, &str)]) -> BTreeMap<String, ModelField> {
        fields
            .iter()
            .map(|(name, kind)| {
                let field = ModelField {
                    label: (*name).to_owned(),
                    kind: (*kind).to_owned(),
                    store: true,
                    relation: None,
                };
                ((*name).to_owned(), field)
            })
            .collect()
    }

    fn row() -> ModelRow {
        ModelRow {
            model: "x.model".to_owned(),
            field_choice: FieldChoice::Stored,
            field_names: Vec::new(),
            domain: json!([]),
            page_size: 1000,
            cron: String::new(),
            time_zone: String::new(),
            table_name: None,
            cursor: None,
            last_job: None,
        }
    }

    fn columns(plan: &Plan) -> Vec<(&str, ColumnType)> {
        plan.columns
            .iter()
            .map(|column| (column.name.as_str(), column.kind))
            .collect()
    }

    #[test]
    fn the_same_fields_again_are_nothing_new() {
        let fields = known(&[("name", "char"), ("raw", "integer")]);
        let first = plan(&row(), &fields, &[], false);
        assert!(first.has_new);
        assert_eq!(
            columns(&first),
            [
                ("name", ColumnType::Text),
                ("raw_field", ColumnType::Bigint)
            ]
        );
        let second = plan(&row(), &fields, &first.fields, false);
        assert!(!second.has_new);
        assert_eq!(columns(&first), columns(&second));
    }

    #[test]
    fn a_changed_type_gets_a_column_beside_the_old_one() {
        let first = plan(&row(), &known(&[("size", "char")]), &[], false);
        let second = plan(&row(), &known(&[("size", "integer")]), &first.fields, false);
        assert!(second.has_new);
        assert_ne!(second.columns[0].name, "size");
        assert_eq!(second.columns[0].kind, ColumnType::Bigint);
        assert_eq!(
            second.fields[0].dropped_code.as_deref(),
            Some("type_changed")
        );
        let third = plan(
            &row(),
            &known(&[("size", "integer")]),
            &second.fields,
            false,
        );
        assert!(!third.has_new);
        assert_eq!(
            third.fields[0].dropped_code.as_deref(),
            Some("type_changed")
        );
    }

    #[test]
    fn a_field_that_comes_back_is_new() {
        let both = known(&[("name", "char"), ("note", "text")]);
        let first = plan(&row(), &both, &[], false);
        let without = plan(&row(), &known(&[("name", "char")]), &first.fields, false);
        assert!(!without.has_new);
        assert_eq!(columns(&without), [("name", ColumnType::Text)]);
        let back = plan(&row(), &both, &without.fields, false);
        assert!(back.has_new);
        assert_eq!(columns(&back), columns(&first));
    }

    #[test]
    fn an_unreadable_field_stays_away_until_all_is_read_again() {
        let fields = known(&[("name", "char"), ("sick", "char")]);
        let mut rows = plan(&row(), &fields, &[], false).fields;
        let sick = rows.iter_mut().find(|row| row.field == "sick").unwrap();
        sick.is_read = false;
        sick.dropped_code = Some("unreadable".to_owned());
        assert_eq!(plan(&row(), &fields, &rows, false).columns.len(), 1);
        assert!(!plan(&row(), &fields, &rows, false).has_new);
        assert_eq!(plan(&row(), &fields, &rows, true).columns.len(), 2);
    }

    #[test]
    fn names_that_look_alike_get_columns_of_their_own() {
        let plan = plan(
            &row(),
            &known(&[("x_a", "char"), ("X_a", "char")]),
            &[],
            false,
        );
        assert_ne!(plan.columns[0].name, plan.columns[1].name);
    }
}
