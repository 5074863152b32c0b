//! Projects fetched whole, and again where something has changed.

use anyhow::Result;
use serde_json::json;
use sluice_client::v1::ForceSyncSyncProjectRequest;
use sluice_tests::logikal::{Call, Elevation, Moods, Phase, Siblings, Site};
use uuid::Uuid;

use crate::workshop::{Workshop, failures, names, tallies};

const WHOLE: [(i32, i32, i32); 4] = [(2, 0, 0), (17, 0, 0), (17, 0, 0), (17, 0, 0)];
const UNCHANGED: [(i32, i32, i32); 4] = [(2, 0, 0), (0, 17, 0), (0, 17, 0), (0, 17, 0)];

#[tokio::test]
async fn a_strict_logikal_gives_the_whole_project_a_session_for_each_parts_list() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    let shown = workshop.sync().await?;
    assert_eq!(tallies(&shown)?, WHOLE);
    assert_eq!(failures(&shown), []);
    assert_eq!(names(&shown, 0).len(), 13);
    assert_eq!(names(&shown, 1), ["P14", "P15", "P16", "P17"]);
    let first = &shown.phases[0].elevations[0];
    assert_eq!(
        (first.name.as_str(), first.amount, first.width_mm),
        ("P1", 2.0, 1201.0)
    );
    assert_eq!((first.glass, first.parts), (2, 8));
    assert_eq!(first.unit_price, "121");
    assert!(first.has_thumbnail && first.has_parts_list && first.is_current);
    // One that asked whether it may go to a neighbour, at most one for each of the first sessions.
    assert_eq!(workshop.simulator.count(Call::PartsList), 17);
    assert!(workshop.simulator.most_open() <= 4);
    workshop.end().await
}

#[tokio::test]
async fn a_lenient_logikal_needs_few_sessions_and_that_is_remembered() -> Result<()> {
    let moods = Moods {
        siblings: Siblings::Lenient,
        ..Moods::default()
    };
    let workshop = Workshop::with(moods).await?;
    assert_eq!(tallies(&workshop.sync().await?)?, WHOLE);
    assert_eq!(workshop.simulator.count(Call::PartsList), 17);
    let logins = workshop.simulator.logins();
    assert!(logins <= 10, "{logins} logins");
    workshop.end().await
}

#[tokio::test]
async fn a_login_that_has_become_useless_is_not_waited_for() -> Result<()> {
    let moods = Moods {
        siblings: Siblings::Lenient,
        ..Moods::default()
    };
    let workshop = Workshop::with(moods).await?;
    let first_phase = |site: &mut Site| site.projects[0].phases.truncate(1);
    workshop.simulator.change(first_phase);
    // A look which projects there are, and one session, which does it all.
    let before = workshop.simulator.logins();
    workshop.simulator.hold(Call::LogIn, before + 2);
    assert_eq!(tallies(&workshop.sync().await?)?[1], (13, 0, 0));
    workshop.simulator.release();
    workshop.end().await
}

#[tokio::test]
async fn what_has_not_changed_is_not_fetched_again_unless_asked_for() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    workshop.sync().await?;
    let logins = workshop.simulator.logins();
    assert_eq!(tallies(&workshop.sync().await?)?, UNCHANGED);
    assert_eq!(workshop.simulator.count(Call::PartsList), 17);
    assert_eq!(workshop.simulator.count(Call::Thumbnail), 17);
    assert!(workshop.simulator.logins() - logins <= 2);

    let version = Uuid::new_v4();
    workshop.simulator.change(|site| {
        site.projects[0].phases[1].elevations[2].listed["versionId"] = json!(version);
    });
    let changed = workshop.sync().await?;
    assert_eq!(
        tallies(&changed)?,
        [(2, 0, 0), (1, 16, 0), (1, 16, 0), (1, 16, 0)]
    );
    assert_eq!(workshop.simulator.count(Call::PartsList), 18);

    let all = ForceSyncSyncProjectRequest {
        full: true,
        ..Workshop::request()
    };
    assert_eq!(tallies(&workshop.sync_by(all).await?)?, WHOLE);
    assert_eq!(workshop.simulator.count(Call::PartsList), 35);
    workshop.end().await
}

