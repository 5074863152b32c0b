//! One run: a list on its way into Odoo, faults on the way, and the look at what came of it.

use crate::{
    audience::{self, Audience},
    dice::Dice,
    faults::{Fault, Scene},
    oracle,
    stage::Stage,
};
use anyhow::{Context as _, Result, bail};
use sluice_client::v1::{SupplierImport, SweepPolicy, supplier_import::Source};
use sluice_tests::{
    price_list::PriceList,
    until::{until, until_within},
    world::{CONNECTION, mapping},
};
use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long after the last fault a job may take to its end.
const RECOVERY: Duration = Duration::from_secs(90);

/// What a seed decides.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// What strikes, and how many percent of the rows are in by then.
    pub(crate) strikes: Vec<(Fault, u64)>,
    kind: Kind,
    workers: u32,
    dice: Dice,
}

/// Which list is imported over what.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// For the first time, with bad rows in it.
    First,
    /// For the first time, without a bad row.
    Clean,
    /// Again, with a third of the prices changed.
    Changed,
    /// Again and shorter; what it no longer names is deleted.
    Sweep,
}

/// What came of a run.
pub(crate) struct Outcome {
    /// From the last fault's end to the job's end.
    pub(crate) recovery: Duration,
    /// Of each planned fault, whether it struck while the job was not over.
    pub(crate) struck: Vec<bool>,
    /// Where the time went: before the faults, during them, to the job's end, and until all was looked at.
    pub(crate) phases: [Duration; 4],
    pub(crate) attempts: i32,
    pub(crate) rescues: i64,
    pub(crate) retries: i64,
    pub(crate) releases: i64,
    pub(crate) outages: i64,
}

impl Plan {
    /// The plan of a seed; `turn` chooses the fault of a run that strikes with one only.
    pub(crate) fn of(seed: u64, faults: &[Fault], most: u64, turn: Option<u64>) -> Self {
        let mut dice = Dice::new(seed);
        let kind = *dice.pick(&[
            Kind::First,
            Kind::First,
            Kind::First,
            Kind::Clean,
            Kind::Clean,
            Kind::Changed,
            Kind::Changed,
            Kind::Sweep,
        ]);
        // Neighbours share a mode, since changing it takes Odoo a restart.
        let mut workers = if (seed / 8) % 3 == 2 { 2 } else { 0 };
        let mut possible = faults.to_vec();
        possible.retain(|fault| workers > 0 || !fault.needs_workers());
        if possible.is_empty() {
            workers = 2;
            possible = faults.to_vec();
        }
        let count = 1 + dice.below(most);
        let mut strikes = Vec::new();
        for number in 0..count {
            // By progress and not by the clock, so that each meets rows on their way, however fast they go.
            let latest = if number == 0 { 60 } else { 90 };
            strikes.push((*dice.pick(&possible), dice.below(latest)));
        }
        if let Some(turn) = turn {
            let index = usize::try_from(turn).unwrap_or_default() % faults.len();
            strikes = vec![(faults[index], dice.below(60))];
            if faults[index].needs_workers() {
                workers = 2;
            }
        }
        Self {
            seed,
            strikes,
            kind,
            workers,
            dice,
        }
    }
}

/// Performs a run to its end and fails if anything is not as it must be.
pub(crate) async fn perform(stage: &Stage, plan: &Plan) -> Result<Outcome> {
    let mut dice = plan.dice.clone();
    let mut clock = Clock(Instant::now());
    stage
        .run_odoo_with(plan.workers)
        .await
        .context("Odoo could not be started")?;
    let name = format!("CHAOS-{}-{}", plan.seed, Uuid::new_v4().simple());
    // A worker that has answered often enough ends, and may do so on a call.
    let make = async || stage.odoo.create_supplier(&name, &name).await;
    let supplier = until("a supplier is made", make, |_| true).await?;
    let (list, before) = lists(stage, plan.kind);
    let client = &stage.seats[0].client;
    if let Some(before) = &before {
        let job = client.enqueue(import(supplier, before, false)).await?.job;
        ended(stage, job.id.parse()?)
            .await
            .context("the import before the faults")?;
    }
    let job = client
        .enqueue(import(supplier, &list, plan.kind == Kind::Sweep))
        .await?
        .job;
    let id: Uuid = job.id.parse()?;
    let audience = Audience::seat(stage, &job.id);

    let prepared = clock.lap();
    let scene = Scene {
        stage,
        job: id,
        supplier,
    };
    let rows = list.rows().len() as u64;
    let calm = Calm::begin();
    let strikes = plan.strikes.iter().map(|(fault, percent)| {
        let (mut dice, scene, calm) = (dice.split(), &scene, &calm);
        async move {
            if !is_in(stage, id, rows * percent / 100, calm).await? {
                return Ok(false);
            }
            calm.breaks();
            fault
                .strike(scene, &mut dice)
                .await
                .with_context(|| format!("while {} struck", fault.name()))?;
            calm.returns();
            anyhow::Ok(true)
        }
    });
    let struck = futures::future::try_join_all(strikes).await?;
    let broken = clock.lap();
    ended(stage, id).await?;
    let recovery = clock.lap();

    for story in audience.heard().await? {
        audience::is_whole(&story)?;
    }
    let told = oracle::judge(stage, id, supplier, &list, before.as_ref()).await?;
    oracle::forget(stage, supplier).await?;
    Ok(Outcome {
        recovery,
        struck,
        phases: [prepared, broken, recovery, clock.lap()],
        ..told
    })
}

