//! Those who watch a run: one at each server, one that comes and goes, one that never reads. Each must have seen one whole story.

use crate::stage::Stage;
use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use sluice_client::{Client, Update, WatchOptions, v1::Event};
use sluice_tests::until::pass;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinSet};

/// How long after the job's end the last watcher must know of it.
const LAST_NEWS: Duration = Duration::from_secs(45);

pub(crate) struct Audience {
    watchers: JoinSet<Result<Vec<Event>>>,
    over: Arc<Notify>,
    /// The streams that nobody reads, with what keeps them open.
    _silent: JoinSet<()>,
}

impl Audience {
    /// Seats everybody.
    pub(crate) fn seat(stage: &Stage, job: &str) -> Self {
        let mut watchers = JoinSet::new();
        for seat in &stage.seats {
            watchers.spawn(watch(seat.client.clone(), job.to_owned()));
        }
        watchers.spawn(come_and_go(stage.seats[0].client.clone(), job.to_owned()));
        let mut silent = JoinSet::new();
        silent.spawn(never_read(stage.seats[1].client.clone(), job.to_owned()));
        Self {
            watchers,
            over: Arc::default(),
            _silent: silent,
        }
    }

    /// Waits until all have heard the end, and returns what they heard.
    pub(crate) async fn heard(mut self) -> Result<Vec<Vec<Event>>> {
        let all = async {
            let mut stories = Vec::new();
            while let Some(story) = self.watchers.join_next().await {
                stories.push(story??);
            }
            Ok(stories)
        };
        let heard = tokio::time::timeout(LAST_NEWS, all).await;
        self.over.notify_waiters();
        heard.context("a watcher never heard of the job's end")?
    }
}

/// Reads to the end, however often the line breaks.
async fn watch(client: Client, job: String) -> Result<Vec<Event>> {
    let mut heard = Vec::new();
    let mut story = client.watch(&job);
    while let Some(update) = story.next().await {
        match update.context("a watcher was turned away")? {
            Update::Event(event) => heard.push(*event),
            Update::Snapshot(_) | Update::Interrupted { .. } => {}
        }
    }
    Ok(heard)
}

/// Leaves each second and comes back for what follows.
async fn come_and_go(client: Client, job: String) -> Result<Vec<Event>> {
    let mut heard: Vec<Event> = Vec::new();
    loop {
        let after_seq = heard.last().map_or(0, |event| event.seq);
        let mut story = client.watch_with(
            &job,
            WatchOptions {
                after_seq,
                ..WatchOptions::default()
            },
        );
        let leaving = pass(Duration::from_secs(1));
        tokio::pin!(leaving);
        loop {
            tokio::select! {
                () = &mut leaving => break,
                update = story.next() => match update {
                    None => return Ok(heard),
                    Some(update) => if let Update::Event(event) = update.context("a watcher was turned away")? {
                        heard.push(*event);
                    },
                },
            }
        }
    }
}

/// Opens a stream and takes nothing off it.
async fn never_read(client: Client, job: String) {
    let mut story = client.watch(job);
    let _first = story.next().await;
    std::future::pending::<()>().await;
    drop(story);
}

/// Fails unless a story is whole: each event once, in order, from the first to the terminal one.
pub(crate) fn is_whole(story: &[Event]) -> Result<()> {
    let mut last = 0;
    for event in story {
        ensure!(
            event.seq == last + event.folded + 1,
            "after event {last} a watcher heard {} with {} folded",
            event.seq,
            event.folded
        );
        last = event.seq;
    }
    let end = story.last().context("a watcher heard nothing")?;
    ensure!(
        matches!(
            end.r#type().as_str_name(),
            "EVENT_TYPE_SUCCEEDED" | "EVENT_TYPE_FAILED" | "EVENT_TYPE_CANCELLED"
        ),
        "a watcher's story ended with {:?}",
        end.r#type()
    );
    Ok(())
}
