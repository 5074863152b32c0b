//! Opens a list: how it is written, what its columns mean, and the checks that need no Odoo.

use std::{fs::File, sync::Arc};

use super::{
    fields::Field,
    file::{Column, FileError, Layout, detect},
    mapping::{ColumnMapping, Mapping, MappingError, address},
    spec::{ImportSpec, key_fields},
    staging::Unpacked,
    survey::{Survey, survey},
    validate::Validator,
};
use crate::jobs::threads::on_a_thread;

/// A list whose writing is known.
#[derive(Debug)]
pub(super) struct OpenList {
    pub(super) file: File,
    pub(super) layout: Layout,
}

/// Decides how an unpacked list is written, on a thread that may block.
pub(super) async fn open(unpacked: Unpacked, spec: &ImportSpec) -> Result<OpenList, FileError> {
    let options = spec.file.clone();
    on_a_thread(move || {
        let layout = detect(&unpacked.file, unpacked.encodings, &options)?;
        Ok(OpenList {
            file: unpacked.file,
            layout,
        })
    })
    .await
}

impl OpenList {
    /// The mapping to go by: what was said, else what is saved, else what the header suggests.
    pub(super) fn mapping(
        &self,
        said: &[ColumnMapping],
        saved: &[ColumnMapping],
    ) -> Result<Mapping, MappingError> {
        let given = if said.is_empty() { saved } else { said };
        if given.is_empty() {
            Ok(Mapping::suggested(&self.layout.columns))
        } else {
            Mapping::given(&self.layout.columns, given)
        }
    }

    /// Reads the whole list once, on a thread that may block; `stop` ends it early.
    pub(super) async fn survey(
        self: &Arc<Self>,
        mapping: &Mapping,
        spec: &ImportSpec,
        stop: impl Fn() -> bool + Send + 'static,
    ) -> Result<Survey, FileError> {
        let list = Arc::clone(self);
        let mapping = mapping.clone();
        let style = spec.decimal_style;
        on_a_thread(move || survey(&list.file, &list.layout, &mapping, style, &|_| stop())).await
    }

    /// What checks the list's rows.
    pub(super) fn validator(
        &self,
        mapping: &Mapping,
        survey: &Survey,
        spec: &ImportSpec,
    ) -> Validator {
        Validator::new(
            &self.layout,
            mapping.clone(),
            survey.readings,
            &spec.options.match_by,
            &spec.filter,
            spec.options.currency.as_deref(),
        )
    }
}

/// Makes sure that a mapping has all that the import needs.
pub(super) fn check_mapping(
    mapping: &Mapping,
    columns: &[Column],
    spec: &ImportSpec,
) -> Result<(), MappingError> {
    mapping.complete(&key_fields(&spec.options.match_by), columns)?;
    let needs = [
        (
            spec.filter.min_stock.is_some(),
            Field::Stock,
            "the filter on stock",
        ),
        (
            spec.filter.skip_discontinued,
            Field::Discontinued,
            "the filter on discontinued products",
        ),
        (
            !spec.filter.blocked_brands.is_empty(),
            Field::Brand,
            "the filter on brands",
        ),
    ];
    for (needed, field, what) in needs {
        if needed && mapping.column(field).is_none() {
            return Err(MappingError::Incomplete(format!(
                "{what} needs a column mapped to {}",
                field.name()
            )));
        }
    }
    Ok(())
}

/// The mapping as a checkpoint keeps it.
pub(super) fn written(mapping: &Mapping, columns: &[Column]) -> Vec<ColumnMapping> {
    mapping
        .iter()
        .map(|(field, index)| ColumnMapping {
            column: address(columns, index),
            field: Some(field),
        })
        .collect()
}
