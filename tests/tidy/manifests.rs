//! Dependencies and licences.

use crate::checkout::{files, hold, root};
use std::fs;

#[test]
fn every_dependency_says_why_it_is_here() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, dependencies) = manifest
        .split_once("[workspace.dependencies]")
        .expect("the workspace lists its dependencies");
    let dependencies = dependencies.split("\n[").next().unwrap();
    let offences: Vec<String> = dependencies
        .lines()
        .filter(|line| line.contains('=') && !line.contains("path = ") && !line.contains(" # "))
        .map(str::to_owned)
        .collect();
    hold(
        "A dependency carries its reason behind it on its line: `# what it is for here`.",
        &offences,
    );
}

#[test]
fn versions_stand_in_the_workspace_only() {
    let mut offences = Vec::new();
    for file in files() {
        if !file.path.ends_with("/Cargo.toml") {
            continue;
        }
        let mut inside = false;
        for (number, line) in file.lines() {
            if line.starts_with('[') {
                inside = line.contains("dependencies");
            } else if inside && !line.trim().is_empty() && !line.contains("workspace = true") {
                offences.push(format!("{}:{number}: {line}", file.path));
            }
        }
    }
    hold(
        "A member writes `name.workspace = true`; version, features and reason stand in the root Cargo.toml.",
        &offences,
    );
}

#[test]
fn the_licences_are_as_the_manifests_say() {
    let licence = fs::read_to_string(root().join("LICENSE")).unwrap();
    assert!(
        licence.contains("Apache License"),
        "LICENSE is not Apache-2.0"
    );
    let offences: Vec<String> = files()
        .iter()
        .filter(|file| file.path.ends_with("/__manifest__.py"))
        .filter(|file| !file.text.contains("LGPL-3"))
        .map(|file| file.path.clone())
        .collect();
    hold("An Odoo addon says \"license\": \"LGPL-3\".", &offences);
}
