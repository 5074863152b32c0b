//! Who runs Postgres: ourselves, or, since it refuses root, an ordinary user of the system.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, chown},
    path::Path,
};

use tokio::process::Command;

use super::ClusterError;

/// The user that Postgres runs as.
#[derive(Debug)]
pub(super) struct Account {
    name: String,
    user: u32,
    group: u32,
    /// Whether a child has to change to it.
    is_other: bool,
}

impl Account {
    /// Ourselves, or for root the owner of the cluster that exists, else `postgres`, else `nobody`.
    pub(super) fn choose(owner: Option<(std::path::PathBuf, u32)>) -> Result<Self, ClusterError> {
        let own = rustix::process::geteuid();
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        if !own.is_root() {
            return match owner {
                Some((path, owner)) if owner != own.as_raw() => {
                    Err(ClusterError::OthersCluster { path, owner })
                }
                _ => Ok(Self {
                    name: "ourselves".to_owned(),
                    user: own.as_raw(),
                    group: rustix::process::getegid().as_raw(),
                    is_other: false,
                }),
            };
        }
        let found = match owner {
            Some((_, owner)) => find(&users, |_, user| user == owner),
            None => find(&users, |name, _| name == "postgres")
                .or_else(|| find(&users, |name, _| name == "nobody")),
        };
        found.ok_or(ClusterError::NoAccount)
    }

    /// Makes a program run as this user, away from our terminal's signals.
    pub(super) fn apply(&self, command: &mut Command) {
        command.process_group(0).current_dir("/");
        if self.is_other {
            command.uid(self.user).gid(self.group);
        }
    }

    /// Gives a file or folder to this user.
    pub(super) fn give(&self, path: &Path) -> Result<(), ClusterError> {
        if !self.is_other {
            return Ok(());
        }
        chown(path, Some(self.user), Some(self.group)).map_err(|source| ClusterError::File {
            path: path.to_owned(),
            source,
        })
    }

    /// Refuses a folder that lies in one which this user may not enter.
    pub(super) fn check_reach(&self, path: &Path) -> Result<(), ClusterError> {
        if !self.is_other {
            return Ok(());
        }
        for folder in path.ancestors().skip(1) {
            let Ok(metadata) = fs::metadata(folder) else {
                continue;
            };
            let mode = metadata.mode();
            let enters = if metadata.uid() == self.user {
                mode & 0o100 != 0
            } else if metadata.gid() == self.group {
                mode & 0o010 != 0
            } else {
                mode & 0o001 != 0
            };
            if !enters {
                return Err(ClusterError::Unreachable {
                    user: self.name.clone(),
                    path: folder.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// The first user of the system's list that fits; never root.
fn find(users: &str, fits: impl Fn(&str, u32) -> bool) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        (user != 0 && fits(name, user)).then(|| Account {
            name: name.to_owned(),
            user,
            group,
            is_other: true,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/bash\n\
        nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n\
        postgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn users_are_found_with_their_group() {
        let account = find(USERS, |name, _| name == "nobody").unwrap();
        assert_eq!((account.user, account.group), (65534, 65533));
        assert_eq!(find(USERS, |_, user| user == 101).unwrap().name, "postgres");
        assert!(find(USERS, |name, _| name == "root").is_none());
        assert!(find("postgres:x:abc", |_, _| true).is_none());
    }
}
