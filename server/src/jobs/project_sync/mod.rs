//! LOGIKAL projects, fetched whole: phases, elevations, pictures, parts lists and prices, stored here and handed to Odoo.
//!
//! Promises:
//! - one failing elevation is an entry in the result, never the end of the project, and nothing of it is half stored;
//! - what was stored is not fetched again: not by an attempt that goes on after a crash, and without `full` not until LOGIKAL says
//!   that it changed;
//! - what LOGIKAL no longer lists is marked as gone only by a complete listing of a run without errors, and never most of it at once;
//! - every session is logged out, whatever happens;
//! - Odoo gets each elevation as a whole, fenced and once.
//!
//! [`Projects`] is the handle; [`ProjectSync`] and [`ProjectListing`] are what the queue runs.

mod error;
mod handle;
mod look;
mod request;
mod spec;

mod looking;
mod run;

mod board;
mod delivering;
mod entering;
mod fetching;
mod finding;
mod items;
mod listing;
mod parts;
mod searching;
mod storing;
mod sweeping;

pub mod parts_list;

mod sites;
mod store;
mod upkeep;

pub use error::{Candidate, ProjectError};
pub use handle::Projects;
pub use look::{ElevationView, Failure, PhaseView, ProjectView};
pub use looking::{LISTING, ProjectListing};
pub use request::{SyncRequest, Wanted};
pub use run::{KIND, ProjectSync};
pub use sites::LogikalSites;
pub use spec::{Tallies, Tally};

pub use crate::adapters::logikal::LogikalError;
