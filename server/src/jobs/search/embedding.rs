//! Turns texts into vectors, whatever befalls: an embedder that is away is waited for, texts that are too many are halved, and one
//! that cannot be embedded is found.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::{FutureExt as _, future::BoxFuture};
use rand::RngExt as _;

use super::{
    preparing::{Prepared, Vector},
    settings::EmbedderSettings,
    store,
};
use crate::{
    adapters::embeddings::{EmbedError, Embedder},
    db::Db,
    queue::{JobError, Run},
};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_ASKED_PAUSE: Duration = Duration::from_mins(5);
/// What any embedder takes. Where it takes not even this, it is not the text that is wrong.
const PLAIN: &str = "window";
/// How many characters make about a token.
const LETTERS_OF_TOKEN: usize = 4;

/// An embedder as a job asks it.
pub(super) struct Embedding<'run> {
    run: &'run Run,
    db: &'run Db,
    model: i32,
    embedder: &'run dyn Embedder,
    settings: &'run EmbedderSettings,
    max_outage: Duration,
    away_since: Mutex<Option<Instant>>,
}

/// Where in a page a text is: which record, and which of its parts.
type Place = (usize, usize);

impl<'run> Embedding<'run> {
    pub(super) fn new(
        run: &'run Run,
        db: &'run Db,
        model: i32,
        (embedder, settings): (&'run dyn Embedder, &'run EmbedderSettings),
        max_outage: Duration,
    ) -> Self {
        Self {
            run,
            db,
            model,
            embedder,
            settings,
            max_outage,
            away_since: Mutex::default(),
        }
    }

    /// Makes the vectors that a page wants, in as few calls as the embedder takes.
    pub(super) async fn page(&self, page: &mut [Prepared]) -> Result<(), JobError> {
        let wanted: Vec<(Place, String)> = wanted(page, &self.settings.text_prefix);
        let lengths: Vec<usize> = wanted
            .iter()
            .map(|(_, text)| text.chars().count())
            .collect();
        let most = usize::try_from(self.settings.max_texts).unwrap_or(1);
        let tokens = usize::try_from(self.settings.max_tokens).unwrap_or(1);
        let mut rest = wanted.as_slice();
        for size in calls(&lengths, most, tokens * LETTERS_OF_TOKEN) {
            let (call, after) = rest.split_at(size);
            rest = after;
            for ((record, part), vector) in self.call(call).await? {
                page[record].parts[part].vector = vector;
            }
        }
        Ok(())
    }

