//! The job that embeds what waits of a model: prepares a page while one is embedded and another stored, until nothing waits.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::{sync::mpsc, time::Instant};

use super::{
    embedders::Embedders,
    embedding::Embedding,
    extension::{self, Extension},
    generations,
    names::Names,
    outbox,
    plan::TextPlan,
    preparing::{Prepared, Preparing},
    store::{self, GenerationRow, ModelRow},
    storing::Storing,
    vectors::Vectors,
};
use crate::{
    adapters::odoo::Odoo,
    db::Db,
    jobs::{OdooClients, mirror::Source, patience::Patience},
    progress::Counters,
    queue::{JobError, JobState, Queue, QueueError, Run, RunJob},
};

/// The kind of these jobs.
pub const EMBEDDING: &str = "record_embedding";

/// How long a job goes on looking while its model is being synced and nothing waits. The sync starts another one if it is late.
const LINGER: Duration = Duration::from_secs(3);
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// The longest it waits before it looks whether what was put off is due.
const LONGEST_NAP: f64 = 5.0;
/// The fewest and the most records of a page.
const PAGE: (i64, i64) = (16, 512);
/// An embedder that takes less time for a page gets larger ones, and one that takes more gets smaller ones.
const QUICK: Duration = Duration::from_millis(500);
const SLOW: Duration = Duration::from_secs(4);
/// How many pages may wait between those who prepare, embed and store.
const MOST_WAITING: usize = 1;

/// Runs embeddings.
#[derive(Clone, Debug)]
pub struct RecordEmbedding {
    pub(super) db: Db,
    pub(super) queue: Queue,
    pub(super) clients: OdooClients,
    pub(super) embedders: Embedders,
    /// How long a job waits for an embedder or an Odoo that is away.
    pub(super) max_outage: Duration,
}

/// What a job is to embed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct EmbeddingSpec {
    /// Odoo's name of the model.
    pub(super) model: String,
    /// Whether the text of each record is made anew.
    pub(super) full: bool,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(super) struct Checkpoint {
    /// Whether all that is to be made anew waits already.
    is_noted: bool,
}

impl RunJob for RecordEmbedding {
    fn kind(&self) -> &'static str {
        EMBEDDING
    }

    fn run<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, Result<String, JobError>> {
        Box::pin(self.embed(run))
    }
}

/// What one attempt works with.
struct Work {
    row: ModelRow,
    generation: GenerationRow,
    extension: Extension,
    source: Source,
    plan: TextPlan,
    vectors: Vectors,
}

impl RecordEmbedding {
    async fn embed(&self, run: &Run) -> Result<String, JobError> {
        let spec: EmbeddingSpec = run.spec()?;
        let patience = Patience::new(run, self.max_outage);
        let odoo = self.clients.of(run.connection()).await;
        let odoo = odoo.map_err(|error| super::SearchError::from(error).into_job_error())?;
        let Some(work) = self.work(run, &spec, &odoo, &patience).await? else {
            return Ok("nothing of the model is mirrored yet".to_owned());
        };
        let mut checkpoint: Checkpoint = run.checkpoint()?.unwrap_or_default();
        self.renew(run, &work, spec.full, &mut checkpoint).await?;
        let embedder = self.embedders.of(run.connection(), &work.generation);
        let embedder = embedder.map_err(super::SearchError::into_job_error)?;
        let settings = self.embedders.settings(run.connection(), &work.generation);
        let settings = settings.map_err(super::SearchError::into_job_error)?;
        let embedding = Embedding::new(
            run,
            &self.db,
            work.row.id,
            (&*embedder, &settings),
            self.max_outage,
        );
        let mut preparing = Preparing {
            db: &self.db,
            odoo: &odoo,
            patience: &patience,
            model: &spec.model,
            source: &work.source,
            plan: &work.plan,
            vectors: work.vectors,
            names: Names::default(),
        };
        let mut storing = Storing {
            run,
            extension: &work.extension,
            vectors: work.vectors,
            checkpoint,
            counters: run.counters(),
            left: store::waiting(&self.db, work.row.id).await?,
        };
        let page_size = PageSize::new(i64::from(settings.max_texts));
        let mut idle_since: Option<Instant> = None;
        loop {
            let pass = pass(run, &page_size, &mut preparing, &embedding, &mut storing);
            let found = pass.await?;
            if run.stopping().is_cancelled() {
                return Err(JobError::Stopped);
            }
            if found {
                idle_since = None;
                storing.left = store::waiting(&self.db, work.row.id).await?;
                continue;
            }
            let nap = match store::next_due(&self.db, work.row.id).await? {
                Some(seconds) => Duration::from_secs_f64(seconds.clamp(0.05, LONGEST_NAP)),
                None if self.is_synced(run, &spec.model).await? => {
                    let since = *idle_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > LINGER {
                        break;
                    }
                    LOOK_AGAIN
                }
                None => break,
            };
            tokio::select! {
                () = run.stopping().cancelled() => return Err(JobError::Stopped),
                () = tokio::time::sleep(nap) => {}
            }
        }
        let counters = storing.counters;
        generations::index(&self.db, &work.extension, work.vectors).await?;
        generations::switch(&self.db, run.connection()).await?;
        store::set_error(&self.db, work.row.id, None).await?;
        Ok(summary(&counters))
    }

