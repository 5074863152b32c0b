//! Stores what the workers of a walk find, one after another, each with the checkpoint behind it.

use std::{collections::HashMap, fmt::Display, time::Instant};

use lz4_flex::compress_prepend_size;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    board::{Board, Item, Phase},
    parts_list::PartsList,
    spec::{SyncSpec, Tallies},
    store::{self, StoredElevation},
    sweeping::{Listed, Sweeping},
};
use crate::{
    adapters::logikal::{Elevation, ElevationPrice, Estimation, Listing, Phase as ListedPhase},
    progress::Counters,
    queue::{JobError, Run},
};

/// What a worker found.
pub(super) enum Found {
    /// The phases of the project; those that can be gone to are the answer.
    Phases {
        listing: Listing<ListedPhase>,
        reply: oneshot::Sender<Vec<Phase>>,
    },
    /// The elevations of a phase; those of which something is wanted are the answer.
    Elevations {
        at: usize,
        phase: Phase,
        listing: Listing<Elevation>,
        reply: oneshot::Sender<Vec<Item>>,
    },
    /// What they cost.
    Prices(Estimation),
    /// A picture.
    Thumbnail { item: Item, content: Packed },
    /// A parts list, read.
    PartsList {
        item: Item,
        content: Packed,
        list: Box<PartsList>,
    },
    /// Something that cannot be had.
    Failed(Failed),
}

/// A content as it is stored.
pub(super) struct Packed {
    pub(super) sha256: [u8; 32],
    pub(super) content: Vec<u8>,
}

/// Packs a content. It takes milliseconds: not on a thread that serves others.
pub(super) fn pack(content: &[u8]) -> Packed {
    Packed {
        sha256: Sha256::digest(content).into(),
        content: compress_prepend_size(content),
    }
}

/// What cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Phase,
    Elevation,
    Prices,
    Thumbnail,
    PartsList,
    Odoo,
}

impl Part {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Phase => "phase",
            Self::Elevation => "elevation",
            Self::Prices => "prices",
            Self::Thumbnail => "thumbnail",
            Self::PartsList => "parts_list",
            Self::Odoo => "odoo",
        }
    }
}

/// Something that cannot be had, and why.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) part: Part,
    /// The GUIDs of phase and elevation, as far as there are.
    pub(super) place: String,
    pub(super) phase: String,
    pub(super) elevation: String,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// The elevation, where it is one that was listed.
    item: Option<Uuid>,
}

impl Failed {
    pub(super) fn of_project(part: Part, code: &'static str, why: &impl Display) -> Self {
        Self {
            part,
            place: String::new(),
            phase: String::new(),
            elevation: String::new(),
            code,
            message: why.to_string(),
            item: None,
        }
    }

    pub(super) fn of_phase(phase: &Phase, code: &'static str, why: &impl Display) -> Self {
        Self {
            part: Part::Phase,
            place: phase.guid.to_string(),
            phase: phase.name.clone(),
            ..Self::of_project(Part::Phase, code, why)
        }
    }

    /// An elevation, as it was handed over, that Odoo did not take.
    pub(super) fn by_odoo(payload: &Value, why: &str) -> Self {
        let text = |of: &str, name: &str| payload[of][name].as_str().unwrap_or_default().to_owned();
        Self {
            part: Part::Odoo,
            place: format!("{}/{}", text("phase", "guid"), text("elevation", "guid")),
            phase: text("phase", "name"),
            elevation: text("elevation", "name"),
            ..Self::of_project(Part::Odoo, "odoo_rejected", &why)
        }
    }

    pub(super) fn of_item(
        phase: &Phase,
        item: &Item,
        part: Part,
        code: &'static str,
        why: &impl Display,
    ) -> Self {
        Self {
            part,
            place: format!("{}/{}", phase.guid, item.guid),
            elevation: item.name.clone(),
            item: Some(item.id),
            ..Self::of_phase(phase, code, why)
        }
    }
}

/// What is still expected of an elevation.
struct Expected {
    parts: u8,
    is_new: bool,
    has_failed: bool,
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
    expected: HashMap<Uuid, Expected>,
    /// Elevations of which all is stored, for whoever hands them on.
    complete: mpsc::UnboundedSender<Uuid>,
    /// What they cost, once that is known or known not to be had.
    prices: Option<Vec<ElevationPrice>>,
    /// Elevations that wait for their prices, since they are handed on once.
    held: Vec<Uuid>,
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

