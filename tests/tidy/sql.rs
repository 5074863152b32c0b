//! Statements: complete, explained, owned by one room, and fenced where they change a job.

use crate::checkout::{File, files_under, hold};

/// Each statement without its comments, in lower case.
fn statement(file: &File) -> String {
    file.text
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase()
}

fn statements() -> Vec<File> {
    let mut found = files_under("server/src/");
    found.retain(|file| file.has_extension("sql"));
    assert!(
        found.len() > 5,
        "only {} statements were found",
        found.len()
    );
    found
}

#[test]
fn every_change_of_a_job_names_its_fence() {
    let offences: Vec<String> = statements()
        .iter()
        .filter(|file| statement(file).contains("update job"))
        .filter(|file| {
            let text = statement(file);
            let guards = text.split_once("where").map_or("", |(_, guards)| guards);
            !(guards.contains("attempt = ")
                || guards.contains("state = '")
                || guards.contains("state in ("))
        })
        .map(|file| file.path.clone())
        .collect();
    hold(
        "A statement that changes a job says in its `where` which attempt or state it expects, so that a late holder changes nothing.",
        &offences,
    );
}

#[test]
fn a_table_belongs_to_one_room() {
    let owners = [
        ("job", "queue"),
        ("worker", "queue"),
        ("share", "queue"),
        ("schedule", "queue"),
        ("progress_event", "progress"),
        ("connection", "connections"),
        ("access_token", "connections"),
        ("logikal_site", "connections"),
        ("project", "jobs"),
        ("project_directory", "jobs"),
        ("project_phase", "jobs"),
        ("project_elevation", "jobs"),
        ("project_line", "jobs"),
        ("project_blob", "jobs"),
        ("project_failure", "jobs"),
        ("mirror_model", "jobs"),
        ("mirror_field", "jobs"),
        ("mirror_parked", "jobs"),
        ("mirror_schema", "jobs"),
    ];
    let mut offences = Vec::new();
    for file in statements() {
        let text = statement(&file);
        let room = file
            .path
            .trim_start_matches("server/src/")
            .split('/')
            .next()
            .unwrap_or_default();
        for (table, owner) in owners {
            let changes = ["insert into", "update", "delete from"].iter().any(|verb| {
                text.match_indices(&format!("{verb} {table}"))
                    .any(|(at, found)| {
                        !text[at + found.len()..]
                            .starts_with(|next: char| next.is_alphanumeric() || next == '_')
                    })
            });
            if changes && room != owner {
                offences.push(format!("{}: {table} belongs to {owner}", file.path));
            }
        }
    }
    hold(
        "A table has one owner room, and only its statements change it: ask the owner's handle.",
        &offences,
    );
}

#[test]
fn a_statement_lives_in_a_file_of_its_own() {
    let inline = [
        concat!("sqlx::que", "ry!("),
        concat!("sqlx::que", "ry_as!("),
        concat!("sqlx::que", "ry_scalar!("),
    ];
    let offences: Vec<String> = files_under("server/src/")
        .iter()
        .flat_map(|file| {
            file.lines()
                .filter(|(_, line)| inline.iter().any(|mark| line.contains(mark)))
                .map(|(number, _)| format!("{}:{number}", file.path))
                .collect::<Vec<_>>()
        })
        .collect();
    hold(
        "One statement per file beside its owner, called by query_file!: readable, runnable and explainable as SQL.",
        &offences,
    );
}
