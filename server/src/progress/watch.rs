//! Watching: one job's story to its end, or the names of all jobs whose story goes on.

use std::{collections::VecDeque, sync::Arc};

use metrics::histogram;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::{Event, ProgressError, feed::Feed, log};
use crate::{db::Db, ids::JobId, telemetry::metrics::WATCHER_LAG};

/// How many events are read from the log at once.
const PAGE: i64 = 500;
/// How far a watcher may fall behind the story before runs of progress are folded for it.
const FOLD_BEYOND: i64 = 256;

/// One watcher of one job. It remembers only its place in the story, however slow its reader is.
#[derive(Debug)]
pub struct Watch {
    db: Db,
    feed: Arc<Feed>,
    last_seq: watch::Receiver<i64>,
    job: JobId,
    position: i64,
    /// Whether the watcher was once level with the story: only then falling behind is slowness.
    was_level: bool,
    ready: VecDeque<Arc<Event>>,
    /// Whether the event at the place may be the story's last: a retried job has a terminal event in the middle.
    at_possible_end: bool,
    ended: bool,
    stop: CancellationToken,
}

impl Watch {
    pub(super) fn new(
        db: Db,
        feed: Arc<Feed>,
        job: JobId,
        position: i64,
        stop: CancellationToken,
    ) -> Self {
        let last_seq = feed.last_seq.subscribe();
        Self {
            db,
            feed,
            last_seq,
            job,
            position,
            was_level: false,
            ready: VecDeque::new(),
            at_possible_end: true,
            ended: false,
            stop,
        }
    }

    /// The next event, in order and without gaps; `None` after the story's terminal event.
    ///
    /// Dropping the future loses nothing: the place moves only with a returned event.
    pub async fn next(&mut self) -> Option<Result<Arc<Event>, ProgressError>> {
        if self.ended {
            return None;
        }
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.position = event.seq;
                self.at_possible_end = event.kind.is_terminal() && self.ready.is_empty();
                return Some(Ok(event));
            }
            match self.read().await {
                Ok(()) if !self.ready.is_empty() => continue,
                Ok(()) if self.ended => return None,
                Ok(()) => {}
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => {
                    self.ended = true;
                    return Some(Err(ProgressError::ShuttingDown));
                }
                changed = self.last_seq.changed() => if changed.is_err() {
                    self.ended = true;
                    return None;
                }
            }
        }
    }

    /// Whether everything that was told has reached this server and this watcher.
    #[cfg(test)]
    pub(super) fn is_level(&self) -> bool {
        self.was_level && self.feed.reached() == Some(self.position)
    }

    /// Fills `ready` with what comes after the place, from memory where that reaches, else from the log.
    async fn read(&mut self) -> Result<(), ProgressError> {
        if self.at_possible_end {
            self.ended = log::ends_at(self.db.pool(), self.job, self.position).await?;
            self.at_possible_end = false;
            if self.ended {
                return Ok(());
            }
        }
        let last_seq = *self.last_seq.borrow_and_update();
        let behind = last_seq - self.position;
        histogram!(WATCHER_LAG).record(to_float(behind.max(0)));
        if self.was_level && behind > FOLD_BEYOND {
            let events = log::read_folded(self.db.pool(), self.job, self.position, PAGE).await?;
            self.ready.extend(events.into_iter().map(Arc::new));
            return Ok(());
        }
        if let Some(events) = self.feed.after(self.position) {
            self.was_level = true;
            self.ready.extend(events);
            return Ok(());
        }
        let events = log::read_after(self.db.pool(), self.job, self.position, PAGE).await?;
        self.was_level |= events.is_empty();
        self.ready.extend(events.into_iter().map(Arc::new));
        Ok(())
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a story has far fewer events than 2^52"
)]
fn to_float(events: i64) -> f64 {
    events as f64
}

/// Names jobs whose story went on, for somebody who watches many.
#[derive(Debug)]
pub struct Touched {
    jobs: broadcast::Receiver<JobId>,
    stop: CancellationToken,
}

impl Touched {
    pub(super) fn new(jobs: broadcast::Receiver<JobId>, stop: CancellationToken) -> Self {
        Self { jobs, stop }
    }

    /// The next job; `Ok(None)` if some were missed and everything is worth a look.
    pub async fn next(&mut self) -> Result<Option<JobId>, ProgressError> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(ProgressError::ShuttingDown),
            job = self.jobs.recv() => match job {
                Ok(job) => Ok(Some(job)),
                Err(broadcast::error::RecvError::Lagged(_)) => Ok(None),
                Err(broadcast::error::RecvError::Closed) => Err(ProgressError::ShuttingDown),
            },
        }
    }
}
