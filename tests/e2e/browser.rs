//! What people see: a real browser on a real Odoo, from connecting to the fix file.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use sluice_client::v1::EventType;
use sluice_tests::{
    browser::{pictures, tour},
    checkout::root,
    odoo::{Hold, Odoo, Site},
    price_list::PriceList,
    server::Server,
    world::events_until,
};
use std::{
    collections::{BTreeSet, VecDeque},
    fs,
    path::Path,
};
use tempfile::TempDir;

/// Of the list; it makes no difference, since each story has an Odoo of its own.
const SERIES: u16 = 1;
const ROWS: usize = 1_000;
/// Where the import is held, so that it is under way for as long as a tour looks at it, on the fastest machine too.
const HELD_AT: [usize; 2] = [ROWS * 3 / 10, ROWS * 6 / 10];
/// Few rows in a batch make an import of many steps.
const BATCH_ROWS: &str = "20";
/// So many rows of a list are looked at before anything is written.
const PREVIEWED: usize = 500;
const SUPPLIER: &str = "Van der Berg B.V.";
/// Has nothing to do with the large list.
const OTHER_SUPPLIER: &str = "Versluis Techniek";
/// So many rows of the list are enough for importing several lists at once.
const FEW: usize = 3;
/// The user that Odoo makes for the server.
const SERVICE_USER: &str = "sluice_service";

/// One story's own Odoo, server and list.
struct Stage {
    site: Site,
    odoo: Odoo,
    server: Server,
    supplier: i64,
    list: PriceList,
    folder: TempDir,
    holds: VecDeque<Hold>,
}

impl Stage {
    async fn set(workers: u32, prepare: Option<&Path>) -> Result<Self> {
        let site = Site::new().await?;
        site.create_database("shop").await?;
        if let Some(prepare) = prepare {
            site.shell("shop", prepare).await?;
        }
        let odoo = site.start("shop", workers).await?;
        let server = Server::start(&[("SLUICE_MAX_BATCH_ROWS", BATCH_ROWS)]).await?;
        let list = PriceList::new(SERIES, ROWS);
        odoo.create_products(&list, |_| ()).await?;
        let supplier = odoo.create_supplier(SUPPLIER, "BERG").await?;
        odoo.create_supplier(OTHER_SUPPLIER, "VERSLUIS").await?;
        let mut holds = VecDeque::new();
        for index in HELD_AT {
            holds.push_back(site.hold_at("shop", &list, index).await?);
        }
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("list.csv"), list.csv())?;
        fs::write(folder.path().join("small.csv"), list.first_rows(FEW).csv())?;
        Ok(Self {
            site,
            odoo,
            server,
            supplier,
            list,
            folder,
            holds,
        })
    }

    /// What a tour has to know.
    async fn given(&self) -> Result<Value> {
        let pairing = self.server.client().await?.create_pairing_code().await?;
        Ok(json!({
            "url": self.odoo.access.url,
            "login": self.odoo.access.login,
            "password": self.odoo.access.password,
            "server": self.server.address,
            "code": pairing.code,
            "supplier": self.supplier,
            "supplier_name": SUPPLIER,
            "other_name": OTHER_SUPPLIER,
            "small_list": self.folder.path().join("small.csv"),
            "list": self.folder.path().join("list.csv"),
            "purchaser": "inkoper",
            "dutch_administrator": "beheerder",
            "file_name": "prijslijst.csv",
            "pictures": pictures(),
        }))
    }

    /// What a tour asks for and no browser can do.
    async fn do_for_tour(&mut self, what: &str) -> Result<()> {
        match what {
            "let the import go on" => {
                let hold = self.holds.pop_front();
                hold.context("nothing holds the import")?.release().await
            }
            "restart Odoo" => {
                self.site.stop(&self.odoo.access.database).await?;
                self.site.start_again(&self.odoo).await
            }
            // A mirror reads with the rights of the service user, which somebody has to give.
            "let the server read" => self.odoo.give_group(SERVICE_USER, "base.group_user").await,
            _ => bail!("the tour asked to {what}"),
        }
    }
}

#[tokio::test]
async fn a_purchaser_connects_imports_and_sees_the_bar_move_over_a_restart_of_odoo() -> Result<()> {
    let mut stage = Stage::set(0, None).await?;
    let saw = tour("import_tour", &stage.given().await?, async |what| {
        stage.do_for_tour(what).await
    })
    .await
    .with_context(|| stage.server.log())?;

    let expected = stage.list.first_rows(PREVIEWED).tally_after(None);
    assert_eq!(
        saw["counts"],
        json!([expected.created, 0, 0, 0, expected.errors]),
        "the preview tells what will happen"
    );
    stage
        .odoo
        .holds_exactly(stage.supplier, &stage.list)
        .await?;
    let bad: BTreeSet<i64> = stage.list.expected_errors().into_keys().collect();
    assert_eq!(rows_of(&saw["failed_rows"]), bad);
    assert_eq!(saw["fix_file"], "prijslijst-to-fix.csv");
    assert_eq!(saw["synced"], 2, "the chosen records were read");
    let client = stage.server.client().await?;
    let job = saw["job"].as_str().context("the tour tells the job")?;
    let story = events_until(&client, job, |_| false).await?;
    assert!(
        story
            .iter()
            .any(|event| event.r#type() == EventType::Waiting),
        "the import went on while Odoo was restarted: {story:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_dutch_purchaser_without_websocket_sees_the_bar_move_in_dutch() -> Result<()> {
    let dutch = root().join("tests/support/browser/dutch_users.py");
    let mut stage = Stage::set(2, Some(&dutch)).await?;
    tour("quiet_tour", &stage.given().await?, async |what| {
        stage.do_for_tour(what).await
    })
    .await
    .with_context(|| stage.server.log())?;
    stage
        .odoo
        .holds_exactly(stage.supplier, &stage.list)
        .await?;
    Ok(())
}

fn rows_of(told: &Value) -> BTreeSet<i64> {
    let rows = told.as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(Value::as_i64).collect()
}
