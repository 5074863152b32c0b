//! How long to wait before an attempt is repeated.

use std::time::Duration;

use rand::RngExt as _;

/// The wait after the first failure, before jitter.
const FIRST: Duration = Duration::from_secs(2);
/// The longest wait, before jitter.
const LONGEST: Duration = Duration::from_mins(5);

/// The wait after the n-th failure in a row (n from 1): exponential, with full jitter, so that many jobs that failed
/// together do not return together.
pub(super) fn backoff(failures: i32) -> Duration {
    let ceiling = ceiling(failures);
    rand::rng().random_range(Duration::ZERO..=ceiling)
}

fn ceiling(failures: i32) -> Duration {
    let doublings = failures.saturating_sub(1).clamp(0, 20).cast_unsigned();
    FIRST.saturating_mul(1 << doublings).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_longest_wait() {
        assert_eq!(ceiling(1), Duration::from_secs(2));
        assert_eq!(ceiling(3), Duration::from_secs(8));
        assert_eq!(ceiling(9), LONGEST);
        assert_eq!(ceiling(i32::MAX), LONGEST);
    }

    proptest! {
        #[test]
        fn no_wait_exceeds_its_ceiling(failures in i32::MIN..i32::MAX) {
            prop_assert!(backoff(failures) <= ceiling(failures));
        }
    }
}
