//! What 50 open forms that watch 5 running imports cost everybody else: the time of a plain request to Odoo.

use crate::report::Report;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sluice_client::v1::ConnectionsSaveRequest;
use sluice_tests::{
    checkout::{root, script},
    file_server,
    odoo::{Odoo, Site, answer},
    price_list::PriceList,
    server::Server,
    until::until,
};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

const IMPORTS: usize = 5;
const PAGES: usize = 50;
/// Small batches keep the imports running for as long as the bench takes.
const BATCH_ROWS: &str = "10";
/// How often measured without and with pages, in turn.
const ROUNDS: usize = 3;
const PER_ROUND: Duration = Duration::from_secs(15);

/// Measures requests while imports run, without and with open forms.
pub(crate) async fn measure(rows: usize, workers: u32, report: &mut Report) -> Result<()> {
    let list = PriceList::clean(1, rows);
    let site = Site::with_catalogue(&list, |made| eprintln!("   {made} products made")).await?;
    let odoo = site.start("demo", workers).await?;
    let server = Server::start_alone(&[
        ("SLUICE_MAX_BATCH_ROWS", BATCH_ROWS),
        ("SLUICE_WORKERS", "5"),
        ("SLUICE_PRIVATE_SOURCES", "127.0.0.1"),
    ])
    .await?;
    connect(&odoo, &server).await?;
    add_watchers(&odoo).await?;
    let mut pages = Pages::sign_in(&site.path().join("demo.json")).await?;
    let jobs = begin_imports(&odoo, &list).await?;

    let (mut without, mut with) = (Vec::new(), Vec::new());
    let (mut heard, mut asked, mut returned) = (0, 0, 0);
    // The first requests warm Odoo up, and count for nobody.
    requests(&odoo, Duration::from_secs(5)).await?;
    for round in 1..=ROUNDS {
        without.extend(requests(&odoo, PER_ROUND).await?);
        pages.open(&jobs).await?;
        with.extend(requests(&odoo, PER_ROUND).await?);
        let told = pages.close().await?;
        heard += told["heard"].as_u64().unwrap_or_default();
        asked += told["asked"].as_u64().unwrap_or_default();
        returned += told["returned"].as_u64().unwrap_or_default();
        eprintln!(
            "   round {round}: {:.1} ms without, {:.1} ms with {PAGES} forms so far",
            median(&mut without),
            median(&mut with)
        );
    }
    ensure!(
        running(&odoo).await? == IMPORTS,
        "an import ended before the bench did: give --rows more rows"
    );
    ensure!(
        heard > 0,
        "the pages heard nothing, so nothing was measured"
    );
    eprintln!(
        "   the pages heard {heard} messages, asked {asked} times and had to connect again {returned} times"
    );
    report.cost(
        "request_ms_p50",
        median(&mut with),
        median(&mut without),
        "ms",
        "at most 1.2",
    );
    report.cost(
        "request_ms_p95",
        percentile(&mut with, 95),
        percentile(&mut without, 95),
        "ms",
        "at most 1.2",
    );
    Ok(())
}

/// Connects as an administrator does, with a code; then lets all imports run at once.
async fn connect(odoo: &Odoo, server: &Server) -> Result<()> {
    let client = server.client().await?;
    let settings = json!({
        "sluice_address": server.address,
        "sluice_code": client.create_pairing_code().await?.code,
        "sluice_odoo_url": odoo.access.url,
    });
    let made = odoo
        .call(
            "res.config.settings",
            "create",
            json!({"vals_list": [settings]}),
        )
        .await?;
    odoo.call(
        "res.config.settings",
        "action_sluice_connect",
        json!({"ids": made}),
    )
    .await?;
    let connections = client.connections().await?;
    let connection = connections.first().context("Odoo connected itself")?;
    client
        .save_connection(ConnectionsSaveRequest {
            name: connection.name.clone(),
            url: odoo.access.url.clone(),
            database: odoo.access.database.clone(),
            api_key: odoo.access.api_key.clone(),
            max_running: i32::try_from(IMPORTS)?,
            ..ConnectionsSaveRequest::default()
        })
        .await?;
    Ok(())
}

