//! A fix file is the list's own failed rows in the list's own writing, and can be imported once it is mended.

use calamine::{Data, DataType, Reader, Xlsx};
use encoding_rs::{UTF_8, UTF_16LE, WINDOWS_1252};
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Workbook};

use super::*;
use crate::jobs::supplier_import::workbooks::makers;

#[sqlx::test(migrations = "./migrations")]
async fn a_fix_file_has_the_failed_rows_and_can_be_imported_again(pool: PgPool) {
    let house = House::new(pool).await;
    house.work();
    let job = house
        .ended(house.enqueue(&check_of(LIST)).await.unwrap())
        .await;
    let (name, bytes) = house.fix_file(job.id).await;
    let text = String::from_utf8(bytes).unwrap();
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(name, "prijzen-to-fix.csv");
    assert_eq!(rows[0], "EAN;Omschrijving;Inkoopprijs;Sluice: reason");
    assert!(
        rows[1].starts_with("4006381333932;'=HYPERLINK(1);2,00;EAN: the last digit"),
        "{}",
        rows[1]
    );
    assert!(
        rows[3].starts_with("4006381333931;Pen;1,60;\"row 2 names the same"),
        "{}",
        rows[3]
    );
    assert_eq!(rows.len(), 5);
    let mended = text
        .replace("4006381333932", "4006381333931")
        .replace(";;3,00", "96385074;;3,00");
    let again = house
        .ended(house.enqueue(&check_of(&mended)).await.unwrap())
        .await;
    assert_eq!((again.counters.rows_done, again.counters.errors), (3, 1));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_fix_file_has_the_reader_s_words(pool: PgPool) {
    let house = House::new(pool).await;
    house.work();
    let list = "sku;omschrijving;cost\nA;;x\nB;;-1\n";
    let job = house
        .ended(house.enqueue(&check_of(list)).await.unwrap())
        .await;
    let words = HashMap::from([("number_unreadable".to_owned(), "=geen getal".to_owned())]);
    let (_, pieces) = house.imports.fix_file(job.id, words).await.unwrap();
    let pieces: Vec<Vec<u8>> = pieces.try_collect().await.unwrap();
    let text = String::from_utf8(pieces.concat()).unwrap();
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(rows[1], "A;;x;cost: =geen getal [number_unreadable]");
    assert!(rows[2].ends_with("[price_negative]"), "{}", rows[2]);
    assert!(
        rows[2].contains("cost: the "),
        "a code without words keeps the server's: {}",
        rows[2]
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_fix_file_is_written_as_its_list_is(pool: PgPool) {
    let house = House::new(pool).await;
    house.work();
    let cases = [
        (
            "\u{feff}sku;omschrijving;cost\nA;Caf\u{e9} \u{20ac};x\nB;;1\n",
            UTF_16LE,
            "\u{feff}sku;omschrijving;cost;Sluice: reason\r\nA;Caf\u{e9} \u{20ac};x;cost: 'x' is not a number [number_unreadable]\r\n",
        ),
        (
            "Prijslijst\r\nsku\tomschrijving\tcost\r\nA\tCaf\u{e9} cr\u{e8}me\tx\r\nB\t\t1\r\n",
            WINDOWS_1252,
            "Prijslijst\r\nsku\tomschrijving\tcost\tSluice: reason\r\nA\tCaf\u{e9} cr\u{e8}me\tx\tcost: 'x' is not a number [number_unreadable]\r\n",
        ),
        (
            "'sku','omschrijving','cost'\n'A','a, b\nc','x'\n'B','@SUM(1)','y'\n'C','','1'\n",
            UTF_8,
            "'sku','omschrijving','cost','Sluice: reason'\r\n'A','a, b\nc','x','cost: ''x'' is not a number [number_unreadable]'\r\n\
             'B','''@SUM(1)','y','cost: ''y'' is not a number [number_unreadable]'\r\n",
        ),
        (
            "sku;cost\nA;\"1\nB;2\n",
            UTF_8,
            "sku;cost;Sluice: reason\r\nA;\"\"\"1\";\"a quote is opened in row 2 and not closed: close it, or double quotes that \
             belong to the text; reading went on with the next line [quote_unclosed]\"\r\n",
        ),
    ];
    for (list, encoding, expected) in cases {
        let bytes = if encoding == UTF_16LE {
            list.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            encoding.encode(list).0.into_owned()
        };
        let job = house
            .ended(house.enqueue(&check_of_bytes(bytes)).await.unwrap())
            .await;
        let (_, fix) = house.fix_file(job.id).await;
        let (text, _) = encoding.decode_without_bom_handling(&fix);
        assert_eq!(text, expected);
        // Nothing was mended, so the same rows fail again, and only they.
        let again = house
            .ended(house.enqueue(&check_of_bytes(fix)).await.unwrap())
            .await;
        assert_eq!(again.counters.rows_done, job.counters.errors, "{expected}");
        assert_eq!(again.counters.errors, job.counters.errors, "{expected}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_fix_file_of_a_workbook_keeps_what_its_cells_are(pool: PgPool) {
    let house = House::new(pool).await;
    house.work();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let header = [
        "EAN",
        "Omschrijving",
        "Inkoopprijs",
        "Korting",
        "Geldig vanaf",
    ];
    sheet.write_row(1, 0, header).unwrap();
    let day = ExcelDateTime::parse_from_str("2026-01-31").unwrap();
    let as_day = CellFormat::new().set_num_format("d-m-yy");
    let as_percent = CellFormat::new().set_num_format("0%");
    sheet.write(2, 0, 4_006_381_333_932_u64).unwrap();
    sheet.write_string(2, 1, "=1+1").unwrap();
    sheet.write(2, 2, 10.5).unwrap();
    sheet.write_with_format(2, 3, 0.15, &as_percent).unwrap();
    sheet.write_with_format(2, 4, &day, &as_day).unwrap();
    sheet.write_row(3, 0, ["96385074", "goed", "1,00"]).unwrap();
    let list = workbook.save_to_buffer().unwrap();
    for (list, file, rows) in [
        (list, "prijzen.xlsx", 2),
        (makers::ods(), "prijzen.ods", 2),
        (makers::XLS.to_vec(), "prijzen.xls", 3),
    ] {
        let request = ImportRequest {
            file_name: file.to_owned(),
            ..check_of_bytes(list)
        };
        let job = house.ended(house.enqueue(&request).await.unwrap()).await;
        let (name, fix) = house.fix_file(job.id).await;
        assert_eq!(name, "prijzen-to-fix.xlsx");
        let mut fixed: Xlsx<_> = Xlsx::new(std::io::Cursor::new(fix.clone())).unwrap();
        let cells = fixed.worksheet_range_at(0).unwrap().unwrap();
        let last = cells.width() - 1;
        let written = cells
            .rows()
            .filter(|row| row[last] != Data::Empty)
            .collect::<Vec<_>>();
        assert_eq!(written.len(), rows, "{file}");
        assert_eq!(written[0][last].to_string(), "Sluice: reason");
        assert!(written[1][last].to_string().ends_with(']'), "{file}");
        if file == "prijzen.xlsx" {
            assert_eq!(written[1][0], Data::Float(4_006_381_333_932.0));
            assert_eq!(written[1][1].to_string(), "'=1+1");
            assert_eq!(written[1][2], Data::Float(10.5));
            assert_eq!(written[1][3], Data::Float(0.15));
            assert!(written[1][4].is_datetime());
        }
        let again = house
            .ended(house.enqueue(&check_of_bytes(fix)).await.unwrap())
            .await;
        assert_eq!(
            (again.counters.rows_done, again.counters.errors),
            (job.counters.errors, job.counters.errors),
            "{file}"
        );
    }
    let left = std::fs::read_dir(house.scratch.path().join("lists")).unwrap();
    assert_eq!(
        left.count(),
        0,
        "files are gone when they are no longer read"
    );
}
