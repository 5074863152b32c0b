//! Gathering: whoever asks for the same while a transaction is under way shares the next one, and so one commit.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::db::{DbError, answered};

/// The most that share one transaction.
const MOST: usize = 1_000;

type Asked<T, R> = (T, oneshot::Sender<Result<R, DbError>>);

/// What many callers want done, one transaction for all that came meanwhile.
pub(super) struct Gathered<T, R> {
    asked: mpsc::Sender<Asked<T, R>>,
}

/// The other end: what was asked and is not yet done.
pub(super) struct Asking<T, R> {
    asked: mpsc::Receiver<Asked<T, R>>,
}

/// Two ends of a place where requests are gathered; nothing is done before [`Asking::serve`].
pub(super) fn gather<T, R>() -> (Gathered<T, R>, Asking<T, R>) {
    let (sender, receiver) = mpsc::channel(MOST);
    (Gathered { asked: sender }, Asking { asked: receiver })
}

impl<T, R> Gathered<T, R> {
    /// Waits until it is done. An error of the connection is everybody's; one of the data only its owner's.
    pub(super) async fn ask(&self, what: T) -> Result<R, DbError> {
        let (sender, answer) = oneshot::channel();
        let closed = || DbError::from(sqlx::Error::PoolClosed);
        self.asked
            .send((what, sender))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

impl<T, R> Asking<T, R>
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    /// Does what is asked, until `stop`. `together` is one transaction, and answers in the order of what it was given.
    pub(super) fn serve<F>(mut self, together: F, tasks: &TaskTracker, stop: CancellationToken)
    where
        F: for<'a> Fn(&'a [T]) -> BoxFuture<'a, Result<Vec<R>, DbError>> + Send + Sync + 'static,
    {
        tasks.spawn(async move {
            loop {
                let mut waiting = Vec::new();
                let came = tokio::select! {
                    () = stop.cancelled() => return,
                    came = self.asked.recv_many(&mut waiting, MOST) => came,
                };
                if came == 0 {
                    return;
                }
                let (what, askers): (Vec<T>, Vec<_>) = waiting.into_iter().unzip();
                for (asker, answer) in askers.into_iter().zip(answers(&together, &what).await) {
                    // One that no longer waits has lost nothing but the answer.
                    let _ = asker.send(answer);
                }
            }
        });
    }
}

async fn answers<T, R, F>(together: &F, what: &[T]) -> Vec<Result<R, DbError>>
where
    F: for<'a> Fn(&'a [T]) -> BoxFuture<'a, Result<Vec<R>, DbError>>,
{
    match answered(together(what)).await {
        Ok(done) => done.into_iter().map(Ok).collect(),
        Err(error) if what.len() == 1 => vec![Err(error)],
        Err(error) if error.is_transient() => {
            let error = Arc::new(error);
            let shared = |_| Err(DbError::Shared(error.clone()));
            what.iter().map(shared).collect()
        }
        // One of them brought what Postgres refuses: the others must not suffer.
        Err(_) => {
            let mut answers = Vec::new();
            for one in what {
                let alone = answered(together(std::slice::from_ref(one))).await;
                answers.push(alone.and_then(|mut done| {
                    done.pop()
                        .ok_or_else(|| DbError::from(sqlx::Error::RowNotFound))
                }));
            }
            answers
        }
    }
}

impl<T, R> Clone for Gathered<T, R> {
    fn clone(&self) -> Self {
        Self {
            asked: self.asked.clone(),
        }
    }
}

impl<T, R> fmt::Debug for Gathered<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Refuses 13, doubles the rest, and tells how many came together.
    fn double(what: &[i32]) -> BoxFuture<'_, Result<Vec<(i32, usize)>, DbError>> {
        Box::pin(async move {
            if what.contains(&13) {
                return Err(DbError::from(sqlx::Error::RowNotFound));
            }
            Ok(what.iter().map(|one| (one * 2, what.len())).collect())
        })
    }

    #[tokio::test]
    async fn who_comes_together_is_served_together_and_a_bad_one_fails_alone() {
        let (gathered, asking) = gather();
        let all = futures::future::join_all([1, 13, 3].map(|one| gathered.ask(one)));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let serving = async {
            tokio::task::yield_now().await;
            asking.serve(double, &tasks, stop.clone());
        };
        let (answers, ()) = futures::join!(all, serving);
        assert!(matches!(answers[0], Ok((2, 1))), "{answers:?}");
        assert!(answers[1].is_err(), "{answers:?}");
        assert!(matches!(answers[2], Ok((6, 1))), "{answers:?}");
        let all = futures::future::join_all((20..30).map(|one| gathered.ask(one))).await;
        assert!(
            all.iter()
                .any(|answer| matches!(answer, Ok((_, together)) if *together > 1))
        );
        stop.cancel();
    }
}
