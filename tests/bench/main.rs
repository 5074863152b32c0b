//! Benches: what Sluice costs, beside what the same work costs without it, on one machine in one run.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench tells what it measured"
)]

mod baselines;
mod dry_run;
mod import;
mod logikal;
mod mirror;
mod process;
mod queue;
mod recovery;
mod report;
mod screens;
mod search;
mod watching;

use anyhow::{Result, anyhow};
use baselines::Baselines;
use clap::{Parser, ValueEnum};
use sluice_tests::{
    interruption::interrupted,
    odoo::{Odoo, Site},
    price_list::PriceList,
    server::Server,
};

/// What can be measured.
#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum Part {
    /// Imports, the creation of products and a dry run.
    Import,
    /// Open forms that watch running imports.
    Screens,
    /// How soon rows flow again after a crash, a freeze or an outage, and how long a stop takes.
    Recovery,
    /// What a thousand watchers cost, and how soon they hear.
    Progress,
    /// The queue beside other queues on Postgres.
    Queue,
    /// Mirrors of 75,000 contacts: filled, kept true and cleaned up.
    Mirror,
    /// Search in 75,000 contacts, by a stub of any speed and by a real model.
    Search,
    /// Projects of a simulated LOGIKAL at the latencies that were observed.
    Logikal,
}

/// Measures an import of 13,445 rows, the creation of products, and a dry run of a million rows.
#[derive(Parser)]
struct Arguments {
    /// The parts to measure.
    #[arg(value_enum, default_values_t = [Part::Import, Part::Screens, Part::Recovery, Part::Progress, Part::Queue, Part::Mirror, Part::Search, Part::Logikal])]
    parts: Vec<Part>,
    /// Rows of the list.
    #[arg(long, default_value_t = sluice_tests::price_list::REALISTIC_ROWS)]
    rows: usize,
    /// Rows of the dry run.
    #[arg(long, default_value_t = 1_000_000)]
    dry_run_rows: usize,
    /// Products that are created.
    #[arg(long, default_value_t = 5_000)]
    products: usize,
    /// How often each import and each filling of a mirror is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    repeats: usize,
    /// How often a server is killed to see how soon its job runs again.
    #[arg(long, default_value_t = 50)]
    kills: usize,
    /// How many jobs that do nothing go through each queue.
    #[arg(long, default_value_t = 200_000)]
    jobs: usize,
    /// Leave out the other queues, for a quick look: no ratios.
    #[arg(long)]
    without_peers: bool,
    /// Search by a real model throughout, which takes some twenty minutes more.
    #[arg(long)]
    real_model: bool,
    /// Odoo's worker processes; 0 means threads.
    #[arg(long, default_value_t = 0)]
    odoo_workers: u32,
    /// Leave out the baselines, for a quick look: no ratios.
    #[arg(long)]
    without_baselines: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    tokio::select! {
        measured = measure(Arguments::parse()) => measured,
        asked = interrupted() => asked.and(Err(anyhow!("stopped; nothing is left running"))),
    }
}

async fn measure(arguments: Arguments) -> Result<()> {
    if arguments.parts.contains(&Part::Import) {
        measure_imports(&arguments).await?;
    }
    if arguments.parts.contains(&Part::Screens) {
        eprintln!("== requests beside open forms");
        let mut report = report::Report::default();
        screens::measure(arguments.rows, arguments.odoo_workers, &mut report).await?;
        finish(&report, "screens")?;
    }
    if arguments.parts.contains(&Part::Recovery) {
        eprintln!("== recovery, {} kills", arguments.kills);
        let (_site, odoo, list) = with_products(&arguments).await?;
        let mut report = report::Report::default();
        recovery::measure(&odoo, &list, arguments.kills, &mut report).await?;
        finish(&report, "recovery")?;
    }
    if arguments.parts.contains(&Part::Progress) {
        eprintln!("== a thousand watchers");
        let (_site, odoo, list) = with_products(&arguments).await?;
        let mut report = report::Report::default();
        watching::measure(&odoo, &list, &mut report).await?;
        finish(&report, "progress")?;
    }
    if arguments.parts.contains(&Part::Queue) {
        eprintln!("== {} jobs through the queue", arguments.jobs);
        let mut report = report::Report::default();
        let with_peers = !arguments.without_peers;
        queue::measure(arguments.jobs, arguments.repeats, with_peers, &mut report).await?;
        finish(&report, "queue")?;
    }
    if arguments.parts.contains(&Part::Mirror) {
        eprintln!("== mirrors of contacts");
        let mut report = report::Report::default();
        mirror::measure(arguments.repeats, &mut report).await?;
        finish(&report, "mirror")?;
    }
    if arguments.parts.contains(&Part::Search) {
        eprintln!("== search in contacts");
        let mut report = report::Report::default();
        search::measure(arguments.real_model, &mut report).await?;
        let bench = if arguments.real_model {
            "search_real"
        } else {
            "search"
        };
        finish(&report, bench)?;
    }
    if arguments.parts.contains(&Part::Logikal) {
        eprintln!("== projects of LOGIKAL");
        let mut report = report::Report::default();
        logikal::measure(&mut report).await?;
        finish(&report, "logikal")?;
    }
    Ok(())
}

/// An Odoo that knows the products of the list.
async fn with_products(arguments: &Arguments) -> Result<(Site, Odoo, PriceList)> {
    let list = PriceList::new(1, arguments.rows);
    let site = Site::with_catalogue(&list, |made| eprintln!("   {made} products made")).await?;
    let odoo = site.start("demo", arguments.odoo_workers).await?;
    Ok((site, odoo, list))
}

async fn measure_imports(arguments: &Arguments) -> Result<()> {
    let mut report = report::Report::default();

    eprintln!("== a dry run of {} rows", arguments.dry_run_rows);
    let (site, odoo, list) = with_products(arguments).await?;
    let server = Server::start_alone(&[]).await?;
    dry_run::measure(&server, &odoo, arguments.dry_run_rows, &mut report).await?;

    let baselines = if arguments.without_baselines {
        Baselines::none()
    } else {
        eprintln!("== baselines of {} rows", arguments.rows);
        baselines::measure(&site.path().join("demo.json"), arguments.rows).await?
    };
    eprintln!("== imports of {} rows", arguments.rows);
    let imports = import::Imports::new(&server, &odoo);
    imports
        .measure(&list, arguments.repeats, &baselines, &mut report)
        .await?;
    eprintln!("== {} products to create", arguments.products);
    imports
        .measure_creation(arguments.products, &baselines, &mut report)
        .await?;

    finish(&report, "import")
}

fn finish(report: &report::Report, bench: &str) -> Result<()> {
    println!("{report}");
    let file = report.write(bench)?;
    println!("written to {}", file.display());
    Ok(())
}
