//! What the campaign did and what came of it: a table for people, and `target/chaos/report.json` for programs.

use crate::{
    faults::Fault,
    run::{Outcome, Plan},
};
use anyhow::Result;
use serde::Serialize;
use sluice_tests::checkout::root;
use std::{
    collections::BTreeMap,
    fmt, fs,
    path::PathBuf,
    time::{Duration, Instant},
};

#[derive(Serialize)]
pub(crate) struct Report {
    seed: u64,
    rows_per_list: usize,
    runs_passed: usize,
    runs_failed: usize,
    /// Runs in which rows were lost or doubled, jobs got stuck, or anything else was not as it must be.
    failures: Vec<Failure>,
    attempts: i64,
    rescues: i64,
    retries: i64,
    releases: i64,
    outages: i64,
    seconds: f64,
    /// Of the runs that passed: before the faults, during them, to the job's end, and until all was looked at.
    phase_seconds: [f64; 4],
    faults: BTreeMap<&'static str, Kind>,
    #[serde(skip)]
    began: Instant,
}

#[derive(Default, Serialize)]
struct Kind {
    group: u8,
    struck: usize,
    /// Planned, but the job was over before it could strike.
    missed: usize,
    /// Runs with it that did not pass.
    failed: usize,
    /// From the end of a run's last fault to the end of its job.
    recovery_p50_ms: u128,
    recovery_max_ms: u128,
    #[serde(skip)]
    recoveries: Vec<Duration>,
}

#[derive(Serialize)]
struct Failure {
    seed: u64,
    plan: String,
    what: String,
}

impl Report {
    pub(crate) fn new(seed: u64, rows_per_list: usize) -> Self {
        Self {
            seed,
            rows_per_list,
            runs_passed: 0,
            runs_failed: 0,
            failures: Vec::new(),
            attempts: 0,
            rescues: 0,
            retries: 0,
            releases: 0,
            outages: 0,
            seconds: 0.0,
            phase_seconds: [0.0; 4],
            faults: Fault::ALL
                .iter()
                .map(|fault| {
                    (
                        fault.name(),
                        Kind {
                            group: fault.group(),
                            ..Kind::default()
                        },
                    )
                })
                .collect(),
            began: Instant::now(),
        }
    }

    pub(crate) fn passed(&mut self, plan: &Plan, outcome: &Outcome, _took: Duration) {
        self.runs_passed += 1;
        self.attempts += i64::from(outcome.attempts);
        self.rescues += outcome.rescues;
        self.retries += outcome.retries;
        self.releases += outcome.releases;
        self.outages += outcome.outages;
        for (total, phase) in self.phase_seconds.iter_mut().zip(outcome.phases) {
            *total += phase.as_secs_f64();
        }
        for ((fault, _), struck) in plan.strikes.iter().zip(&outcome.struck) {
            let kind = self.faults.entry(fault.name()).or_default();
            if !struck {
                kind.missed += 1;
                continue;
            }
            kind.struck += 1;
            kind.recoveries.push(outcome.recovery);
            kind.recoveries.sort_unstable();
            kind.recovery_p50_ms = kind.recoveries[kind.recoveries.len() / 2].as_millis();
            kind.recovery_max_ms = outcome.recovery.as_millis().max(kind.recovery_max_ms);
        }
    }

    pub(crate) fn failed(&mut self, plan: &Plan, error: &anyhow::Error) {
        self.runs_failed += 1;
        for (fault, _) in &plan.strikes {
            let kind = self.faults.entry(fault.name()).or_default();
            kind.struck += 1;
            kind.failed += 1;
        }
        self.failures.push(Failure {
            seed: plan.seed,
            plan: plan.to_string(),
            what: format!("{error:#}"),
        });
    }

    pub(crate) fn runs_passed(&self) -> usize {
        self.runs_passed
    }

    pub(crate) fn runs_failed(&self) -> usize {
        self.runs_failed
    }

    /// Writes the report as it is now, and says where.
    pub(crate) fn write(&mut self) -> Result<PathBuf> {
        self.seconds = self.began.elapsed().as_secs_f64().round();
        let folder = root().join("target/chaos");
        fs::create_dir_all(&folder)?;
        let file = folder.join("report.json");
        fs::write(&file, serde_json::to_string_pretty(&self)?)?;
        Ok(file)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{:<22}{:>6}{:>8}{:>8}{:>8}{:>18}{:>18}",
            "fault", "group", "struck", "missed", "failed", "recovery p50 ms", "recovery max ms"
        )?;
        let mut kinds: Vec<_> = self
            .faults
            .iter()
            .filter(|(_, kind)| kind.struck + kind.missed > 0)
            .collect();
        kinds.sort_by_key(|(name, kind)| (kind.group, **name));
        for (name, kind) in kinds {
            writeln!(
                out,
                "{name:<22}{:>6}{:>8}{:>8}{:>8}{:>18}{:>18}",
                kind.group,
                kind.struck,
                kind.missed,
                kind.failed,
                kind.recovery_p50_ms,
                kind.recovery_max_ms
            )?;
        }
        let [before, during, after, judging] = self.phase_seconds;
        writeln!(
            out,
            "time: {before:.0} s before the faults, {during:.0} s during them, {after:.0} s to the end of jobs, {judging:.0} s to look at all"
        )?;
        write!(
            out,
            "seed {}, {} runs of {} rows in {:.0} s: {} attempts, {} rescued, {} retried, {} released, {} outages",
            self.seed,
            self.runs_passed + self.runs_failed,
            self.rows_per_list,
            self.seconds,
            self.attempts,
            self.rescues,
            self.retries,
            self.releases,
            self.outages
        )
    }
}
