//! How a file looks: its length, its name, its first line, and what it may not hold.

use crate::checkout::{File, files, files_under, hold};

const MOST_LINES: usize = 400;

#[test]
fn a_file_is_short_enough_to_be_read() {
    let offences: Vec<String> = files()
        .iter()
        .filter(|file| {
            ["rs", "py", "sh", "sql", "js", "xml"]
                .iter()
                .any(|extension| file.has_extension(extension))
        })
        .filter(|file| file.text.lines().count() > MOST_LINES)
        .map(|file| format!("{}: {} lines", file.path, file.text.lines().count()))
        .collect();
    hold(
        "A file near 250 lines is comfortable; at 400 look for its second duty and give that a file of its own.",
        &offences,
    );
}

#[test]
fn a_name_says_what_it_is() {
    let empty = [
        "util", "utils", "common", "helper", "helpers", "types", "core", "manager", "misc",
    ];
    let offences: Vec<String> = files()
        .iter()
        .filter(|file| {
            file.path.split('/').any(|part| {
                let stem = part.split('.').next().unwrap_or(part);
                stem.split(['_', '-']).any(|word| empty.contains(&word))
            })
        })
        .map(|file| file.path.clone())
        .collect();
    hold(
        "These names say nothing (util, common, helpers, types, core, manager). A helper lives with its only user; with two users it gets a name.",
        &offences,
    );
}

#[test]
fn a_file_starts_with_what_it_is_for() {
    let opens_well = |file: &File| {
        let mut lines = file.text.lines();
        let first = lines.next().unwrap_or_default();
        match file.path.rsplit('.').next() {
            Some("rs") => first.starts_with("//!"),
            Some("sql") => first.starts_with("-- "),
            Some("proto") => first.starts_with("// "),
            Some("sh") if first.starts_with("#!") => {
                lines.next().is_some_and(|line| line.starts_with("# "))
            }
            Some("sh") => first.starts_with("# "),
            _ => true,
        }
    };
    let offences: Vec<String> = files()
        .iter()
        .filter(|file| !opens_well(file))
        .map(|file| file.path.clone())
        .collect();
    hold(
        "A file opens with one line that says what it is for: `//!` in Rust, `--` in SQL, `//` in proto, `#` in a script.",
        &offences,
    );
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here so that this file does not offend itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X "),
        concat!("unimpl", "emented!"),
        concat!("to", "do!("),
    ];
    hold(
        "Work that is left over goes into an issue, not into a comment, and no function is a stub.",
        &lines_with(&files(), &marks),
    );
}

#[test]
fn no_test_is_skipped() {
    let marks = [
        concat!("#[ig", "nore"),
        concat!("skip", "Test("),
        concat!("unittest.", "skip"),
        concat!("pytest.mark.", "skip"),
    ];
    hold(
        "A test that cannot run fails and says what it misses; a test that is skipped proves nothing.",
        &lines_with(&files(), &marks),
    );
}

#[test]
fn a_test_waits_for_something_that_happens() {
    let mut proof = files_under("tests/");
    proof.retain(|file| file.has_extension("rs") && file.path != "tests/support/until.rs");
    hold(
        "Wait for an event or a condition with a deadline (`until`), never for time to pass.",
        &lines_with(
            &proof,
            &[
                concat!("thread::", "sleep"),
                concat!("time::", "sleep"),
                concat!("sle", "ep("),
            ],
        ),
    );
}

fn lines_with(files: &[File], marks: &[&str]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files {
        for (number, line) in file.lines() {
            if let Some(mark) = marks.iter().find(|mark| line.contains(**mark)) {
                offences.push(format!("{}:{number}: {mark}", file.path));
            }
        }
    }
    offences
}
