//! Compares the ids of a mirror with Odoo's. Only what Odoo leaves out of a complete listing counts as missing; digests,
//! where the addon has them, only tell which ranges of ids need no listing.

use serde_json::{Value, json};

use super::{
    tables::{self, Table},
    writing::count,
};
use crate::{
    adapters::odoo::{Bucket, Odoo, Read},
    db::Db,
    jobs::patience::Patience,
    progress::Counters,
    queue::{JobError, Run},
};

/// How many ids one call asks for: 75,000 take Odoo about a third of a second.
const IDS_AT_ONCE: usize = 50_000;

/// So many buckets that are the same are listed rather than asked around: a call costs more than their ids.
const SMALL_GAP: i64 = 4;

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Ids of the mirror that Odoo did not list.
    pub(super) missing: Vec<i64>,
    /// How many ids Odoo listed that the mirror does not have yet.
    pub(super) unknown: i64,
}

/// What it takes to list and compare.
pub(super) struct Comparison<'a> {
    pub(super) run: &'a Run,
    pub(super) db: &'a Db,
    pub(super) odoo: &'a Odoo,
    pub(super) patience: &'a Patience<'a>,
    pub(super) model: &'a str,
    pub(super) table: &'a Table,
}

/// Ids from the first up to, but without, the second.
type Range = (i64, i64);

impl Comparison<'_> {
    /// Compares all ids of the mirror with those of Odoo that meet the conditions.
    pub(super) async fn compare(
        &self,
        conditions: &[Value],
        counters: &mut Counters,
    ) -> Result<Compared, JobError> {
        let mut compared = Compared::default();
        for range in self.suspects(conditions).await? {
            self.compare_range(conditions, range, &mut compared, counters)
                .await?;
        }
        Ok(compared)
    }

    /// The ranges of ids in which the two may differ.
    async fn suspects(&self, conditions: &[Value]) -> Result<Vec<Range>, JobError> {
        let domain = Value::Array(conditions.to_vec());
        let theirs = self
            .patience
            .call("comparing on", || self.odoo.digests(self.model, &domain))
            .await?;
        let Some(theirs) = theirs else {
            return Ok(vec![(0, i64::MAX)]);
        };
        let mut connection = self.db.pool().acquire().await?;
        let ours = tables::digests(&mut connection, self.table, theirs.width).await?;
        let ranges = differing(&ours, &theirs.buckets).into_iter();
        Ok(ranges
            .map(|(first, last)| {
                let end = last.saturating_add(1).saturating_mul(theirs.width);
                (first.saturating_mul(theirs.width), end)
            })
            .collect())
    }

    async fn compare_range(
        &self,
        conditions: &[Value],
        (first, end): Range,
        compared: &mut Compared,
        counters: &mut Counters,
    ) -> Result<(), JobError> {
        let mut from = first;
        loop {
            let domain = within(conditions, from, end);
            let read = Read {
                model: self.model,
                domain: &domain,
                limit: IDS_AT_ONCE,
            };
            let listed = self
                .patience
                .call("comparing on", || self.odoo.ids(read))
                .await?;
            let is_rising = listed.windows(2).all(|pair| pair[0] < pair[1]);
            let is_within = |id: &i64| (from..end).contains(id);
            if !is_rising || !listed.iter().all(is_within) {
                return Err(JobError::Retry {
                    code: "odoo_answer",
                    message: "Odoo listed ids out of order".to_owned(),
                    after: None,
                });
            }
            let next = match listed.last() {
                Some(last) if listed.len() >= IDS_AT_ONCE => last + 1,
                _ => end,
            };
            let mut connection = self.db.pool().acquire().await?;
            let mirrored = tables::ids(&mut connection, self.table, from, next).await?;
            drop(connection);
            merge(&listed, &mirrored, compared);
            counters.rows_done += count(mirrored.len());
            if next == end {
                return Ok(());
            }
            from = next;
            let told = format!("{} of {} compared", counters.rows_done, counters.rows_total);
            self.run
                .step()
                .await?
                .commit(&json!({}), *counters, &told)
                .await?;
            if self.run.stopping().is_cancelled() {
                return Err(JobError::Stopped);
            }
        }
    }
}

/// The conditions for the records of a range of ids, added to the model's own.
fn within(conditions: &[Value], from: i64, end: i64) -> Value {
    let mut all = conditions.to_vec();
    if from > 0 {
        all.push(json!(["id", ">=", from]));
    }
    if end < i64::MAX {
        all.push(json!(["id", "<", end]));
    }
    Value::Array(all)
}

/// The numbers of buckets that differ, from the first to the last of each run of neighbours.
fn differing(ours: &[Bucket], theirs: &[Bucket]) -> Vec<(i64, i64)> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
    loop {
        let number = match (ours.peek(), theirs.peek()) {
            (None, None) => return runs,
            (Some(one), None) | (None, Some(one)) => one.number,
            (Some(our), Some(their)) => our.number.min(their.number),
        };
        let our = ours.next_if(|bucket| bucket.number == number);
        let their = theirs.next_if(|bucket| bucket.number == number);
        if our == their {
            continue;
        }
        match runs.last_mut() {
            Some((_, last)) if number - *last <= SMALL_GAP => *last = number,
            _ => runs.push((number, number)),
        }
    }
}

/// Compares two rising lists of ids.
fn merge(listed: &[i64], mirrored: &[i64], compared: &mut Compared) {
    let mut listed = listed.iter().peekable();
    for id in mirrored {
        while listed.next_if(|other| *other < id).is_some() {
            compared.unknown += 1;
        }
        if listed.next_if_eq(&id).is_none() {
            compared.missing.push(*id);
        }
    }
    compared.unknown += count(listed.count());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bucket(number: i64, digest: &str) -> Bucket {
        Bucket {
            number,
            count: 1,
            digest: digest.to_owned(),
        }
    }

    #[test]
    fn only_buckets_that_differ_are_listed() {
        let ours = [bucket(0, "a"), bucket(1, "b"), bucket(30, "c")];
        assert_eq!(differing(&ours, &ours), []);
        let changed = [bucket(0, "a"), bucket(1, "x"), bucket(30, "c")];
        assert_eq!(differing(&ours, &changed), [(1, 1)]);
        assert_eq!(differing(&ours, &[]), [(0, 1), (30, 30)]);
        assert_eq!(differing(&ours[..1], &ours), [(1, 1), (30, 30)]);
        let near = [bucket(0, "x"), bucket(1, "b"), bucket(4, "n")];
        assert_eq!(differing(&ours[..2], &near), [(0, 4)]);
    }

    #[test]
    fn a_listing_is_cut_by_ids() {
        assert_eq!(within(&[], 0, i64::MAX), json!([]));
        let own = [json!(["active", "=", true])];
        assert_eq!(
            within(&own, 10, 20),
            json!([["active", "=", true], ["id", ">=", 10], ["id", "<", 20]])
        );
    }

    proptest! {
        #[test]
        fn what_is_missing_is_what_only_the_mirror_has(
            listed in prop::collection::btree_set(1_i64..60, 0..40),
            mirrored in prop::collection::btree_set(1_i64..60, 0..40),
        ) {
            let mut compared = Compared::default();
            let list: Vec<i64> = listed.iter().copied().collect();
            let mirror: Vec<i64> = mirrored.iter().copied().collect();
            merge(&list, &mirror, &mut compared);
            let missing: Vec<i64> = mirrored.difference(&listed).copied().collect();
            prop_assert_eq!(compared.missing, missing);
            prop_assert_eq!(compared.unknown, count(listed.difference(&mirrored).count()));
        }
    }
}
