//! The first administrator's token: shown once, and kept in a file that only the server's user can read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use secrecy::{ExposeSecret as _, SecretString};

/// Writes the token where the command line of this machine finds it.
pub(super) fn keep(path: &Path, token: &SecretString) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    writeln!(file, "{}", token.expose_secret())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}