    /// All that an attempt needs to know; `None` if there is no table to read.
    async fn work(
        &self,
        run: &Run,
        spec: &EmbeddingSpec,
        odoo: &Odoo,
        patience: &Patience<'_>,
    ) -> Result<Option<Work>, JobError> {
        let mut connection = self.db.pool().acquire().await?;
        let row = store::model(&mut connection, run.connection(), &spec.model).await?;
        let row = row.ok_or_else(|| JobError::Fail {
            code: "not_searchable",
            message: format!("{} is not searchable any more", spec.model),
        })?;
        let newest = store::generations(&mut connection, run.connection()).await?;
        let generation = newest.into_iter().next().ok_or_else(|| JobError::Fail {
            code: "embedder_not_set",
            message: "no embedder is set any more".to_owned(),
        })?;
        let extension = extension::present(&mut connection).await;
        let extension = extension.map_err(super::SearchError::into_job_error)?;
        drop(connection);
        // Whoever made the job may not have come to say so, and a mirror never does.
        store::set_job(&self.db, row.id, run.job()).await?;
        let source = Source::of(&self.db, run.connection(), &spec.model).await?;
        let Some(source) = source else {
            return Ok(None);
        };
        let known = patience
            .call("going on", || odoo.fields(&spec.model))
            .await?;
        let plan = TextPlan::of(&known, &source, &row.field_names);
        if plan.fields.is_empty() {
            return Err(JobError::Fail {
                code: "no_fields",
                message: format!(
                    "none of the fields of {} that are to be embedded is mirrored: mirror them, or choose others",
                    spec.model
                ),
            });
        }
        let vectors = Vectors {
            generation: generation.id,
            model: row.id,
        };
        Ok(Some(Work {
            row,
            generation,
            extension,
            source,
            plan,
            vectors,
        }))
    }

    /// Lets all records wait whose texts were made of other fields than they would be now, or which are to be made anew.
    async fn renew(
        &self,
        run: &Run,
        work: &Work,
        full: bool,
        checkpoint: &mut Checkpoint,
    ) -> Result<(), JobError> {
        let digest = work.plan.digest();
        let is_other = work.row.made_of != digest;
        if !is_other && (!full || checkpoint.is_noted) {
            return Ok(());
        }
        let mut step = run.step().await?;
        let (model, source) = (work.row.id, &work.source);
        outbox::note_all(step.connection(), model, &source.table, &source.is_living()).await?;
        store::set_made_of(step.connection(), model, &digest, &work.plan.names()).await?;
        checkpoint.is_noted = true;
        let mut counters = run.counters();
        counters.rows_total = counters.rows_done + store::waiting(&self.db, model).await?;
        step.commit(checkpoint, counters, "looking at all records")
            .await
    }

