//! The protocol of leases, fences, checkpoints and lanes, checked in every order of its steps and faults.
//!
//! Each part of it is there for a reason: without it the checker finds a way to lose or double a batch, or to get stuck.

mod protocol;
mod world;

use protocol::{Protocol, Variant};
use stateright::{Checker, HasDiscoveries, Model};
use std::collections::BTreeSet;

/// How many faults may come together. To see that a part of the protocol is needed one is enough.
const FAULTS: u8 = 2;

/// Fails unless the checker finds a way to break this promise.
fn breaks(variant: Variant, promise: &'static str) {
    let checked = Protocol { variant, faults: 1 }
        .checker()
        .finish_when(HasDiscoveries::AllOf(BTreeSet::from([promise])))
        .spawn_bfs()
        .join();
    let found = checked.discoveries();
    assert!(
        found.contains_key(promise),
        "{variant:?} keeps the promise `{promise}`, so the model does not test it"
    );
}

#[test]
fn the_protocol_keeps_its_promises_in_every_order_of_its_steps() {
    let checked = Protocol {
        variant: Variant::AsBuilt,
        faults: FAULTS,
    }
    .checker()
    .threads(2)
    .finish_when(HasDiscoveries::AnyFailures)
    .spawn_bfs()
    .join();
    if let Some((promise, path)) = checked.discoveries().into_iter().next() {
        panic!("`{promise}` is broken by {:#?}", path.into_actions());
    }
    assert!(
        checked.unique_state_count() > 1_000,
        "the model does hardly anything"
    );
}

#[test]
fn without_a_fence_in_odoo_a_late_batch_takes_effect_twice() {
    breaks(Variant::NoFenceInOdoo, "one effect per batch");
}

#[test]
fn a_checkpoint_before_the_answer_loses_a_batch() {
    breaks(Variant::CheckpointBeforeAnswer, "one effect per batch");
}

#[test]
fn a_rescue_by_elapsed_time_gives_up_jobs_that_are_well() {
    breaks(Variant::RescueByElapsedTimeOnly, "no job is given up");
}

#[test]
fn statements_that_do_not_name_the_attempt_end_jobs_of_others() {
    breaks(Variant::NoAttemptInStatements, "one effect per batch");
}

#[test]
fn a_claim_that_does_not_look_at_the_lane_fills_it_twice() {
    breaks(Variant::NoLane, "lane holds one");
}