#[tokio::test]
async fn pictures_and_parts_lists_can_be_left_out_and_fetched_later() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    let bare = ForceSyncSyncProjectRequest {
        skip_thumbnails: true,
        skip_parts_lists: true,
        ..Workshop::request()
    };
    let shown = workshop.sync_by(bare).await?;
    assert_eq!(
        tallies(&shown)?,
        [(2, 0, 0), (17, 0, 0), (0, 0, 0), (0, 0, 0)]
    );
    let logins = workshop.simulator.logins();
    assert!(
        (3..=4 + 2).contains(&logins),
        "a test, a look, and the first sessions, as far as anything was left for them: {logins}"
    );
    assert_eq!(tallies(&workshop.sync().await?)?, WHOLE);
    workshop.end().await
}

#[tokio::test]
async fn each_project_has_a_default_phase_of_its_own() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    for (name, elevations) in [("DOS22309", 13), ("DOS22410", 2), ("DOS22269", 1)] {
        let request = ForceSyncSyncProjectRequest {
            name: name.to_owned(),
            ..Workshop::request()
        };
        let shown = workshop.sync_by(request).await?;
        assert_eq!(shown.phases[0].id, Uuid::nil().to_string());
        assert_eq!(names(&shown, 0).len(), elevations, "{name}");
    }
    assert_eq!(names(&workshop.shown().await?, 0).len(), 13);
    workshop.end().await
}

#[tokio::test]
async fn odd_names_and_dates_are_kept_as_they_are() -> Result<()> {
    let mut site = Site::sample();
    let project = &mut site.projects[0];
    project.directory = "Jobs/Kerk/straat 🪟".to_owned();
    let twin = Phase::with(Uuid::from_u128(7), "Fase 1", 300, 1);
    project.phases.push(twin);
    let odd = &mut project.phases[1].elevations[0].listed;
    odd["name"] = json!("Raam/deur 🪟 \u{0}\"P1\"");
    odd["versionId"] = json!("none");
    odd["changedDate"] = json!(0);
    odd["isInRecycleBin"] = json!(true);
    site.directories
        .extend(["Jobs", "Jobs/Kerk/straat 🪟"].map(str::to_owned));
    // The parent of a directory whose name holds a slash is not what stands before its last one.
    let workshop = Workshop::of(site, Moods::default()).await?;
    let request = ForceSyncSyncProjectRequest {
        directory: "Jobs/Kerk/straat 🪟".to_owned(),
        ..Workshop::request()
    };
    let shown = workshop.sync_by(request).await?;
    assert_eq!(shown.phases.len(), 3);
    assert_eq!(shown.phases[1].name, shown.phases[2].name);
    let odd = &shown.phases[1].elevations[0];
    assert_eq!(odd.name, "Raam/deur 🪟 \"P1\"");
    assert!(odd.is_recycled && odd.has_thumbnail && !odd.has_parts_list);
    workshop.end().await
}

#[tokio::test]
async fn five_hundred_elevations_are_no_more_than_a_longer_list() -> Result<()> {
    let mut site = Site::sample();
    site.projects[0].phases[0].elevations = (1..=500).map(Elevation::numbered).collect();
    site.projects[0].phases.truncate(1);
    let workshop = Workshop::of(
        site,
        Moods {
            siblings: Siblings::Lenient,
            ..Moods::default()
        },
    )
    .await?;
    let shown = workshop.sync().await?;
    assert_eq!(
        tallies(&shown)?,
        [(1, 0, 0), (500, 0, 0), (500, 0, 0), (500, 0, 0)]
    );
    workshop.end().await
}
