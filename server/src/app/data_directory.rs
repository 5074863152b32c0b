//! The server's folder: made if missing, and held by one server only.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use thiserror::Error;
use tokio::time::{Instant, sleep};

/// How long a killed server may take to let go of its folder.
const DYING: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Why the folder cannot be used.
#[derive(Debug, Error)]
pub enum DataDirectoryError {
    /// Another server works in it.
    #[error("the data directory {path} is in use by the server with process id {holder}")]
    Taken {
        /// The folder.
        path: PathBuf,
        /// The other's process id.
        holder: String,
    },
    /// The folder or its lock cannot be made or read.
    #[error("data directory {path}: {source}")]
    File {
        /// The folder or file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
}

/// The folder, held until this is dropped. The system lets go of it when the process dies, however it dies.
#[derive(Debug)]
pub(super) struct DataDirectory {
    _lock: File,
}

impl DataDirectory {
    /// Makes the folder if it is missing, and takes it.
    pub(super) async fn take(path: &Path) -> Result<Self, DataDirectoryError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| DataDirectoryError::File { path, source }
        };
        fs::create_dir_all(path).map_err(at(path))?;
        // Others may pass through, since Postgres may run as another user, but not look around.
        let mode = fs::metadata(path).map_err(at(path))?.mode() & 0o7777;
        let wanted = if rustix::process::geteuid().is_root() {
            (mode & 0o700) | 0o711
        } else {
            0o700
        };
        if mode != wanted {
            fs::set_permissions(path, fs::Permissions::from_mode(wanted)).map_err(at(path))?;
        }

        let file = path.join("server.lock");
        let mut lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file)
            .map_err(at(&file))?;
        let deadline = Instant::now() + DYING;
        let mut taken = lock.try_lock();
        while matches!(taken, Err(TryLockError::WouldBlock)) && Instant::now() < deadline {
            sleep(LOOK_AGAIN).await;
            taken = lock.try_lock();
        }
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                lock.read_to_string(&mut holder).map_err(at(&file))?;
                return Err(DataDirectoryError::Taken {
                    path: path.to_owned(),
                    holder: holder.trim().to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => {
                return Err(DataDirectoryError::File { path: file, source });
            }
        }
        lock.set_len(0)
            .and_then(|()| lock.rewind())
            .map_err(at(&file))?;
        writeln!(lock, "{}", std::process::id()).map_err(at(&file))?;
        Ok(Self { _lock: lock })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_holder_is_told_who_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let first = DataDirectory::take(&path).await.unwrap();
        let error = DataDirectory::take(&path).await.unwrap_err().to_string();
        assert!(error.contains(&std::process::id().to_string()), "{error}");
        drop(first);
        DataDirectory::take(&path).await.unwrap();
    }
}
