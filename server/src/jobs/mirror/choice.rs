//! Which fields of a model are mirrored: what was chosen, as far as this Odoo has it.

use std::collections::{BTreeMap, BTreeSet};

use super::curated;
use crate::adapters::odoo::ModelField;

/// How the fields of a model are chosen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum FieldChoice {
    /// The curated list where there is one, else all stored fields.
    #[default]
    Suitable,
    /// A list that suits well-known models.
    Curated,
    /// All fields that Odoo stores with the record.
    Stored,
    /// Those that are named.
    Named,
}

/// Why a chosen field is not mirrored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dropped {
    /// Odoo's name of the field.
    pub field: String,
    /// A stable `lower_snake` word.
    pub code: String,
    /// For people.
    pub reason: String,
}

impl Dropped {
    pub(super) fn new(field: &str, code: &str, reason: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            code: code.to_owned(),
            reason: reason.into(),
        }
    }
}

/// The chosen fields that can be read, by name, and those that cannot.
pub(super) fn choose(
    model: &str,
    choice: FieldChoice,
    by_name: &[String],
    known: &BTreeMap<String, ModelField>,
) -> (BTreeMap<String, ModelField>, Vec<Dropped>) {
    let curated = || curated::fields_of(model).map(|fields| of_list(&fields, known));
    match choice {
        FieldChoice::Suitable => curated().unwrap_or_else(|| stored(known)),
        FieldChoice::Curated => curated().unwrap_or_default(),
        FieldChoice::Stored => stored(known),
        FieldChoice::Named => {
            let wanted: Vec<&str> = by_name.iter().map(String::as_str).collect();
            of_list(&wanted, known)
        }
    }
}

fn of_list(
    names: &[&str],
    known: &BTreeMap<String, ModelField>,
) -> (BTreeMap<String, ModelField>, Vec<Dropped>) {
    let mut chosen = BTreeMap::new();
    let mut dropped = Vec::new();
    for name in names.iter().copied().collect::<BTreeSet<_>>() {
        match known.get(name) {
            _ if name == "id" => {}
            Some(field) => {
                chosen.insert(name.to_owned(), field.clone());
            }
            None => dropped.push(Dropped::new(
                name,
                "missing",
                "this Odoo has no such field, or its user may not read it",
            )),
        }
    }
    (chosen, dropped)
}

/// The far end of a relation is stored with the other record, and changes without a trace in this one.
fn stored(known: &BTreeMap<String, ModelField>) -> (BTreeMap<String, ModelField>, Vec<Dropped>) {
    let mut chosen = BTreeMap::new();
    let mut dropped = Vec::new();
    for (name, field) in known {
        if !field.store || name == "id" || field.kind == "one2many" {
            continue;
        }
        if field.kind == "binary" {
            let why = "files and pictures are mirrored only where they are named";
            dropped.push(Dropped::new(name, "binary", why));
        } else {
            chosen.insert(name.clone(), field.clone());
        }
    }
    (chosen, dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> BTreeMap<String, ModelField> {
        let field = |kind: &str, store| ModelField {
            label: String::new(),
            kind: kind.to_owned(),
            store,
            relation: None,
        };
        BTreeMap::from([
            ("id".to_owned(), field("integer", true)),
            ("name".to_owned(), field("char", true)),
            ("image".to_owned(), field("binary", true)),
            ("child_ids".to_owned(), field("one2many", true)),
            ("contact_address".to_owned(), field("char", false)),
            ("write_date".to_owned(), field("datetime", true)),
        ])
    }

    fn names(choice: FieldChoice, named: &[&str], model: &str) -> (Vec<String>, Vec<String>) {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        let (chosen, dropped) = choose(model, choice, &named, &known());
        (
            chosen.into_keys().collect(),
            dropped.into_iter().map(|dropped| dropped.field).collect(),
        )
    }

    #[test]
    fn a_field_that_is_gone_is_left_out_and_reported() {
        let (chosen, dropped) = names(FieldChoice::Suitable, &[], "res.partner");
        assert_eq!(chosen, ["name", "write_date"]);
        assert!(dropped.contains(&"vat".to_owned()));
    }

    #[test]
    fn a_model_nobody_curated_has_all_its_stored_fields() {
        let (chosen, dropped) = names(FieldChoice::Suitable, &[], "x.model");
        assert_eq!(chosen, ["name", "write_date"]);
        assert_eq!(dropped, ["image"]);
    }

    #[test]
    fn what_is_named_is_taken_whatever_it_is() {
        let (chosen, dropped) = names(
            FieldChoice::Named,
            &["image", "contact_address", "name", "name", "id", "nope"],
            "res.partner",
        );
        assert_eq!(chosen, ["contact_address", "image", "name"]);
        assert_eq!(dropped, ["nope"]);
    }
}
