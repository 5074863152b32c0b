//! What the README files claim.

use crate::checkout::{files, hold, root};
use std::fs;

fn targets() -> Vec<String> {
    fs::read_to_string(root().join("Makefile"))
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once(": ## "))
        .map(|(target, _)| target.to_owned())
        .collect()
}

#[test]
fn every_make_target_that_is_named_exists() {
    let targets = targets();
    assert!(targets.len() > 5, "the Makefile explains only {targets:?}");
    let mut offences = Vec::new();
    for file in files() {
        if !file.has_extension("md") {
            continue;
        }
        for (number, line) in file.lines() {
            for (_, after) in line
                .match_indices("make ")
                .map(|(at, _)| line.split_at(at + 5))
            {
                let before = &line[..line.len() - after.len() - 5];
                let word: String = after
                    .chars()
                    .take_while(|letter| letter.is_ascii_lowercase() || *letter == '-')
                    .collect();
                let is_command = before.is_empty()
                    || before.ends_with(['`', '$', '&'])
                    || before.ends_with("$ ");
                if is_command && !word.is_empty() && !targets.contains(&word) {
                    offences.push(format!("{}:{number}: make {word}", file.path));
                }
            }
        }
    }
    hold(
        "A README names only make targets that exist (`make help`).",
        &offences,
    );
}

#[test]
fn every_target_explains_itself() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let phony: Vec<&str> = makefile
        .lines()
        .find_map(|line| line.strip_prefix(".PHONY: "))
        .expect("the Makefile names its targets")
        .split(' ')
        .collect();
    let targets = targets();
    let offences: Vec<String> = phony
        .iter()
        .filter(|target| !targets.iter().any(|known| known == *target))
        .map(|target| (*target).to_owned())
        .collect();
    hold(
        "A target has `: ## what it does` on its line, which `make help` prints.",
        &offences,
    );
}

#[test]
fn links_between_our_files_lead_somewhere() {
    let mut offences = Vec::new();
    for file in files() {
        if !file.has_extension("md") {
            continue;
        }
        let folder = root().join(&file.path).parent().unwrap().to_owned();
        for (number, line) in file.lines() {
            for (_, rest) in line
                .match_indices("](")
                .map(|(at, _)| line.split_at(at + 2))
            {
                let target = rest.split([')', '#']).next().unwrap();
                let ours = !target.is_empty() && !target.contains("://");
                if ours && !folder.join(target).exists() {
                    offences.push(format!("{}:{number}: {target}", file.path));
                }
            }
        }
    }
    hold("A link in a README leads to a file that exists.", &offences);
}
