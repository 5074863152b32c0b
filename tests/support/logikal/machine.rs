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
    match asked.call {
        Call::LogIn | Call::LogOut => Err(Refusal::new(400, "Bad request")),
        Call::Directories | Call::SelectDirectory | Call::Projects | Call::SelectProject => {
            in_directory(site, place, asked)
        }
        Call::Project | Call::Estimation | Call::Phases | Call::SelectPhase => {
            in_project(site, place, asked, moods)
        }
        Call::Elevations | Call::Thumbnail | Call::SelectElevation | Call::PartsList => {
            in_phase(site, place, asked, moods)
        }
    }
}

fn in_directory(site: &Site, place: &mut Place, asked: &Asked) -> Result<Answer, Refusal> {
    match asked.call {
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
        Call::SelectProject => {
            place.must_be_in_directory()?;
            let id = asked.guid()?;
            site.projects_in(&place.directory)
                .find(|project| project.id == id)
                .ok_or_else(|| Refusal::missing("project"))?;
            place.project = Some(id);
            Ok(Answer::Done)
        }
        _ => {
            place.must_be_in_directory()?;
            let projects = site.projects_in(&place.directory);
            Ok(Answer::Data(projects.map(Project::listed).collect()))
        }
    }
}

fn in_project(
    site: &Site,
    place: &mut Place,
    asked: &Asked,
    moods: &Moods,
) -> Result<Answer, Refusal> {
    let project = place.project(site)?;
    match asked.call {
        Call::Project => Ok(Answer::Data(project.listed())),
        Call::Estimation => Ok(Answer::Data(project.estimated())),
        Call::SelectPhase => {
            let id = asked.guid()?;
            if moods.siblings == Siblings::Strict || place.phase.is_none() {
                place.must_be_in_project()?;
            }
            if !project.phases.iter().any(|phase| phase.id == id) {
                return Err(Refusal::missing("phase"));
            }
            (place.phase, place.elevation) = (Some(id), None);
            Ok(Answer::Done)
        }
        _ => {
            place.must_be_in_project()?;
            let phases = project.phases.iter();
            Ok(Answer::Data(phases.map(Phase::listed).collect()))
        }
    }
}

fn in_phase(
    site: &Site,
    place: &mut Place,
    asked: &Asked,
    moods: &Moods,
) -> Result<Answer, Refusal> {
    match asked.call {
        Call::Thumbnail => place
            .phase(site)?
            .elevations
            .iter()
            .find(|elevation| Some(elevation.id) == asked.elevation)
            .map(|elevation| Answer::Bytes(elevation.thumbnail.clone()))
            .ok_or_else(|| Refusal::missing("elevation")),
        Call::SelectElevation => {
            let id = asked.guid()?;
            let phase = match moods.siblings {
                Siblings::Strict => place.phase(site)?,
                Siblings::Lenient => place.any_phase(site)?,
            };
            if !phase.elevations.iter().any(|elevation| elevation.id == id) {
                return Err(Refusal::missing("elevation"));
            }
            place.elevation = Some(id);
            Ok(Answer::Done)
        }
        Call::PartsList => {
            let elevation = place
                .any_phase(site)?
                .elevations
                .iter()
                .find(|elevation| Some(elevation.id) == place.elevation)
                .ok_or_else(|| Refusal::wrong_place("Elevation"))?;
            if !moods.may_read_parts {
                return Err(Refusal::new(403, "The user has no right to parts lists."));
            }
            Ok(Answer::Data(elevation.parts_list_text().into()))
        }
        _ => {
            let elevations = place.phase(site)?.elevations.iter();
            let listed = elevations.map(|elevation| elevation.listed.clone());
            Ok(Answer::Data(listed.collect()))
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