    /// Makes one call, or as many as it takes to find the texts that do not get through.
    fn call<'a>(
        &'a self,
        texts: &'a [(Place, String)],
    ) -> BoxFuture<'a, Result<Vec<(Place, Vector)>, JobError>> {
        async move {
            let only: Vec<String> = texts.iter().map(|(_, text)| text.clone()).collect();
            match self.answered(&only).await? {
                Ok(vectors) => {
                    let places = texts.iter().map(|(place, _)| *place);
                    Ok(places.zip(vectors.into_iter().map(Vector::Made)).collect())
                }
                Err(_) if texts.len() > 1 => {
                    let (first, second) = texts.split_at(texts.len() / 2);
                    let mut vectors = self.call(first).await?;
                    vectors.extend(self.call(second).await?);
                    Ok(vectors)
                }
                Err(error) => {
                    self.probe(&error).await?;
                    Ok(texts
                        .iter()
                        .map(|(place, _)| (*place, Vector::Refused(error.to_string())))
                        .collect())
                }
            }
        }
        .boxed()
    }

    /// Fails if the embedder takes no text at all: then nothing is wrong with the one that it did not take.
    async fn probe(&self, refusal: &EmbedError) -> Result<(), JobError> {
        match self.answered(&[PLAIN.to_owned()]).await? {
            Ok(_) => Ok(()),
            Err(_) => Err(self.unusable("embedder_answer", refusal).await),
        }
    }

    /// The embedder's answer, as soon as there is one; a refusal may be about one of the texts.
    async fn answered(
        &self,
        texts: &[String],
    ) -> Result<Result<Vec<Vec<f32>>, EmbedError>, JobError> {
        let mut pause = FIRST_PAUSE;
        loop {
            let answer = tokio::select! {
                answer = self.embedder.embed(texts) => answer,
                // What was asked is asked again by the next attempt.
                () = self.run.stopping().cancelled() => return Err(JobError::Stopped),
            };
            match answer {
                Err(error) if error.is_away() => {
                    self.tell_away(&error).await?;
                    let asked = error.pause().unwrap_or(pause).min(LONGEST_ASKED_PAUSE);
                    let jitter = rand::rng().random_range(0.8..1.2);
                    tokio::select! {
                        () = self.run.stopping().cancelled() => return Err(JobError::Stopped),
                        () = tokio::time::sleep(asked.mul_f64(jitter)) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) if error.is_about_texts() => {
                    self.tell_back().await?;
                    return Ok(Err(error));
                }
                Err(error @ EmbedError::KeyRefused(_)) => {
                    return Err(self.unusable("embedder_refused", &error).await);
                }
                Err(error) => return Err(self.unusable("embedder_answer", &error).await),
                Ok(vectors) => {
                    self.tell_back().await?;
                    return Ok(Ok(vectors));
                }
            }
        }
    }

    /// No text would get through: the job ends, and all that waits goes on waiting.
    async fn unusable(&self, code: &'static str, error: &EmbedError) -> JobError {
        let told = store::set_error(self.db, self.model, Some(&error.to_string())).await;
        match told {
            Err(error) => JobError::Db(error),
            Ok(()) => JobError::Fail {
                code,
                message: error.to_string(),
            },
        }
    }

    async fn tell_away(&self, error: &EmbedError) -> Result<(), JobError> {
        let known = *self.away_since();
        let since = known.unwrap_or_else(Instant::now);
        *self.away_since() = Some(since);
        if known.is_none() {
            store::set_error(self.db, self.model, Some(&error.to_string())).await?;
        }
        if since.elapsed() > self.max_outage {
            return Err(JobError::Fail {
                code: "embedder_away",
                message: format!(
                    "the embedder did not answer for {} minutes ({error}): retry the job when it is back, it goes on where it stopped",
                    self.max_outage.as_secs() / 60
                ),
            });
        }
        if !self.run.says_waiting() {
            self.run
                .waiting("embedder_away", &error.to_string())
                .await?;
        }
        Ok(())
    }

    fn away_since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.away_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn tell_back(&self) -> Result<(), JobError> {
        let was_away = self.away_since().take().is_some();
        if was_away {
            store::set_error(self.db, self.model, None).await?;
            self.run.continued("the embedder is back, going on").await?;
        }
        Ok(())
    }
}

/// The texts that want a vector.
fn wanted(page: &[Prepared], prefix: &str) -> Vec<(Place, String)> {
    let mut wanted = Vec::new();
    for (record, prepared) in page.iter().enumerate() {
        for (index, part) in prepared.parts.iter().enumerate() {
            if matches!(part.vector, Vector::Wanted) {
                wanted.push(((record, index), format!("{prefix}{}", part.content)));
            }
        }
    }
    wanted
}

/// How many texts each call takes, of texts of these lengths: as many as may be, and one at least.
fn calls(lengths: &[usize], most: usize, letters: usize) -> Vec<usize> {
    let mut sizes = Vec::new();
    let (mut size, mut sum) = (0, 0);
    for length in lengths {
        if size > 0 && (size == most || sum + length > letters) {
            sizes.push(size);
            (size, sum) = (0, 0);
        }
        size += 1;
        sum += length;
    }
    if size > 0 {
        sizes.push(size);
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_takes_as_many_texts_as_it_may() {
        assert_eq!(calls(&[10; 5], 2, 1_000), [2, 2, 1]);
        assert_eq!(calls(&[10, 10, 10, 95, 200, 1], 9, 100), [3, 1, 1, 1]);
        assert!(calls(&[], 9, 100).is_empty());
    }
}
