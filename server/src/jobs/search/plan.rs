//! Which fields of a model make its texts.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::{adapters::odoo::ModelField, jobs::mirror::Source};

/// Fields of text that tell nothing to whoever looks for something.
const TECHNICAL: [&str; 16] = [
    "access_token",
    "access_url",
    "access_warning",
    "auto_post",
    "email_normalized",
    "lang",
    "message_main_attachment_id",
    "parent_path",
    "phone_mobile_search",
    "phone_sanitized",
    "signup_type",
    "store_fname",
    "tz",
    "tz_offset",
    "activity_exception_icon",
    "access_instruction_message",
];

/// Models whose records say who or what a thing is measured in, and not what it is.
const CIRCUMSTANCES: [&str; 8] = [
    "res.company",
    "res.currency",
    "res.lang",
    "res.users",
    "resource.calendar",
    "resource.resource",
    "sequence.mixin",
    "uom.uom",
];

/// What people call a record by, in the order of preference.
const TITLES: [&str; 3] = ["display_name", "complete_name", "name"];

/// What a value is, and so how it is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum FieldKind {
    Plain,
    Html,
    /// Its label stands for it, where it is true.
    Truth,
    /// A relation to one record of a model.
    One(String),
    /// A relation to many.
    Many(String),
}

/// A field that makes a line of the text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Planned {
    /// Odoo's name of it.
    pub(super) field: String,
    /// Its column, not quoted.
    pub(super) column: String,
    /// What people call it.
    pub(super) label: String,
    pub(super) kind: FieldKind,
}

/// The fields of a text, in its order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct TextPlan {
    pub(super) fields: Vec<Planned>,
    /// The column that records are called by; `None` if only Odoo knows how they are called.
    pub(super) title: Option<String>,
}

impl TextPlan {
    /// The plan of a model: the fields that are wanted, or those that suit it, as far as they are mirrored.
    pub(super) fn of(
        known: &BTreeMap<String, ModelField>,
        source: &Source,
        wanted: &[String],
    ) -> Self {
        let planned = |name: &str| {
            let column = source.column(name)?;
            let field = known.get(name)?;
            Some(Planned {
                field: name.to_owned(),
                column: column.name.clone(),
                label: field.label.clone(),
                kind: kind_of(field),
            })
        };
        let fields = if wanted.is_empty() {
            let suitable = source
                .columns
                .iter()
                .filter(|column| {
                    known
                        .get(&column.field)
                        .is_some_and(|field| suits(&column.field, field))
                })
                .filter_map(|column| planned(&column.field));
            let mut fields: Vec<Planned> = suitable.collect();
            fields.sort_by_key(|planned| (rank(planned), planned.field.clone()));
            fields
        } else {
            wanted.iter().filter_map(|name| planned(name)).collect()
        };
        let title = TITLES
            .iter()
            .filter_map(|name| source.column(name))
            .find(|column| column.is_text);
        Self {
            fields,
            title: title.map(|column| column.name.clone()),
        }
    }

    /// The same digest for the same plan: texts that were made by another are to be made anew.
    pub(super) fn digest(&self) -> String {
        let digest = Sha256::digest(format!("{self:?}").as_bytes());
        let bytes: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        bytes.concat()
    }

    /// The names of the fields.
    pub(super) fn names(&self) -> Vec<String> {
        self.fields
            .iter()
            .map(|field| field.field.clone())
            .collect()
    }
}

fn kind_of(field: &ModelField) -> FieldKind {
    let relation = field.relation.clone().unwrap_or_default();
    match field.kind.as_str() {
        "html" => FieldKind::Html,
        "boolean" => FieldKind::Truth,
        "many2one" if !relation.is_empty() => FieldKind::One(relation),
        "many2many" | "one2many" if !relation.is_empty() => FieldKind::Many(relation),
        _ => FieldKind::Plain,
    }
}

/// Whether a field belongs into a text for which nobody chose the fields.
fn suits(name: &str, field: &ModelField) -> bool {
    if TECHNICAL.contains(&name) {
        return false;
    }
    match field.kind.as_str() {
        "char" | "text" | "html" => true,
        "many2one" | "many2many" => {
            let relation = field.relation.as_deref().unwrap_or_default();
            !CIRCUMSTANCES.contains(&relation)
                && !relation.starts_with("ir.")
                && !relation.starts_with("mail.")
        }
        _ => false,
    }
}

/// Names first, then what is short, then relations, then long texts: what is cut off, if anything, is the end.
fn rank(planned: &Planned) -> u8 {
    match (&planned.kind, planned.field.as_str()) {
        (_, "name") => 0,
        (_, "complete_name" | "display_name") => 1,
        (FieldKind::One(_) | FieldKind::Many(_), _) => 3,
        (FieldKind::Html, _) | (_, "comment" | "note" | "narration" | "description") => 4,
        _ => 2,
    }
}
