//! Both halves of this package against the other side of the wire.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
)]

mod command;
mod far_side;
mod wire;