    /// Whether the model is being synced, so that more may come at any moment.
    async fn is_synced(&self, run: &Run, model: &str) -> Result<bool, JobError> {
        let source = Source::of(&self.db, run.connection(), model).await?;
        let Some(job) = source.and_then(|source| source.last_job) else {
            return Ok(false);
        };
        let found = match self.queue.these(&[job]).await {
            Ok(found) => found,
            Err(QueueError::Db(error)) => return Err(error.into()),
            Err(_) => return Ok(false),
        };
        Ok(found
            .get(&job)
            .is_some_and(|job| job.state == JobState::Running))
    }
}

/// Goes once through all that is due, by id; returns whether there was anything.
async fn pass(
    run: &Run,
    page_size: &PageSize,
    preparing: &mut Preparing<'_>,
    embedding: &Embedding<'_>,
    storing: &mut Storing<'_>,
) -> Result<bool, JobError> {
    let (to_embed, mut prepared) = mpsc::channel::<Vec<Prepared>>(MOST_WAITING);
    let (to_store, mut embedded) = mpsc::channel::<Vec<Prepared>>(MOST_WAITING);
    let prepare = async move {
        let (mut after, mut found) = (i64::MIN, false);
        while !run.stopping().is_cancelled() {
            let model = preparing.vectors.model;
            let due = store::due(preparing.db, model, after, page_size.get()).await?;
            let Some(last) = due.last() else { break };
            after = last.record_id;
            found = true;
            let page = preparing.page(&due).await?;
            if to_embed.send(page).await.is_err() {
                break;
            }
        }
        Ok::<bool, JobError>(found)
    };
    let embed = async move {
        while let Some(mut page) = prepared.recv().await {
            let began = Instant::now();
            embedding.page(&mut page).await?;
            page_size.adapt(began.elapsed());
            if to_store.send(page).await.is_err() {
                break;
            }
        }
        Ok::<(), JobError>(())
    };
    let store = async move {
        while let Some(page) = embedded.recv().await {
            storing.page(page).await?;
        }
        Ok::<(), JobError>(())
    };
    let (found, (), ()) = tokio::try_join!(prepare, embed, store)?;
    Ok(found)
}

/// How many records a page has: so many that a quick embedder does not wait for Postgres, and so few that a slow one is seen to move.
struct PageSize(AtomicI64);

impl PageSize {
    /// Begins with what one call takes.
    fn new(most_texts: i64) -> Self {
        Self(AtomicI64::new(most_texts.clamp(PAGE.0, PAGE.1)))
    }

    fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Learns how long the embedder took for a page.
    fn adapt(&self, took: Duration) {
        let now = self.get();
        let next = if took < QUICK {
            now * 2
        } else if took > SLOW {
            now / 2
        } else {
            now
        };
        self.0.store(next.clamp(PAGE.0, PAGE.1), Ordering::Relaxed);
    }
}

fn summary(counters: &Counters) -> String {
    let mut parts = vec![
        format!("{} new", counters.created),
        format!("{} changed", counters.updated),
        format!("{} as before", counters.unchanged),
    ];
    if counters.skipped > 0 {
        parts.push(format!("{} without a text", counters.skipped));
    }
    if counters.errors > 0 {
        parts.push(format!("{} could not be embedded", counters.errors));
    }
    format!("{} records: {}", counters.rows_done, parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_grows_for_a_quick_embedder_and_shrinks_for_a_slow_one() {
        let size = PageSize::new(64);
        let sizes = [QUICK / 2, QUICK / 2, QUICK * 2, SLOW * 2].map(|took| {
            size.adapt(took);
            size.get()
        });
        assert_eq!(sizes, [128, 256, 256, 128]);
        for _ in 0..10 {
            size.adapt(SLOW * 2);
        }
        assert_eq!(size.get(), PAGE.0);
    }
}
