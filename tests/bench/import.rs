//! The realistic list on its way into Odoo: for the first time, unchanged, and changed.

use crate::{baselines::Baselines, report::Report};
use anyhow::{Context as _, Result, ensure};
use sluice_client::{
    Client,
    v1::{EventType, SupplierImport, UnknownProduct, supplier_import::Source},
};
use sluice_tests::{
    odoo::Odoo,
    price_list::PriceList,
    server::Server,
    world::{events_until, mapping},
};
use std::time::Instant;

/// Imports into one Odoo, each series for a supplier of its own.
pub(crate) struct Imports<'world> {
    server: &'world Server,
    odoo: &'world Odoo,
}

impl<'world> Imports<'world> {
    pub(crate) fn new(server: &'world Server, odoo: &'world Odoo) -> Self {
        Self { server, odoo }
    }

    /// Measures a first import, one without changes, one with 5 % and one with all prices changed.
    pub(crate) async fn measure(
        &self,
        list: &PriceList,
        repeats: usize,
        baselines: &Baselines,
        report: &mut Report,
    ) -> Result<()> {
        let client = self.server.client().await?;
        let few = list.with_prices_changed(5);
        let all = few.with_prices_changed(100);
        let lists = [list, list, &few, &all];
        let mut rates: [Vec<f64>; 4] = Default::default();
        for repeat in 0..repeats {
            let reference = format!("BENCH-{repeat}");
            let supplier = self.odoo.create_supplier(&reference, &reference).await?;
            let mut before = None;
            for (step, rates) in lists.iter().zip(&mut rates) {
                let rate = rate(&client, supplier, step, before, UnknownProduct::Error).await?;
                eprintln!("   {rate:.0} rows/s");
                rates.push(rate);
                before = Some(*step);
            }
            self.odoo.holds_exactly(supplier, &all).await?;
        }
        let [first, unchanged, few, all] = rates.map(median);
        report.against(
            "first",
            first,
            baselines.rate("load_first")?,
            "at least 5 times",
        );
        report.against(
            "unchanged",
            unchanged,
            baselines.rate("load_unchanged")?,
            "at least 35 times",
        );
        report.against(
            "changed_5pct",
            few,
            baselines.rate("load_changed_5pct")?,
            "at least 30 times",
        );
        report.against(
            "changed_all",
            all,
            baselines.rate("load_changed_all")?,
            "at least 12 times",
        );
        report.against(
            "first_vs_row_loop",
            first,
            baselines.rate("row_loop_first")?,
            "at least 15 times",
        );
        Ok(())
    }

    /// Measures an import whose products Odoo does not know yet.
    pub(crate) async fn measure_creation(
        &self,
        products: usize,
        baselines: &Baselines,
        report: &mut Report,
    ) -> Result<()> {
        let client = self.server.client().await?;
        let supplier = self.odoo.create_supplier("Creation", "CREATION").await?;
        let list = PriceList::clean(3, products);
        let rate = rate(&client, supplier, &list, None, UnknownProduct::Create).await?;
        self.odoo.holds_exactly(supplier, &list).await?;
        report.against(
            "create_products",
            rate,
            baselines.rate("create_one_by_one")?,
            "at least 15 times",
        );
        Ok(())
    }
}

/// Rows per second from Enqueue to the terminal event; the counts must be as the list says.
async fn rate(
    client: &Client,
    supplier: i64,
    list: &PriceList,
    before: Option<&PriceList>,
    unknown: UnknownProduct,
) -> Result<f64> {
    let import = SupplierImport {
        connection: "shop".to_owned(),
        supplier: supplier.to_string(),
        source: Some(Source::Content(list.csv())),
        mapping: mapping(),
        unknown_product: unknown.into(),
        ..SupplierImport::default()
    };
    let started = Instant::now();
    let job = client.enqueue(import).await?.job;
    let story = events_until(client, &job.id, |_| false).await?;
    let seconds = started.elapsed().as_secs_f64();
    let end = story.last().context("a story")?;
    ensure!(
        end.r#type() == EventType::Succeeded,
        "the import ended with {end:?}"
    );
    let counters = end.counters.context("counters")?;
    let tally = list.tally_after(before);
    ensure!(
        (
            counters.created,
            counters.updated,
            counters.unchanged,
            counters.errors
        ) == (tally.created, tally.updated, tally.unchanged, tally.errors),
        "the import counted {counters:?}, but the list says {tally:?}"
    );
    #[expect(
        clippy::cast_precision_loss,
        reason = "a list has far fewer rows than 2^52"
    )]
    let rows = list.rows().len() as f64;
    Ok(rows / seconds)
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
