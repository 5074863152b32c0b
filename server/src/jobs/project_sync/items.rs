//! What a walk is about: phases and elevations, as the workers hand them to one another.

use uuid::Uuid;

/// A phase of the project.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    /// Our own key of it.
    pub(super) id: Uuid,
    pub(super) guid: Uuid,
    pub(super) name: String,
}

/// An elevation of which something is wanted.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Our own key of it.
    pub(super) id: Uuid,
    pub(super) guid: Uuid,
    pub(super) name: String,
    /// Which phase it is in, by its place in the listing.
    pub(super) phase: usize,
    /// Which state of it is fetched; empty if LOGIKAL does not name it.
    pub(super) state: String,
    /// Whether it was not known before.
    pub(super) is_new: bool,
    pub(super) wants_thumbnail: bool,
    pub(super) wants_parts_list: bool,
}
