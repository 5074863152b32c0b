//! Looks for projects in LOGIKAL: from directory to directory, each way down in a session of its own, since there is none up.

use std::collections::VecDeque;

use strsim::damerau_levenshtein;

use super::{
    ProjectError,
    entering::descend,
    sites::Site,
    store::{self, ListedProject},
};
use crate::{
    adapters::logikal::{Logikal, LogikalError, Project},
    db::{Db, DbError},
    ids::ConnectionId,
};

/// So many directories are looked into at most.
const MOST_DIRECTORIES: usize = 500;
/// So many ways down are gone at once.
const WALKERS: usize = 4;
/// So often a way is gone again that ended in a lost session.
const TRIES: usize = 3;

/// What stands in one directory and below.
struct Seen {
    directories: Vec<String>,
    projects: Vec<(String, Project)>,
    /// Directories beside the way, which want one of their own.
    beside: Vec<String>,
}

/// Lists the projects below a directory, and remembers them.
pub(super) async fn look(
    db: &Db,
    connection: ConnectionId,
    site: &Site,
    below: &str,
    is_deep: bool,
) -> Result<(), ProjectError> {
    let mut looking = Looking::below(below, is_deep);
    while looking.round(site).await? {}
    looking.save(db, connection).await?;
    Ok(())
}

/// What was seen so far, and where nobody has looked yet.
pub(super) struct Looking {
    is_deep: bool,
    open: VecDeque<String>,
    pub(super) directories: Vec<String>,
    pub(super) projects: Vec<(String, Project)>,
}

impl Looking {
    pub(super) fn below(directory: &str, is_deep: bool) -> Self {
        Self {
            is_deep,
            open: VecDeque::from([directory.to_owned()]),
            directories: Vec::new(),
            projects: Vec::new(),
        }
    }

    /// Goes some ways down at once; whether more are left.
    pub(super) async fn round(&mut self, site: &Site) -> Result<bool, ProjectError> {
        let round: Vec<String> = self.open.drain(..self.open.len().min(WALKERS)).collect();
        let ways = round
            .iter()
            .map(|directory| go(&site.logikal, directory, self.is_deep));
        for seen in futures::future::try_join_all(ways).await? {
            self.directories.extend(seen.directories);
            self.projects.extend(seen.projects);
            self.open.extend(seen.beside);
        }
        if self.directories.len() > MOST_DIRECTORIES {
            return Err(ProjectError::Field {
                field: "directory",
                why: format!("must be named: LOGIKAL has more than {MOST_DIRECTORIES} of them"),
            });
        }
        Ok(!self.open.is_empty())
    }

    /// Remembers what was seen.
    pub(super) async fn save(self, db: &Db, connection: ConnectionId) -> Result<(), DbError> {
        let listed: Vec<ListedProject> = self
            .projects
            .into_iter()
            .map(|(directory, project)| ListedProject::new(&directory, project))
            .collect();
        store::save_directories(db, connection, &self.directories).await?;
        store::save_listed(db, connection, &listed).await
    }
}

async fn go(logikal: &Logikal, directory: &str, is_deep: bool) -> Result<Seen, LogikalError> {
    let mut tries = 0;
    loop {
        match try_to_go(logikal, directory, is_deep).await {
            Err(error) if error.wants_new_session() && tries < TRIES => tries += 1,
            outcome => return outcome,
        }
    }
}

async fn try_to_go(
    logikal: &Logikal,
    directory: &str,
    is_deep: bool,
) -> Result<Seen, LogikalError> {
    let mut session = descend(logikal.log_in().await?, directory).await?;
    let mut seen = Seen {
        directories: Vec::new(),
        projects: Vec::new(),
        beside: Vec::new(),
    };
    let mut here = directory.to_owned();
    loop {
        let projects = session.projects().await?.entries;
        seen.projects
            .extend(projects.into_iter().map(|project| (here.clone(), project)));
        if !here.is_empty() {
            seen.directories.push(here.clone());
        }
        if !is_deep {
            return Ok(seen);
        }
        let mut below = session.directories().await?.entries.into_iter();
        let Some(next) = below.next() else {
            return Ok(seen);
        };
        seen.beside.extend(below.map(|directory| directory.path));
        session = session.select_directory(&next.path).await?;
        here = next.path;
    }
}

/// Names that somebody may have meant, the nearest first.
pub(super) fn near(name: &str, known: &[String]) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut scored: Vec<(usize, &String)> = known
        .iter()
        .map(|other| (damerau_levenshtein(&wanted, &other.to_lowercase()), other))
        .filter(|(distance, _)| *distance <= wanted.chars().count().div_ceil(2))
        .collect();
    scored.sort();
    scored
        .into_iter()
        .take(5)
        .map(|(_, name)| name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_brings_those_that_are_like_it() {
        let known = ["DOS22309", "DOS22410", "Kerkstraat 5", "dos22369"].map(str::to_owned);
        assert_eq!(near("DOS22390", &known)[0], "DOS22309");
        assert_eq!(near("DOS22368", &known)[..2], ["dos22369", "DOS22309"]);
        assert_eq!(near("kerkstraat", &known), ["Kerkstraat 5"]);
        assert_eq!(near("x", &known), Vec::<String>::new());
    }
}
