//! Every bad input that lists are known for, and what it gets: a clear error of the row or of the file.

use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    ops::ControlFlow,
};

use super::{
    fields::Field,
    file::{EncodingScan, FileError, FileOptions, Layout, detect},
    filter::FilterRules,
    mapping::Mapping,
    prepare::{Plan, Prepared, prepare},
    survey::survey,
    validate::Validator,
};
use crate::adapters::odoo::MatchKey;

const KEYS: [MatchKey; 3] = [
    MatchKey::Barcode,
    MatchKey::DefaultCode,
    MatchKey::ProductCode,
];

fn staged(bytes: &[u8]) -> (File, EncodingScan) {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    let mut scan = EncodingScan::default();
    scan.feed(bytes);
    (file, scan)
}

pub(super) fn open(bytes: &[u8]) -> Result<(File, Layout), FileError> {
    open_as(bytes, &FileOptions::default())
}

pub(super) fn open_as(bytes: &[u8], options: &FileOptions) -> Result<(File, Layout), FileError> {
    let (file, scan) = staged(bytes);
    let layout = detect(&file, scan.finish(), options)?;
    Ok((file, layout))
}

/// Good rows, and (row, code, column) of the bad ones.
pub(super) type Outcome = (Vec<i64>, Vec<(u32, String, String)>);

pub(super) fn import_with(
    bytes: &[u8],
    filter: &FilterRules,
) -> Result<(Outcome, Vec<Prepared>), FileError> {
    let (file, layout) = open(bytes)?;
    let mapping = Mapping::suggested(&layout.columns);
    let survey = survey(&file, &layout, &mapping, None, &|_| false)?;
    let validator = Validator::new(&layout, mapping, survey.readings, &KEYS, filter, None);
    let plan = Plan {
        validator: &validator,
        rows: survey.rows,
        done_to: 0,
        keep_rows: true,
    };
    let mut batches = Vec::new();
    prepare(&file, &layout, &plan, &|| 2, &mut |batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    })?;
    let good = batches
        .iter()
        .flat_map(|batch| batch.rows.iter().map(|row| row.row))
        .collect();
    let bad = batches
        .iter()
        .flat_map(|batch| {
            batch
                .errors
                .iter()
                .map(|error| (error.row, error.code.clone(), error.column.clone()))
        })
        .collect();
    Ok(((good, bad), batches))
}

pub(super) fn import(bytes: &[u8]) -> Result<Outcome, FileError> {
    import_with(bytes, &FilterRules::default()).map(|(outcome, _)| outcome)
}

#[test]
fn each_bad_row_is_reported_with_its_column_and_the_rest_goes_on() {
    let head = "EAN;sku;unitprice;korting;moq;valuta;valid from;valid until";
    let good = "4006381333931;A1;10,50;;1;EUR;;";
    let cases: [(&str, &str, &str); 24] = [
        ("4006381333932;B;1,00;;;;;", "barcode_check_digit", "EAN"),
        ("8.71E+12;B;1,00;;;;;", "barcode_scientific", "EAN"),
        ("123;B;1,00;;;;;", "barcode_invalid", "EAN"),
        (";;1,00;;;;;", "key_missing", ""),
        (";B;;;;;;", "price_missing", "unitprice"),
        (";B;NaN;;;;;", "number_unreadable", "unitprice"),
        (";B;inf;;;;;", "number_unreadable", "unitprice"),
        (";B;op aanvraag;;;;;", "number_unreadable", "unitprice"),
        (";B;#REF;;;;;", "number_unreadable", "unitprice"),
        (";B;-1,00;;;;;", "price_negative", "unitprice"),
        (";B;1,5E+3;;;;;", "number_scientific", "unitprice"),
        (";B;99999999999999;;;;;", "number_out_of_range", "unitprice"),
        (";B;12%;;;;;", "number_unreadable", "unitprice"),
        (";B;$ 1,00;;;EUR;;", "currency_conflict", "unitprice"),
        (";B;1,00;101;;;;", "number_out_of_range", "korting"),
        (";B;1,00;0,15;;;;", "number_ambiguous", "korting"),
        (";B;1,00;;15%;;;", "number_unreadable", "moq"),
        (";B;1,00;;-1;;;", "number_out_of_range", "moq"),
        (";B;1,00;;;EURO;;", "currency_invalid", "valuta"),
        (";B;1,00;;;;2026-13-01;", "date_unreadable", "valid from"),
        (
            ";B;1,00;;;;2026-02-01;2026-01-01",
            "dates_reversed",
            "valid until",
        ),
        (";B;1,00;;;;;;;extra", "row_too_wide", ""),
        (";B;1,00", "row_too_narrow", ""),
        ("4006381333931;A1;11,00;;1,0;EUR;;", "duplicate_line", ""),
    ];
    for (row, code, column) in cases {
        let list = format!("{head}\n{good}\n{row}\n;Z;2,50;;;;;\n");
        let (accepted, errors) = import(list.as_bytes()).unwrap();
        assert_eq!(errors, [(3, code.to_owned(), column.to_owned())], "{row}");
        assert_eq!(accepted, [2, 4], "{row}");
    }
}

