//! Two lists of results as one, by the places that each has in them.

use std::collections::HashMap;

/// How much the first places count over the later ones; the usual number.
const EVEN: f64 = 60.0;

/// Which record, of which searchable model.
pub(super) type Found = (i32, i64);

/// What was found, by rising rank in one list or both: a record's score is the sum of what its places are worth.
pub(super) fn fused(by_meaning: &[Found], by_words: &[Found]) -> Vec<(Found, f64)> {
    let mut scores: HashMap<Found, f64> = HashMap::new();
    for list in [by_meaning, by_words] {
        let mut place = EVEN;
        for found in list {
            place += 1.0;
            *scores.entry(*found).or_default() += 1.0 / place;
        }
    }
    let mut fused: Vec<(Found, f64)> = scores.into_iter().collect();
    // Where two are worth the same, always the same is first.
    fused.sort_by(|(found, score), (other, others)| {
        others.total_cmp(score).then_with(|| found.cmp(other))
    });
    fused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_lists_have_is_above_what_one_has() {
        let fused = fused(&[(1, 10), (1, 20), (1, 30)], &[(2, 5), (1, 30)]);
        let order: Vec<Found> = fused.iter().map(|(found, _)| *found).collect();
        assert_eq!(order, [(1, 30), (1, 10), (2, 5), (1, 20)]);
        assert!((fused[0].1 - (1.0 / 63.0 + 1.0 / 62.0)).abs() < 1e-12);
    }
}
