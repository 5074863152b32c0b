//! The room's handle: what its parts share, and how it is opened.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    NewJob, QueueError, QueueSettings,
    enqueue::Added,
    gather::{Gathered, gather},
    transitions::{Fenced, Success},
};
use crate::{
    db::{Db, Notifier},
    ids::ConnectionId,
    progress::Progress,
};

/// The channel on which servers wake each other's workers.
pub(super) const CHANNEL: &str = "sluice_queue";
/// The word that says: there may be a job to claim.
pub(super) const WORK: &str = "work";
/// The word that says: something was asked of a holder.
pub(super) const CONTROL: &str = "control";

/// The queue. Clones share one.
#[derive(Clone, Debug)]
pub struct Queue {
    pub(super) db: Db,
    pub(super) progress: Progress,
    pub(super) settings: Arc<QueueSettings>,
    pub(super) notifier: Notifier,
    /// Wakes this server's dispatcher.
    pub(super) work: watch::Sender<()>,
    /// Wakes this server's keeper of leases.
    pub(super) control: watch::Sender<()>,
    /// Where jobs that are to be added gather.
    pub(super) additions: Gathered<NewJob, Added>,
    /// Where ends of jobs gather.
    pub(super) successes: Gathered<Success, Fenced>,
}

impl Queue {
    /// Opens the queue; its wake-ups for other servers go out until `stop`.
    pub fn start(
        db: Db,
        progress: Progress,
        settings: QueueSettings,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let notifier = Notifier::start(db.clone(), CHANNEL, tasks, stop.clone());
        let (additions, to_add) = gather();
        let (successes, to_end) = gather();
        let queue = Self {
            db,
            progress,
            settings: Arc::new(settings),
            notifier,
            work: watch::channel(()).0,
            control: watch::channel(()).0,
            additions,
            successes,
        };
        let adding = queue.clone();
        to_add.serve(
            move |new| {
                let queue = adding.clone();
                Box::pin(async move { queue.enqueue_all(new).await })
            },
            tasks,
            stop.clone(),
        );
        let ending = queue.clone();
        to_end.serve(
            move |ends| {
                let queue = ending.clone();
                Box::pin(async move { queue.succeed_all(ends).await })
            },
            tasks,
            stop,
        );
        queue
    }

    /// Sets how many jobs of a connection may run at once.
    pub async fn set_share(
        &self,
        connection: ConnectionId,
        max_running: i32,
    ) -> Result<(), QueueError> {
        sqlx::query_file!("src/queue/sql/set_share.sql", connection.0, max_running)
            .execute(self.db.pool())
            .await?;
        self.wake_workers();
        Ok(())
    }

    /// Wakes the dispatchers of all servers: there may be a job to claim.
    pub(super) fn wake_workers(&self) {
        self.work.send_replace(());
        self.notifier.send(WORK);
    }
}
