//! The files of this checkout that people wrote, and how offences against a rule are told.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A hand-written text file.
pub(crate) struct File {
    /// Where it is, from the root of the checkout, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }

    /// Lines with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Every hand-written text file: no build results, no generated code, no lock file, no binary.
pub(crate) fn files() -> Vec<File> {
    let mut found = Vec::new();
    collect(&root(), "", &mut found);
    assert!(
        found.len() > 50,
        "the walk found only {} files",
        found.len()
    );
    found
}

/// The files below a folder, such as `server/src/`.
pub(crate) fn files_under(folder: &str) -> Vec<File> {
    let mut found = files();
    found.retain(|file| file.path.starts_with(folder));
    assert!(!found.is_empty(), "nothing lies under {folder}");
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<File>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            let generated = matches!(
                name.as_str(),
                ".git" | "target" | ".sqlx" | "__pycache__" | "node_modules" | "generated"
            );
            if !generated {
                collect(&entry.path(), &format!("{path}/"), found);
            }
        } else if name != "Cargo.lock"
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            found.push(File { path, text });
        }
    }
}

/// Fails with the rule and all offences against it, if there are any.
pub(crate) fn hold(rule: &str, offences: &[String]) {
    assert!(
        offences.is_empty(),
        "{rule}\n\n  {}\n",
        offences.join("\n  ")
    );
}
