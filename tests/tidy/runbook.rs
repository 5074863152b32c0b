//! What an administrator is told, and the page that says what to do about it.

use crate::checkout::{files_under, hold, root};
use std::fs;

/// Words that stand between these marks in files of the server whose path begins so.
fn words_between(folder: &str, before: &str, after: char) -> Vec<String> {
    let mut words = Vec::new();
    for file in files_under(folder) {
        for (at, mark) in file.text.match_indices(before) {
            let rest = &file.text[at + mark.len()..];
            if let Some((word, _)) = rest.split_once(after) {
                words.push(word.to_owned());
            }
        }
    }
    words.sort();
    words.dedup();
    assert!(!words.is_empty(), "nothing in {folder} begins {before:?}");
    words
}

#[test]
fn the_runbook_says_what_to_do_about_everything_that_is_told() {
    let runbook = fs::read_to_string(root().join("server/RUNBOOK.md")).unwrap();
    let mut told = words_between("server/migrations/", " then '", '\'');
    told.retain(|word| {
        word.chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '_')
    });
    told.extend(words_between(
        "server/src/telemetry/metrics.rs",
        "&str = \"",
        '"',
    ));
    for maker in ["good(", "warning(", "bad("] {
        for folder in [
            "server/src/diagnosis/judge.rs",
            "server/src/diagnosis/odoo.rs",
            "server/src/diagnosis/search.rs",
        ] {
            for gap in ["", "\n        ", "\n            ", "\n                "] {
                let mark = format!("Finding::{maker}{gap}\"");
                if files_under(folder)
                    .iter()
                    .any(|file| file.text.contains(&mark))
                {
                    told.extend(words_between(folder, &mark, '"'));
                }
            }
        }
    }
    let offences: Vec<String> = told
        .into_iter()
        .filter(|word| !runbook.contains(&format!("`{word}`")))
        .collect();
    hold(
        "Each metric, each finding of the doctor and each reason in `sluice.stuck_jobs` stands in server/RUNBOOK.md, with what to do.",
        &offences,
    );
}
