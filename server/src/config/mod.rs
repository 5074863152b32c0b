//! Settings and their defaults: the only room that reads the environment.
//!
//! A setting comes from, in rising order: its default, the settings file, the environment, a flag.
//! Each one stands once in [`TABLE`], from which the flags, the help text and the table in `server/README.md` are made.

mod duration;
mod error;
mod load;
mod places;
mod settings;
mod table;
mod values;

pub use self::{
    error::ConfigError,
    load::Sources,
    places::{SearchPlaces, search_places},
    settings::{LogFormat, Settings},
    table::{Setting, TABLE},
};
