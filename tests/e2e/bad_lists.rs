//! Lists that suppliers got wrong: the file as a whole, its header, its rows.

use crate::fate::{Fate, fate, refusal};
use anyhow::Result;
use sluice_client::{
    Code,
    v1::{ImportQueuePreviewRequest, Reason, SupplierImport},
};
use sluice_tests::{
    price_list::PriceList,
    world::{World, mapping},
};
use std::io::{Cursor, Write as _};

#[tokio::test]
async fn a_file_that_is_no_list_fails_as_a_whole_and_says_why() -> Result<()> {
    let world = World::new().await?;
    let wide = format!("EAN-code;Inkoopprijs{}\n1;2\n", ";x".repeat(498));
    let bomb = workbook_of_zeros()?;
    let locked = workbook_with_a_password()?;
    let cases: [(&str, &[u8], &str); 8] = [
        ("empty", b"", "file_empty"),
        ("blank", b" \r\n\r\n", "file_empty"),
        (
            "only a header",
            b"EAN-code;Inkoopprijs\n",
            "file_without_rows",
        ),
        ("500 columns", wide.as_bytes(), "too_many_columns"),
        (
            "a login page",
            b"<!DOCTYPE html><html><body>log in</body></html>",
            "file_not_a_list",
        ),
        (
            "half a workbook",
            b"PK\x03\x04 and nothing more",
            "file_damaged",
        ),
        ("a zip bomb", &bomb, "file_unpacks_too_large"),
        ("a password", &locked, "file_password_protected"),
    ];
    for (name, content, code) in cases {
        let import = world.import_of(content.to_vec(), Vec::new());
        let preview = ImportQueuePreviewRequest {
            import: Some(import.clone()),
            file_only: true,
            ..ImportQueuePreviewRequest::default()
        };
        let unreadable = (Code::InvalidArgument, Some(Reason::FileUnreadable));
        assert_eq!(
            refusal(world.client.preview(preview).await),
            unreadable,
            "{name}"
        );
        let told = fate(&world, import).await?;
        let expected = [
            Fate::Failed(code.to_owned()),
            Fate::Refused(unreadable.0, unreadable.1),
        ];
        assert!(expected.contains(&told), "{name}: {told:?}");
    }
    Ok(())
}

/// A workbook whose sheet is 32 MiB of zeros, packed into some thirty thousand bytes.
fn workbook_of_zeros() -> Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let zeros = vec![b'0'; 32 << 20];
    for (name, content) in [
        ("xl/workbook.xml", &b"<workbook/>"[..]),
        ("xl/worksheets/sheet1.xml", &zeros),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default())?;
        archive.write_all(content)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// What Excel makes of a workbook that gets a password: a container with the encrypted archive in it.
fn workbook_with_a_password() -> Result<Vec<u8>> {
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new()))?;
    for name in ["/EncryptionInfo", "/EncryptedPackage"] {
        container.create_stream(name)?.write_all(&[7; 5000])?;
    }
    container.flush()?;
    Ok(container.into_inner().into_inner())
}

#[tokio::test]
async fn a_header_that_leaves_the_price_open_is_asked_about() -> Result<()> {
    let world = World::new().await?;
    let cases: [(&str, &[u8]); 4] = [
        ("no price", b"EAN-code;Merk\n4006381333931;Alco\n"),
        (
            "the same header twice",
            b"EAN-code;Inkoopprijs;Inkoopprijs\n4006381333931;1,00;2,00\n",
        ),
        (
            "a price that may include tax",
            b"EAN-code;Prijs\n4006381333931;1,00\n",
        ),
        ("no key", b"Merk;Inkoopprijs\nAlco;1,00\n"),
    ];
    for (name, content) in cases {
        let told = fate(&world, world.import_of(content.to_vec(), Vec::new())).await?;
        let expected = [
            Fate::Failed("mapping_incomplete".to_owned()),
            Fate::Refused(Code::InvalidArgument, Some(Reason::MappingIncomplete)),
        ];
        assert!(expected.contains(&told), "{name}: {told:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_row_is_reported_by_its_number_and_the_rest_goes_on() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(4).await?;
    let good = String::from_utf8(list.csv())?;
    let cases: [(&str, &[u8], &str); 9] = [
        (
            "too many fields",
            b"4006381333931;A;;;;;1,00;1;;;EUR;;x",
            "row_too_wide",
        ),
        (
            "a quote left open",
            b"4006381333931;A;;;\"Pen;;1,00;1;;;EUR",
            "quote_unclosed",
        ),
        (
            "a price below zero",
            b"4006381333931;A;;;;;-1,00;1;;;EUR",
            "price_negative",
        ),
        ("too few fields", b"4006381333931;A", "row_too_narrow"),
        (
            "not a number",
            b"4006381333931;A;;;;;NaN;1;;;EUR",
            "number_unreadable",
        ),
        (
            "a wrong code",
            b"4006381333932;A;;;;;1,00;1;;;EUR",
            "barcode_check_digit",
        ),
        (
            "a currency of no country",
            b"4006381333931;A;;;;;1,00;1;;;euros",
            "currency_invalid",
        ),
        (
            "another encoding",
            b"4006381333931;A;;;Caf\xe9;;1,00;1;;;EUR",
            "encoding_invalid",
        ),
        (
            "an exponent",
            b"8,71E+12;A;;;;;1,00;1;;;EUR",
            "barcode_scientific",
        ),
    ];
    for (name, row, code) in cases {
        let content = [good.as_bytes(), row, b"\r\n"].concat();
        let told = fate(&world, world.import_of(content, mapping())).await?;
        assert_eq!(told, Fate::Done(vec![(6, code.to_owned())]), "{name}");
        world.odoo.holds_exactly(world.supplier, &list).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_cell_of_ten_megabytes_is_an_error_of_its_row() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(3).await?;
    let mut content = list.csv();
    content.extend_from_slice(b"4006381333931;A;;;");
    content.extend(std::iter::repeat_n(b'x', 10 * 1024 * 1024));
    content.extend_from_slice(b";;1,00;1;;;EUR\r\n");
    let connection = sluice_tests::world::CONNECTION;
    let uploaded = world
        .client
        .upload(Cursor::new(content), "long.csv", connection, |_| ())
        .await?;
    let import = SupplierImport {
        source: Some(uploaded.source()),
        ..world.import(&list)
    };
    let told = fate(&world, import).await?;
    assert_eq!(told, Fate::Done(vec![(5, "row_too_long".to_owned())]));
    world.odoo.holds_exactly(world.supplier, &list).await?;
    Ok(())
}

#[tokio::test]
async fn a_list_whose_every_row_is_bad_ends_well_and_changes_nothing() -> Result<()> {
    let world = World::new().await?;
    let list = PriceList::new(998, 500);
    let bad = list.only_bad_rows();
    let told = fate(&world, world.import(&bad)).await?;
    let Fate::Done(errors) = told else {
        panic!("{told:?}");
    };
    assert_eq!(errors.len(), bad.rows().len());
    assert!(world.odoo.lines_of(world.supplier).await?.is_empty());
    Ok(())
}
