//! How imports look in the contract, and how its messages become what the pipeline knows.

use chrono::{DateTime, Utc};
use sluice_proto::v1::{self, Reason, supplier_import::Source};
use tonic::{Code, Status};

use super::{
    errors::{database_away, field, internal, refusal},
    replies::counters,
};
use crate::jobs::supplier_import::{
    ColumnMapping, DecimalStyle, Field, FileError, FileOptions, Format, ImportError, ImportRequest,
    MappingError, MatchKey, Preview, PreviewColumn, PreviewOutcome, PreviewedRow, RequestSource,
    RowError, SourceError, SweepPolicy, UnknownPolicy,
};

/// An import as the pipeline knows it.
pub(crate) fn request(import: v1::SupplierImport) -> Result<ImportRequest, Status> {
    let (unknown_product, sweep) = (import.unknown_product(), import.sweep());
    let file = import.file.unwrap_or_default();
    let filter = import.filter.unwrap_or_default();
    Ok(ImportRequest {
        supplier: import.supplier,
        source: import.source.map(source).transpose()?,
        file_name: import.file_name,
        decimal_style: decimal_style(file.decimal_style()),
        file: file_options(file)?,
        mapping: import
            .mapping
            .into_iter()
            .map(column_mapping)
            .collect::<Result<_, _>>()?,
        save_mapping: import.save_mapping,
        match_by: import
            .r#match
            .into_iter()
            .map(match_key)
            .collect::<Result<_, _>>()?,
        unknown: match unknown_product {
            v1::UnknownProduct::Unspecified => None,
            v1::UnknownProduct::Error => Some(UnknownPolicy::Error),
            v1::UnknownProduct::Create => Some(UnknownPolicy::Create),
            v1::UnknownProduct::Skip => Some(UnknownPolicy::Skip),
        },
        reactivate: import.reactivate,
        min_stock: filter.min_stock,
        min_price: filter.min_price,
        skip_discontinued: filter.skip_discontinued,
        blocked_brands: filter.blocked_brands,
        allowed_barcodes: filter.allowed_barcodes,
        currency: import.currency,
        company_id: import.company_id,
        sweep: match sweep {
            v1::SweepPolicy::Unspecified | v1::SweepPolicy::Keep => None,
            v1::SweepPolicy::EndDate => Some(SweepPolicy::EndDate),
            v1::SweepPolicy::Delete => Some(SweepPolicy::Delete),
        },
        sweep_max_percent: import.sweep_max_percent,
        dry_run: import.dry_run,
    })
}

