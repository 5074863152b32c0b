//! How records are called that others refer to, as far as it was asked for.

use std::collections::HashMap;

/// The most names that are kept; then all are forgotten and asked for anew.
const MOST_KEPT: usize = 200_000;

/// Names by model and id.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// `None` for a record that is gone, or that may not be seen.
    known: HashMap<String, HashMap<i64, Option<String>>>,
}

impl Names {
    /// How a record is called.
    pub(super) fn of(&self, model: &str, id: i64) -> Option<&str> {
        self.known.get(model)?.get(&id)?.as_deref()
    }

    /// Those of the records that nobody has asked for yet, each once.
    pub(super) fn unknown(&self, model: &str, ids: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let known = self.known.get(model);
        let mut unknown: Vec<i64> = ids
            .into_iter()
            .filter(|id| known.is_none_or(|known| !known.contains_key(id)))
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    /// What came of asking for records.
    pub(super) fn learnt(&mut self, model: &str, asked: &[i64], found: Vec<(i64, String)>) {
        let known = self.known.entry(model.to_owned()).or_default();
        known.extend(asked.iter().map(|id| (*id, None)));
        known.extend(found.into_iter().map(|(id, name)| (id, Some(name))));
    }

    /// Forgets all if it is too much. Not while a page is prepared, which needs what was learnt for it.
    pub(super) fn tidy(&mut self) {
        if self.known.values().map(HashMap::len).sum::<usize>() > MOST_KEPT {
            self.known.clear();
        }
    }
}