    async fn commit(
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

    async fn phases(&mut self, listing: Listing<ListedPhase>) -> Result<Vec<Phase>, JobError> {
        let mut step = self.run.step().await?;
        let keys = store::save_phases(step.connection(), self.project, &listing.entries).await?;
        for entry in &listing.unreadable {
            self.tallies.phases.failed += 1;
            self.counters.errors += 1;
            let failed = Failed {
                place: format!("?{}", entry.name),
                phase: entry.name.clone(),
                ..Failed::of_project(Part::Phase, "listing_unreadable", &entry.why)
            };
            store::add_failure(step.connection(), self.project, self.run.job(), &failed).await?;
        }
        self.listed.phases(&listing);
        let phases: Vec<Phase> = listing
            .entries
            .iter()
            .filter_map(|entry| {
                Some(Phase {
                    id: *keys.get(&entry.id)?,
                    guid: entry.id,
                    name: entry.name.clone(),
                })
            })
            .collect();
        let message = match phases.len() {
            0 => "the project has no phases".to_owned(),
            1 => "the project has one phase".to_owned(),
            many => format!("the project has {many} phases"),
        };
        self.commit(step, "project_listed", &message).await?;
        Ok(phases)
    }

    async fn elevations(
        &mut self,
        at: usize,
        phase: &Phase,
        listing: Listing<Elevation>,
    ) -> Result<Vec<Item>, JobError> {
        let mut step = self.run.step().await?;
        let stored = store::save_elevations(
            step.connection(),
            phase.id,
            self.run.job(),
            &listing.entries,
        )
        .await?;
        if let Some(prices) = &self.prices {
            store::save_prices(step.connection(), self.project, prices).await?;
        }
        for entry in &listing.unreadable {
            self.counters.rows_total += 1;
            self.counters.rows_done += 1;
            self.counters.errors += 1;
            self.tallies.elevations.failed += 1;
            let failed = Failed {
                part: Part::Elevation,
                place: format!("{}/?{}", phase.guid, entry.name),
                elevation: entry.name.clone(),
                ..Failed::of_phase(phase, "listing_unreadable", &entry.why)
            };
            store::add_failure(step.connection(), self.project, self.run.job(), &failed).await?;
        }
        self.tallies.phases.synced += 1;
        self.listed.phase(phase, &listing);
        let (mut items, mut unchanged) = (Vec::new(), Vec::new());
        for elevation in &listing.entries {
            let Some(stored) = stored.get(&elevation.id) else {
                continue;
            };
            self.counters.rows_total += 1;
            let item = self.wanted(at, elevation, stored);
            let is_of_this_job = self.kept(stored, &item);
            let parts = u8::from(item.wants_thumbnail) + u8::from(item.wants_parts_list);
            if parts == 0 {
                unchanged.push(stored.id);
                self.done(is_of_this_job, &item);
            } else {
                let expected = Expected {
                    parts,
                    is_new: item.is_new,
                    has_failed: false,
                };
                self.expected.insert(stored.id, expected);
                items.push(item);
            }
        }
        let names: Vec<&str> = items
            .iter()
            .take(3)
            .map(|item| item.name.as_str())
            .collect();
        let message = format!(
            "{} has {} elevations, {} to fetch{}{}",
            phase.name,
            listing.entries.len(),
            items.len(),
            if names.is_empty() { "" } else { ": " },
            names.join(", "),
        );
        self.commit(step, "phase_listed", &message).await?;
        self.held.extend(unchanged);
        if self.prices.is_some() {
            self.let_go();
        }
        Ok(items)
    }

    /// What is to be fetched of an elevation.
    fn wanted(&self, at: usize, elevation: &Elevation, stored: &StoredElevation) -> Item {
        let state = state_of(elevation);
        let job = Some(self.run.job().0);
        // Stored in this state, and not by an earlier run where everything was asked for.
        let is_current = |has: bool, of: &str, by: Option<Uuid>| {
            has && !state.is_empty() && of == state && (!self.spec.full || by == job)
                // What LOGIKAL does not date is fetched once a run.
                || has && state.is_empty() && by == job
        };
        let thumbnail = is_current(
            stored.has_thumbnail,
            &stored.thumbnail_of,
            stored.thumbnail_job,
        );
        let parts_list = is_current(stored.has_parts_list, &stored.parts_of, stored.parts_job);
        Item {
            id: stored.id,
            guid: elevation.id,
            name: elevation.name.clone(),
            phase: at,
            is_new: stored.is_new,
            wants_thumbnail: self.spec.thumbnails && !thumbnail,
            wants_parts_list: self.spec.parts_lists && !parts_list && !elevation.is_in_recycle_bin,
            state,
        }
    }

    /// Counts what need not be fetched of an elevation: unchanged, or fetched by an earlier attempt of this job; returns whether
    /// anything was of the latter.
    fn kept(&mut self, stored: &StoredElevation, item: &Item) -> bool {
        let job = Some(self.run.job().0);
        let mut is_of_this_job = false;
        let thumbnail = self.spec.thumbnails && !item.wants_thumbnail && stored.has_thumbnail;
        let parts_list = self.spec.parts_lists && !item.wants_parts_list && stored.has_parts_list;
        let parts = [
            (
                thumbnail,
                stored.thumbnail_job,
                &mut self.tallies.thumbnails,
            ),
            (parts_list, stored.parts_job, &mut self.tallies.parts_lists),
        ];
        for (is_kept, by, tally) in parts {
            if !is_kept {
                continue;
            }
            if by == job {
                tally.synced += 1;
                is_of_this_job = true;
            } else {
                tally.skipped += 1;
            }
        }
        is_of_this_job
    }

    /// Counts an elevation of which nothing is to be fetched.
    fn done(&mut self, is_of_this_job: bool, item: &Item) {
        self.counters.rows_done += 1;
        if item.is_new {
            self.counters.created += 1;
            self.tallies.elevations.synced += 1;
        } else if is_of_this_job {
            self.counters.updated += 1;
            self.tallies.elevations.synced += 1;
        } else {
            self.counters.unchanged += 1;
            self.tallies.elevations.skipped += 1;
        }
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

    fn let_go(&mut self) {
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
        store::add_failure(step.connection(), self.project, self.run.job(), failed).await?;
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
            "{}: {part} stored ({} of {} elevations){fetching}",
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

/// What names the state of an elevation; empty if LOGIKAL names none.
fn state_of(elevation: &Elevation) -> String {
    match (elevation.version_id, elevation.changed_date) {
        (None, None) => String::new(),
        (version, changed) => format!(
            "{}/{}",
            version
                .map(|version| version.to_string())
                .unwrap_or_default(),
            changed
                .map(|changed| changed.timestamp().to_string())
                .unwrap_or_default(),
        ),
    }
}
