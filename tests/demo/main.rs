//! The demo: a real Odoo 19, a list of 13,445 rows, one import with a live bar, and a check in Odoo itself; Odoo's models as
//! tables; a project of a simulated LOGIKAL in Odoo; and contacts that are found by what they mean.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a demo tells what it does"
)]

mod mirroring;
mod project;
mod searching;
mod story;
mod summary;

use anyhow::Result;
use sluice_tests::interruption::interrupted;
use std::{io::IsTerminal as _, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    run().await.unwrap_or_else(|error| {
        eprintln!("the demo failed: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run() -> Result<ExitCode> {
    let outcome = tokio::select! {
        outcome = story::tell() => outcome?,
        asked = interrupted() => {
            asked?;
            println!("\nstopped; nothing is left running");
            return Ok(ExitCode::from(130));
        }
    };
    summary::print(&outcome);
    if std::io::stdout().is_terminal() {
        println!("\nIt all stays up until you press Ctrl-C.");
        interrupted().await?;
        println!();
    }
    Ok(if outcome.failure.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
