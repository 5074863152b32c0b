//! Stores what the workers of a walk find, one after another, each with the checkpoint behind it.

use std::{collections::HashMap, time::Instant};

use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    board::{Board, Item},
    finding::{Failed, Found, Packed, Part},
    parts_list::PartsList,
    spec::{SyncSpec, Tallies},
    store,
    sweeping::{Listed, Sweeping},
    upkeep,
};
use crate::{
    adapters::logikal::{ElevationPrice, Estimation},
    progress::Counters,
    queue::{JobError, Run},
};

/// What is still expected of an elevation.
pub(super) struct Expected {
    pub(super) parts: u8,
    pub(super) is_new: bool,
    pub(super) has_failed: bool,
}

/// Stores what is found.
pub(super) struct Storing<'run> {
    pub(super) run: &'run Run,
    pub(super) spec: &'run SyncSpec,
    pub(super) board: &'run Board,
    /// Our own key of the project.
    pub(super) project: Uuid,
    pub(super) tallies: Tallies,
    pub(super) counters: Counters,
    pub(super) listed: Listed,
    began: Instant,
    seconds_before: f64,
    pub(super) expected: HashMap<Uuid, Expected>,
    /// Elevations of which all is stored, for whoever hands them on.
    complete: mpsc::UnboundedSender<Uuid>,
    /// What they cost, once that is known or known not to be had.
    pub(super) prices: Option<Vec<ElevationPrice>>,
    /// Elevations that wait for their prices, since they are handed on once.
    pub(super) held: Vec<Uuid>,
}

impl<'run> Storing<'run> {
    pub(super) fn new(
        run: &'run Run,
        spec: &'run SyncSpec,
        board: &'run Board,
        project: Uuid,
        before: Tallies,
        complete: mpsc::UnboundedSender<Uuid>,
    ) -> Self {
        Self {
            run,
            spec,
            board,
            project,
            tallies: Tallies::default(),
            counters: Counters::default(),
            listed: Listed::default(),
            began: Instant::now(),
            seconds_before: before.seconds,
            expected: HashMap::new(),
            complete,
            prices: None,
            held: Vec::new(),
        }
    }

    /// Stores until nobody finds anything any more.
    pub(super) async fn all(&mut self, mut found: mpsc::Receiver<Found>) -> Result<(), JobError> {
        while let Some(found) = found.recv().await {
            match found {
                Found::Phases { listing, reply } => {
                    let phases = self.phases(listing).await?;
                    // A worker that is gone has been stopped.
                    let _gone = reply.send(phases);
                }
                Found::Elevations {
                    at,
                    phase,
                    listing,
                    reply,
                } => {
                    let items = self.elevations(at, &phase, listing).await?;
                    let _gone = reply.send(items);
                }
                Found::Prices(estimation) => self.prices(estimation).await?,
                Found::Thumbnail { item, content } => self.thumbnail(&item, &content).await?,
                Found::PartsList {
                    item,
                    content,
                    list,
                } => {
                    self.parts_list(&item, &content, &list).await?;
                }
                Found::Failed(failed) => self.failed(&failed).await?,
            }
        }
        Ok(())
    }

    pub(super) fn seconds(&self) -> f64 {
        self.seconds_before + self.began.elapsed().as_secs_f64()
    }

    pub(super) async fn commit(
        &mut self,
        step: crate::queue::Step<'_>,
        code: &'static str,
        message: &str,
    ) -> Result<(), JobError> {
        self.tallies.seconds = self.seconds();
        step.about(code)
            .commit(&self.tallies, self.counters, message)
            .await
    }

    async fn prices(&mut self, estimation: Estimation) -> Result<(), JobError> {
        let mut step = self.run.step().await?;
        let connection = step.connection();
        store::save_currency(connection, self.project, &estimation.currency).await?;
        store::save_prices(connection, self.project, &estimation.elevations).await?;
        // An elevation that is not listed yet has no place for its price.
        self.prices = Some(estimation.elevations);
        self.commit(step, "prices_fetched", "fetched the prices")
            .await?;
        self.let_go();
        Ok(())
    }

    pub(super) fn let_go(&mut self) {
        for id in self.held.drain(..) {
            // Where nothing is handed on nobody listens.
            let _nobody = self.complete.send(id);
        }
    }

