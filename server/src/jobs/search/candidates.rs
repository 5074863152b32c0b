//! What was found, on its way to become results: the best part of each record, and two lists as one.

use std::collections::{HashMap, HashSet};

use super::{
    fusing::{Found, fused},
    nearest::Near,
};

/// A record on its way to become a hit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) found: Found,
    pub(super) part: i32,
    pub(super) score: f64,
    pub(super) similarity: Option<f64>,
    pub(super) by_words: bool,
}

/// A part in which words occur.
#[derive(Clone, Copy, Debug)]
pub(super) struct WordMatch {
    pub(super) found: Found,
    pub(super) part: i32,
    pub(super) rank: f64,
}

pub(super) fn by_meaning(near: Near) -> Candidate {
    Candidate {
        found: (near.model, near.record),
        part: near.part,
        score: near.similarity,
        similarity: Some(near.similarity),
        by_words: false,
    }
}

pub(super) fn by_words(matched: WordMatch) -> Candidate {
    Candidate {
        found: matched.found,
        part: matched.part,
        score: matched.rank,
        similarity: None,
        by_words: true,
    }
}

/// The best part of each record, the best first.
pub(super) fn best(candidates: impl Iterator<Item = Candidate>) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = candidates.collect();
    all.sort_by(|one, other| {
        other
            .score
            .total_cmp(&one.score)
            .then_with(|| (one.found, one.part).cmp(&(other.found, other.part)))
    });
    let mut seen = HashSet::new();
    all.retain(|candidate| seen.insert(candidate.found));
    all
}

/// Both lists as one. What was found by meaning keeps its similarity and the part that is nearest.
pub(super) fn both(meaning: Vec<Candidate>, words: Vec<Candidate>) -> Vec<Candidate> {
    let places = |list: &[Candidate]| -> Vec<Found> {
        list.iter().map(|candidate| candidate.found).collect()
    };
    let order = fused(&places(&meaning), &places(&words));
    let in_words: HashMap<Found, Candidate> =
        words.into_iter().map(|hit| (hit.found, hit)).collect();
    let in_meaning: HashMap<Found, Candidate> =
        meaning.into_iter().map(|hit| (hit.found, hit)).collect();
    let one = |(found, score): (Found, f64)| {
        let near = in_meaning.get(&found);
        let matched = in_words.get(&found);
        let known = near.or(matched)?;
        Some(Candidate {
            score,
            by_words: matched.is_some(),
            ..*known
        })
    };
    order.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_once_by_its_best_part() {
        let candidate = |record, part, score| Candidate {
            found: (1, record),
            part,
            score,
            similarity: Some(score),
            by_words: false,
        };
        let found = best(
            [
                candidate(1, 0, 0.2),
                candidate(2, 0, 0.5),
                candidate(1, 3, 0.9),
            ]
            .into_iter(),
        );
        let order: Vec<(i64, i32)> = found.iter().map(|hit| (hit.found.1, hit.part)).collect();
        assert_eq!(order, [(1, 3), (2, 0)]);
    }
}
