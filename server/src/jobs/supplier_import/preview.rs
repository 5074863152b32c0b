//! Shows what an import would do with the first rows; writes nothing.

use std::{ops::ControlFlow, sync::Arc};

use futures::StreamExt;
use rust_decimal::Decimal;

use super::{
    codes::SKIP_REASONS,
    error::ImportError,
    fields::Field,
    file::{FileError, FileOptions, Row, read_rows},
    imports::Imports,
    mapping::{Mapping, address},
    numbers::{DecimalStyle, Reading},
    question::question,
    reading::{self, OpenList, check_mapping},
    remark::Remark,
    request::{ImportRequest, RequestSource, field},
    spec::{ImportSpec, Source},
    staging::Unpacked,
    survey::Survey,
    validate::{Checked, Validator},
};
use crate::{
    adapters::odoo::{BatchRow, PreviewOutcome},
    ids::ConnectionId,
    jobs::threads::on_a_thread,
    progress::Counters,
};

const SAMPLES: usize = 3;
const SAMPLE_LETTERS: usize = 60;
const DEFAULT_ROWS: i32 = 200;
const MOST_ROWS: i32 = 2000;

/// What an import would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What was detected about the file, and what was given.
    pub file: FileOptions,
    /// How numbers are written, if that was given.
    pub decimal_style: Option<DecimalStyle>,
    /// The list's columns in order.
    pub columns: Vec<PreviewColumn>,
    /// The rows that were looked at.
    pub rows: Vec<PreviewedRow>,
    /// Counts of their outcomes.
    pub counters: Counters,
    /// What is worth knowing about the list as a whole.
    pub warnings: Vec<Remark>,
    /// The contact that was found; none if Odoo was not asked.
    pub supplier: Option<(i64, String)>,
}

/// One column as it was understood.
#[derive(Clone, Debug)]
pub struct PreviewColumn {
    /// The header, or the position.
    pub column: String,
    /// What it will be taken for.
    pub field: Option<Field>,
    /// Some of its values.
    pub samples: Vec<String>,
    /// How its numbers are written.
    pub decimal_style: Option<DecimalStyle>,
    /// What is unclear about it; none if nothing is.
    pub question: Option<Remark>,
}

/// What would become of one row.
#[derive(Clone, Debug)]
pub struct PreviewedRow {
    /// The 1-based row in the file.
    pub row: u32,
    /// What would become of it; none if only Odoo knows.
    pub outcome: Option<PreviewOutcome>,
    /// The skip reason or error code.
    pub code: String,
    /// The code in words.
    pub message: String,
    /// What names the row's product.
    pub key: String,
    /// The product that was found.
    pub product: String,
    /// The price in Odoo now.
    pub price_before: String,
    /// The price that the row brings.
    pub price_after: String,
}

impl Imports {
    /// Looks at the first `rows` rows of a list; with `file_only` Odoo is not asked.
    pub async fn preview(
        &self,
        connection: ConnectionId,
        request: &ImportRequest,
        rows: i32,
        file_only: bool,
    ) -> Result<Preview, ImportError> {
        let rows = match rows {
            ..0 => return Err(field("rows", "must not be negative")),
            0 => DEFAULT_ROWS,
            more => more.min(MOST_ROWS),
        };
        let mut spec = request.spec(0, Source::Url(String::new()), String::new())?;
        let supplier = if file_only {
            None
        } else {
            Some(self.supplier(connection, &request.supplier).await?)
        };
        spec.supplier = supplier.as_ref().map_or(0, |(id, _)| *id);
        let list = Arc::new(reading::open(self.unpack(connection, request).await?, &spec).await?);
        let saved = self.mappings.of(connection, spec.supplier).await?;
        let mapping = list.mapping(&spec.mapping, &saved)?;
        let survey = list.survey(&mapping, &spec, || false).await?;
        let mut preview = Preview {
            file: file_options(&list),
            decimal_style: spec.decimal_style,
            columns: columns(&list, &mapping, &survey)?,
            rows: Vec::new(),
            counters: Counters {
                rows_total: i64::from(survey.rows),
                ..Counters::default()
            },
            warnings: survey.warnings.clone(),
            supplier,
        };
        if let Err(incomplete) = check_mapping(&mapping, &list.layout.columns, &spec) {
            // The columns with their questions are what mends this.
            let remark = Remark::new("mapping_incomplete", incomplete.to_string());
            preview.warnings.push(remark);
            return Ok(preview);
        }
        let validator = list.validator(&mapping, &survey, &spec);
        let most = usize::try_from(rows).unwrap_or_default();
        let (looked_at, sendable) = on_a_thread(move || look(&list, &validator, most)).await?;
        preview.rows = looked_at;
        if !file_only {
            self.ask(connection, &spec, &sendable, &mut preview.rows)
                .await?;
        }
        preview
            .rows
            .iter()
            .for_each(|row| count(row, &mut preview.counters));
        Ok(preview)
    }

    async fn unpack(
        &self,
        connection: ConnectionId,
        request: &ImportRequest,
    ) -> Result<Unpacked, ImportError> {
        match &request.source {
            None => Err(field("import.source", "must be content, upload_id or url")),
            Some(RequestSource::Content(content)) => {
                self.staging
                    .spool(futures::stream::iter([Ok(content.clone())]))
                    .await
            }
            Some(RequestSource::List(id)) => {
                self.staging
                    .find(connection, *id)
                    .await?
                    .ok_or(ImportError::UploadNotFound)?;
                self.staging.unpack(*id).await
            }
            Some(RequestSource::Url(url)) => {
                let source = self.http.fetch_source(url).await?;
                self.staging
                    .spool(
                        source
                            .pieces()
                            .map(|piece| piece.map_err(ImportError::from)),
                    )
                    .await
            }
        }
    }

