//! What a job's import was asked to do, in the contract's form.

use sluice_proto::v1::{self, supplier_import::Source as SourceMessage};

use super::import_messages::{field_message, format, style};
use crate::{
    connections::Connection,
    jobs::supplier_import::{
        ColumnMapping, FileOptions, FilterRules, ImportSpec, MatchKey, Source, SweepPolicy,
        UnknownPolicy,
    },
};

/// An import as its job keeps it.
pub(crate) fn asked(spec: ImportSpec, connection: Connection) -> v1::SupplierImport {
    let unknown = match spec.options.unknown {
        UnknownPolicy::Error => v1::UnknownProduct::Error,
        UnknownPolicy::Create => v1::UnknownProduct::Create,
        UnknownPolicy::Skip => v1::UnknownProduct::Skip,
    };
    let sweep = match spec.sweep {
        None => v1::SweepPolicy::Keep,
        Some(SweepPolicy::EndDate) => v1::SweepPolicy::EndDate,
        Some(SweepPolicy::Delete) => v1::SweepPolicy::Delete,
    };
    let mut file = file_options(spec.file);
    file.decimal_style = style(spec.decimal_style).into();
    v1::SupplierImport {
        connection: connection.name,
        supplier: spec.supplier.to_string(),
        source: Some(match spec.source {
            Source::List(id) => SourceMessage::UploadId(id.to_string()),
            Source::Url(url) => SourceMessage::Url(url),
        }),
        file_name: spec.file_name,
        file: Some(file),
        mapping: spec.mapping.into_iter().map(column_mapping).collect(),
        save_mapping: false,
        r#match: spec
            .options
            .match_by
            .into_iter()
            .map(|key| match_by(key).into())
            .collect(),
        unknown_product: unknown.into(),
        reactivate: spec.options.reactivate,
        filter: Some(row_filter(spec.filter)),
        currency: spec.options.currency.unwrap_or_default(),
        company_id: spec.options.company_id.unwrap_or_default(),
        sweep: sweep.into(),
        sweep_max_percent: i32::try_from(spec.sweep_max_percent).unwrap_or(i32::MAX),
        dry_run: spec.dry_run,
    }
}

fn file_options(file: FileOptions) -> v1::FileOptions {
    v1::FileOptions {
        format: file
            .format
            .map_or(v1::FileFormat::Unspecified, format)
            .into(),
        encoding: file.encoding,
        delimiter: file.delimiter,
        sheet: file.sheet,
        header_row: i32::try_from(file.header_row).unwrap_or(i32::MAX),
        decimal_style: v1::DecimalStyle::Unspecified.into(),
    }
}

fn column_mapping(mapping: ColumnMapping) -> v1::ColumnMapping {
    v1::ColumnMapping {
        field: field_message(mapping.field).into(),
        column: mapping.column,
    }
}

fn match_by(key: MatchKey) -> v1::MatchBy {
    match key {
        MatchKey::Barcode => v1::MatchBy::Barcode,
        MatchKey::DefaultCode => v1::MatchBy::DefaultCode,
        MatchKey::ProductCode => v1::MatchBy::ProductCode,
    }
}

fn row_filter(rules: FilterRules) -> v1::RowFilter {
    v1::RowFilter {
        min_stock: rules
            .min_stock
            .map(|stock| stock.to_string())
            .unwrap_or_default(),
        min_price: rules
            .min_price
            .map(|price| price.to_string())
            .unwrap_or_default(),
        skip_discontinued: rules.skip_discontinued,
        blocked_brands: rules.blocked_brands,
        allowed_barcodes: rules.allowed_barcodes,
    }
}
