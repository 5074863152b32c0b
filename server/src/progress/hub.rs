//! The room's handle: writes stories, and wakes those who watch them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::sync::{broadcast, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;
use uuid::Uuid;

use super::{Event, ProgressError, Story, Touched, Watch, feed::Feed, log};
use crate::{
    db::{Db, DbError, Listener, Notifier, Signal, answered},
    ids::JobId,
};

/// The channel on which servers tell each other whose story went on.
const CHANNEL: &str = "sluice_progress";
/// How often a feed looks although nobody woke it.
const POLL: Duration = Duration::from_secs(2);
/// How many events a feed reads at once.
const PAGE: i64 = 500;
/// How many touched jobs a watcher of all jobs may be behind before it is told to look at everything.
const TOUCHED: usize = 4_096;

/// Writes and reads stories. Clones share one hub.
#[derive(Clone, Debug)]
pub struct Progress {
    hub: Arc<Hub>,
}

#[derive(Debug)]
struct Hub {
    db: Db,
    notifier: Notifier,
    tasks: TaskTracker,
    stop: CancellationToken,
    feeds: Mutex<HashMap<JobId, Weak<Feed>>>,
    touched: broadcast::Sender<JobId>,
}

impl Progress {
    /// Starts the room: listens to other servers until `stop`, and tells them of our stories.
    pub fn start(db: Db, tasks: &TaskTracker, stop: CancellationToken) -> Self {
        let notifier = Notifier::start(db.clone(), CHANNEL, tasks, stop.clone());
        let hub = Arc::new(Hub {
            notifier,
            tasks: tasks.clone(),
            stop: stop.clone(),
            feeds: Mutex::default(),
            touched: broadcast::channel(TOUCHED).0,
            db,
        });
        let progress = Self { hub };
        tasks.spawn(progress.clone().listen(stop));
        progress
    }

    /// Begins a transaction that changes something and tells of it.
    pub async fn begin(&self) -> Result<Story, DbError> {
        Ok(Story::new(self.clone(), self.hub.db.begin().await?))
    }

    /// Watches one job's story after `seq`; 0 begins with the oldest event that is kept.
    pub async fn watch(&self, job: JobId, after_seq: i64) -> Result<Watch, ProgressError> {
        let feed = self.feed(job);
        let head = log::head(self.hub.db.pool(), job)
            .await?
            .ok_or(ProgressError::NotFound)?;
        if after_seq > 0 && after_seq + 1 < head.oldest_seq {
            return Err(ProgressError::Pruned {
                oldest_seq: head.oldest_seq,
            });
        }
        let position = after_seq.clamp(head.oldest_seq - 1, head.last_seq);
        Ok(Watch::new(
            self.hub.db.clone(),
            feed,
            job,
            position,
            self.hub.stop.clone(),
        ))
    }

    /// Tells which jobs' stories go on, whichever server runs them.
    pub fn watch_all(&self) -> Touched {
        Touched::new(self.hub.touched.subscribe(), self.hub.stop.clone())
    }

