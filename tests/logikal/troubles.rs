//! What goes wrong on the way: it costs what it concerns, and nothing else.

use anyhow::Result;
use serde_json::json;
use sluice_client::v1::{Event, Job, JobState};
use sluice_tests::{
    logikal::{Call, Failure, Moods, PartsFile, Siblings},
    until::until,
};
use uuid::Uuid;

use crate::workshop::{Workshop, failures, tallies};

#[tokio::test]
async fn a_session_that_is_lost_at_any_step_is_made_up_for() -> Result<()> {
    // A strict one takes a login for each parts list, and logins come one after another.
    for (siblings, faults) in [(Siblings::Strict, 1), (Siblings::Lenient, 2)] {
        let moods = Moods {
            siblings,
            ..Moods::default()
        };
        let workshop = Workshop::with(moods).await?;
        let mut steps = 0;
        for call in [
            Call::SelectDirectory,
            Call::SelectProject,
            Call::Phases,
            Call::SelectPhase,
            Call::Elevations,
            Call::Thumbnail,
            Call::SelectElevation,
            Call::PartsList,
        ] {
            let failures_of_turn = [
                Failure::Status(401),
                Failure::Status(405),
                Failure::Status(409),
                Failure::Status(500),
                Failure::Cut,
            ];
            for failure in failures_of_turn.iter().cycle().skip(steps).take(faults) {
                workshop.simulator.fail(call, steps % 2, failure.clone());
                let request = sluice_client::v1::ForceSyncSyncProjectRequest {
                    full: true,
                    ..Workshop::request()
                };
                let shown = workshop.sync_by(request).await?;
                assert_eq!(failures(&shown), [], "{call:?} {failure:?}");
                assert_eq!(tallies(&shown)?[3], (17, 0, 0), "{call:?} {failure:?}");
                steps += 1;
            }
        }
        workshop.end().await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_stays_out_of_reach_is_told_and_the_rest_goes_on() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    workshop.simulator.change(|site| {
        let elevations = &mut site.projects[0].phases[0].elevations;
        elevations[0].parts_list.truncate(3000);
        elevations[1].parts_list = b"<html>".to_vec();
        elevations[2].thumbnail = b"GIF89a".to_vec();
        let stranger = PartsFile::of(Uuid::from_u128(1), "X").and(Uuid::from_u128(2), "Y");
        elevations[3].parts_list = stranger.bytes();
        elevations[4].thumbnail = vec![0; 9 << 20];
    });
    let shown = workshop.sync().await?;
    assert_eq!(
        tallies(&shown)?,
        [(2, 0, 0), (12, 0, 5), (15, 0, 2), (14, 0, 3)]
    );
    let told = [
        ("P1", "parts_list", "parts_list_truncated"),
        ("P2", "parts_list", "parts_list_no_sqlite"),
        ("P3", "thumbnail", "no_picture"),
        ("P4", "parts_list", "parts_list_ambiguous"),
        ("P5", "thumbnail", "logikal_too_large"),
    ];
    let told = told.map(|(name, part, code)| (name.to_owned(), part.to_owned(), code.to_owned()));
    assert_eq!(failures(&shown), told);
    assert!(!shown.phases[0].elevations[0].is_current);
    assert!(shown.phases[0].elevations[0].has_thumbnail);
    assert!(!shown.phases[0].elevations[0].has_parts_list);
    workshop.end().await
}

#[tokio::test]
async fn a_right_that_is_missing_is_asked_for_once_only() -> Result<()> {
    let moods = Moods {
        may_read_parts: false,
        ..Moods::default()
    };
    let workshop = Workshop::with(moods).await?;
    let shown = workshop.sync().await?;
    assert_eq!(
        tallies(&shown)?,
        [(2, 0, 0), (0, 0, 17), (17, 0, 0), (0, 0, 17)]
    );
    assert!(
        failures(&shown)
            .iter()
            .all(|(_, _, code)| code == "logikal_not_allowed")
    );
    assert!(workshop.simulator.count(Call::PartsList) <= 4);
    workshop.end().await
}

#[tokio::test]
async fn fewer_sessions_than_wanted_only_make_it_slower() -> Result<()> {
    let moods = Moods {
        most_sessions: 1,
        ..Moods::default()
    };
    let workshop = Workshop::with(moods).await?;
    let shown = workshop.sync().await?;
    assert_eq!(tallies(&shown)?[1], (17, 0, 0));
    assert_eq!(workshop.simulator.most_open(), 1);
    workshop.end().await
}

#[tokio::test]
async fn a_phase_that_vanished_since_it_was_listed_is_skipped() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    workshop.sync().await?;
    let ghost = json!([
        { "id": Uuid::nil(), "name": "Posities zonder levering" },
        { "id": Uuid::from_u128(0x22309 << 64), "name": "Fase 1" },
        { "id": Uuid::from_u128(99), "name": "Ghost" },
    ]);
    workshop
        .simulator
        .fail(Call::Phases, 0, Failure::Data(ghost));
    let shown = workshop.sync().await?;
    assert_eq!(tallies(&shown)?[..2], [(2, 0, 1), (0, 17, 0)]);
    let sync = shown.last_sync.unwrap_or_default();
    assert_eq!(sync.failures[0].phase, "Ghost");
    assert_eq!(sync.failures[0].code, "logikal_not_found");
    workshop.end().await
}

