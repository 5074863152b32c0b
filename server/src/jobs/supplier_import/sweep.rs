//! Ends or deletes price lines that a complete list no longer names; only if that is safe.

use super::{
    apply::held,
    remark::Remark,
    spec::{Checkpoint, ImportSpec},
    storing::grouped,
};
use crate::{
    adapters::odoo::{Odoo, Sweep, SweepAnswer, SweepPolicy},
    jobs::patience::Patience,
    queue::{JobError, Run},
};

/// How many lines one call touches.
const LINES_AT_ONCE: i64 = 1000;

/// What sweeping needs.
pub(super) struct Sweeping<'run> {
    pub(super) run: &'run Run,
    pub(super) spec: &'run ImportSpec,
    pub(super) patience: &'run Patience<'run>,
    pub(super) odoo: &'run Odoo,
}

impl Sweeping<'_> {
    /// Sweeps as the policy says. What was not done and why is told as an event.
    pub(super) async fn sweep(
        &self,
        policy: SweepPolicy,
        checkpoint: &mut Checkpoint,
    ) -> Result<(), JobError> {
        if !checkpoint.sweeping {
            if let Some(why) = self.unsafe_because(policy, checkpoint).await? {
                let message = format!(
                    "lines that the list does not name were kept: {}",
                    why.message
                );
                return self.run.note(why.code, &message).await;
            }
            checkpoint.sweeping = true;
            self.store(
                checkpoint,
                "sweeping",
                "sweeping lines that the list does not name",
            )
            .await?;
        }
        let mut before = i64::MAX;
        loop {
            if self.run.stopping().is_cancelled() {
                return Err(JobError::Stopped);
            }
            let answer = self.ask(policy, false).await?;
            checkpoint.swept += answer.swept;
            if answer.remaining == 0 {
                break;
            }
            if answer.remaining >= before && answer.swept == 0 {
                return Err(JobError::Fail {
                    code: "sweep_stuck",
                    message: format!(
                        "Odoo keeps {} lines that it should have swept",
                        answer.remaining
                    ),
                });
            }
            before = answer.remaining;
            let message = format!(
                "swept {} lines, {} to go",
                grouped(checkpoint.swept),
                grouped(answer.remaining)
            );
            self.store(checkpoint, "sweep_going_on", &message).await?;
        }
        let (code, done) = match policy {
            SweepPolicy::EndDate => ("swept_by_end", "ended"),
            SweepPolicy::Delete => ("swept_by_deletion", "deleted"),
        };
        let message = format!(
            "{done} {} lines that the list does not name",
            grouped(checkpoint.swept)
        );
        self.store(checkpoint, code, &message).await
    }

    /// Why the sweep must not be done; none if it is safe.
    async fn unsafe_because(
        &self,
        policy: SweepPolicy,
        checkpoint: &Checkpoint,
    ) -> Result<Option<Remark>, JobError> {
        let counters = self.run.counters();
        if counters.errors > 0 {
            return Ok(Some(Remark::new(
                "sweep_left_for_errors",
                format!(
                    "{} rows have errors, and their lines would be taken for missing",
                    grouped(counters.errors)
                ),
            )));
        }
        if checkpoint.filtered() > 0 {
            return Ok(Some(Remark::new(
                "sweep_left_for_filters",
                format!(
                    "filters left {} rows out, and their lines would be taken for missing",
                    grouped(checkpoint.filtered())
                ),
            )));
        }
        if counters.created + counters.updated + counters.unchanged == 0 {
            return Ok(Some(Remark::new(
                "sweep_left_without_rows",
                "no row of the list was applied",
            )));
        }
        let found = self.ask(policy, true).await?;
        let most = self.spec.sweep_max_percent;
        // Exact, without a division: stale / total > most / 100.
        if i128::from(found.stale_lines) * 100 > i128::from(found.total_lines) * i128::from(most) {
            return Ok(Some(Remark::new(
                "sweep_left_for_its_size",
                format!(
                    "{} of {} lines would be touched, more than the {most} % that are allowed; enqueue again with a larger share if that is right",
                    grouped(found.stale_lines),
                    grouped(found.total_lines)
                ),
            )));
        }
        Ok(None)
    }

    async fn ask(&self, policy: SweepPolicy, dry_run: bool) -> Result<SweepAnswer, JobError> {
        let call = Sweep {
            job: self.run.job(),
            attempt: self.run.attempt(),
            supplier: self.spec.supplier,
            options: self.spec.options.clone(),
            policy,
            limit: LINES_AT_ONCE,
            dry_run,
        };
        let answer = self
            .patience
            .call("going on with the sweep", || self.odoo.sweep(&call))
            .await?;
        held(answer.status)?;
        Ok(answer)
    }

    async fn store(
        &self,
        checkpoint: &Checkpoint,
        code: &'static str,
        message: &str,
    ) -> Result<(), JobError> {
        self.run
            .step()
            .await?
            .about(code)
            .commit(checkpoint, self.run.counters(), message)
            .await
    }
}
