//! What the workers of a walk find, and what they cannot have.

use std::fmt::Display;

use lz4_flex::compress_prepend_size;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    board::{Item, Phase},
    parts_list::PartsList,
};
use crate::adapters::logikal::{Elevation, Estimation, Listing, Phase as ListedPhase};

/// What a worker found.
pub(super) enum Found {
    /// The phases of the project; those that can be gone to are the answer.
    Phases {
        listing: Listing<ListedPhase>,
        reply: oneshot::Sender<Vec<Phase>>,
    },
    /// The elevations of a phase; those of which something is wanted are the answer.
    Elevations {
        at: usize,
        phase: Phase,
        listing: Listing<Elevation>,
        reply: oneshot::Sender<Vec<Item>>,
    },
    /// What they cost.
    Prices(Estimation),
    /// A picture.
    Thumbnail { item: Item, content: Packed },
    /// A parts list, read.
    PartsList {
        item: Item,
        content: Packed,
        list: Box<PartsList>,
    },
    /// Something that cannot be had.
    Failed(Failed),
}

/// A content as it is stored.
pub(super) struct Packed {
    pub(super) sha256: [u8; 32],
    pub(super) content: Vec<u8>,
}

/// Packs a content. It takes milliseconds: not on a thread that serves others.
pub(super) fn pack(content: &[u8]) -> Packed {
    Packed {
        sha256: Sha256::digest(content).into(),
        content: compress_prepend_size(content),
    }
}

/// What cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Phase,
    Elevation,
    Prices,
    Thumbnail,
    PartsList,
    Odoo,
}

impl Part {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Phase => "phase",
            Self::Elevation => "elevation",
            Self::Prices => "prices",
            Self::Thumbnail => "thumbnail",
            Self::PartsList => "parts_list",
            Self::Odoo => "odoo",
        }
    }
}

/// Something that cannot be had, and why.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) part: Part,
    /// The GUIDs of phase and elevation, as far as there are.
    pub(super) place: String,
    pub(super) phase: String,
    pub(super) elevation: String,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// The elevation, where it is one that was listed.
    pub(super) item: Option<Uuid>,
}

impl Failed {
    pub(super) fn of_project(part: Part, code: &'static str, why: &impl Display) -> Self {
        Self {
            part,
            place: String::new(),
            phase: String::new(),
            elevation: String::new(),
            code,
            message: why.to_string(),
            item: None,
        }
    }

    pub(super) fn of_phase(phase: &Phase, code: &'static str, why: &impl Display) -> Self {
        Self {
            part: Part::Phase,
            place: phase.guid.to_string(),
            phase: phase.name.clone(),
            ..Self::of_project(Part::Phase, code, why)
        }
    }

    /// An elevation, as it was handed over, that Odoo did not take.
    pub(super) fn by_odoo(payload: &Value, why: &str) -> Self {
        let text = |of: &str, name: &str| payload[of][name].as_str().unwrap_or_default().to_owned();
        Self {
            part: Part::Odoo,
            place: format!("{}/{}", text("phase", "guid"), text("elevation", "guid")),
            phase: text("phase", "name"),
            elevation: text("elevation", "name"),
            ..Self::of_project(Part::Odoo, "odoo_rejected", &why)
        }
    }

    pub(super) fn of_item(
        phase: &Phase,
        item: &Item,
        part: Part,
        code: &'static str,
        why: &impl Display,
    ) -> Self {
        Self {
            part,
            place: format!("{}/{}", phase.guid, item.guid),
            elevation: item.name.clone(),
            item: Some(item.id),
            ..Self::of_phase(phase, code, why)
        }
    }
}
