//! What a simulated LOGIKAL holds: the known sample project, and what a test makes of it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{drawing::drawing, parts_file::PartsFile};

/// Directories and projects of one LOGIKAL.
#[derive(Clone, Debug)]
pub struct Site {
    /// Whole paths, parents before children.
    pub directories: Vec<String>,
    /// All projects, whatever directory they are in.
    pub projects: Vec<Project>,
}

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its key.
    pub id: Uuid,
    /// The path of its directory.
    pub directory: String,
    /// Its name.
    pub name: String,
    /// Its phases.
    pub phases: Vec<Phase>,
}

/// A phase of a project.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Its key inside the project; the null GUID occurs in each project.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its elevations.
    pub elevations: Vec<Elevation>,
}

/// An elevation of a phase.
#[derive(Clone, Debug)]
pub struct Elevation {
    /// Its key.
    pub id: Uuid,
    /// What the listing says of it.
    pub listed: Value,
    /// PNG.
    pub thumbnail: Vec<u8>,
    /// A database file.
    pub parts_list: Vec<u8>,
}

impl Site {
    /// Three projects in one directory: the known one with 13 and 4 elevations in two phases, and two with few.
    pub fn sample() -> Self {
        let directory = "Demo Odoo";
        let default_phase = |first, elevations| {
            Phase::with(Uuid::nil(), "Posities zonder levering", first, elevations)
        };
        let project = |id: u128, name: &str, phases| Project {
            id: Uuid::from_u128(id),
            directory: directory.to_owned(),
            name: name.to_owned(),
            phases,
        };
        Self {
            directories: vec![
                directory.to_owned(),
                format!("{directory}/Sublevel 1 Testing"),
            ],
            projects: vec![
                project(
                    0x5ddb_1393_56eb_4280_9f7e_3c3a_ec51_483c,
                    "DOS22309",
                    vec![
                        default_phase(1, 13),
                        Phase::with(Uuid::from_u128(0x22309 << 64), "Fase 1", 14, 4),
                    ],
                ),
                project(0x22410, "DOS22410", vec![default_phase(101, 2)]),
                project(0x22269, "DOS22269", vec![default_phase(201, 1)]),
            ],
        }
    }

    pub(super) fn directories_in(&self, path: &str) -> Vec<&str> {
        self.directories
            .iter()
            .map(String::as_str)
            .filter(|directory| self.parent_of(directory) == path)
            .collect()
    }

    /// The longest other directory that a path begins with: names may hold a slash themselves.
    fn parent_of(&self, path: &str) -> &str {
        self.directories
            .iter()
            .map(String::as_str)
            .filter(|other| {
                path.strip_prefix(other)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .max_by_key(|other| other.len())
            .unwrap_or_default()
    }

    pub(super) fn projects_in(&self, path: &str) -> impl Iterator<Item = &Project> {
        self.projects
            .iter()
            .filter(move |project| project.directory == path)
    }
}

impl Project {
    pub(super) fn listed(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "createdDate": 1_711_463_060, "changedDate": 1_756_302_572, "isDeleted": false,
            "jobNumber": "0000003948", "offerNumber": "OFF44465 NG", "personInCharge": "J. Jansen ", "estimated": false,
        })
    }

    pub(super) fn estimated(&self) -> Value {
        let elevations: Vec<Value> = self
            .phases
            .iter()
            .flat_map(|phase| &phase.elevations)
            .zip(1..)
            .map(|(elevation, place)| {
                let unit = 100.0 * f64::from(place);
                json!({
                    "id": elevation.id, "name": elevation.listed["name"], "netPricePerUnit": unit, "totalPricePerUnit": unit * 1.21,
                    "netPrice": unit * 2.0, "totalPrice": unit * 2.42,
                })
            })
            .collect();
        json!({ "id": self.id, "currency": "EUR", "elevations": elevations })
    }
}

impl Phase {
    /// A phase with elevations that are numbered from `first` on.
    pub fn with(id: Uuid, name: &str, first: u32, elevations: u32) -> Self {
        Self {
            id,
            name: name.to_owned(),
            elevations: (first..first + elevations)
                .map(Elevation::numbered)
                .collect(),
        }
    }

    pub(super) fn listed(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "description": "" })
    }
}

impl Elevation {
    /// The elevation `P<number>`, two pieces of it.
    pub fn numbered(number: u32) -> Self {
        let id = Uuid::from_u128(0xe1e0_0000 + u128::from(number));
        let version = Uuid::from_u128((0xe1e0_0000 + u128::from(number)) << 64 | 1);
        let colors = json!({ "name": "RAL", "colorInside": "9010", "colorOutside": "7016" });
        Self {
            id,
            listed: json!({
                "id": id, "versionId": version, "name": format!("P{number}"), "amount": 2.0, "isInRecycleBin": false,
                "automaticDescription": "Draaikiepraam", "systemDescription": "MB-86 SI", "modelDescription": "", "userDescription": "",
                "surfaceOfBaseElement": colors, "surfaceOfInsertions": colors, "createdByUser": "jj", "createdDate": 1_711_463_060,
                "changedDate": 1_756_302_572, "width": 1200.0 + f64::from(number), "height": 1500.0, "type": "Elevation", "state": "Ok",
            }),
            thumbnail: drawing(number),
            parts_list: PartsFile::of(id, &format!("P{number}")).bytes(),
        }
    }

    pub(super) fn parts_list_text(&self) -> String {
        STANDARD.encode(&self.parts_list)
    }
}
