//! Stores what was embedded, each page with the checkpoint behind it: a record is searchable as it is now, or waits still.

use std::{collections::HashSet, time::Duration};

use super::{
    count,
    extension::Extension,
    outbox,
    preparing::{Prepared, Vector},
    record_embedding::Checkpoint,
    store::{self, MOST_TRIES, StoredText},
    vectors::{NewVector, Vectors},
};
use crate::{
    progress::Counters,
    queue::{JobError, Run},
};

/// How long a text that did not get through waits before it is tried again, in seconds; four times as long after each time.
const FIRST_WAIT: f64 = 1.0;

/// What it takes to store pages of a model.
pub(super) struct Storing<'run> {
    pub(super) run: &'run Run,
    pub(super) extension: &'run Extension,
    pub(super) vectors: Vectors,
    pub(super) checkpoint: Checkpoint,
    pub(super) counters: Counters,
    /// How many records waited when that was last counted, and were not dealt with since.
    pub(super) left: i64,
}

/// What became of a page, sorted by what is to be written.
#[derive(Default)]
struct Sorted {
    /// Records without a text.
    empty: Vec<i64>,
    /// Records of which each part has its vector.
    whole: Vec<i64>,
    /// How many parts those have.
    parts: Vec<i32>,
    texts: Vec<StoredText>,
    vectors: Vec<NewVector>,
    /// Records to be tried again, by how often they were.
    again: Vec<(i64, i32)>,
    /// Records that wait for somebody now, with why.
    failed: Vec<(i64, String, i32)>,
}

impl Storing<'_> {
    /// Stores a page. What changed or was deleted while it was embedded is left out: it waits again, or is gone.
    pub(super) async fn page(&mut self, page: Vec<Prepared>) -> Result<(), JobError> {
        let read: Vec<_> = page.iter().map(|prepared| prepared.due).collect();
        let mut step = self.run.step().await?;
        let connection = step.connection();
        let held = store::hold(connection, self.vectors.model, &read).await?;
        let held: HashSet<i64> = held.into_iter().collect();
        let newest = outbox::generations_of(connection, self.vectors.model).await?;
        if newest.last() != Some(&self.vectors.generation) {
            return Err(JobError::Retry {
                code: "embedder_changed",
                message: "another embedder was set: going on with that one".to_owned(),
                after: Some(Duration::ZERO),
            });
        }
        let mut counters = self.counters;
        let dealt_with = page.len();
        let sorted = sort(page, &held, &mut counters);
        self.write(connection, &sorted).await?;
        counters.rows_done += count(dealt_with) - count(sorted.again.len());
        self.left = (self.left - count(dealt_with)).max(0);
        counters.rows_total = counters.rows_done + self.left + count(sorted.again.len());
        let message = format!("{} of {} records", counters.rows_done, counters.rows_total);
        step.commit(&self.checkpoint, counters, &message).await?;
        self.counters = counters;
        Ok(())
    }

    async fn write(
        &self,
        connection: &mut sqlx::PgConnection,
        sorted: &Sorted,
    ) -> Result<(), JobError> {
        let (vectors, model) = (self.vectors, self.vectors.model);
        if !sorted.empty.is_empty() {
            outbox::forget(connection, model, &sorted.empty).await?;
        }
        if !sorted.texts.is_empty() {
            store::replace_texts(connection, model, &sorted.texts).await?;
        }
        vectors
            .put(connection, self.extension, &sorted.vectors)
            .await?;
        if !sorted.whole.is_empty() {
            vectors
                .keep_parts(connection, &sorted.whole, &sorted.parts)
                .await?;
            store::done(connection, model, &sorted.whole).await?;
        }
        for (record, error, tries) in &sorted.failed {
            // Its text can be found by its words; its old vectors would be found by what it no longer says.
            vectors.remove(connection, &[*record]).await?;
            store::done(connection, model, &[*record]).await?;
            store::fail(connection, model, *record, error, *tries).await?;
        }
        for (record, tries) in &sorted.again {
            let wait = FIRST_WAIT * 4_f64.powi(*tries);
            store::put_off(connection, model, &[*record], wait).await?;
        }
        Ok(())
    }
}

fn sort(page: Vec<Prepared>, held: &HashSet<i64>, counters: &mut Counters) -> Sorted {
    let mut sorted = Sorted::default();
    for prepared in page {
        let id = prepared.due.record_id;
        if !held.contains(&id) {
            counters.skipped += 1;
            continue;
        }
        if prepared.parts.is_empty() {
            counters.skipped += 1;
            sorted.empty.push(id);
            continue;
        }
        let refusal = prepared.parts.iter().find_map(|part| match &part.vector {
            Vector::Refused(error) => Some(error.clone()),
            _ => None,
        });
        let tries = prepared.due.tries + 1;
        match refusal {
            Some(_) if tries < MOST_TRIES => {
                sorted.again.push((id, prepared.due.tries));
                continue;
            }
            Some(error) => {
                counters.errors += 1;
                sorted.failed.push((id, error, tries));
            }
            None => {
                let made = prepared
                    .parts
                    .iter()
                    .any(|part| matches!(part.vector, Vector::Made(_)));
                match (prepared.is_new, made) {
                    (true, _) => counters.created += 1,
                    (false, true) => counters.updated += 1,
                    (false, false) => counters.unchanged += 1,
                }
                sorted.whole.push(id);
                sorted
                    .parts
                    .push(i32::try_from(prepared.parts.len()).unwrap_or(i32::MAX));
            }
        }
        take(prepared, &mut sorted);
    }
    sorted
}

/// What is to be written of a record.
fn take(prepared: Prepared, sorted: &mut Sorted) {
    let record_id = prepared.due.record_id;
    for (part, number) in prepared.parts.into_iter().zip(0..) {
        if let Vector::Made(vector) = part.vector {
            sorted.vectors.push(NewVector {
                record_id,
                part: number,
                hash: part.hash,
                vector,
            });
        }
        if prepared.is_changed {
            sorted.texts.push(StoredText {
                record_id,
                part: number,
                title: prepared.title.clone(),
                content: part.content,
            });
        }
    }
}
