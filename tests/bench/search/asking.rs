//! What callers wait for an answer: of Sluice, and of an index of pgvector that is asked by hand.

use super::{
    model::Model,
    question,
    side::{Side, postgres, written},
};
use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::{
    sync::Mutex,
    time::{self, interval_at},
};

/// Who asks at the same time, how many texts each, and how often each text.
pub(crate) const CALLERS: usize = 10;
const TEXTS: usize = 20;
const ROUNDS: usize = 5;
/// As many parts as the server looks for where ten records are asked for, among as many candidates as it does while several ask.
const PARTS: usize = 40;

/// Whoever finds what is near a question, by its number.
pub(crate) trait Answers {
    /// Asks for one of the callers; fails if too few are found.
    async fn ask(&self, caller: usize, question: usize) -> Result<()>;
}

/// Sluice, over gRPC.
pub(crate) struct Sluice<'a> {
    pub(crate) side: &'a Side<'a>,
    pub(crate) connection: &'a str,
}

impl Answers for Sluice<'_> {
    async fn ask(&self, _caller: usize, number: usize) -> Result<()> {
        let asked = question(self.connection, number);
        let hits = self.side.client.search(asked).await?;
        ensure!(hits.len() == 10, "{} hits", hits.len());
        Ok(())
    }
}

/// The same vectors in the same index, by a statement that each caller keeps on a connection of its own: the ids of what is near, and
/// nothing of what they are called.
pub(crate) struct ByHand {
    statement: String,
    vectors: HashMap<usize, String>,
    connections: Vec<Mutex<PgConnection>>,
}

impl ByHand {
    pub(crate) async fn new(side: &Side<'_>, model: &Model, connection: &str) -> Result<Self> {
        let mut vectors = HashMap::new();
        for number in (0..CALLERS).flat_map(texts) {
            let text = question(connection, number).text;
            vectors.insert(number, written(&model.vector(&text).await?));
        }
        let mut connections = Vec::with_capacity(CALLERS);
        for _ in 0..CALLERS {
            let mut opened = postgres(side.server).await?;
            let effort = format!("set hnsw.ef_search = {PARTS}");
            opened.execute(AssertSqlSafe(effort)).await?;
            connections.push(Mutex::new(opened));
        }
        let statement = format!(
            "select record_id from {} order by embedding <=> $1::halfvec limit {PARTS}",
            side.table(connection).await?
        );
        Ok(Self {
            statement,
            vectors,
            connections,
        })
    }
}

impl Answers for ByHand {
    async fn ask(&self, caller: usize, number: usize) -> Result<()> {
        let vector = self.vectors.get(&number).context("a vector")?;
        let mut connection = self.connections[caller].lock().await;
        let asked = sqlx::query(AssertSqlSafe(self.statement.clone())).bind(vector);
        let near = asked.fetch_all(&mut *connection).await?;
        ensure!(near.len() >= 10, "{} are near", near.len());
        Ok(())
    }
}

/// The questions of a caller.
fn texts(caller: usize) -> impl Iterator<Item = usize> {
    (0..TEXTS).map(move |text| caller * 7_001 + text * 13)
}

/// Each question once: the first time the embedder is asked, and the index comes from the disk.
pub(crate) async fn begin(answers: &impl Answers) -> Result<()> {
    let beginners = (0..CALLERS).map(async |caller| {
        for number in texts(caller) {
            answers.ask(caller, number).await?;
        }
        anyhow::Ok(())
    });
    try_join_all(beginners).await?;
    Ok(())
}

/// What ten callers wait, in milliseconds, who ask all the time, or each of them in this rhythm.
pub(crate) async fn waits(answers: &impl Answers, rhythm: Option<Duration>) -> Result<Vec<f64>> {
    let callers = (0..CALLERS).map(async |caller| {
        let mut spans = Vec::with_capacity(TEXTS * ROUNDS);
        // Callers who keep a rhythm do not all ask at the same moment.
        let (place, of) = (u32::try_from(caller)?, u32::try_from(CALLERS)?);
        let mut ticks =
            rhythm.map(|every| interval_at(time::Instant::now() + every * place / of, every));
        for number in (0..ROUNDS).flat_map(|_| texts(caller)) {
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            let started = Instant::now();
            answers.ask(caller, number).await?;
            spans.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        anyhow::Ok(spans)
    });
    Ok(try_join_all(callers).await?.concat())
}

/// What so many percent of them waited at most.
pub(crate) fn percentile(waits: &mut [f64], percent: usize) -> f64 {
    waits.sort_by(f64::total_cmp);
    waits[waits.len() * percent / 100]
}
