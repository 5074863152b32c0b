//! `sluice preview`: what an import would do with the first rows.

use clap::Args;
use sluice_client::{
    Client,
    v1::{
        DecimalStyle, FileFormat, ImportQueuePreviewRequest, ImportQueuePreviewResponse, ListField,
        RowOutcome, supplier_import::Source,
    },
};

use super::{
    Ending,
    failure::Failure,
    import::{check, file_name, send},
    import_options::ImportOptions,
    mapping,
    output::Output,
    render::{
        json,
        table::{Align, Table},
        text::{clean, short},
        words,
    },
};

/// Arguments of `sluice preview`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice preview prices.csv --connection webshop --supplier ACME
  sluice preview prices.csv --connection webshop --supplier ACME --file-only

Ends with 3 if rows among those that were looked at would fail.")]
pub(crate) struct PreviewArguments {
    /// The list: a file, an http(s) address that the server fetches, or `-` for the standard input
    #[arg(value_name = "FILE|URL")]
    list: String,
    #[command(flatten)]
    options: ImportOptions,
    /// How many rows to look at, at most 2000
    #[arg(long, default_value_t = 200)]
    rows: i32,
    /// How many rows to show
    #[arg(long, default_value_t = 20)]
    show: usize,
    /// Look at the file alone and do not ask Odoo
    #[arg(long)]
    file_only: bool,
}

impl PreviewArguments {
    /// Finds what is wrong with the arguments before a server is asked.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.options.check()?;
        check(&self.list)
    }
}

pub(crate) async fn run(
    arguments: PreviewArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let connection = arguments.options.connection.clone();
    let nothing = Source::Content(Vec::new());
    let mut import = arguments
        .options
        .import(nothing, file_name(&arguments.list))?;
    import.source = Some(send(&arguments.list, &connection, client, output).await?);
    let preview = client
        .preview(ImportQueuePreviewRequest {
            import: Some(import),
            rows: arguments.rows,
            file_only: arguments.file_only,
        })
        .await?;
    if output.is_json() {
        output.value(&json::preview(&preview))?;
    } else {
        output.line(&file_line(&preview))?;
        output.line("")?;
        output.line(&columns(&preview))?;
        output.line("")?;
        output.line(&rows(&preview, arguments.show))?;
        for line in remarks(&preview) {
            output.line(&line)?;
        }
    }
    let errors = preview.counters.map_or(0, |counters| counters.errors);
    Ok(if errors > 0 {
        Ending::RowErrors
    } else {
        Ending::Good
    })
}

fn file_line(preview: &ImportQueuePreviewResponse) -> String {
    let mut parts = Vec::new();
    if preview.supplier_id != 0 {
        let name = clean(&preview.supplier_name);
        parts.push(format!("supplier {name} (id {})", preview.supplier_id));
    }
    if let Some(file) = &preview.file {
        if file.format() != FileFormat::Unspecified {
            parts.push(words::of(file.format().as_str_name(), "FILE_FORMAT_"));
        }
        if !file.encoding.is_empty() {
            parts.push(clean(&file.encoding));
        }
        if !file.delimiter.is_empty() {
            parts.push(format!("fields divided by {:?}", file.delimiter));
        }
        if !file.sheet.is_empty() {
            parts.push(format!("sheet {}", clean(&file.sheet)));
        }
        if file.header_row > 0 {
            parts.push(format!("header in row {}", file.header_row));
        }
    }
    parts.join(" · ")
}

fn columns(preview: &ImportQueuePreviewResponse) -> String {
    let mut table = Table::new(&["COLUMN", "TAKEN FOR", "NUMBERS", "SAMPLES", "QUESTION"]);
    for column in &preview.columns {
        let field = match column.field() {
            ListField::Unspecified => "-".to_owned(),
            field => mapping::word(field),
        };
        let numbers = match column.decimal_style() {
            DecimalStyle::Unspecified => "",
            DecimalStyle::Comma => "1.234,56",
            DecimalStyle::Point => "1,234.56",
        };
        table.row([
            short(&column.column, 30),
            field,
            numbers.to_owned(),
            short(&column.samples.join(" | "), 40),
            clean(&column.question),
        ]);
    }
    table.to_string()
}

fn rows(preview: &ImportQueuePreviewResponse, show: usize) -> String {
    let mut table =
        Table::new(&["ROW", "OUTCOME", "KEY", "PRODUCT", "NOW", "NEW", "WHY"]).align(&[
            Align::Right,
            Align::Left,
            Align::Left,
            Align::Left,
            Align::Right,
            Align::Right,
        ]);
    // What needs attention comes first: a screen of rows that are fine tells nothing.
    let mut chosen: Vec<_> = preview.rows.iter().collect();
    chosen.sort_by_key(|row| row.outcome() != RowOutcome::Error);
    chosen.truncate(show);
    chosen.sort_by_key(|row| row.row);
    for row in chosen {
        let outcome = match row.outcome() {
            RowOutcome::Unspecified => "-".to_owned(),
            outcome => words::of(outcome.as_str_name(), "ROW_OUTCOME_"),
        };
        let why = match (row.code.as_str(), row.message.as_str()) {
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        };
        table.row([
            row.row.to_string(),
            outcome,
            short(&row.key, 24),
            short(&row.product, 32),
            clean(&row.price_before),
            clean(&row.price_after),
            clean(&why),
        ]);
    }
    table.to_string()
}

fn remarks(preview: &ImportQueuePreviewResponse) -> Vec<String> {
    let mut lines = vec![String::new()];
    if let Some(counters) = &preview.counters {
        let looked = words::number(preview.rows.len().try_into().unwrap_or(i64::MAX));
        lines.push(format!(
            "{looked} rows looked at: {}",
            words::outcomes(counters)
        ));
    }
    lines.extend(
        preview
            .warnings
            .iter()
            .map(|warning| format!("warning: {}", clean(warning))),
    );
    lines
}
