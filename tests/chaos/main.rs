//! The campaign: imports into a real Odoo by three real servers, while everything that can break is broken at seeded moments.
#![expect(clippy::print_stdout, reason = "the campaign tells how it goes")]

mod audience;
mod dice;
mod faults;
mod oracle;
mod report;
mod run;
mod stage;

use anyhow::{Result, anyhow, ensure};
use clap::Parser;
use faults::Fault;
use report::Report;
use sluice_tests::interruption::interrupted;
use stage::Stage;
use std::{process::ExitCode, time::Instant};

/// Breaks servers, Odoo, Postgres and the lines between them during imports, and checks that Odoo ends up as if nothing had happened.
#[derive(Parser)]
struct Arguments {
    /// The first run's seed; each further run adds one. A run alone is repeated by its own seed and `--runs 1`.
    #[arg(long)]
    seed: Option<u64>,
    /// How many runs.
    #[arg(long, default_value_t = 300)]
    runs: u64,
    /// Rows of each list.
    #[arg(long, default_value_t = 2_000)]
    rows: usize,
    /// Faults to choose from, by name, separated by commas; all if left out. `--list` names them.
    #[arg(long, value_delimiter = ',')]
    faults: Vec<String>,
    /// Names the faults and ends.
    #[arg(long)]
    list: bool,
    /// How many faults strike in a run at most.
    #[arg(long, default_value_t = 3)]
    most: u64,
    /// Strikes with each fault in turn, one run each, instead of choosing by the seed.
    #[arg(long)]
    each: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        for fault in Fault::ALL {
            println!("{}  {:<20} {}", fault.group(), fault.name(), fault.tells());
        }
        return ExitCode::SUCCESS;
    }
    let done = tokio::select! {
        done = campaign(&arguments) => done,
        asked = interrupted() => asked.and(Err(anyhow!("stopped; nothing is left running"))),
    };
    if let Err(error) = done {
        println!("chaos: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn campaign(arguments: &Arguments) -> Result<()> {
    let faults = chosen(&arguments.faults)?;
    let seed = arguments
        .seed
        .unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!(
        "seed {seed}: {} runs of {} rows",
        arguments.runs, arguments.rows
    );
    let mut report = Report::new(seed, arguments.rows);
    let mut stage = None;
    for number in 0..arguments.runs {
        let seed = seed.wrapping_add(number);
        let plan = run::Plan::of(
            seed,
            &faults,
            arguments.most,
            arguments.each.then_some(number),
        );
        let set = match stage.take() {
            Some(stage) => stage,
            None => Stage::set(arguments.rows, &faults).await?,
        };
        let began = Instant::now();
        match run::perform(&set, &plan).await {
            Ok(outcome) => {
                println!(
                    "run {number:>4} seed {seed}: {:>5.1} s  {}  {}",
                    began.elapsed().as_secs_f64(),
                    plan,
                    outcome
                );
                report.passed(&plan, &outcome, began.elapsed());
                stage = Some(set);
            }
            Err(error) => {
                println!("run {number:>4} seed {seed}: FAILED  {plan}: {error:#}");
                println!("     again: make chaos SEED={seed} RUNS=1");
                println!("     logs: {}", set.keep_logs(seed).display());
                report.failed(&plan, &error);
                // What a failed run leaves behind is no matter of the next one: that gets a new stage.
            }
        }
        report.write()?;
    }
    drop(stage);
    println!("{report}");
    println!("written to {}", report.write()?.display());
    println!(
        "{} passed, {} failed",
        report.runs_passed(),
        report.runs_failed()
    );
    ensure!(report.runs_failed() == 0, "not everything held");
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<Fault>> {
    if names.is_empty() {
        return Ok(Fault::ALL.to_vec());
    }
    names
        .iter()
        .map(|name| {
            let found = Fault::ALL.iter().find(|fault| fault.name() == name);
            found
                .copied()
                .ok_or_else(|| anyhow!("no fault is called {name}; --list names them"))
        })
        .collect()
}
