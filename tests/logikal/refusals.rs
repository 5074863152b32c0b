//! What LOGIKAL may answer instead of what was asked for.

use crate::workbench::{SECOND_PHASE, Workbench};
use serde_json::json;
use sluice_server::adapters::logikal::{LogikalError, Picture};
use sluice_tests::logikal::{Call, Failure, Moods};
use uuid::Uuid;

fn kind(error: &LogikalError) -> String {
    let shown = format!("{error:?}");
    shown
        .split([' ', '(', '{'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn each_status_says_what_can_be_done() {
    let bench = Workbench::with(Moods::default()).await;
    let table = [
        (400, "Rejected", true),
        (401, "SessionLost", false),
        (403, "NotAllowed", true),
        (404, "NotFound", true),
        (405, "WrongPlace", false),
        (409, "WrongPlace", false),
        (429, "SessionLimit", false),
        (500, "Away", false),
        (502, "Away", false),
        (503, "SessionLimit", false),
        (504, "Away", false),
        (301, "Answer", false),
    ];
    for (status, expected, stays) in table {
        bench
            .simulator
            .fail(Call::SelectPhase, 0, Failure::Status(status));
        let session = bench.in_project().await.unwrap();
        let refused = session.select_phase(Uuid::nil()).await.unwrap_err();
        assert_eq!(kind(&refused.error), expected, "{status}");
        assert_eq!(refused.session.is_some(), stays, "{status}");
        if let Some(session) = refused.session {
            session.select_phase(SECOND_PHASE).await.unwrap();
        }
    }
    bench.end().await;
}

#[tokio::test]
async fn a_vanished_phase_leaves_the_session_where_it_was() {
    let bench = Workbench::with(Moods::default()).await;
    let session = bench.in_project().await.unwrap();
    bench
        .simulator
        .change(|site| site.projects[0].phases.truncate(1));
    let refused = session.select_phase(SECOND_PHASE).await.unwrap_err();
    assert_eq!(kind(&refused.error), "NotFound");
    let session = refused.session.expect("the session stays");
    assert_eq!(session.phases().await.unwrap().entries.len(), 1);
    drop(session);
    bench.end().await;
}

#[tokio::test]
async fn what_is_no_answer_is_told_as_such() {
    let bench = Workbench::with(Moods::default()).await;
    let session = bench.in_phase().await.unwrap();
    let failures = [
        (Failure::Page, "Answer"),
        (Failure::Cut, "Away"),
        (Failure::Data(json!({ "not": "a list" })), "Answer"),
        (Failure::Data(json!("x".repeat(33 << 20))), "TooLarge"),
    ];
    for (failure, expected) in failures {
        bench.simulator.fail(Call::Elevations, 0, failure);
        let error = session.elevations().await.unwrap_err();
        assert_eq!(kind(&error), expected, "{error}");
    }
    bench
        .simulator
        .fail(Call::Elevations, 0, Failure::Data(json!(null)));
    assert_eq!(session.elevations().await.unwrap().entries, []);
    let mixed = json!([{ "id": "none", "name": "P1" }, { "id": Uuid::nil(), "name": "P2" }]);
    bench
        .simulator
        .fail(Call::Elevations, 0, Failure::Data(mixed));
    let listing = session.elevations().await.unwrap();
    assert_eq!(
        (
            listing.entries[0].name.as_str(),
            listing.unreadable[0].name.as_str()
        ),
        ("P2", "P1")
    );
    drop(session);
    bench.end().await;
}

#[tokio::test]
async fn pictures_and_parts_lists_have_a_limit_and_a_form() {
    let bench = Workbench::with(Moods::default()).await;
    let session = bench.in_phase().await.unwrap();
    let id = session.elevations().await.unwrap().entries[0].id;
    bench
        .simulator
        .fail(Call::Thumbnail, 0, Failure::Bytes(vec![0; 9 << 20]));
    let error = session.thumbnail(id, Picture::default()).await.unwrap_err();
    assert_eq!(kind(&error), "TooLarge");
    let session = session.select_elevation(id).await.unwrap();
    bench
        .simulator
        .fail(Call::PartsList, 0, Failure::Flood(500));
    let error = session.parts_list().await.unwrap_err();
    assert_eq!(kind(&error), "TooLarge");
    for (data, expected) in [
        (json!("not base64!"), "Answer"),
        (json!(7), "Answer"),
        (json!("A".repeat(65 << 20)), "TooLarge"),
    ] {
        bench
            .simulator
            .fail(Call::PartsList, 0, Failure::Data(data));
        let error = session.parts_list().await.unwrap_err();
        assert_eq!(kind(&error), expected, "{error}");
    }
    drop(session);
    bench.end().await;
}

#[tokio::test]
async fn a_user_without_the_right_to_parts_lists_is_told_so() {
    let bench = Workbench::with(Moods {
        may_read_parts: false,
        ..Moods::default()
    })
    .await;
    let session = bench.in_phase().await.unwrap();
    let id = session.elevations().await.unwrap().entries[0].id;
    let session = session.select_elevation(id).await.unwrap();
    let error = session.parts_list().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the user may not do this in LOGIKAL: The user has no right to parts lists."
    );
    drop(session);
    bench.end().await;
}

#[tokio::test]
async fn after_a_restart_of_logikal_a_new_session_is_wanted() {
    let bench = Workbench::with(Moods::default()).await;
    let session = bench.in_phase().await.unwrap();
    bench.simulator.forget_sessions();
    let error = session.elevations().await.unwrap_err();
    assert!(error.wants_new_session(), "{error}");
    drop(session);
    assert_eq!(
        bench
            .in_phase()
            .await
            .unwrap()
            .elevations()
            .await
            .unwrap()
            .entries
            .len(),
        13
    );
    bench.end().await;
}
