//! Makes the workbooks of the tests.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// An empty sheet, a list under two empty rows, and another sheet behind it.
///
/// | row | EAN           | Artikelnummer | Inkoopprijs | Korting           | Geldig vanaf |
/// |-----|---------------|---------------|-------------|-------------------|--------------|
/// | 4   | 4006381333931 | A1            | 10.5        | 15                | a date       |
/// | 5   | text          | A2            | `1.234,50`  | `7,5%`            | `31-01-2026` |
/// | 6   |               | A3            | 0.1 + 0.2   | 0.15 shown as 15% |              |
/// | 8   |               | A4            | #N/A        |                   |              |
pub(super) fn xlsx() -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Leeg").unwrap();
    let sheet = workbook.add_worksheet().set_name("Prijzen").unwrap();
    sheet.write_row(2, 0, HEADER).unwrap();
    let day = ExcelDateTime::parse_from_str("2026-01-31").unwrap();
    let as_day = CellFormat::new().set_num_format("dd-mm-yyyy");
    sheet.write(3, 0, 4_006_381_333_931_u64).unwrap();
    sheet.write(3, 1, "A1").unwrap();
    sheet.write(3, 2, 10.5).unwrap();
    sheet.write(3, 3, 15).unwrap();
    sheet.write_with_format(3, 4, &day, &as_day).unwrap();
    let texts = ["96385074", "A2", "1.234,50", "7,5%", "31-01-2026"];
    sheet.write_row(4, 0, texts).unwrap();
    let as_percent = CellFormat::new().set_num_format("0.0%");
    sheet.write(5, 1, "A3").unwrap();
    sheet.write(5, 2, 0.1 + 0.2).unwrap();
    sheet.write_with_format(5, 3, 0.15, &as_percent).unwrap();
    sheet.write(7, 1, "A4").unwrap();
    let missing = Formula::new("=NA()").set_result("#N/A");
    sheet.write(7, 2, missing).unwrap();
    let more = workbook.add_worksheet().set_name("Meer").unwrap();
    more.write(0, 0, "ander blad").unwrap();
    workbook.save_to_buffer().unwrap()
}

const HEADER: [&str; 5] = [
    "EAN",
    "Artikelnummer",
    "Inkoopprijs",
    "Korting",
    "Geldig vanaf",
];

/// The same list as an `OpenDocument` spreadsheet, with the repeats that `LibreOffice` ends every sheet with.
pub(crate) fn ods() -> Vec<u8> {
    let texts = |cells: [&str; 5]| cells.map(|text| text_cell(text, 1)).concat();
    let empty = "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"1024\"/></table:table-row>";
    let rows = [
        "<table:table-row><table:table-cell office:value-type=\"float\" office:value=\"4006381333931\"><text:p>4,00638E+12</text:p></table:table-cell>",
        &text_cell("A1", 1),
        "<table:table-cell office:value-type=\"currency\" office:currency=\"EUR\" office:value=\"10.5\"><text:p>\u{20ac} 10,50</text:p></table:table-cell>\
         <table:table-cell office:value-type=\"float\" office:value=\"15\"/>\
         <table:table-cell office:value-type=\"date\" office:date-value=\"2026-01-31T00:00:00\"><text:p>31-01-26</text:p></table:table-cell></table:table-row>\
         <table:table-row>",
        &texts(["96385074", "A2", "1.234,50", "7,5%", "31-01-2026"]),
        "</table:table-row><table:table-row><table:table-cell/>",
        &text_cell("A3", 1),
        "<table:table-cell office:value-type=\"float\" office:value=\"0.30000000000000004\"/>\
         <table:table-cell office:value-type=\"percentage\" office:value=\"0.15\"><text:p>15%</text:p></table:table-cell></table:table-row>\
         <table:table-row><table:table-cell/></table:table-row><table:table-row><table:table-cell/>",
        &text_cell("A4", 1),
        "<table:table-cell office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"><text:p>#N/A</text:p></table:table-cell></table:table-row>\
         <table:table-row table:number-rows-repeated=\"1048568\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>",
    ]
    .concat();
    let header = format!(
        "<table:table-header-rows><table:table-row>{}</table:table-row></table:table-header-rows>",
        texts(HEADER)
    );
    ods_of(&[
        ("Leeg", ""),
        ("Prijzen", &format!("{empty}{header}{rows}")),
        (
            "Meer",
            &format!(
                "<table:table-row>{}</table:table-row>",
                text_cell("ander blad", 1)
            ),
        ),
    ])
}

pub(super) fn text_cell(text: &str, repeats: usize) -> String {
    format!(
        "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"{repeats}\"><text:p>{text}</text:p></table:table-cell>"
    )
}

pub(super) fn ods_of(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut tables = String::new();
    for (name, rows) in sheets {
        tables.extend([
            "<table:table table:name=\"",
            name,
            "\"><table:table-column/>",
            rows,
            "</table:table>",
        ]);
    }
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    archive(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}

/// An archive whose parts are kept as they are, so that none of them looks packed too well.
pub(super) fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in parts {
        archive.start_file(*name, stored).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The smallest XLSX workbook with this sheet, and a part of shared texts.
pub(super) fn xlsx_of(rows: &str, shared: &str) -> Vec<u8> {
    const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let workbook = format!(
        "<workbook xmlns:r=\"{RELATION}\"><sheets><sheet name=\"Blad1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let relations = format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"{RELATION}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let root = format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"{RELATION}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    archive(&[
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/sharedStrings.xml", shared.as_bytes()),
    ])
}

/// The same list as an XLS workbook. Python's xlwt made it: cells by `write`, the day with the number format
/// `yyyy-mm-dd` and the discount of A3 with `0%`, the error by `set_cell_error`.
pub(crate) const XLS: &[u8] = include_bytes!("../fixtures/prices.xls");

/// A container with a workbook of one sheet that has these records.
pub(super) fn xls_of(records: &[(u16, &[u8])]) -> Vec<u8> {
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let mut stream = container.create_stream("/Workbook").unwrap();
    let beginning: (u16, &[u8]) = (0x0809, &[0, 6, 0x10, 0, 0, 0, 0, 0]);
    for (kind, data) in [beginning]
        .iter()
        .chain(records)
        .chain([&(0x000a, &[][..])])
    {
        stream.write_all(&kind.to_le_bytes()).unwrap();
        stream
            .write_all(&u16::try_from(data.len()).unwrap().to_le_bytes())
            .unwrap();
        stream.write_all(data).unwrap();
    }
    stream.flush().unwrap();
    drop(stream);
    container.into_inner().into_inner()
}