/// Adds a user for each page, who may see jobs.
async fn add_watchers(odoo: &Odoo) -> Result<()> {
    let group = odoo.group("sluice.group_user").await?;
    let watchers: Vec<_> = (0..PAGES)
        .map(|number| {
            let login = format!("watcher-{number}");
            json!({ "name": login, "login": login, "password": login, "group_ids": [[4, group]] })
        })
        .collect();
    odoo.call("res.users", "create", json!({ "vals_list": watchers }))
        .await?;
    Ok(())
}

/// Starts the imports as purchasers do, and returns the ids of their jobs in Odoo once all of them move.
async fn begin_imports(odoo: &Odoo, list: &PriceList) -> Result<Vec<i64>> {
    let shop = file_server::start(list.csv()).await?;
    for number in 0..IMPORTS {
        let reference = format!("SCREENS-{number}");
        let supplier = odoo.create_supplier(&reference, &reference).await?;
        let upload = json!({
            "partner_id": supplier,
            "source": "url",
            "url": shop.url("/list.csv"),
        });
        let wizard = odoo
            .call(
                "supplier.import.upload",
                "create",
                json!({"vals_list": [upload]}),
            )
            .await?;
        for step in ["action_read", "action_import"] {
            odoo.call("supplier.import.upload", step, json!({"ids": wizard}))
                .await?;
        }
    }
    until(
        "all imports move in Odoo's view",
        async || running(odoo).await,
        |count| *count == IMPORTS,
    )
    .await?;
    let found = odoo
        .call(
            "sluice.job",
            "search",
            json!({"domain": [["state", "=", "running"]]}),
        )
        .await?;
    Ok(found
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .collect())
}

async fn running(odoo: &Odoo) -> Result<usize> {
    let count = odoo
        .call(
            "sluice.job",
            "search_count",
            json!({"domain": [["state", "=", "running"], ["rows_done", ">", 0]]}),
        )
        .await?;
    Ok(usize::try_from(count.as_u64().unwrap_or_default())?)
}

/// What a list of contacts takes, in milliseconds, one request after the other.
async fn requests(odoo: &Odoo, span: Duration) -> Result<Vec<f64>> {
    let until = Instant::now() + span;
    let mut times = Vec::new();
    while Instant::now() < until {
        let begun = Instant::now();
        odoo.call(
            "res.partner",
            "search_read",
            json!({"domain": [], "fields": ["name", "ref", "email", "supplier_rank"], "limit": 40}),
        )
        .await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}

/// The program that plays the open forms.
struct Pages {
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// Ends with the pages.
    _process: Child,
}

impl Pages {
    /// Returns once everybody is signed in, which takes Odoo a while.
    async fn sign_in(described: &Path) -> Result<Self> {
        let home = answer(&mut Command::new(script("odoo-install.sh"))).await?;
        let mut process = Command::new(PathBuf::from(home).join("venv/bin/python"))
            .arg(root().join("tests/bench/screens/pages.py"))
            .arg(described)
            .arg(PAGES.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut pages = Self {
            input: process.stdin.take().context("the pages listen")?,
            lines: BufReader::new(process.stdout.take().context("the pages talk")?).lines(),
            _process: process,
        };
        pages.told().await?;
        Ok(pages)
    }

    async fn open(&mut self, jobs: &[i64]) -> Result<()> {
        self.say(&json!(jobs).to_string()).await?;
        self.told().await.map(drop)
    }

    /// Closes the pages, and returns how often they heard something and asked for something.
    async fn close(&mut self) -> Result<Value> {
        self.say("").await?;
        self.told().await
    }

    async fn say(&mut self, line: &str) -> Result<()> {
        Ok(self.input.write_all(format!("{line}\n").as_bytes()).await?)
    }

    async fn told(&mut self) -> Result<Value> {
        let line = self.lines.next_line().await?;
        Ok(serde_json::from_str(
            &line.context("the pages broke: see above")?,
        )?)
    }
}

fn median(times: &mut [f64]) -> f64 {
    percentile(times, 50)
}

fn percentile(times: &mut [f64], percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times
        .get(times.len() * percent / 100)
        .copied()
        .unwrap_or(f64::NAN)
}
