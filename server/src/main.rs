//! The `sluice-server` program.

fn main() {}
