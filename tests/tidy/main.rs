//! The rules of the house as tests: each failure says what to do instead.
#![expect(
    clippy::unwrap_used,
    reason = "a file that cannot be read fails the test, which is what it should do"
)]

mod checkout;
mod files;
mod manifests;
mod readme;
mod rooms;
mod runbook;
mod sql;
mod traces;
