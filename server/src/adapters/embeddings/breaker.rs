//! Leaves an embedder alone that fails again and again, and then tries it with one call before all others.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use tokio::time::Instant;

use super::{EmbedError, Embedder};

/// How many failures in a row are enough.
const MOST_FAILURES: u32 = 5;
/// How long it is left alone then.
const REST: Duration = Duration::from_secs(20);

/// An embedder behind a breaker; everybody who shares it is turned away at once while it rests.
#[derive(Debug)]
pub struct Guarded {
    embedder: Box<dyn Embedder>,
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    last: String,
    /// Until when nobody may call; one may then.
    until: Option<Instant>,
}

impl Guarded {
    /// The same embedder, guarded.
    pub fn new(embedder: Box<dyn Embedder>) -> Self {
        Self {
            embedder,
            rest: REST,
            state: Mutex::default(),
        }
    }

    /// Whether a call may be made; the first after the rest may, and the others wait for what becomes of it.
    fn enter(&self) -> Result<(), EmbedError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = state.until else {
            return Ok(());
        };
        let now = Instant::now();
        if now >= until {
            state.until = Some(now + self.rest);
            return Ok(());
        }
        Err(EmbedError::Resting {
            failures: state.failures,
            rest: until - now,
            last: state.last.clone(),
        })
    }

    fn leave<T>(&self, answer: &Result<T, EmbedError>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Err(error @ (EmbedError::Away(_) | EmbedError::Slow(_))) => {
                state.failures += 1;
                state.last = error.to_string();
                if state.failures >= MOST_FAILURES {
                    state.until = Some(Instant::now() + self.rest);
                }
            }
            // Whatever else it says, it is there.
            _ => *state = State::default(),
        }
    }
}

impl Embedder for Guarded {
    fn embed<'a>(
        &'a self,
        texts: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbedError>> {
        async {
            self.enter()?;
            let answer = self.embedder.embed(texts).await;
            self.leave(&answer);
            answer
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Fails so many times, and then works.
    #[derive(Debug)]
    struct Failing(AtomicU32);

    impl Embedder for Failing {
        fn embed<'a>(
            &'a self,
            texts: &'a [String],
        ) -> BoxFuture<'a, Result<Vec<Vec<f32>>, EmbedError>> {
            let left = self.0.load(Ordering::Relaxed);
            self.0.store(left.saturating_sub(1), Ordering::Relaxed);
            let answer = match left {
                0 => Ok(vec![vec![1.0]; texts.len()]),
                _ => Err(EmbedError::Away("gone".to_owned())),
            };
            async { answer }.boxed()
        }
    }

    async fn failing(guarded: &Guarded, times: u32) {
        for _ in 0..times {
            let error = guarded.embed(&["a".to_owned()]).await.unwrap_err();
            assert!(matches!(error, EmbedError::Away(_)), "{error}");
        }
    }

    #[tokio::test]
    async fn an_embedder_that_fails_again_and_again_is_left_alone() {
        let embedder = Box::new(Failing(AtomicU32::new(MOST_FAILURES)));
        let guarded = Guarded::new(embedder);
        failing(&guarded, MOST_FAILURES).await;
        let resting = guarded.embed(&["a".to_owned()]).await.unwrap_err();
        assert!(matches!(resting, EmbedError::Resting { .. }), "{resting}");
        assert!(resting.pause() > Some(REST / 2));
    }

    #[tokio::test]
    async fn after_its_rest_one_call_tells_whether_it_is_back() {
        let embedder = Box::new(Failing(AtomicU32::new(MOST_FAILURES + 1)));
        let guarded = Guarded {
            rest: Duration::ZERO,
            ..Guarded::new(embedder)
        };
        failing(&guarded, MOST_FAILURES + 1).await;
        let texts = ["a".to_owned()];
        assert_eq!(guarded.embed(&texts).await.unwrap().len(), 1);
        assert_eq!(guarded.embed(&texts).await.unwrap().len(), 1);
    }
}