#[test]
fn a_file_that_is_no_list_says_what_it_is() {
    let wide = format!("ean;price{}\n1;2\n", ";c".repeat(498));
    let cases: [(&[u8], &str); 10] = [
        (b"", "file_empty"),
        (b" \r\n\r\n", "file_empty"),
        (b"ean;price\n", "file_without_rows"),
        (wide.as_bytes(), "too_many_columns"),
        (b"%PDF-1.7 ...", "file_not_a_list"),
        (b"\x1f\x8b\x08\x00rest", "file_not_a_list"),
        (b"<!DOCTYPE html><html>login</html>", "file_not_a_list"),
        (b"ean;price\n1\x00\x00\x01;2\n", "file_not_a_list"),
        (b"PK\x03\x04 cut off", "file_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut off", "file_damaged"),
    ];
    for (bytes, code) in cases {
        let error = import(bytes).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

#[test]
fn both_decimal_styles_in_one_column_are_read_where_they_are_clear() {
    let list = b"sku;price\nA;1.234,56\nB;1,234.56\nC;1.234\nD;7\n";
    let (_, batches) = import_with(list, &FilterRules::default()).unwrap();
    let prices: Vec<String> = batches
        .iter()
        .flat_map(|batch| &batch.rows)
        .map(|row| row.price.unwrap().to_string())
        .collect();
    assert_eq!(prices, ["1234.56", "1234.56", "7"]);
    assert_eq!(
        import(list).unwrap().1,
        [(4, "number_ambiguous".to_owned(), "price".to_owned())]
    );
    let (good, bad) = import(b"sku;price\nA;1.234\nB;0,5\n").unwrap();
    assert_eq!(
        (good.len(), bad.len()),
        (2, 0),
        "one clear number decides for its column"
    );
}

#[test]
fn lines_of_another_encoding_are_errors_and_the_majority_is_read() {
    let (good, bad) =
        import(b"sku;omschrijving;price\nA;Caf\xc3\xa9;1\nB;Cr\xc3\xa8me;1\nC;Caf\xe9;1\n")
            .unwrap();
    assert_eq!((good.as_slice(), bad.len()), (&[2, 3][..], 1));
    assert_eq!((bad[0].0, bad[0].1.as_str()), (4, "encoding_invalid"));
    let (good, bad) =
        import(b"sku;omschrijving;price\nA;Caf\xe9;1\nB;Gr\xf6\xdfe;1\nC;Caf\xc3\xa9;1\n").unwrap();
    assert_eq!((good.as_slice(), bad.len()), (&[2, 3][..], 1));
}

#[test]
fn a_cell_of_ten_megabytes_is_an_error_of_its_row() {
    let list = format!(
        "sku;omschrijving;price\nA;{};1\nB;x;2\n",
        "x".repeat(10 * 1024 * 1024)
    );
    let (good, bad) = import(list.as_bytes()).unwrap();
    assert_eq!(
        (good, bad[0].0, bad[0].1.as_str()),
        (vec![3], 2, "row_too_long")
    );
}

#[test]
fn filters_leave_rows_out_before_their_price_matters() {
    let rules = FilterRules {
        min_stock: Some(5.into()),
        min_price: Some("0.10".parse().unwrap()),
        skip_discontinued: true,
        blocked_brands: vec!["acme".to_owned()],
        allowed_barcodes: vec!["4006381333931".to_owned()],
    };
    let list = b"ean;sku;price;stock;brand;eol\n;A;1,00;4;;\n;B;0,01;9;;\n;C;;9;;ja\n;D;x;9;ACME;\n4006381333931;E;1,00;>5;Acme;\n;F;1,00;;;\n";
    let ((good, bad), batches) = import_with(list, &rules).unwrap();
    assert_eq!((good, bad), (vec![6], vec![]));
    let reasons: Vec<(&str, u32)> = batches
        .iter()
        .flat_map(|batch| {
            batch
                .skipped
                .iter()
                .map(|(reason, count)| (*reason, *count))
        })
        .collect();
    let expected = [
        ("below_min_price", 1),
        ("below_min_stock", 2),
        ("blocked_brand", 1),
        ("discontinued", 1),
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn tiers_of_one_product_stay_in_one_batch_and_ranges_leave_no_gap() {
    let list = b"sku;price;moq\nA;3;1\nB;3;1\nB;2;10\nB;1;100\n;9;1\nC;3;1\n\nD;3;1\n";
    let (_, batches) = import_with(list, &FilterRules::default()).unwrap();
    let ranges: Vec<(u32, u32, usize)> = batches
        .iter()
        .map(|batch| (batch.first_row, batch.last_row, batch.rows.len()))
        .collect();
    assert_eq!(ranges, [(2, 6, 4), (7, 9, 2)]);
}

#[test]
fn a_resumed_reading_remembers_earlier_lines() {
    let (file, layout) = open(b"sku;price\nA;1\nB;1\nA;2\nC;1\n").unwrap();
    let mapping = Mapping::suggested(&layout.columns);
    let survey = survey(&file, &layout, &mapping, None, &|_| false).unwrap();
    let validator = Validator::new(
        &layout,
        mapping,
        survey.readings,
        &KEYS,
        &FilterRules::default(),
        None,
    );
    let plan = Plan {
        validator: &validator,
        rows: survey.rows,
        done_to: 3,
        keep_rows: true,
    };
    let mut found = Vec::new();
    prepare(&file, &layout, &plan, &|| 100, &mut |batch| {
        found.push(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(
        (found.len(), found[0].first_row, found[0].last_row),
        (1, 4, 5)
    );
    assert_eq!(found[0].errors[0].code, "duplicate_line");
    assert!(found[0].errors[0].message.contains("row 2"));
    assert_eq!(found[0].rows[0].default_code.as_deref(), Some("C"));
}

#[test]
fn the_header_says_which_price_is_meant_or_the_list_is_refused() {
    let (_, layout) = open(b"EAN;Prijs\n4006381333931;1,00\n").unwrap();
    let mapping = Mapping::suggested(&layout.columns);
    let error = mapping
        .complete(&[Field::Barcode], &layout.columns)
        .unwrap_err();
    assert!(error.to_string().contains("without tax"), "{error}");
}
