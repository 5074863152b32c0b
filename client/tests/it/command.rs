//! `sluice` as a user runs it: what it prints and how it ends.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use sluice_client::v1::{Counters, EventType, JobState, Reason};
use tonic::Code;

use crate::far_side::{FarSide, Scene, counted, event, gone, refused, refused_with, snapshot};

/// The command in a world without settings of its own.
fn sluice(server: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("SLUICE_DATA_DIR", "/nonexistent")
        .env("SLUICE_SERVER", server)
        .env("SLUICE_TOKEN", "slc_secret")
        .stdin(Stdio::null());
    command
}

fn run(server: &str, arguments: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = sluice(server, arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn opening() -> sluice_client::v1::ProgressWatchResponse {
    snapshot(0, JobState::Running)
}

fn errors(count: i64) -> Counters {
    Counters {
        rows_total: 10,
        rows_done: 10,
        created: 10 - count,
        errors: count,
        ..Counters::default()
    }
}

#[test]
fn a_watched_job_decides_the_exit_code() {
    for (kind, count, code) in [
        (EventType::Succeeded, 0, 0),
        (EventType::Succeeded, 2, 3),
        (EventType::Failed, 0, 1),
        (EventType::Cancelled, 0, 1),
    ] {
        let scene = vec![opening(), counted(1, kind, errors(count))];
        let server = FarSide::start(vec![Scene::End(scene)]);
        let (ended, told, _) = run(&server.address(), &["watch", "job", "--plain"]);
        assert_eq!(ended, code, "{told}");
        assert_eq!(told.contains("sluice fix-file job"), count > 0, "{told}");
    }
}

#[test]
fn away_from_a_terminal_a_story_is_json_without_holes() {
    let server = FarSide::start(vec![
        Scene::Status(vec![opening(), event(1, EventType::Started)], gone()),
        Scene::End(vec![
            opening(),
            event(1, EventType::Started),
            event(2, EventType::Progress),
            event(3, EventType::Succeeded),
        ]),
    ]);
    let (code, told, _) = run(&server.address(), &["watch", "job"]);
    let lines: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<&str> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "snapshot",
            "event",
            "interrupted",
            "snapshot",
            "event",
            "event"
        ]
    );
    assert_eq!(lines[5]["event"], "succeeded");
    assert_eq!(code, 0);
}

#[test]
fn the_beginning_of_a_story_may_be_gone() {
    let pruned = refused_with(
        Code::OutOfRange,
        Reason::EventsPruned,
        &[("oldest_seq", "8")],
    );
    let server = FarSide::start(vec![
        Scene::Status(Vec::new(), pruned),
        Scene::End(vec![opening(), event(8, EventType::Succeeded)]),
    ]);
    let (code, _, remarks) = run(&server.address(), &["watch", "job"]);
    assert_eq!(code, 0, "{remarks}");
    assert_eq!(server.asked_after(), [0, 7]);
}

#[test]
fn ctrl_c_leaves_the_job_and_says_how_to_come_back() {
    let server = FarSide::start(vec![Scene::Stay(vec![
        opening(),
        event(1, EventType::Started),
    ])]);
    let mut child = sluice(&server.address(), &["watch", "job"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Once it has told an event, it listens for the signal too.
    assert!(lines.by_ref().take(2).all(|line| line.is_ok()));
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success());
    let mut remarks = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut remarks)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(remarks.contains("sluice watch job"), "{remarks}");
}

#[test]
fn an_error_says_what_happened_and_what_to_do() {
    let status = refused(Code::NotFound, Reason::JobNotFound);
    let server = FarSide::start(vec![Scene::Status(Vec::new(), status)]);
    let (code, told, remarks) = run(&server.address(), &["watch", "job"]);
    assert_eq!((code, told.as_str()), (1, ""));
    assert!(
        remarks.contains("error: refused") && remarks.contains("sluice jobs list"),
        "{remarks}"
    );
}

#[test]
fn what_was_typed_wrong_is_said_before_a_server_is_asked() {
    let nobody = "127.0.0.1:1";
    for arguments in [
        &["import"][..],
        &["import", "/nonexistent/list.csv", "--supplier", "x"],
        &["import", "/", "--supplier", "x"],
        &[
            "preview",
            "-",
            "--supplier",
            "x",
            "--mapping",
            "/nonexistent/map.toml",
        ],
        &["import", "-", "--supplier", "x", "--unknown", "maybe"],
        &["jobs", "list", "--config", "/nonexistent/config.toml"],
        &["jobs", "list", "--server", "http://192.0.2.1:7410"],
    ] {
        let (code, _, remarks) = run(nobody, arguments);
        assert_eq!(code, 2, "{arguments:?}: {remarks}");
    }
    let (code, _, remarks) = run(nobody, &["jobs", "list"]);
    assert_eq!(code, 1);
    assert!(
        remarks.contains("127.0.0.1:1") && remarks.contains("doctor"),
        "{remarks}"
    );
}

#[test]
fn the_token_shows_nowhere() {
    let (_, told, remarks) = run("127.0.0.1:1", &["doctor"]);
    let (_, help, _) = run("127.0.0.1:1", &["jobs", "list", "--help"]);
    assert!(![told, remarks, help].concat().contains("slc_secret"));
}

#[test]
fn completions_need_no_server() {
    for shell in ["bash", "zsh", "fish"] {
        let (code, script, _) = run("127.0.0.1:1", &["completions", shell]);
        assert_eq!(code, 0);
        assert!(script.contains("fix-file"));
    }
}
