//! Where a session stands, and what LOGIKAL allows there: only downwards, by the letter of its documentation.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Moods,
    calls::{Asked, Call},
    sample::{Phase, Project, Site},
};

/// Whether a session may go from a phase or an elevation to its neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Siblings {
    /// As documented: a new session is needed.
    Strict,
    /// As seen with some.
    Lenient,
}

/// Where a session stands; what is below the deepest one that is set is none.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    directory: String,
    project: Option<Uuid>,
    phase: Option<Uuid>,
    elevation: Option<Uuid>,
}

pub(super) enum Answer {
    Done,
    Data(Value),
    Bytes(Vec<u8>),
}

#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, message: &str) -> Self {
        Self {
            status,
            message: message.to_owned(),
        }
    }

    pub(super) fn unknown_session() -> Self {
        Self::new(401, "Unauthorized")
    }

    fn wrong_place(level: &str) -> Self {
        Self::new(405, &format!("The session has to be at the level {level}."))
    }

    fn missing(what: &str) -> Self {
        Self::new(404, &format!("Could not retrieve the {what}."))
    }
}

/// Does what a session asks for, where it stands.
pub(super) fn act(
    site: &Site,
    place: &mut Place,
    asked: &Asked,
    moods: &Moods,
) -> Result<Answer, Refusal> {
    let lenient = moods.siblings == Siblings::Lenient;
    match asked.call {
        Call::LogIn | Call::LogOut => Err(Refusal::new(400, "Bad request")),
        Call::Directories => {
            place.must_be_in_directory()?;
            let inside = site.directories_in(&place.directory);
            Ok(Answer::Data(
                inside
                    .iter()
                    .map(|path| json!({ "name": path.rsplit('/').next(), "path": path }))
                    .collect(),
            ))
        }
        Call::SelectDirectory => {
            let wanted = asked.identifier()?;
            if place.project.is_some() {
                return Err(Refusal::new(
                    409,
                    &format!("The directory {wanted} is not valid in the current mapping."),
                ));
            }
            if !site.directories_in(&place.directory).contains(&wanted) {
                return Err(Refusal::missing("directory"));
            }
            wanted.clone_into(&mut place.directory);
            Ok(Answer::Done)
        }
        Call::Projects => {
            place.must_be_in_directory()?;
            Ok(Answer::Data(
                site.projects_in(&place.directory)
                    .map(Project::listed)
                    .collect(),
            ))
        }
        Call::SelectProject => {
            place.must_be_in_directory()?;
            let id = asked.guid()?;
            site.projects_in(&place.directory)
                .find(|project| project.id == id)
                .ok_or_else(|| Refusal::missing("project"))?;
            place.project = Some(id);
            Ok(Answer::Done)
        }
        Call::Project => Ok(Answer::Data(place.project(site)?.listed())),
        Call::Estimation => Ok(Answer::Data(place.project(site)?.estimated())),
        Call::Phases => {
            let project = place.project(site)?;
            place.must_be_in_project()?;
            Ok(Answer::Data(
                project.phases.iter().map(Phase::listed).collect(),
            ))
        }
        Call::SelectPhase => {
            let id = asked.guid()?;
            let project = place.project(site)?;
            if !(lenient && place.phase.is_some()) {
                place.must_be_in_project()?;
            }
            if !project.phases.iter().any(|phase| phase.id == id) {
                return Err(Refusal::missing("phase"));
            }
            (place.phase, place.elevation) = (Some(id), None);
            Ok(Answer::Done)
        }
        Call::Elevations => {
            let phase = place.phase(site)?;
            Ok(Answer::Data(
                phase
                    .elevations
                    .iter()
                    .map(|elevation| elevation.listed.clone())
                    .collect(),
            ))
        }
        Call::Thumbnail => {
            let phase = place.phase(site)?;
            phase
                .elevations
                .iter()
                .find(|elevation| Some(elevation.id) == asked.elevation)
                .map(|elevation| Answer::Bytes(elevation.thumbnail.clone()))
                .ok_or_else(|| Refusal::missing("elevation"))
        }
        Call::SelectElevation => {
            let id = asked.guid()?;
            let phase = if lenient {
                place.any_phase(site)?
            } else {
                place.phase(site)?
            };
            if !phase.elevations.iter().any(|elevation| elevation.id == id) {
                return Err(Refusal::missing("elevation"));
            }
            place.elevation = Some(id);
            Ok(Answer::Done)
        }
        Call::PartsList => {
            let phase = place.any_phase(site)?;
            let elevation = phase
                .elevations
                .iter()
                .find(|elevation| Some(elevation.id) == place.elevation)
                .ok_or_else(|| Refusal::wrong_place("Elevation"))?;
            if !moods.may_read_parts {
                return Err(Refusal::new(403, "The user has no right to parts lists."));
            }
            Ok(Answer::Data(elevation.parts_list_text().into()))
        }
    }
}

impl Place {
    fn must_be_in_directory(&self) -> Result<(), Refusal> {
        match self.project {
            None => Ok(()),
            Some(_) => Err(Refusal::wrong_place("Directory")),
        }
    }

    fn must_be_in_project(&self) -> Result<(), Refusal> {
        match self.phase {
            None => Ok(()),
            Some(_) => Err(Refusal::wrong_place("Project")),
        }
    }

    fn project<'site>(&self, site: &'site Site) -> Result<&'site Project, Refusal> {
        let id = self
            .project
            .ok_or_else(|| Refusal::wrong_place("Project"))?;
        site.projects
            .iter()
            .find(|project| project.id == id)
            .ok_or_else(|| Refusal::missing("project"))
    }

    /// The phase in which the session stands, or in whose elevation.
    fn any_phase<'site>(&self, site: &'site Site) -> Result<&'site Phase, Refusal> {
        let id = self.phase.ok_or_else(|| Refusal::wrong_place("Phase"))?;
        self.project(site)?
            .phases
            .iter()
            .find(|phase| phase.id == id)
            .ok_or_else(|| Refusal::missing("phase"))
    }

    fn phase<'site>(&self, site: &'site Site) -> Result<&'site Phase, Refusal> {
        if self.elevation.is_some() {
            return Err(Refusal::wrong_place("Phase"));
        }
        self.any_phase(site)
    }
}

impl Asked {
    fn identifier(&self) -> Result<&str, Refusal> {
        self.body
            .get("identifier")
            .and_then(Value::as_str)
            .ok_or_else(|| Refusal::new(400, "The identifier is missing."))
    }

    fn guid(&self) -> Result<Uuid, Refusal> {
        self.identifier()?
            .parse()
            .map_err(|_no_guid| Refusal::new(400, "The identifier is no GUID."))
    }
}
