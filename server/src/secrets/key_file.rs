//! The file that holds the sealing keys, readable by nobody but its owner.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use secrecy::{ExposeSecret, SecretString};

use super::SecretsError;

/// Permissions that only the owner should have.
const OTHERS: u32 = 0o077;

/// Reads the file; refuses one that others may read.
pub(super) fn read(path: &Path) -> Result<SecretString, SecretsError> {
    let failed = |why| SecretsError::KeyFile {
        path: path.to_owned(),
        why,
    };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & OTHERS != 0 {
        return Err(SecretsError::KeyFileOpen {
            path: path.to_owned(),
            mode,
        });
    }
    fs::read_to_string(path)
        .map(SecretString::from)
        .map_err(failed)
}

/// Makes the file if it is not there. It appears whole or not at all, and is never overwritten: what was sealed with a lost key is lost.
pub(super) fn ensure(
    path: &Path,
    new_key: impl FnOnce() -> SecretString,
) -> Result<(), SecretsError> {
    let failed = |why| SecretsError::KeyFile {
        path: path.to_owned(),
        why,
    };
    if path.try_exists().map_err(failed)? {
        return Ok(());
    }
    let draft = path.with_extension("key.new");
    let made = write(&draft, &new_key()).and_then(|()| match fs::hard_link(&draft, path) {
        // Another server was faster: its key is as good.
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&draft);
    made.and(removed).map_err(failed)
}

fn write(path: &Path, key: &SecretString) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{}", key.expose_secret())?;
    file.sync_all()?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/secret.key");
        ensure(&path, || "first".into()).unwrap();
        ensure(&path, || "second".into()).unwrap();
        assert_eq!(read(&path).unwrap().expose_secret(), "first\n");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        fs::write(&path, "key").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let shown = read(&path).unwrap_err().to_string();
        assert!(shown.contains("(mode 640): run chmod 600"), "{shown}");
    }
}
