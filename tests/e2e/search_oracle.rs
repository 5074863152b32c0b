//! Whatever happens in Odoo, to the server, to its Postgres and to the embedder: at every quiet point the index has each living record
//! of the mirror with the text that it has now, and nothing else; and the mirror is what Odoo has.

use anyhow::Result;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;
use sluice_tests::{embedder::Mood, searched::Searched};
use std::time::Duration;

/// How often something happens in Odoo, each second time with a fault on top, and how often all is compared.
const ROUNDS: usize = 18;
const QUIET_EVERY: usize = 6;

const WORDS: [&str; 8] = [
    "glass", "steel", "oak", "hinge", "frame", "Gent", "ruit", "deur",
];

#[tokio::test]
async fn at_every_quiet_point_the_index_is_what_the_mirror_has() -> Result<()> {
    let seed = rand::rng().random();
    let (searched, alive) = Searched::with(&WORDS).await?;
    let mut story = Story {
        random: StdRng::seed_from_u64(seed),
        searched,
        alive,
    };
    for round in 1..=ROUNDS {
        let told = format!("seed {seed}, round {round}");
        let happened = story.something_happens(round).await;
        happened.map_err(|error| error.context(told.clone()))?;
        if round.is_multiple_of(QUIET_EVERY) {
            let rested = story.comes_to_rest().await;
            rested.map_err(|error| error.context(told))?;
        }
    }
    Ok(())
}

struct Story {
    random: StdRng,
    searched: Searched,
    alive: Vec<i64>,
}

impl Story {
    fn some(&mut self) -> Vec<i64> {
        let count = self.random.random_range(1..5);
        self.alive
            .sample(&mut self.random, count)
            .copied()
            .collect()
    }

    fn name(&mut self, round: usize) -> String {
        let word = WORDS[self.random.random_range(0..WORDS.len())];
        format!("{word} {round}")
    }

    async fn something_happens(&mut self, round: usize) -> Result<()> {
        self.odoo_changes(round).await?;
        let mirrored = &self.searched.mirrored;
        let job = mirrored.client.sync_model(mirrored.changes()).await?;
        if round.is_multiple_of(2) {
            self.something_breaks().await?;
        }
        self.searched.mirrored.succeeded(&job).await?;
        self.searched.embedder.is(Mood::Well);
        Ok(())
    }

    async fn odoo_changes(&mut self, round: usize) -> Result<()> {
        match self.random.random_range(0..5) {
            0 => {
                let names: Vec<String> = (0..self.random.random_range(1..30))
                    .map(|_| self.name(round))
                    .collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                self.alive.extend(self.searched.create(&names).await?);
            }
            1 => {
                let gone = self.some();
                self.alive.retain(|id| !gone.contains(id));
                self.searched.mirrored.unlink(&gone).await?;
            }
            2 => {
                let active: bool = self.random.random();
                let archived = self.some();
                let values = json!({ "active": active });
                self.searched.mirrored.write(&archived, values).await?;
            }
            3 => {
                let changed = self.some();
                let values = json!({ "color": round % 12 });
                self.searched.mirrored.write(&changed, values).await?;
            }
            _ => {
                for id in self.some() {
                    let name = self.name(round);
                    self.searched.rename(id, &name).await?;
                }
            }
        }
        Ok(())
    }

    async fn something_breaks(&mut self) -> Result<()> {
        match self.random.random_range(0..7) {
            0 => {
                self.searched.mirrored.server.kill().await?;
                self.searched.mirrored.server.begin().await?;
            }
            1 => {
                self.searched.mirrored.server.stop().await?;
                self.searched.mirrored.server.begin().await?;
            }
            2 => self.searched.mirrored.cut_postgres().await?,
            3 => self.searched.embedder.is(Mood::Status(500)),
            4 => self.searched.embedder.is(Mood::OneByOne),
            5 => self
                .searched
                .embedder
                .is(Mood::Slow(Duration::from_millis(300))),
            _ => self.searched.embedder.is(Mood::Busy(1)),
        }
        Ok(())
    }

    async fn comes_to_rest(&mut self) -> Result<()> {
        self.searched.sync().await?;
        let mirrored = &self.searched.mirrored;
        let mut deleted = mirrored.deleted();
        deleted.confirm = true;
        mirrored.cleanup(deleted).await?;
        self.searched.at_rest().await?;
        let in_mirror = mirrored.equals_odoo().await?;
        let searchable = self.searched.equals_mirror().await?;
        anyhow::ensure!(searchable <= in_mirror, "{searchable} of {in_mirror}");
        Ok(())
    }
}
