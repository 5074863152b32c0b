//! Stores listings, and decides what of them is to be fetched.

use uuid::Uuid;

use super::{
    board::{Item, Phase},
    finding::{Failed, Part},
    store::{self, StoredElevation},
    storing::{Expected, Storing},
    upkeep,
};
use crate::{
    adapters::logikal::{Elevation, Listing, Phase as ListedPhase},
    queue::JobError,
};

impl Storing<'_> {
    pub(super) async fn phases(
        &mut self,
        listing: Listing<ListedPhase>,
    ) -> Result<Vec<Phase>, JobError> {
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
            upkeep::add_failure(step.connection(), self.project, self.run.job(), &failed).await?;
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

    pub(super) async fn elevations(
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
            upkeep::add_failure(step.connection(), self.project, self.run.job(), &failed).await?;
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
            "'{}' has {} elevations, {} to fetch{}{}",
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