    async fn thumbnail(&mut self, item: &Item, content: &Packed) -> Result<(), JobError> {
        let mut step = self.run.step().await?;
        let connection = step.connection();
        store::save_blob(connection, content).await?;
        store::save_thumbnail(connection, item, &content.sha256, self.run.job()).await?;
        self.tallies.thumbnails.synced += 1;
        let message = self.part_ended(item, false, "picture");
        self.commit(step, "elevation_stored", &message).await?;
        self.hand_on(item);
        Ok(())
    }

    async fn parts_list(
        &mut self,
        item: &Item,
        content: &Packed,
        list: &PartsList,
    ) -> Result<(), JobError> {
        let mut step = self.run.step().await?;
        let connection = step.connection();
        store::save_blob(connection, content).await?;
        store::save_parts_list(connection, item, &content.sha256, self.run.job(), list).await?;
        self.tallies.parts_lists.synced += 1;
        let message = self.part_ended(item, false, "parts list");
        self.commit(step, "elevation_stored", &message).await?;
        self.hand_on(item);
        Ok(())
    }

    pub(super) async fn failed(&mut self, failed: &Failed) -> Result<(), JobError> {
        let mut step = self.run.step().await?;
        upkeep::add_failure(step.connection(), self.project, self.run.job(), failed).await?;
        let what = match failed.part {
            Part::Phase => {
                self.tallies.phases.failed += 1;
                self.counters.errors += 1;
                self.listed.incomplete(&failed.place);
                format!("the phase {} cannot be had", failed.phase)
            }
            Part::Prices => {
                self.prices.get_or_insert_default();
                "the prices cannot be had".to_owned()
            }
            Part::Thumbnail => {
                self.tallies.thumbnails.failed += 1;
                format!("the picture of {} cannot be had", failed.elevation)
            }
            Part::PartsList => {
                self.tallies.parts_lists.failed += 1;
                format!("the parts list of {} cannot be had", failed.elevation)
            }
            Part::Odoo => {
                self.counters.errors += 1;
                format!("Odoo does not take {}", failed.elevation)
            }
            Part::Elevation => format!("{} cannot be had", failed.elevation),
        };
        let item = failed.item.filter(|id| self.expected.contains_key(id));
        if let Some(id) = item {
            self.ended(id, true);
        }
        let message = format!("{what}: {}", failed.message);
        self.commit(step, failed.code, &message).await?;
        self.held
            .extend(item.filter(|id| !self.expected.contains_key(id)));
        if self.prices.is_some() {
            self.let_go();
        }
        Ok(())
    }

    /// Counts a part of an elevation; what remains is named, so that people see what is on its way.
    fn part_ended(&mut self, item: &Item, has_failed: bool, part: &str) -> String {
        self.ended(item.id, has_failed);
        let mut under_way = self.board.under_way();
        under_way.retain(|name| *name != item.name);
        let fetching = if under_way.is_empty() {
            String::new()
        } else {
            format!("; fetching {}", under_way.join(", "))
        };
        format!(
            "'{}': {part} stored ({} of {} elevations){fetching}",
            item.name, self.counters.rows_done, self.counters.rows_total
        )
    }

    fn ended(&mut self, id: Uuid, has_failed: bool) {
        let Some(expected) = self.expected.get_mut(&id) else {
            return;
        };
        expected.parts -= 1;
        expected.has_failed |= has_failed;
        if expected.parts > 0 {
            return;
        }
        self.counters.rows_done += 1;
        if expected.has_failed {
            self.counters.errors += 1;
            self.tallies.elevations.failed += 1;
        } else {
            self.tallies.elevations.synced += 1;
            if expected.is_new {
                self.counters.created += 1;
            } else {
                self.counters.updated += 1;
            }
        }
        self.expected.remove(&id);
    }

    fn hand_on(&mut self, item: &Item) {
        if !self.expected.contains_key(&item.id) {
            self.held.push(item.id);
        }
        if self.prices.is_some() {
            self.let_go();
        }
    }

    /// After a complete walk: what is no longer listed.
    pub(super) async fn sweep(&mut self) -> Result<(), JobError> {
        let mut step = self.run.step().await?;
        let sweeping = Sweeping {
            project: self.project,
            listed: &self.listed,
            // Somebody who asks for everything has looked.
            is_confirmed: self.spec.full,
            has_errors: self.counters.errors > 0,
        };
        let told = sweeping.sweep(step.connection()).await?;
        self.commit(step, told.code, &told.message).await
    }
}
