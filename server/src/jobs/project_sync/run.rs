//! The job: walks through a project with several sessions at once, stores what they find, and marks what is gone.

use std::time::Duration;

use futures::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    ProjectError,
    board::Board,
    delivering::Delivering,
    entering::Door,
    fetching::Worker,
    finding::Found,
    looking::look_around,
    sites::{LogikalSites, Site},
    spec::{SyncSpec, Tallies, Tally},
    store::{self, Known},
    storing::Storing,
    upkeep,
};
use crate::{
    db::Db,
    jobs::{OdooClients, patience::Patience},
    queue::{JobError, Run, RunJob},
};

/// The kind of these jobs.
pub const KIND: &str = "project_sync";

/// How many findings may wait to be stored: each may be a parts list.
const MOST_WAITING: usize = 4;

/// Runs syncs of projects.
#[derive(Clone, Debug)]
pub struct ProjectSync {
    pub(super) db: Db,
    pub(super) sites: LogikalSites,
    pub(super) clients: OdooClients,
    /// How long a job waits for a LOGIKAL or an Odoo that is away.
    pub(super) max_outage: Duration,
}

impl RunJob for ProjectSync {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, Result<String, JobError>> {
        Box::pin(self.sync(run))
    }
}

impl ProjectSync {
    async fn sync(&self, run: &Run) -> Result<String, JobError> {
        let mut spec: SyncSpec = run.spec()?;
        let before: Tallies = run.checkpoint()?.unwrap_or_default();
        let site = self.sites.of(run.connection()).await;
        let site = site.map_err(ProjectError::into_job_error)?;
        let project = self.project(run, &site, &mut spec).await?;
        store::begin(&self.db, project.id).await?;
        let board = Board::default();
        let patience = Patience::new(run, self.max_outage);
        let delivering = self.delivering(run, &spec, &project, &patience).await?;
        let (complete, completed) = mpsc::unbounded_channel();
        let mut storing = Storing::new(run, &spec, &board, project.id, before, complete);
        let walk = Walk {
            run,
            spec: &spec,
            site: &site,
            board: &board,
            known_phases: store::phases_known(&self.db, project.id).await?,
            max_outage: self.max_outage,
        };
        let walked = walk.go(&mut storing, delivering.as_ref(), completed).await;
        self.sites
            .remember(run.connection(), &site)
            .await
            .map_err(ProjectError::into_job_error)?;
        let is_delivered = walked?;
        storing.sweep().await?;
        if let Some(delivering) = delivering.filter(|_| is_delivered) {
            for failed in delivering.rest().await? {
                storing.failed(&failed).await?;
            }
            delivering.finish(project.guid).await?;
        }
        storing.tallies.seconds = storing.seconds();
        let mut step = run.step().await?;
        upkeep::finish(step.connection(), project.id, run.job(), &storing.tallies).await?;
        let told = summary(&storing.tallies);
        step.about("project_synced")
            .commit(&storing.tallies, storing.counters, &told)
            .await?;
        Ok(told)
    }

    /// The project, which is looked for in LOGIKAL if it is not known.
    async fn project(
        &self,
        run: &Run,
        site: &Site,
        spec: &mut SyncSpec,
    ) -> Result<Known, JobError> {
        if let Some(known) = store::find(&self.db, run.connection(), spec.project).await? {
            spec.in_directory_of(&known);
            return Ok(known);
        }
        let told = "the project is not known yet: looking for it in LOGIKAL";
        run.note("project_looked_for", told).await?;
        look_around(&self.db, run, site, "directories_listed").await?;
        let found = store::find(&self.db, run.connection(), spec.project).await?;
        let found = found.ok_or_else(|| JobError::Fail {
            code: "project_not_found",
            message: format!("LOGIKAL has no project {}", spec.project),
        })?;
        spec.in_directory_of(&found);
        Ok(found)
    }

