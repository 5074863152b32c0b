//! Projects of a simulated LOGIKAL at the latencies that were observed, beside what the earlier system took.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sluice_client::{
    Client,
    v1::{
        ConnectionsSaveLogikalRequest, ConnectionsSaveRequest, ForceSyncSyncProjectRequest,
        JobState,
    },
};
use sluice_tests::{
    logikal::{Elevation, Moods, PASSWORD, PartsFile, Siblings, Simulator, Site, USER},
    server::Server,
    until::until_within,
};

use crate::{process, report::Report};

/// What the earlier system took for the sample, in seconds.
const EARLIER: f64 = 508.0;
/// Elevations of the sample.
const ELEVATIONS: f64 = 17.0;
/// A session's way from its login into a project, in seconds.
const ENTERING: f64 = 5.5;
/// From there to a listed phase.
const LISTING: f64 = 0.45;
/// One elevation: its selection and its parts list.
const PARTS: f64 = 2.3;
const PICTURE: f64 = 0.5;
/// Selecting a phase.
const PHASE: f64 = 0.3;
const BYTES_OF_A_LIST: usize = 1_500_000;

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let server = Server::start_alone(&[]).await?;
    let client = server.client().await?;
    let strict = |sessions: f64| {
        let each = ENTERING + PHASE + PARTS;
        let all = ELEVATIONS * (each + PICTURE) / sessions;
        all.max((ELEVATIONS / sessions).ceil() * each)
    };
    let lenient = ENTERING + LISTING + ELEVATIONS * (PARTS + PICTURE) / 4.0;
    for (metric, siblings, sessions, bound, wanted) in [
        ("strict_4", Siblings::Strict, 4, strict(4.0), "at most 50"),
        ("strict_8", Siblings::Strict, 8, strict(8.0), "at most 35"),
        ("lenient_4", Siblings::Lenient, 4, lenient, "at most 45"),
    ] {
        let moods = Moods {
            siblings,
            pace: 1.0,
            ..Moods::default()
        };
        let stage = Stage::new(&client, metric, sample(), moods, sessions).await?;
        let seconds = stage.sync().await?;
        told(metric, seconds, bound);
        report.alone(metric, seconds, "s", wanted);
        if metric == "strict_4" {
            let again = stage.sync().await?;
            told("unchanged", again, ENTERING + LISTING);
            report.alone("unchanged", again, "s", "at most 9");
        }
    }
    let quick = Moods {
        siblings: Siblings::Lenient,
        ..Moods::default()
    };
    let stage = Stage::new(&client, "parse", sample(), quick, 4).await?;
    let seconds = stage.sync().await?;
    let wanted = "at most 1500: a whole sync without latencies";
    report.alone("parse_17_ms", seconds * 1000.0, "ms", wanted);

    // A server of its own: memory that earlier syncs had taken would not show.
    drop(server);
    let server = Server::start_alone(&[]).await?;
    let client = server.client().await?;
    let process = server.process_id().context("the server runs")?;
    let _settled = process::cpu_percent(process, Duration::from_secs(3)).await?;
    let idle = process::memory_mib(process)?;
    process::forget_peak(process)?;
    let stage = Stage::new(&client, "large", large(), quick, 4).await?;
    stage.sync().await?;
    let peak = process::peak_memory_mib(process)? - idle;
    report.alone("peak_mib_500", peak, "MiB", "at most 128 above idle");
    Ok(())
}

fn told(metric: &str, seconds: f64, bound: f64) {
    println!(
        "   {metric}: {seconds:.1} s; the sessions alone need {bound:.1} s; the earlier system took {EARLIER} s"
    );
}

/// The sample with parts lists of the size that was seen.
fn sample() -> Site {
    let mut site = Site::sample();
    for elevation in site.projects[0]
        .phases
        .iter_mut()
        .flat_map(|phase| &mut phase.elevations)
    {
        let name = elevation.listed["name"].as_str().unwrap_or_default();
        let file = PartsFile::of(elevation.id, name).filled_to(BYTES_OF_A_LIST);
        elevation.parts_list = file.bytes();
    }
    site
}

/// 500 elevations, with smaller lists, since the simulator holds them all.
fn large() -> Site {
    let mut site = Site::sample();
    let phases = &mut site.projects[0].phases;
    phases.truncate(1);
    phases[0].elevations = (1..=500).map(Elevation::numbered).collect();
    for elevation in &mut phases[0].elevations {
        let name = elevation.listed["name"].as_str().unwrap_or_default();
        let file = PartsFile::of(elevation.id, name).filled_to(BYTES_OF_A_LIST / 5);
        elevation.parts_list = file.bytes();
    }
    site
}

/// A connection with a LOGIKAL of its own.
struct Stage<'bench> {
    client: &'bench Client,
    connection: String,
    _simulator: Simulator,
}

impl<'bench> Stage<'bench> {
    async fn new(
        client: &'bench Client,
        name: &str,
        site: Site,
        moods: Moods,
        sessions: i32,
    ) -> Result<Self> {
        let simulator = Simulator::start(site, moods).await?;
        client
            .save_connection(ConnectionsSaveRequest {
                name: name.to_owned(),
                url: "http://127.0.0.1:1".to_owned(),
                database: name.to_owned(),
                api_key: "key".to_owned(),
                skip_test: true,
                ..ConnectionsSaveRequest::default()
            })
            .await?;
        client
            .save_logikal(ConnectionsSaveLogikalRequest {
                connection: name.to_owned(),
                url: simulator.url(),
                user: USER.to_owned(),
                password: PASSWORD.to_owned(),
                sessions,
                skip_test: true,
                ..ConnectionsSaveLogikalRequest::default()
            })
            .await?;
        client.projects(name, true).await?;
        Ok(Self {
            client,
            connection: name.to_owned(),
            _simulator: simulator,
        })
    }

    /// Seconds from the call to the end of the job.
    async fn sync(&self) -> Result<f64> {
        let began = Instant::now();
        let request = ForceSyncSyncProjectRequest {
            connection: self.connection.clone(),
            name: "DOS22309".to_owned(),
            skip_odoo: true,
            ..ForceSyncSyncProjectRequest::default()
        };
        let (job, _project) = self.client.sync_project(request).await?;
        let look = async || Ok(self.client.job(&job.id).await?);
        let patience = Duration::from_mins(10);
        let job = until_within(patience, "the project is fetched", look, |job| {
            job.finished_at.is_some()
        })
        .await?;
        ensure!(job.state() == JobState::Succeeded, "{job:?}");
        let counters = job.counters.unwrap_or_default();
        ensure!(counters.errors == 0, "{counters:?}");
        Ok(began.elapsed().as_secs_f64())
    }
}
