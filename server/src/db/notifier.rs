//! Wake-ups for other processes, gathered: a NOTIFY in each transaction would serialise their commits.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;
use uuid::Uuid;

use super::{Db, DbError, answered};

/// How long words are gathered before one transaction sends them all.
const GATHER: Duration = Duration::from_millis(20);
/// The longest payload that is sent; Postgres takes less than 8,000 bytes.
const LONGEST_PAYLOAD: usize = 7_900;
/// How many words may wait to be gathered; beyond it the sender drops them, since polling finds what was not told.
const WAITING: usize = 10_000;

/// Sends words to every listener of a channel, at most one transaction each 20 ms.
///
/// Words are hints: a lost one delays, and never loses, work.
#[derive(Clone, Debug)]
pub struct Notifier {
    words: mpsc::Sender<String>,
    /// Begins each payload, so that whoever sent it knows it again.
    mark: Arc<str>,
}

impl Notifier {
    /// Starts the gathering task; it ends with `stop`.
    pub fn start(
        db: Db,
        channel: &'static str,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let (words, waiting) = mpsc::channel(WAITING);
        let mark: Arc<str> = Uuid::new_v4().simple().to_string().into();
        tasks.spawn(gather(db, channel, mark.clone(), waiting, stop));
        Self { words, mark }
    }

    /// The words of a payload that another process sent; nothing of our own, since we know what we said.
    pub fn words_of_others<'a>(&self, payload: &'a str) -> impl Iterator<Item = &'a str> {
        payload
            .split_once(' ')
            .filter(|(mark, _)| *mark != &*self.mark)
            .into_iter()
            .flat_map(|(_, words)| words.split(','))
    }

    /// Sends a word soon; equal words of the same 20 ms are sent once. A word holds no comma.
    pub fn send(&self, word: impl Into<String>) {
        // A full queue means that listeners are about to be woken anyway.
        let _ = self.words.try_send(word.into());
    }
}

async fn gather(
    db: Db,
    channel: &'static str,
    mark: Arc<str>,
    mut waiting: mpsc::Receiver<String>,
    stop: CancellationToken,
) {
    loop {
        let first = tokio::select! {
            () = stop.cancelled() => return,
            word = waiting.recv() => word,
        };
        let Some(first) = first else { return };
        tokio::time::sleep(GATHER).await;
        let mut words = BTreeSet::from([first]);
        while let Ok(word) = waiting.try_recv() {
            words.insert(word);
        }
        let payloads = payloads(&mark, words);
        let sending = async {
            sqlx::query_file!("src/db/sql/notify.sql", channel, &payloads)
                .fetch_all(db.pool())
                .await
                .map_err(DbError::from)
        };
        if let Err(error) = answered(sending).await {
            warn!(channel, %error, "could not wake the listeners; they will find the work by polling");
        }
    }
}

/// Joins words with commas, behind the mark, into as few payloads as their length allows.
fn payloads(mark: &str, words: BTreeSet<String>) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for word in words {
        match payloads.last_mut() {
            Some(last) if last.len() + 1 + word.len() <= LONGEST_PAYLOAD => {
                last.push(',');
                last.push_str(&word);
            }
            _ => payloads.push(format!("{mark} {word}")),
        }
    }
    payloads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hears_what_others_say_and_not_oneself() {
        let notifier = Notifier {
            words: mpsc::channel(1).0,
            mark: "me".into(),
        };
        let words = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        let heard = |mark| {
            let payload = payloads(mark, words.clone()).remove(0);
            let heard = notifier.words_of_others(&payload);
            heard.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        assert_eq!(heard("somebody"), words);
        assert!(heard("me").is_empty());
    }

    #[test]
    fn words_share_a_payload_until_it_is_full() {
        let words: BTreeSet<String> = (0..500).map(|number| format!("{number:036}")).collect();
        let joined = payloads("me", words.clone());
        assert_eq!(joined.len(), 3);
        assert!(
            joined
                .iter()
                .all(|payload| payload.len() <= LONGEST_PAYLOAD)
        );
        let back: BTreeSet<String> = joined
            .iter()
            .flat_map(|payload| payload.strip_prefix("me ").unwrap().split(','))
            .map(str::to_owned)
            .collect();
        assert_eq!(back, words);
    }
}
