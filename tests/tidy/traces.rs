//! What would tie the repository to one machine or one network.

use crate::checkout::{File, files, hold};

#[test]
fn no_file_names_a_folder_of_one_machine() {
    let folders = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/wo", "rk/"),
        concat!("/tmp/", "w/"),
        concat!("/Us", "ers/"),
    ];
    let offences = found(&files(), |line| {
        folders.iter().find(|folder| {
            line.match_indices(**folder).any(|(at, _)| {
                // `{home}/work/` is a part of a longer path, not a folder of the machine.
                !line[..at].ends_with(|before: char| {
                    before.is_alphanumeric() || "}_-.)/*".contains(before)
                })
            })
        })
    });
    hold(
        "Another machine has other folders: take them from the environment or from the place of the file.",
        &offences,
    );
}

#[test]
fn no_file_names_the_host_of_a_package_registry() {
    let hosts = [
        concat!("py", "pi.org"),
        concat!("python", "hosted.org"),
        concat!("npm", "js.org"),
        concat!("npm", "js.com"),
        concat!("crates", ".io"),
        concat!("deb.", "debian.org"),
        concat!("proxy.", "golang.org"),
    ];
    let offences = found(&files(), |line| {
        hosts.iter().find(|host| line.contains(**host))
    });
    hold(
        "A machine may use a mirror: leave the registry to the settings of cargo, pip, npm and apt.",
        &offences,
    );
}

#[test]
fn no_script_reaches_for_a_host() {
    let mut scripts = files();
    scripts.retain(|file| {
        file.path == "Makefile"
            || file.has_extension("sh")
            || file.path.starts_with(".ci/")
            || (file.path.starts_with("tests/support/setup/") && file.has_extension("py"))
    });
    let offences = found(&scripts, |line| {
        ["http://", "https://"].into_iter().find(|scheme| {
            line.match_indices(scheme).any(|(at, _)| {
                let rest = &line[at + scheme.len()..];
                !["127.0.0.1", "localhost", "$", "{", "\"", "'", " "]
                    .iter()
                    .any(|own| rest.starts_with(own))
            })
        })
    });
    hold(
        "Scripts install through package managers, which know their hosts; they never name one.",
        &offences,
    );
}

fn found<'a, T: std::fmt::Display + 'a>(
    files: &[File],
    offence: impl Fn(&str) -> Option<T>,
) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files {
        for (number, line) in file.lines() {
            if let Some(what) = offence(line) {
                offences.push(format!("{}:{number}: {what}", file.path));
            }
        }
    }
    offences
}