    /// What hands the project to Odoo, where that is asked for.
    async fn delivering<'run>(
        &'run self,
        run: &'run Run,
        spec: &SyncSpec,
        project: &Known,
        patience: &'run Patience<'run>,
    ) -> Result<Option<Delivering<'run>>, JobError> {
        if !spec.odoo {
            return Ok(None);
        }
        let odoo = self.clients.of(run.connection()).await;
        Ok(Some(Delivering {
            db: &self.db,
            run,
            odoo: odoo.map_err(|error| ProjectError::from(error).into_job_error())?,
            patience,
            project: project.id,
        }))
    }
}

/// A walk through a project.
struct Walk<'run> {
    run: &'run Run,
    spec: &'run SyncSpec,
    site: &'run Site,
    board: &'run Board,
    /// How many phases the project had the last time.
    known_phases: i64,
    max_outage: Duration,
}

impl Walk<'_> {
    /// Fetches, stores and hands over, all at once; returns whether Odoo takes what is fetched.
    async fn go(
        &self,
        storing: &mut Storing<'_>,
        delivering: Option<&Delivering<'_>>,
        mut completed: mpsc::UnboundedReceiver<Uuid>,
    ) -> Result<bool, JobError> {
        let (sender, found) = mpsc::channel(MOST_WAITING);
        let walked = CancellationToken::new();
        let failures = sender.clone();
        let handing = async {
            let Some(delivering) = delivering else {
                drop(failures);
                return Ok(false);
            };
            let wanted = delivering.is_wanted().await;
            if !matches!(wanted, Ok(true)) {
                drop(failures);
                return wanted;
            }
            delivering.live(&mut completed, &walked, failures).await?;
            Ok(true)
        };
        let walking = async {
            let outcome = self.workers(sender).await;
            walked.cancel();
            outcome
        };
        let (outcome, handed, stored) = tokio::join!(walking, handing, storing.all(found));
        stored?;
        outcome?;
        handed
    }

    async fn workers(&self, found: mpsc::Sender<Found>) -> Result<(), JobError> {
        let most = usize::try_from(self.site.settings.sessions)
            .unwrap_or(1)
            .max(1);
        // Of a project that is known most will be as it was, and one session for each phase lists it; of another nothing is.
        let first = match usize::try_from(self.known_phases) {
            Ok(phases @ 1..) if !self.spec.full => phases.min(most),
            _ => most,
        };
        let door = Door {
            run: self.run,
            site: self.site,
            spec: self.spec,
            board: self.board,
            max_outage: self.max_outage,
        };
        let workers: Vec<Worker<'_>> = (0..most)
            .map(|_| Worker {
                door: &door,
                board: self.board,
                found: found.clone(),
            })
            .collect();
        drop(found);
        for _ in 0..first {
            self.board.expect_session();
        }
        let mut walks: FuturesUnordered<_> = workers
            .iter()
            .enumerate()
            .map(|(number, worker)| worker.work(number < first))
            .collect();
        // When this returns, their sessions are dropped and so logged out; what was found is stored all the same.
        loop {
            tokio::select! {
                () = self.run.stopping().cancelled() => return Err(JobError::Stopped),
                walked = walks.next() => match walked {
                    Some(Ok(())) => {}
                    Some(Err(error)) => return Err(error),
                    None => return Ok(()),
                },
            }
        }
    }
}

fn summary(tallies: &Tallies) -> String {
    let told = |tally: Tally, one: &str, many: &str| {
        let all = tally.synced + tally.skipped + tally.failed;
        let parts = [(tally.skipped, "unchanged"), (tally.failed, "failed")];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let what = if all == 1 { one } else { many };
        if parts.is_empty() {
            format!("{all} {what}")
        } else {
            format!("{all} {what} ({})", parts.join(", "))
        }
    };
    format!(
        "{}, {}, {}, {} in {:.1} s",
        told(tallies.phases, "phase", "phases"),
        told(tallies.elevations, "elevation", "elevations"),
        told(tallies.thumbnails, "picture", "pictures"),
        told(tallies.parts_lists, "parts list", "parts lists"),
        tallies.seconds,
    )
}
