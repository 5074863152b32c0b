//! The server that runs the job is asked to stop while a thousand streams are open: it must end them all, and itself, in ten seconds.

use super::{Scene, servers_rolled::LONGEST_STOP};
use crate::dice::Dice;
use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use std::time::Instant;

const STREAMS: usize = 1_000;
/// Streams that share a connection.
const TOGETHER: usize = 100;

pub(super) async fn strike(scene: &Scene<'_>, dice: &mut Dice) -> Result<()> {
    let mut server = scene.holder(dice).await.server.lock().await;
    let mut streams = Vec::new();
    let mut client = None;
    for number in 0..STREAMS {
        if number % TOGETHER == 0 {
            client = Some(server.client().await?);
        }
        let mut story = client
            .as_ref()
            .context("there is a client")?
            .watch(scene.job.to_string());
        // The first message shows that the stream is open; nobody reads on.
        story
            .next()
            .await
            .context("a stream ended before it began")??;
        streams.push(story);
    }
    let began = Instant::now();
    let ended = server.stop().await?;
    let took = began.elapsed();
    drop(streams);
    ensure!(
        ended.success(),
        "a server that was asked to stop ended with {ended}"
    );
    ensure!(
        took <= LONGEST_STOP,
        "a server with {STREAMS} streams took {took:?} to stop"
    );
    server.begin().await
}
