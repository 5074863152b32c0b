//! A transaction that tells a story: what it changes and what it says of it become true together.

use sqlx::{PgConnection, Postgres, Transaction};

use super::{Event, NewEvent, Progress, log};
use crate::{db::DbError, ids::JobId};

/// A transaction whose commit wakes the watchers of every job that it wrote an event for.
///
/// Dropped without a commit, neither the changes nor the events ever were.
#[derive(Debug)]
pub struct Story {
    progress: Progress,
    transaction: Transaction<'static, Postgres>,
    told: Vec<Event>,
    told_by_rows: Vec<JobId>,
}

impl Story {
    pub(super) fn new(progress: Progress, transaction: Transaction<'static, Postgres>) -> Self {
        Self {
            progress,
            transaction,
            told: Vec::new(),
            told_by_rows: Vec::new(),
        }
    }

    /// The transaction, for the statements that the events tell of.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Writes an event. The transaction has locked or made the job's row before: that puts the writers of one job in line.
    pub async fn tell(&mut self, event: NewEvent) -> Result<(), DbError> {
        self.tell_all(&[event]).await
    }

    /// Writes one event for each of several jobs, whose rows are locked as for [`Story::tell`].
    pub async fn tell_all(&mut self, events: &[NewEvent]) -> Result<(), DbError> {
        let told = log::append(&mut self.transaction, events).await?;
        self.told.extend(told);
        Ok(())
    }

    /// The last event of a job's story, with what was told here.
    pub async fn last_seq(&mut self, job: JobId) -> Result<i64, DbError> {
        if let Some(event) = self.told.iter().rfind(|event| event.job == job) {
            return Ok(event.seq);
        }
        let last_seqs = log::last_seqs(&mut *self.transaction, &[job]).await?;
        Ok(last_seqs.get(&job).copied().unwrap_or_default())
    }

    /// Wakes the watchers of these jobs too: their rows, which the transaction changed, tell of it by themselves.
    pub fn is_told_by_rows(&mut self, jobs: impl IntoIterator<Item = JobId>) {
        self.told_by_rows.extend(jobs);
    }

    /// Makes changes and events true, then lets the watchers know.
    pub async fn commit(self) -> Result<(), DbError> {
        self.transaction.commit().await?;
        self.progress.wake(&self.told_by_rows);
        self.progress.pass_on(self.told);
        Ok(())
    }
}
