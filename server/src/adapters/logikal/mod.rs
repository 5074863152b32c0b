//! LOGIKAL, a window and facade CAD system, over the REST service that remote-controls it.
//!
//! [`Logikal::log_in`] opens a [`Session`]; where it stands is its type. Nothing is retried here: a caller asks
//! [`LogikalError::wants_new_session`] whether the same step may succeed in a new session.
//! The service's calls, codes and states are those of its version 3, as far as they are publicly described.

mod answers;
mod calls;
mod error;
mod session;
mod site;

pub use answers::{
    Directory, Elevation, ElevationPrice, Estimation, Listing, Phase, Project, Surface, Unreadable,
};
pub use calls::Picture;
pub use error::LogikalError;
pub use session::{Refused, Session, place};
pub use site::{Logikal, SessionLimits};