/// Tells how long each part of a run took.
struct Clock(Instant);

impl Clock {
    /// The time since the last lap.
    fn lap(&mut self) -> Duration {
        let lap = self.0.elapsed();
        self.0 = Instant::now();
        lap
    }
}

/// Tells for how long nothing strikes.
struct Calm(Mutex<(usize, Instant)>);

impl Calm {
    fn begin() -> Self {
        Self(Mutex::new((0, Instant::now())))
    }

    /// A fault begins to strike.
    fn breaks(&self) {
        self.change(|striking| striking + 1);
    }

    /// A fault is over.
    fn returns(&self) {
        self.change(|striking| striking - 1);
    }

    fn change(&self, striking: impl Fn(usize) -> usize) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = (striking(state.0), Instant::now());
    }

    fn lasts_for(&self, span: Duration) -> bool {
        let (striking, since) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        striking == 0 && since.elapsed() >= span
    }
}

/// Waits until so many rows are in; `false` if the job was over before. It is stuck if they do not come although nothing strikes:
/// an Odoo that is away for a minute, and then killed, needs longer than a job may.
async fn is_in(stage: &Stage, job: Uuid, rows: u64, calm: &Calm) -> Result<bool> {
    if rows == 0 {
        return Ok(true);
    }
    let mut line = None;
    let mut look = async || -> Result<(i64, bool)> {
        let mut connection = match line.take() {
            Some(connection) => connection,
            None => stage.look().await?,
        };
        let seen =
            sqlx::query_as("select rows_done, finished_at is not null from job where id = $1")
                .bind(job)
                .fetch_one(&mut connection)
                .await?;
        line = Some(connection);
        Ok(seen)
    };
    let rows = i64::try_from(rows)?;
    loop {
        let waited = until_within(RECOVERY, "rows are in", &mut look, |(done, is_over)| {
            *is_over || *done >= rows
        });
        match waited.await {
            Ok((_, is_over)) => return Ok(!is_over),
            Err(error) if calm.lasts_for(RECOVERY) => return Err(error.context("the job is stuck")),
            Err(_) => {}
        }
    }
}

/// The list of a run, and the one that was imported before it.
fn lists(stage: &Stage, kind: Kind) -> (PriceList, Option<PriceList>) {
    let list = &stage.list;
    match kind {
        Kind::First => (list.clone(), None),
        Kind::Clean => (list.without_bad_rows(), None),
        Kind::Changed => (list.with_prices_changed(33), Some(list.clone())),
        Kind::Sweep => {
            let clean = list.without_bad_rows();
            (clean.first_rows(clean.rows().len() * 9 / 10), Some(clean))
        }
    }
}

fn import(supplier: i64, list: &PriceList, sweeps: bool) -> SupplierImport {
    SupplierImport {
        connection: CONNECTION.to_owned(),
        supplier: supplier.to_string(),
        source: Some(Source::Content(list.csv())),
        file_name: "list.csv".to_owned(),
        mapping: mapping(),
        sweep: if sweeps {
            SweepPolicy::Delete
        } else {
            SweepPolicy::Unspecified
        }
        .into(),
        ..SupplierImport::default()
    }
}

/// Waits until the job has succeeded, and nothing else.
async fn ended(stage: &Stage, job: Uuid) -> Result<()> {
    let query = "select state || coalesce(' (' || error_code || ': ' || error_message || ')', '') || \
        coalesce(', waits: ' || waiting_reason, '') from job where id = $1";
    let look = async || -> Result<String> {
        let mut connection = stage.look().await?;
        Ok(sqlx::query_scalar(query)
            .bind(job)
            .fetch_one(&mut connection)
            .await?)
    };
    let is_over = |state: &String| {
        ["succeeded", "failed", "cancelled"]
            .iter()
            .any(|end| state.starts_with(end))
    };
    let reached = until_within(RECOVERY, "the job ends", look, is_over)
        .await
        .context("the job is stuck")?;
    if reached != "succeeded" {
        bail!("the job is {reached}");
    }
    Ok(())
}

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.workers == 0 {
            "threaded"
        } else {
            "prefork"
        };
        write!(out, "{:?} {mode}", self.kind)?;
        for (fault, after) in &self.strikes {
            write!(out, " {}@{after}%", fault.name())?;
        }
        Ok(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "-> {} of {} struck, whole after {:.1} s, attempt {}, {} rescued, {} retried, {} released, {} outages",
            self.struck.iter().filter(|struck| **struck).count(),
            self.struck.len(),
            self.recovery.as_secs_f64(),
            self.attempts,
            self.rescues,
            self.retries,
            self.releases,
            self.outages
        )
    }
}
