//! The way down, beside and out.

use crate::workbench::{PROJECT, SECOND_PHASE, Workbench, adapter};
use futures::future::join_all;
use sluice_server::{
    adapters::logikal::{LogikalError, Picture, SessionLimits},
    jobs::project_sync::parts_list::{self, FoundBy, Sought},
};
use sluice_tests::logikal::{Call, Moods, PASSWORD, Siblings};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn a_session_goes_down_to_the_parts_list() {
    let bench = Workbench::with(Moods::default()).await;
    let session = bench.logikal.log_in().await.unwrap();
    let directories = session.directories().await.unwrap().entries;
    assert_eq!(directories[0].path, "Demo Odoo");

    let session = session.select_directory("Demo Odoo").await.unwrap();
    let below = session.directories().await.unwrap().entries;
    assert_eq!(below[0].name, "Sublevel 1 Testing");
    let projects = session.projects().await.unwrap().entries;
    assert_eq!(projects.len(), 3);
    assert_eq!(projects[0].name, "DOS22309");

    let session = session.select_project(PROJECT).await.unwrap();
    assert_eq!(session.project().await.unwrap(), projects[0]);
    let prices = session.estimation().await.unwrap();
    assert_eq!(
        (prices.elevations.len(), prices.currency.as_str()),
        (17, "EUR")
    );
    let phases = session.phases().await.unwrap().entries;
    assert_eq!(
        phases.iter().map(|phase| phase.id).collect::<Vec<_>>(),
        [Uuid::nil(), SECOND_PHASE]
    );

    let session = session.select_phase(Uuid::nil()).await.unwrap();
    let elevations = session.elevations().await.unwrap().entries;
    assert_eq!(elevations.len(), 13);
    let first = &elevations[0];
    let picture = session
        .thumbnail(first.id, Picture::default())
        .await
        .unwrap();
    assert!(picture.starts_with(b"\x89PNG"));

    let session = session.select_elevation(first.id).await.unwrap();
    let list = session.parts_list().await.unwrap();
    assert!(list.starts_with(b"SQLite format 3\0"));
    drop(session);
    bench.end().await;
}

#[tokio::test]
async fn a_strict_logikal_is_asked_for_a_neighbour_once() {
    let bench = Workbench::with(Moods::default()).await;
    let session = bench.in_phase().await.unwrap();
    let elevations = session.elevations().await.unwrap().entries;
    let session = session.select_elevation(elevations[0].id).await.unwrap();
    assert!(bench.logikal.allows_sibling_elevations());
    let refused = session
        .select_sibling(elevations[1].id)
        .await
        .expect_err("strict");
    assert!(
        matches!(refused.error, LogikalError::WrongPlace(_)),
        "{}",
        refused.error
    );
    assert!(refused.session.is_none());
    assert!(!bench.logikal.allows_sibling_elevations());
    assert!(bench.logikal.allows_sibling_phases());
    bench.end().await;
}

#[tokio::test]
async fn a_lenient_logikal_lets_a_session_go_from_neighbour_to_neighbour() {
    let bench = Workbench::with(Moods {
        siblings: Siblings::Lenient,
        ..Moods::default()
    })
    .await;
    let session = bench.in_phase().await.unwrap();
    let session = session.select_sibling(SECOND_PHASE).await.unwrap();
    let elevations = session.elevations().await.unwrap().entries;
    assert_eq!(elevations.len(), 4);
    let mut session = session.select_elevation(elevations[0].id).await.unwrap();
    for elevation in &elevations[1..] {
        session = session.select_sibling(elevation.id).await.unwrap();
        let list = session.parts_list().await.unwrap();
        let sought = Sought {
            id: elevation.id,
            name: &elevation.name,
        };
        assert_eq!(
            parts_list::read(&list, sought).unwrap().found_by,
            FoundBy::Guid
        );
    }
    drop(session);
    assert!(bench.logikal.allows_sibling_elevations());
    assert_eq!(bench.simulator.logins(), 1);
    bench.end().await;
}

#[tokio::test]
async fn no_more_sessions_are_open_than_allowed() {
    let bench = Workbench::with_sessions(
        Moods {
            // A login then takes long enough for the others to come in between.
            pace: 0.01,
            ..Moods::default()
        },
        SessionLimits {
            most: 2,
            login_spacing: Duration::ZERO,
        },
    )
    .await;
    let walks = (0..6).map(|_| async {
        let session = bench.in_project().await.unwrap();
        assert_eq!(session.phases().await.unwrap().entries.len(), 2);
    });
    join_all(walks).await;
    assert_eq!(bench.simulator.logins(), 6);
    assert_eq!(bench.simulator.most_open(), 2);
    bench.end().await;
}

#[tokio::test]
async fn a_login_that_nobody_waits_for_any_more_is_undone() {
    let bench = Workbench::with(Moods {
        pace: 0.02,
        ..Moods::default()
    })
    .await;
    let under_way = async {
        while bench.simulator.count(Call::LogIn) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = bench.logikal.log_in() => panic!("the login was not to be waited for"),
        () = under_way => {}
    }
    bench.logikal.close().await;
    assert_eq!(bench.simulator.logins(), 1);
    assert_eq!(bench.simulator.count(Call::LogOut), 1);
    bench.end().await;
}

#[tokio::test]
async fn a_wrong_password_and_a_full_house_are_told_apart() {
    let bench = Workbench::with(Moods {
        most_sessions: 1,
        ..Moods::default()
    })
    .await;
    let stranger = adapter(&bench.simulator, "guess", SessionLimits::default());
    let error = stranger.log_in().await.unwrap_err();
    assert!(matches!(error, LogikalError::CredentialsRefused), "{error}");
    let first = bench.logikal.log_in().await.unwrap();
    let another = adapter(&bench.simulator, PASSWORD, SessionLimits::default());
    let error = another.log_in().await.unwrap_err();
    assert!(matches!(error, LogikalError::SessionLimit(_)), "{error}");
    drop(first);
    bench.end().await;
}
