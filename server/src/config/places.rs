//! Where this machine keeps what the server looks for but does not own.

use std::path::PathBuf;

/// Places to search for the programs of Postgres.
#[derive(Debug)]
pub struct SearchPlaces {
    /// What our setup scripts unpacked.
    pub cache: PathBuf,
    /// The user's search path.
    pub path: Vec<PathBuf>,
}

/// The places of this process.
pub fn search_places() -> SearchPlaces {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let cache = match variable("SLUICE_CACHE") {
        Some(path) => PathBuf::from(path),
        None if rustix::process::geteuid().is_root() => PathBuf::from("/var/cache/sluice"),
        None => variable("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")))
            .unwrap_or_default()
            .join("sluice"),
    };
    let path = variable("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    SearchPlaces { cache, path }
}
