//! One list in many costumes: each encoding and format brings the same lines.

use anyhow::{Context as _, Result};
use sluice_client::v1::{
    FileFormat, ImportQueuePreviewRequest, SupplierImport, supplier_import::Source,
};
use sluice_tests::world::{World, mapping};

#[tokio::test]
async fn a_workbook_brings_what_the_text_brings() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(260).await?;
    let job = world
        .imported(SupplierImport {
            source: Some(Source::Content(list.xlsx()?)),
            file_name: "list.xlsx".to_owned(),
            ..world.import(&list)
        })
        .await?;
    world.odoo.holds_exactly(world.supplier, &list).await?;
    world.reports_exactly(&job.id, &list).await
}

#[tokio::test]
async fn a_list_may_come_in_the_encodings_of_the_past() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(60).await?;
    let text = String::from_utf8(list.csv())?;
    let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // All letters of the list are those of Latin 1, but for the euro sign, which Windows has at 0x80.
    let windows = text
        .trim_start_matches('\u{feff}')
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap_or(0x80))
        .collect();
    for content in [utf16, windows] {
        world.imported(world.import_of(content, mapping())).await?;
        world.odoo.holds_exactly(world.supplier, &list).await?;
        let names = world.odoo.supplier_names_of(world.supplier).await?;
        assert!(
            names.iter().any(|name| name.contains("€ actie")),
            "{names:?}"
        );
        assert!(names.iter().any(|name| name.contains("één")), "{names:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_preview_says_how_it_understood_the_file_and_what_would_happen() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(120).await?;
    let preview = world
        .client
        .preview(ImportQueuePreviewRequest {
            import: Some(SupplierImport {
                mapping: Vec::new(),
                ..world.import(&list)
            }),
            rows: 100,
            file_only: false,
        })
        .await?;
    let file = preview.file.context("the answer says what the file is")?;
    assert_eq!(file.format(), FileFormat::Csv);
    assert_eq!((file.delimiter.as_str(), file.header_row), (";", 1));
    let understood: Vec<&str> = preview
        .columns
        .iter()
        .filter(|column| column.field != 0)
        .map(|column| column.column.as_str())
        .collect();
    for column in ["EAN-code", "Inkoopprijs"] {
        assert!(
            understood.contains(&column),
            "{column} is not among {understood:?}"
        );
    }
    assert_eq!(preview.supplier_id, world.supplier);
    assert_eq!(preview.rows.len(), 100);
    assert!(world.odoo.lines_of(world.supplier).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_fix_file_holds_the_rows_that_failed_and_can_be_sent_back() -> Result<()> {
    let world = World::new().await?;
    let list = world.list(600).await?;
    let job = world.imported(world.import(&list)).await?;
    let mut fix_file = world.client.fix_file(&job.id).await?;
    let mut content = Vec::new();
    while let Some(piece) = fix_file.piece().await? {
        content.extend(piece);
    }
    let name = std::path::Path::new(&fix_file.name);
    assert!(
        name.extension().is_some_and(|extension| extension == "csv"),
        "{name:?}"
    );

    let again = world.imported(world.import_of(content, mapping())).await?;
    let rows = again.counters.context("a job has counters")?.rows_done;
    let bad_rows = i64::try_from(list.expected_errors().len())?;
    assert_eq!(rows, bad_rows, "the fix file holds each bad row once");
    Ok(())
}