    /// Asks Odoo what it would do with the rows that can be sent.
    async fn ask(
        &self,
        connection: ConnectionId,
        spec: &ImportSpec,
        sendable: &[BatchRow],
        rows: &mut [PreviewedRow],
    ) -> Result<(), ImportError> {
        if sendable.is_empty() {
            return Ok(());
        }
        let odoo = self.clients.of(connection).await?;
        let answer = odoo
            .preview_batch(spec.supplier, &spec.options, sendable)
            .await?;
        for found in answer.rows {
            let number = u32::try_from(found.row).unwrap_or_default();
            let Ok(index) = rows.binary_search_by_key(&number, |row| row.row) else {
                continue;
            };
            let row = &mut rows[index];
            row.outcome = Some(found.outcome);
            row.code = found.code.unwrap_or_default();
            row.message = found.message.unwrap_or_else(|| words(&row.code).to_owned());
            row.product = found.product_name.unwrap_or_default();
            row.price_before = price(found.price_before);
            if let Some(after) = found.price_after {
                row.price_after = price(Some(after));
            }
        }
        Ok(())
    }
}

/// Checks the first rows as an import would.
fn look(
    list: &OpenList,
    validator: &Validator,
    most: usize,
) -> Result<(Vec<PreviewedRow>, Vec<BatchRow>), FileError> {
    let mut rows: Vec<PreviewedRow> = Vec::new();
    let mut sendable = Vec::new();
    let mut lines = super::deduplicate::Lines::for_rows(0);
    read_rows(&list.file, &list.layout, &mut |row| {
        let mut shown = blank(row);
        match validator.check(row) {
            Checked::Valid(line) => {
                line.product().clone_into(&mut shown.key);
                if let Some(first) = lines.earlier(&line.key(), row.number()) {
                    shown.outcome = Some(PreviewOutcome::Error);
                    "duplicate_line".clone_into(&mut shown.code);
                    shown.message = format!(
                        "row {first} names the same price line already; the first one counts"
                    );
                } else {
                    let sent = line.to_batch_row();
                    shown.price_after = sent
                        .price
                        .as_ref()
                        .map(Decimal::to_string)
                        .unwrap_or_default();
                    sendable.push(sent);
                }
            }
            Checked::Skipped(reason) => {
                shown.outcome = Some(PreviewOutcome::Skipped);
                reason.clone_into(&mut shown.code);
                words(reason).clone_into(&mut shown.message);
            }
            Checked::Faulty(faults) => {
                let error = validator.error(row, &faults);
                shown.outcome = Some(PreviewOutcome::Error);
                shown.code = error.code;
                shown.message = if error.column.is_empty() {
                    error.message
                } else {
                    format!("{}: {}", error.column, error.message)
                };
            }
        }
        rows.push(shown);
        if rows.len() < most {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    Ok((rows, sendable))
}

fn blank(row: &Row) -> PreviewedRow {
    PreviewedRow {
        row: row.number(),
        outcome: None,
        code: String::new(),
        message: String::new(),
        key: String::new(),
        product: String::new(),
        price_before: String::new(),
        price_after: String::new(),
    }
}

fn file_options(list: &OpenList) -> FileOptions {
    let layout = &list.layout;
    let is_text = layout.format == super::file::Format::Csv;
    FileOptions {
        format: Some(layout.format),
        encoding: if is_text {
            layout.encoding.name().to_lowercase()
        } else {
            String::new()
        },
        delimiter: if is_text {
            (layout.delimiter as char).to_string()
        } else {
            String::new()
        },
        sheet: layout.sheet.clone(),
        header_row: layout.header_row,
    }
}

fn columns(
    list: &OpenList,
    mapping: &Mapping,
    survey: &Survey,
) -> Result<Vec<PreviewColumn>, FileError> {
    let names = &list.layout.columns;
    let mut columns: Vec<PreviewColumn> = (0..names.len())
        .map(|index| {
            let field = mapping.field(index);
            PreviewColumn {
                column: address(names, index),
                field,
                samples: Vec::new(),
                decimal_style: field
                    .filter(|field| field.is_number())
                    .and_then(|field| style(survey.readings[field as usize])),
                question: question(names, mapping, index),
            }
        })
        .collect();
    let mut looked_at = 0;
    read_rows(&list.file, &list.layout, &mut |row| {
        for (index, column) in columns.iter_mut().enumerate() {
            let text = row.cell(index).0;
            if column.samples.len() < SAMPLES && !text.is_empty() {
                column
                    .samples
                    .push(text.chars().take(SAMPLE_LETTERS).collect());
            }
        }
        looked_at += 1;
        if looked_at < 100 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    Ok(columns)
}

fn style(reading: Reading) -> Option<DecimalStyle> {
    match reading {
        Reading::Given(style) | Reading::Found(style) => Some(style),
        Reading::Unknown => None,
    }
}

fn words(reason: &str) -> &'static str {
    SKIP_REASONS
        .iter()
        .find(|(code, _)| *code == reason)
        .map_or("", |(_, words)| words)
}

fn price(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn count(row: &PreviewedRow, counters: &mut Counters) {
    counters.rows_done += 1;
    match row.outcome {
        Some(PreviewOutcome::Created) => counters.created += 1,
        Some(PreviewOutcome::Updated) => counters.updated += 1,
        Some(PreviewOutcome::Unchanged) => counters.unchanged += 1,
        Some(PreviewOutcome::Skipped) => counters.skipped += 1,
        Some(PreviewOutcome::Error) => counters.errors += 1,
        None => {}
    }
}
