//! A list as the file that a supplier would send.

use super::{Defect, ListRow, PriceList, product::barcode_with_a_wrong_digit};
use std::io::{self, Write};

/// The header, and what each column means; the empty meaning leaves a column out.
const COLUMNS: &[(&str, &str)] = &[
    ("EAN-code", "barcode"),
    ("Artikelnummer", "default_code"),
    ("Bestelnummer", "product_code"),
    ("Merk", "brand"),
    ("Omschrijving", "product_name"),
    ("Description", ""),
    ("Inkoopprijs", "price"),
    ("Vanaf aantal", "min_qty"),
    ("Levertijd", "delay"),
    ("Voorraad", "stock"),
    ("Valuta", "currency"),
];

/// Price, quantity, delivery time and stock.
const NUMBER_COLUMNS: [u16; 4] = [6, 7, 8, 9];

impl PriceList {
    /// The list as delimited text: UTF-8 with a mark, semicolons, decimal commas, Windows line ends.
    pub fn csv(&self) -> Vec<u8> {
        let mut text = "\u{feff}".as_bytes().to_vec();
        self.write_csv(&mut text)
            .expect("a vector takes all that is written");
        text
    }

    /// The list as a workbook: codes are text, prices and quantities are numbers where they can be.
    pub fn xlsx(&self) -> anyhow::Result<Vec<u8>> {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        for (column, (name, _)) in (0..).zip(COLUMNS) {
            sheet.write_string(0, column, *name)?;
        }
        for (line, row) in (1..).zip(&self.rows) {
            for (column, field) in (0..).zip(self.fields(row)) {
                let number = field.replace('.', "").replace(',', ".").parse::<f64>();
                match number {
                    Ok(number) if NUMBER_COLUMNS.contains(&column) => {
                        sheet.write_number(line, column, number)?
                    }
                    _ => sheet.write_string(line, column, field)?,
                };
            }
        }
        Ok(workbook.save_to_buffer()?)
    }

    /// Writes the list as delimited text, piece by piece.
    pub fn write_csv(&self, out: &mut impl Write) -> io::Result<()> {
        let header: Vec<String> = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
        write_line(out, &header)?;
        for row in &self.rows {
            write_line(out, &self.fields(row))?;
        }
        Ok(())
    }

    /// The columns in order, each with what it means as the name of a list field; empty means that it is left out.
    pub fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
        COLUMNS.iter().copied()
    }

    /// What the columns mean, as the command line's mapping file says it.
    pub fn mapping_file() -> String {
        let lines = COLUMNS
            .iter()
            .filter(|(_, field)| !field.is_empty())
            .map(|(column, field)| format!("\"{column}\" = \"{field}\"\n"));
        std::iter::once("[columns]\n".to_owned())
            .chain(lines)
            .collect()
    }

    /// The fields of a row as text, in the order of the columns.
    pub fn fields(&self, row: &ListRow) -> Vec<String> {
        let product = self.product(row.product);
        let mut barcode = product.barcode.unwrap_or_default();
        let mut code = product.code;
        let mut product_code = product.product_code;
        let mut price = decimal_comma(row.cents);
        let mut min_qty = row.min_qty.to_string();
        let mut currency = "EUR".to_owned();
        match row.defect {
            None | Some(Defect::DuplicateLine | Defect::UnknownProduct | Defect::FieldTooMany) => {}
            Some(Defect::PriceUnreadable) => "op aanvraag".clone_into(&mut price),
            Some(Defect::PriceMissing) => price.clear(),
            Some(Defect::PriceNegative) => price.insert(0, '-'),
            Some(Defect::BarcodeCheckDigit) => barcode = barcode_with_a_wrong_digit(row.product),
            Some(Defect::BarcodeScientific) => "8,71E+12".clone_into(&mut barcode),
            Some(Defect::KeyMissing) => {
                barcode.clear();
                code.clear();
                product_code.clear();
            }
            Some(Defect::QuantityUnreadable) => "per doos".clone_into(&mut min_qty),
            Some(Defect::AmbiguousCode) => barcode.clear(),
            Some(Defect::UnknownCurrency) => "XQQ".clone_into(&mut currency),
        }
        let mut fields = vec![
            barcode,
            code,
            product_code,
            product.brand.to_owned(),
            product.name_dutch,
            product.name_english,
            price,
            min_qty,
            (1 + row.product % 14).to_string(),
            (row.product % 400).to_string(),
            currency,
        ];
        if row.defect == Some(Defect::FieldTooMany) {
            fields.push("actie".to_owned());
        }
        fields
    }
}

/// 123456 hundredths as `1.234,56`.
fn decimal_comma(cents: u64) -> String {
    let whole = (cents / 100).to_string();
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    format!("{text},{:02}", cents % 100)
}

fn write_line(out: &mut impl Write, fields: &[String]) -> io::Result<()> {
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.write_all(b";")?;
        }
        if field.contains([';', '"', '\n', '\r']) {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_points_between_thousands() {
        assert_eq!(decimal_comma(123_456_789), "1.234.567,89");
        assert_eq!(decimal_comma(5), "0,05");
    }

    #[test]
    fn a_name_with_a_quote_and_a_line_break_is_quoted() {
        let mut line = Vec::new();
        write_line(&mut line, &["3\" a\nb".to_owned(), "c".to_owned()]).unwrap();
        assert_eq!(line, b"\"3\"\" a\nb\";c\r\n");
    }
}
