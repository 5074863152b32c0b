//! The adapter for LOGIKAL against a simulated one: the way down, what goes wrong on it, and that no session stays open.

mod refusals;
mod sessions;
mod workbench;
