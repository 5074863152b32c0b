//! What may become of an import, as stories compare it.

use anyhow::{Context as _, Result};
use sluice_client::{
    ClientError, Code,
    v1::{Event, EventType, Reason, SupplierImport},
};
use sluice_tests::world::{World, events_until};

/// What became of an import.
#[derive(Debug, PartialEq)]
pub(crate) enum Fate {
    /// Enqueue said no.
    Refused(Code, Option<Reason>),
    /// The job failed with this code.
    Failed(String),
    /// The job came to its end with these rows reported.
    Done(Vec<(i64, String)>),
}

/// Imports, and tells what became of it.
pub(crate) async fn fate(world: &World, import: SupplierImport) -> Result<Fate> {
    let job = match world.client.enqueue(import).await {
        Ok(enqueued) => enqueued.job,
        Err(error) => return Ok(Fate::Refused(error.code, error.reason)),
    };
    let story = events_until(&world.client, &job.id, |_| false).await?;
    let end = story.last().context("a story")?;
    if end.r#type() == EventType::Failed {
        assert!(end.message.len() > 10, "{end:?} says nothing");
        return Ok(Fate::Failed(end.code.clone()));
    }
    let errors = world.client.row_errors(&job.id, "", usize::MAX).await?;
    Ok(Fate::Done(
        errors
            .into_iter()
            .map(|error| (error.row, error.code))
            .collect(),
    ))
}

/// The code and the reason of an answer that must be an error.
pub(crate) fn refusal<T>(answer: Result<T, ClientError>) -> (Code, Option<Reason>) {
    let error = answer.err().expect("it must be refused");
    assert!(error.message.len() > 10, "{error:?} says nothing");
    (error.code, error.reason)
}

/// Whether an event tells that some rows have taken effect, so that an interruption comes in mid-import.
pub(crate) fn rows_are_applied(event: &Event) -> bool {
    event.r#type() == EventType::Progress
        && event
            .counters
            .is_some_and(|counters| counters.rows_done > 0)
}
