//! What a caller asks for, and what is wrong with it.

use uuid::Uuid;

use super::ProjectError;

/// The most characters of a name or a path.
const LONGEST: usize = 1_000;

/// Which project is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// By LOGIKAL's key.
    Guid(Uuid),
    /// By its exact name, in a directory or, if that is empty, anywhere.
    Named {
        /// The project's name.
        name: String,
        /// The path of its directory.
        directory: String,
    },
}

impl Wanted {
    /// Reads an id, a name and a directory, of which a caller gives either the first or the others.
    pub fn new(id: &str, name: &str, directory: &str) -> Result<Self, ProjectError> {
        let field = |field, why: &str| ProjectError::Field {
            field,
            why: why.to_owned(),
        };
        let (id, name) = (id.trim(), name.trim());
        let directory = directory.trim().trim_matches('/');
        match (id.is_empty(), name.is_empty()) {
            (true, true) => Err(field("name", "must name the project, or project_id must")),
            (false, false) => Err(field(
                "name",
                "must stand alone: project_id says it already",
            )),
            (false, true) => id
                .parse()
                .map(Self::Guid)
                .map_err(|_none| field("project_id", "must be a GUID")),
            (true, false) if is_strange(name) => Err(field("name", "must be a project's name")),
            (true, false) if is_strange(directory) => {
                Err(field("directory", "must be the path of a directory"))
            }
            (true, false) => Ok(Self::Named {
                name: name.to_owned(),
                directory: directory.to_owned(),
            }),
        }
    }
}

fn is_strange(text: &str) -> bool {
    text.chars().count() > LONGEST || text.chars().any(char::is_control)
}

/// A sync as a caller wants it.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Clone, Debug)]
pub struct SyncRequest {
    /// Which project.
    pub wanted: Wanted,
    /// Fetches what has not changed as well.
    pub full: bool,
    /// Whether pictures are fetched.
    pub thumbnails: bool,
    /// Whether parts lists are fetched.
    pub parts_lists: bool,
    /// Whether Odoo gets what was fetched.
    pub odoo: bool,
}