#[tokio::test]
async fn after_a_crash_nothing_that_was_stored_is_fetched_again() -> Result<()> {
    let moods = Moods {
        pace: 0.05,
        ..Moods::default()
    };
    let mut workshop = Workshop::with(moods).await?;
    let request = sluice_client::v1::ForceSyncSyncProjectRequest {
        full: true,
        ..Workshop::request()
    };
    let (job, _) = workshop.client.sync_project(request).await?;
    let stored = async || {
        let shown = workshop.shown().await?;
        let elevations = shown.phases.iter().flat_map(|phase| &phase.elevations);
        Ok(elevations
            .filter(|elevation| elevation.has_parts_list)
            .count())
    };
    let before = until("some parts lists are stored", stored, |stored| *stored >= 5).await?;
    workshop.server.kill().await?;
    let fetched = workshop.simulator.count(Call::PartsList);
    workshop.simulator.forget_sessions();
    workshop.server.begin().await?;
    workshop.client = workshop.server.client().await?;
    let ended = workshop.ended(&job).await?;
    assert_eq!(ended.state(), JobState::Succeeded);
    assert!(ended.attempt > 1);
    let shown = workshop.shown().await?;
    assert_eq!(
        tallies(&shown)?,
        [(2, 0, 0), (17, 0, 0), (17, 0, 0), (17, 0, 0)]
    );
    let again = workshop.simulator.count(Call::PartsList) - fetched;
    assert!(
        again <= 17 - before,
        "{again} fetched after {before} were stored"
    );
    workshop.end().await
}

#[tokio::test]
async fn a_logikal_that_is_restarted_meanwhile_costs_nothing() -> Result<()> {
    let moods = Moods {
        pace: 0.02,
        ..Moods::default()
    };
    let workshop = Workshop::with(moods).await?;
    let (job, _) = workshop.client.sync_project(Workshop::request()).await?;
    let calls = async || Ok(workshop.simulator.count(Call::PartsList));
    until("parts lists are asked for", calls, |calls| *calls >= 3).await?;
    workshop.simulator.forget_sessions();
    assert_eq!(workshop.ended(&job).await?.state(), JobState::Succeeded);
    assert_eq!(failures(&workshop.shown().await?), []);
    workshop.end().await
}

#[tokio::test]
async fn a_logikal_that_goes_away_in_mid_project_is_waited_for() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    workshop.simulator.hold(Call::PartsList, 3);
    let (job, _) = workshop.client.sync_project(Workshop::request()).await?;
    let calls = async || Ok(workshop.simulator.count(Call::PartsList));
    until("more are asked for", calls, |calls| *calls > 3).await?;
    workshop.simulator.go_away();
    workshop.simulator.release();
    let look = async || Ok(workshop.client.job(&job.id).await?);
    let waits = |job: &Job| job.waiting_reason.starts_with("LOGIKAL does not answer");
    until("the job waits", look, waits).await?;
    workshop.simulator.come_back();
    assert_eq!(workshop.ended(&job).await?.state(), JobState::Succeeded);
    let shown = workshop.shown().await?;
    assert_eq!(failures(&shown), []);
    assert_eq!(tallies(&shown)?[3], (17, 0, 0));
    workshop.end().await
}

#[tokio::test]
async fn a_stop_leaves_no_session_behind_and_the_job_goes_on_later() -> Result<()> {
    let moods = Moods {
        pace: 0.05,
        ..Moods::default()
    };
    let mut workshop = Workshop::with(moods).await?;
    let (job, _) = workshop.client.sync_project(Workshop::request()).await?;
    let calls = async || Ok(workshop.simulator.count(Call::PartsList));
    until("parts lists are asked for", calls, |calls| *calls >= 3).await?;
    workshop.server.stop().await?;
    assert_eq!(workshop.simulator.open_sessions(), 0);
    workshop.server.begin().await?;
    workshop.client = workshop.server.client().await?;
    assert_eq!(workshop.ended(&job).await?.state(), JobState::Succeeded);
    workshop.end().await
}

#[tokio::test]
async fn the_story_names_what_is_on_its_way() -> Result<()> {
    let moods = Moods {
        pace: 0.01,
        ..Moods::default()
    };
    let workshop = Workshop::with(moods).await?;
    let (job, _) = workshop.client.sync_project(Workshop::request()).await?;
    let story = workshop.story(&job).await?;
    let tells = |part: &str| {
        story
            .iter()
            .any(|event: &Event| event.message.contains(part))
    };
    assert!(tells("the project has 2 phases"), "{story:?}");
    assert!(tells("; fetching P"), "{story:?}");
    let last = story
        .last()
        .map(|event| event.message.clone())
        .unwrap_or_default();
    assert!(
        last.starts_with("2 phases, 17 elevations, 17 pictures, 17 parts lists in "),
        "{last}"
    );
    workshop.end().await
}
