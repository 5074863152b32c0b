//! Keeps Postgres running: one that dies while the server lives is started again, on the port that everybody knows.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Mutex, task::JoinSet, time::sleep};
use tracing::{error, warn};

use super::{account::Account, binaries::Binaries, directory::Directory, postmaster::Postmaster};

/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Watches over a postmaster until it is told to stop it.
#[derive(Debug)]
pub(super) struct Keeper {
    /// The one duty: to look.
    duty: Mutex<JoinSet<()>>,
    postmaster: Arc<Mutex<Postmaster>>,
}

impl Keeper {
    pub(super) fn start(
        postmaster: Postmaster,
        directory: Directory,
        binaries: Binaries,
        account: Account,
    ) -> Self {
        let postmaster = Arc::new(Mutex::new(postmaster));
        let watched = postmaster.clone();
        let mut duty = JoinSet::new();
        duty.spawn(async move {
            loop {
                sleep(LOOK).await;
                let mut postmaster = watched.lock().await;
                if !postmaster.has_ended().await {
                    continue;
                }
                warn!(
                    process.id = postmaster.id(),
                    "postgres ended by itself; starting it again"
                );
                match Postmaster::start_on(postmaster.port(), &directory, &binaries, &account) {
                    Ok(started) => *postmaster = started,
                    Err(error) => {
                        error!(%error, "postgres cannot be started again; trying once more");
                    }
                }
            }
        });
        Self {
            duty: Mutex::new(duty),
            postmaster,
        }
    }

    /// Stops watching, then Postgres. False if it still runs after the time given.
    pub(super) async fn stop(&self, patience: Duration) -> bool {
        self.duty.lock().await.shutdown().await;
        self.postmaster.lock().await.stop(patience).await
    }
}
