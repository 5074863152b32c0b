//! Who may use whom: server/README.md has the table, the code has to follow it.

use crate::checkout::{File, files_under, hold, root};
use std::{collections::BTreeMap, fs};

/// Rooms in the order of the table, each with the rooms that it may use.
type Rooms = Vec<(String, Vec<String>)>;

fn words_in_backticks(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Reads "`a`, `b`", "the above", "all the above", "all", "all but `a`, `b`".
fn table() -> Rooms {
    let readme = fs::read_to_string(root().join("server/README.md")).unwrap();
    let rows: Vec<(String, String)> = readme
        .lines()
        .skip_while(|line| !line.starts_with("| room | may use |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells[1].trim_matches('`').to_owned(), cells[2].to_owned())
        })
        .collect();
    assert!(
        rows.len() > 8,
        "server/README.md needs the table `| room | may use | lives here | does not live here |`"
    );
    let every: Vec<String> = rows.iter().map(|(room, _)| room.clone()).collect();
    rows.iter()
        .enumerate()
        .map(|(index, (room, may_use))| {
            let named = words_in_backticks(may_use);
            let mut allowed = if may_use.starts_with("all but") {
                let mut allowed = every.clone();
                allowed.retain(|other| !named.contains(other));
                allowed
            } else if may_use.contains("the above") {
                [&every[..index], &named[..]].concat()
            } else if may_use.starts_with("all") {
                every.clone()
            } else {
                named
            };
            // A room may use itself, and ids are words that every room speaks.
            allowed.push(room.clone());
            allowed.push("ids".to_owned());
            (room.clone(), allowed)
        })
        .collect()
}

fn room_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("server/src/")?;
    match inside.split_once('/') {
        Some((room, _)) => Some(room),
        None => inside
            .strip_suffix(".rs")
            .filter(|stem| !matches!(*stem, "main" | "lib")),
    }
}

/// The rooms that a line names after `crate::`, alone or in braces.
fn rooms_named(text: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect()
    };
    let mut named = Vec::new();
    for (at, mark) in text.match_indices("crate::") {
        let rest = &text[at + mark.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            named.push(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for letter in group.chars() {
            match letter {
                '}' if depth == 0 => break,
                ',' if depth == 0 => named.push(word(std::mem::take(&mut item).trim())),
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && letter != ',' {
                item.push(letter);
            }
        }
        named.push(word(item.trim()));
    }
    named.retain(|name| !name.is_empty());
    named
}

fn code_without_comments(file: &File) -> String {
    file.text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn rust_of_the_server() -> Vec<File> {
    let mut found = files_under("server/src/");
    found.retain(|file| file.has_extension("rs"));
    found
}

#[test]
fn a_room_uses_only_what_the_table_allows() {
    let rooms: BTreeMap<String, Vec<String>> = table().into_iter().collect();
    let nothing = Vec::new();
    let mut offences = Vec::new();
    for file in rust_of_the_server() {
        let Some(room) = room_of(&file.path) else {
            continue;
        };
        // `ids` stands in no row: it uses nothing.
        let allowed = rooms.get(room).unwrap_or(&nothing);
        for other in rooms_named(&code_without_comments(&file)) {
            if rooms.contains_key(&other) && !allowed.contains(&other) {
                offences.push(format!("{}: `{room}` may not use `{other}`", file.path));
            }
        }
    }
    hold(
        "The table in server/README.md says who may use whom; nothing points back. Move the code to the room it belongs to, or hand the value in.",
        &offences,
    );
}

#[test]
fn every_room_stands_in_the_table() {
    let mut listed: Vec<String> = table().into_iter().map(|(room, _)| room).collect();
    let mut built: Vec<String> = rust_of_the_server()
        .iter()
        .filter_map(|file| room_of(&file.path).map(str::to_owned))
        .collect();
    listed.push("ids".to_owned());
    for rooms in [&mut listed, &mut built] {
        rooms.sort();
        rooms.dedup();
    }
    assert_eq!(
        built, listed,
        "server/src and the table in server/README.md name different rooms"
    );
}

#[test]
fn a_room_keeps_out_what_is_not_its_trade() {
    let trades: [(&str, &[&str], &str); 4] = [
        ("tonic", &["grpc", "app"], "only `grpc` speaks gRPC"),
        (
            "sqlx",
            &["db", "progress", "queue", "connections", "jobs", "secrets"],
            "`grpc`, `adapters` and `app` hold no SQL",
        ),
        ("reqwest", &["adapters"], "only `adapters` speak HTTP"),
        (
            "sluice_proto",
            &["grpc"],
            "only `grpc` knows the messages of the contract",
        ),
    ];
    let mut offences = Vec::new();
    for file in rust_of_the_server() {
        let Some(room) = room_of(&file.path) else {
            continue;
        };
        let code = code_without_comments(&file);
        // What follows the tests' mark may call from outside, over a real channel.
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for (name, at_home, why) in trades {
            let used = code.match_indices(&format!("{name}::")).any(|(at, _)| {
                !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
            });
            if used && room != "ids" && !at_home.contains(&room) {
                offences.push(format!("{}: uses {name}, but {why}", file.path));
            }
        }
    }
    hold("A room keeps to its trade.", &offences);
}

#[test]
fn the_reader_of_uses_sees_groups() {
    assert_eq!(
        rooms_named(
            "use crate::{db::{Db, DbError}, queue::Queue, ids};\nlet a = crate::jobs::x();"
        ),
        ["db", "queue", "ids", "jobs"]
    );
}