/// A moment of the contract.
pub(crate) fn time(name: &str, at: prost_types::Timestamp) -> Result<DateTime<Utc>, Status> {
    u32::try_from(at.nanos)
        .ok()
        .and_then(|nanos| DateTime::from_timestamp(at.seconds, nanos))
        .ok_or_else(|| field(name, "must be a moment in time"))
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// What an import would do, in the contract's form.
pub(crate) fn preview(preview: Preview) -> v1::ImportQueuePreviewResponse {
    let (supplier_id, supplier_name) = preview.supplier.unwrap_or_default();
    let mut file = v1::FileOptions {
        format: v1::FileFormat::Unspecified.into(),
        encoding: preview.file.encoding,
        delimiter: preview.file.delimiter,
        sheet: preview.file.sheet,
        header_row: i32::try_from(preview.file.header_row).unwrap_or(i32::MAX),
        decimal_style: style(preview.decimal_style).into(),
    };
    file.set_format(
        preview
            .file
            .format
            .map_or(v1::FileFormat::Unspecified, format),
    );
    v1::ImportQueuePreviewResponse {
        file: Some(file),
        columns: preview.columns.into_iter().map(Into::into).collect(),
        rows: preview.rows.into_iter().map(Into::into).collect(),
        counters: Some(counters(preview.counters)),
        warning_codes: preview
            .warnings
            .iter()
            .map(|warning| warning.code.to_owned())
            .collect(),
        warnings: preview
            .warnings
            .into_iter()
            .map(|warning| warning.message)
            .collect(),
        supplier_id,
        supplier_name,
    }
}

fn source(source: Source) -> Result<RequestSource, Status> {
    Ok(match source {
        Source::Content(content) => RequestSource::Content(content),
        Source::UploadId(id) => {
            let id = id
                .parse()
                .map_err(|_| field("import.upload_id", "must be what Upload returned"))?;
            RequestSource::List(id)
        }
        Source::Url(url) => RequestSource::Url(url),
    })
}

fn file_options(file: v1::FileOptions) -> Result<FileOptions, Status> {
    Ok(FileOptions {
        format: match file.format() {
            v1::FileFormat::Unspecified => None,
            v1::FileFormat::Csv => Some(Format::Csv),
            v1::FileFormat::Xlsx => Some(Format::Xlsx),
            v1::FileFormat::Xls => Some(Format::Xls),
            v1::FileFormat::Ods => Some(Format::Ods),
        },
        header_row: u32::try_from(file.header_row)
            .map_err(|_| field("import.file.header_row", "must not be negative"))?,
        encoding: file.encoding,
        delimiter: file.delimiter,
        sheet: file.sheet,
    })
}

fn column_mapping(mapping: v1::ColumnMapping) -> Result<ColumnMapping, Status> {
    let unknown = || {
        field(
            "import.mapping",
            format!("maps {:?} to an unknown field", mapping.column),
        )
    };
    let known = v1::ListField::try_from(mapping.field).map_err(|_| unknown())?;
    Ok(ColumnMapping {
        field: list_field(known),
        column: mapping.column,
    })
}

fn match_key(key: i32) -> Result<MatchKey, Status> {
    match v1::MatchBy::try_from(key) {
        Ok(v1::MatchBy::Barcode) => Ok(MatchKey::Barcode),
        Ok(v1::MatchBy::DefaultCode) => Ok(MatchKey::DefaultCode),
        Ok(v1::MatchBy::ProductCode) => Ok(MatchKey::ProductCode),
        Ok(v1::MatchBy::Unspecified) | Err(_) => Err(field("import.match", "must name known ways")),
    }
}

fn decimal_style(style: v1::DecimalStyle) -> Option<DecimalStyle> {
    match style {
        v1::DecimalStyle::Unspecified => None,
        v1::DecimalStyle::Comma => Some(DecimalStyle::Comma),
        v1::DecimalStyle::Point => Some(DecimalStyle::Point),
    }
}

pub(crate) fn style(style: Option<DecimalStyle>) -> v1::DecimalStyle {
    match style {
        None => v1::DecimalStyle::Unspecified,
        Some(DecimalStyle::Comma) => v1::DecimalStyle::Comma,
        Some(DecimalStyle::Point) => v1::DecimalStyle::Point,
    }
}

pub(crate) fn format(format: Format) -> v1::FileFormat {
    match format {
        Format::Csv => v1::FileFormat::Csv,
        Format::Xlsx => v1::FileFormat::Xlsx,
        Format::Xls => v1::FileFormat::Xls,
        Format::Ods => v1::FileFormat::Ods,
    }
}

/// Both sides of the list of fields.
const FIELDS: [(v1::ListField, Field); Field::COUNT] = [
    (v1::ListField::Barcode, Field::Barcode),
    (v1::ListField::DefaultCode, Field::DefaultCode),
    (v1::ListField::ProductCode, Field::ProductCode),
    (v1::ListField::ProductName, Field::ProductName),
    (v1::ListField::Price, Field::Price),
    (v1::ListField::Discount, Field::Discount),
    (v1::ListField::MinQty, Field::MinQty),
    (v1::ListField::Delay, Field::Delay),
    (v1::ListField::Currency, Field::Currency),
    (v1::ListField::Uom, Field::Uom),
    (v1::ListField::DateStart, Field::DateStart),
    (v1::ListField::DateEnd, Field::DateEnd),
    (v1::ListField::Stock, Field::Stock),
    (v1::ListField::Brand, Field::Brand),
    (v1::ListField::Discontinued, Field::Discontinued),
    (v1::ListField::Weight, Field::Weight),
];

fn list_field(wanted: v1::ListField) -> Option<Field> {
    FIELDS
        .iter()
        .find(|(message, _)| *message == wanted)
        .map(|(_, field)| *field)
}

pub(crate) fn field_message(wanted: Option<Field>) -> v1::ListField {
    let found = FIELDS.iter().find(|(_, field)| Some(*field) == wanted);
    found.map_or(v1::ListField::Unspecified, |(message, _)| *message)
}

impl From<PreviewColumn> for v1::PreviewColumn {
    fn from(column: PreviewColumn) -> Self {
        let (question_code, question) = column
            .question
            .map_or(("", String::new()), |asked| (asked.code, asked.message));
        Self {
            column: column.column,
            field: field_message(column.field).into(),
            samples: column.samples,
            decimal_style: style(column.decimal_style).into(),
            question,
            question_code: question_code.to_owned(),
        }
    }
}

impl From<PreviewedRow> for v1::PreviewRow {
    fn from(row: PreviewedRow) -> Self {
        let outcome = match row.outcome {
            None => v1::RowOutcome::Unspecified,
            Some(PreviewOutcome::Created) => v1::RowOutcome::Created,
            Some(PreviewOutcome::Updated) => v1::RowOutcome::Updated,
            Some(PreviewOutcome::Unchanged) => v1::RowOutcome::Unchanged,
            Some(PreviewOutcome::Skipped) => v1::RowOutcome::Skipped,
            Some(PreviewOutcome::Error) => v1::RowOutcome::Error,
        };
        Self {
            row: row.row.into(),
            outcome: outcome.into(),
            code: row.code,
            message: row.message,
            key: row.key,
            product: row.product,
            price_before: row.price_before,
            price_after: row.price_after,
        }
    }
}

impl From<RowError> for v1::RowError {
    fn from(error: RowError) -> Self {
        Self {
            row: error.row.into(),
            code: error.code,
            column: error.column,
            message: error.message,
            values: error.values,
        }
    }
}

impl From<ImportError> for Status {
    fn from(error: ImportError) -> Self {
        let message = error.to_string();
        let refuse = |code, reason| refusal(code, reason, message.clone(), &[]);
        match error {
            ImportError::Field { field: name, why }
            | ImportError::File(FileError::Option { field: name, why }) => field(name, why),
            ImportError::TooLarge { limit }
            | ImportError::Source(SourceError::TooLarge { limit }) => too_large(message, limit),
            ImportError::UploadNotFound | ImportError::NoList => {
                refuse(Code::NotFound, Reason::UploadNotFound)
            }
            ImportError::File(error @ FileError::Disk(_)) => internal(&error),
            ImportError::File(_) => refuse(Code::InvalidArgument, Reason::FileUnreadable),
            ImportError::Mapping(MappingError::Incomplete(_)) => {
                refuse(Code::InvalidArgument, Reason::MappingIncomplete)
            }
            ImportError::Mapping(_) => field("import.mapping", format!("does not fit: {message}")),
            ImportError::Source(SourceError::Away(_)) => {
                refuse(Code::Unavailable, Reason::SourceRefused)
            }
            ImportError::Source(_) => refuse(Code::InvalidArgument, Reason::SourceRefused),
            ImportError::SupplierNotFound(_) => refuse(Code::NotFound, Reason::SupplierNotFound),
            ImportError::SupplierAmbiguous { candidates, .. } => refusal(
                Code::FailedPrecondition,
                Reason::SupplierAmbiguous,
                message,
                &[("candidates", candidates)],
            ),
            ImportError::NotASupplier(_) => refuse(Code::FailedPrecondition, Reason::NotASupplier),
            ImportError::NotAnImport => field("job_id", "must be the job of an import"),
            ImportError::Odoo(error) => error.into(),
            ImportError::Connections(error) => error.into(),
            ImportError::Queue(error) => error.into(),
            ImportError::Db(error) if error.is_transient() => database_away(&error),
            ImportError::Db(error) => internal(&error),
        }
    }
}

fn too_large(message: String, limit: u64) -> Status {
    refusal(
        Code::ResourceExhausted,
        Reason::FileTooLarge,
        message,
        &[("limit_bytes", limit.to_string())],
    )
}
