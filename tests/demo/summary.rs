//! What the demo says at its end.

use crate::story::Outcome;

pub(crate) fn print(outcome: &Outcome) {
    let counters = outcome.job.counters.unwrap_or_default();
    let seconds = duration_seconds(outcome);
    println!();
    for (name, rows) in [
        ("created", counters.created),
        ("updated", counters.updated),
        ("unchanged", counters.unchanged),
        ("skipped", counters.skipped),
        ("errors", counters.errors),
        ("rows", counters.rows_done),
    ] {
        println!("  {name:<10} {rows:>7}");
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a list has far fewer rows than 2^52"
    )]
    let rate = counters.rows_done as f64 / seconds.max(0.001);
    println!("  {seconds:.1} s, {rate:.0} rows/s from the start of the job to its end");
    println!();
    match &outcome.failure {
        None => println!(
            "  checked: Odoo holds each of the {} good rows exactly once, and each of the {} bad rows is reported",
            outcome.lines, outcome.reported
        ),
        Some(failure) => println!("  THE CHECK FAILED: {failure:#}"),
    }
    println!();
    let access = &outcome.odoo.access;
    println!(
        "  Odoo     {}/odoo  (login {}, password {})",
        access.url, access.login, access.password
    );
    println!(
        "  server   {}  (SLUICE_TOKEN={})",
        outcome.server.address, outcome.server.admin_token
    );
    println!("  rows     sluice errors {}", outcome.job.id);
    println!("  mirror   sluice mirror status --connection demo, or in SQL:");
    let data = outcome.server.data_dir();
    println!(
        "           PGPASSWORD=$(cat {0}/postgres.password) psql -h 127.0.0.1 -p $(cat {0}/postgres.port) -U sluice sluice -c 'select * from odoo_demo.purchase_order'",
        data.display()
    );
    let project = crate::project::PROJECT;
    println!(
        "  project  sluice project show {project} --connection demo, or in Odoo: Sluice, LOGIKAL Projects"
    );
    let question = crate::searching::QUESTION;
    println!(
        "  search   sluice search \"{question}\" --connection demo, or in Odoo: Sluice, Search"
    );
}

/// How long the job ran, in seconds.
fn duration_seconds(outcome: &Outcome) -> f64 {
    let (Some(started), Some(finished)) = (outcome.job.started_at, outcome.job.finished_at) else {
        return 0.0;
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "a job lasts far less than 2^52 seconds"
    )]
    let whole = (finished.seconds - started.seconds) as f64;
    whole + f64::from(finished.nanos - started.nanos) / 1e9
}
