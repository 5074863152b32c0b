//! The arguments that `import`, `preview` and `schedule add` share, and the message that they make.

use std::{fs, path::PathBuf};

use clap::{Args, ValueEnum};
use sluice_client::v1::{
    ColumnMapping, DecimalStyle, FileFormat, FileOptions, MatchBy, RowFilter, SupplierImport,
    SweepPolicy, UnknownProduct, supplier_import::Source,
};

use super::{failure::Failure, mapping};

/// What to import and how.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The connection to import into; a connection's own token implies it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) connection: String,
    /// The supplier in Odoo: its database id, its reference, or its exact name
    #[arg(long, value_name = "ID|REF|NAME")]
    pub(crate) supplier: String,

    /// What the columns mean: a TOML file with a table [columns], "header" = "field"
    #[arg(long, value_name = "FILE", help_heading = "Reading the list")]
    mapping: Option<PathBuf>,
    /// Keep this mapping for the supplier's next list
    #[arg(long, requires = "mapping", help_heading = "Reading the list")]
    save_mapping: bool,
    /// The file's format instead of the detected one
    #[arg(long, value_enum, help_heading = "Reading the list")]
    format: Option<Format>,
    /// The text's encoding instead of the detected one, such as windows-1252
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true,
        help_heading = "Reading the list"
    )]
    encoding: String,
    /// The character between fields instead of the detected one; `tab` for a tab
    #[arg(
        long,
        value_name = "CHARACTER",
        default_value = "",
        hide_default_value = true,
        help_heading = "Reading the list"
    )]
    delimiter: String,
    /// The sheet to read instead of the first with content
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true,
        help_heading = "Reading the list"
    )]
    sheet: String,
    /// The row of the header, counted from 1, instead of the detected one
    #[arg(
        long,
        value_name = "ROW",
        default_value_t = 0,
        hide_default_value = true,
        help_heading = "Reading the list"
    )]
    header_row: i32,
    /// How numbers are written instead of deciding it per column
    #[arg(long, value_enum, help_heading = "Reading the list")]
    decimal: Option<Decimal>,

    /// How to find a row's product, in this order
    #[arg(
        long = "match",
        value_enum,
        value_delimiter = ',',
        value_name = "WAY,..",
        help_heading = "Products and prices"
    )]
    match_by: Vec<Match>,
    /// What becomes of rows whose product Odoo does not know
    #[arg(
        long,
        value_enum,
        default_value = "error",
        help_heading = "Products and prices"
    )]
    unknown: Unknown,
    /// Make archived products active again when a row names them
    #[arg(long, help_heading = "Products and prices")]
    reactivate: bool,
    /// The currency of rows that name none, instead of the company's
    #[arg(
        long,
        value_name = "ISO",
        default_value = "",
        hide_default_value = true,
        help_heading = "Products and prices"
    )]
    currency: String,
    /// The id of the Odoo company whose price lines these are; left out: lines for all companies
    #[arg(
        long,
        value_name = "ID",
        default_value_t = 0,
        hide_default_value = true,
        help_heading = "Products and prices"
    )]
    company: i64,

    /// What becomes of the supplier's lines that the list no longer names
    #[arg(
        long,
        value_enum,
        default_value = "keep",
        help_heading = "Lines no longer listed"
    )]
    sweep: Sweep,
    /// The largest share of the supplier's lines that a sweep may touch, in percent
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 20,
        help_heading = "Lines no longer listed"
    )]
    sweep_max_percent: i32,

    /// Leave out rows with less stock
    #[arg(
        long,
        value_name = "NUMBER",
        default_value = "",
        hide_default_value = true,
        help_heading = "Leaving rows out"
    )]
    min_stock: String,
    /// Leave out rows with a lower price
    #[arg(
        long,
        value_name = "PRICE",
        default_value = "",
        hide_default_value = true,
        help_heading = "Leaving rows out"
    )]
    min_price: String,
    /// Leave out rows that are marked as discontinued
    #[arg(long, help_heading = "Leaving rows out")]
    skip_discontinued: bool,
    /// Leave out rows of these brands
    #[arg(
        long,
        value_name = "BRAND,..",
        value_delimiter = ',',
        help_heading = "Leaving rows out"
    )]
    block_brand: Vec<String>,
    /// Let the barcodes in this file, one a line, through although their brand is blocked
    #[arg(
        long,
        value_name = "FILE",
        requires = "block_brand",
        help_heading = "Leaving rows out"
    )]
    allow_barcodes: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Xlsx,
    Xls,
    Ods,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Decimal {
    /// 1.234,56
    Comma,
    /// 1,234.56
    Point,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Match {
    /// The product's barcode
    Barcode,
    /// The product's internal reference
    DefaultCode,
    /// The supplier's own article number on known price lines
    ProductCode,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Unknown {
    /// Report the row as an error
    Error,
    /// Create the product
    Create,
    /// Leave the row out
    Skip,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sweep {
    /// Leave them as they are
    Keep,
    /// End them the day before the import
    EndDate,
    /// Delete them
    Delete,
}

impl ImportOptions {
    /// Finds out before a server is asked whether the files that the options name can be used.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.columns()?;
        self.filter()?;
        Ok(())
    }

    /// The import of a list. Fails if a file that the options name cannot be used.
    pub(crate) fn import(
        self,
        source: Source,
        file_name: String,
    ) -> Result<SupplierImport, Failure> {
        Ok(SupplierImport {
            file: Some(self.file()),
            filter: Some(self.filter()?),
            mapping: self.columns()?,
            save_mapping: self.save_mapping,
            r#match: self.match_by.iter().map(|way| way.wire().into()).collect(),
            unknown_product: self.unknown.wire().into(),
            reactivate: self.reactivate,
            sweep: self.sweep.wire().into(),
            sweep_max_percent: self.sweep_max_percent,
            company_id: self.company,
            connection: self.connection,
            supplier: self.supplier,
            currency: self.currency,
            source: Some(source),
            file_name,
            dry_run: false,
        })
    }

    fn columns(&self) -> Result<Vec<ColumnMapping>, Failure> {
        let columns = self.mapping.as_deref().map(mapping::read).transpose()?;
        Ok(columns.unwrap_or_default())
    }

    fn file(&self) -> FileOptions {
        let delimiter = match self.delimiter.as_str() {
            "tab" | "\\t" => "\t",
            delimiter => delimiter,
        };
        FileOptions {
            format: self
                .format
                .map_or(FileFormat::Unspecified, Format::wire)
                .into(),
            encoding: self.encoding.clone(),
            delimiter: delimiter.to_owned(),
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            decimal_style: self
                .decimal
                .map_or(DecimalStyle::Unspecified, Decimal::wire)
                .into(),
        }
    }

    fn filter(&self) -> Result<RowFilter, Failure> {
        let allowed = match &self.allow_barcodes {
            None => String::new(),
            Some(path) => fs::read_to_string(path).map_err(|error| {
                Failure::usage(
                    format!("{} cannot be read: {error}", path.display()),
                    "--allow-barcodes wants a text file with one barcode a line.",
                )
            })?,
        };
        Ok(RowFilter {
            min_stock: self.min_stock.clone(),
            min_price: self.min_price.clone(),
            skip_discontinued: self.skip_discontinued,
            blocked_brands: self.block_brand.clone(),
            allowed_barcodes: allowed
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }
}

impl Format {
    fn wire(self) -> FileFormat {
        match self {
            Self::Csv => FileFormat::Csv,
            Self::Xlsx => FileFormat::Xlsx,
            Self::Xls => FileFormat::Xls,
            Self::Ods => FileFormat::Ods,
        }
    }
}

impl Decimal {
    fn wire(self) -> DecimalStyle {
        match self {
            Self::Comma => DecimalStyle::Comma,
            Self::Point => DecimalStyle::Point,
        }
    }
}

impl Match {
    fn wire(self) -> MatchBy {
        match self {
            Self::Barcode => MatchBy::Barcode,
            Self::DefaultCode => MatchBy::DefaultCode,
            Self::ProductCode => MatchBy::ProductCode,
        }
    }
}

impl Unknown {
    fn wire(self) -> UnknownProduct {
        match self {
            Self::Error => UnknownProduct::Error,
            Self::Create => UnknownProduct::Create,
            Self::Skip => UnknownProduct::Skip,
        }
    }
}

impl Sweep {
    fn wire(self) -> SweepPolicy {
        match self {
            Self::Keep => SweepPolicy::Keep,
            Self::EndDate => SweepPolicy::EndDate,
            Self::Delete => SweepPolicy::Delete,
        }
    }
}