    /// The next events of a story after `seq`, at most `limit`, in order.
    pub async fn read(
        &self,
        job: JobId,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<Event>, DbError> {
        log::read_after(self.hub.db.pool(), job, after_seq, limit).await
    }

    /// The latest seq of each job that has a story.
    pub async fn last_seqs(&self, jobs: &[JobId]) -> Result<HashMap<JobId, i64>, DbError> {
        log::last_seqs(self.hub.db.pool(), jobs).await
    }

    /// Drops all but the last that was written of stories that ended longer ago than `kept`, some at a time, so that nobody waits.
    /// Returns how many were shortened.
    pub async fn prune(&self, kept: Duration) -> Result<u64, DbError> {
        let (mut shortened, mut after) = (0, JobId(Uuid::nil()));
        loop {
            let jobs: Vec<JobId> =
                sqlx::query_file_scalar!("src/progress/sql/prune.sql", kept.as_secs_f64(), after.0)
                    .fetch_all(self.hub.db.pool())
                    .await?;
            shortened += jobs.len() as u64;
            match jobs.into_iter().max() {
                Some(last) => after = last,
                None => return Ok(shortened),
            }
        }
    }

    /// Drops the stories of jobs that are themselves dropped in the caller's transaction.
    pub async fn forget(
        connection: &mut sqlx::PgConnection,
        jobs: &[JobId],
    ) -> Result<(), DbError> {
        let jobs: Vec<_> = jobs.iter().map(|job| job.0).collect();
        sqlx::query_file!("src/progress/sql/forget.sql", &jobs)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Hands events that were just committed to the watchers here, and wakes the watchers of these jobs on other servers.
    ///
    /// Nobody here reads them again: a watcher of a busy server would stand in line for a connection with those who write.
    pub(super) fn pass_on(&self, events: Vec<Event>) {
        for event in events {
            let job = event.job;
            let feed = self.feeds().get(&job).and_then(Weak::upgrade);
            if let Some(feed) = feed
                && !feed.continue_with(event)
            {
                feed.wake.send_replace(());
            }
            // Nobody watching all jobs is no error.
            let _ = self.hub.touched.send(job);
            self.hub.notifier.send(job.to_string());
        }
    }

    /// Wakes the watchers of jobs whose stories went on, here and on other servers.
    pub fn wake(&self, jobs: &[JobId]) {
        self.wake_here(jobs);
        for job in jobs {
            self.hub.notifier.send(job.to_string());
        }
    }

    fn wake_here(&self, jobs: &[JobId]) {
        let feeds = self.feeds();
        for job in jobs {
            if let Some(feed) = feeds.get(job).and_then(Weak::upgrade) {
                feed.wake.send_replace(());
            }
            let _ = self.hub.touched.send(*job);
        }
    }

    fn feeds(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, Weak<Feed>>> {
        self.hub
            .feeds
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The job's feed; made, and set to work, for its first watcher.
    fn feed(&self, job: JobId) -> Arc<Feed> {
        let mut feeds = self.feeds();
        if let Some(feed) = feeds.get(&job).and_then(Weak::upgrade) {
            return feed;
        }
        feeds.retain(|_, feed| feed.strong_count() > 0);
        let feed = Arc::new(Feed::new(job));
        feeds.insert(job, Arc::downgrade(&feed));
        self.hub.tasks.spawn(feed_on(
            self.hub.db.clone(),
            Arc::downgrade(&feed),
            feed.wake.subscribe(),
            self.hub.stop.clone(),
        ));
        feed
    }

    /// Wakes watchers when another server's story goes on; after a (re)connect everybody looks.
    async fn listen(self, stop: CancellationToken) {
        let mut listener = Listener::start(&self.hub.db, CHANNEL);
        loop {
            let signal = tokio::select! {
                () = stop.cancelled() => return,
                signal = listener.next() => signal,
            };
            match signal {
                Signal::Connected => {
                    let watched: Vec<JobId> = self.feeds().keys().copied().collect();
                    self.wake_here(&watched);
                }
                Signal::Payload(payload) => {
                    let words = self.hub.notifier.words_of_others(&payload);
                    let told: Vec<JobId> = words.filter_map(|word| word.parse().ok()).collect();
                    self.wake_here(&told);
                }
            }
        }
    }
}

/// Keeps a feed up to date until its last watcher leaves.
async fn feed_on(db: Db, feed: Weak<Feed>, mut wake: watch::Receiver<()>, stop: CancellationToken) {
    loop {
        let Some(feed) = feed.upgrade() else { return };
        if let Err(error) = answered(look(&db, &feed)).await {
            warn!(job.id = %feed.job, %error, "could not read a story; trying again");
        }
        drop(feed);
        tokio::select! {
            () = stop.cancelled() => return,
            changed = wake.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Reads what is new into memory. The first look finds where the story is now: earlier events are read by the watcher who wants them.
async fn look(db: &Db, feed: &Feed) -> Result<(), DbError> {
    let mut reached = match feed.reached() {
        Some(reached) => reached,
        None => log::head(db.pool(), feed.job)
            .await?
            .map_or(0, |head| head.last_seq),
    };
    loop {
        let events = log::read_after(db.pool(), feed.job, reached, PAGE).await?;
        let last = events.last().map(|event| event.seq);
        reached = last.unwrap_or(reached);
        feed.read_from_log(reached, events);
        if last.is_none() {
            return Ok(());
        }
    }
}
