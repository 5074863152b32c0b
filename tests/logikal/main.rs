//! LOGIKAL, simulated: the adapter's way down and what goes wrong on it, parts lists, and projects that are fetched whole by a
//! server. No session may stay open.

mod asking;
mod hostile_lists;
mod keeping;
mod parts_lists;
mod refusals;
mod sessions;
mod syncing;
mod troubles;
mod workbench;
mod workshop;
