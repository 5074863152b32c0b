//! What is marked as gone, and what never is.

use anyhow::Result;
use sluice_client::v1::ForceSyncSyncProjectRequest;
use sluice_tests::logikal::{Call, Failure, Moods};

use crate::workshop::{Workshop, failures, names, tallies};

fn all() -> ForceSyncSyncProjectRequest {
    ForceSyncSyncProjectRequest {
        full: true,
        ..Workshop::request()
    }
}

#[tokio::test]
async fn what_is_no_longer_listed_is_gone_and_may_come_back() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    workshop.sync().await?;
    let mut taken = None;
    workshop
        .simulator
        .change(|site| taken = Some(site.projects[0].phases[1].elevations.remove(0)));
    assert_eq!(names(&workshop.sync().await?, 1), ["P15", "P16", "P17"]);
    workshop
        .simulator
        .change(|site| site.projects[0].phases[1].elevations.extend(taken));
    let back = workshop.sync().await?;
    assert_eq!(names(&back, 1), ["P15", "P16", "P17", "P14"]);
    // It was stored all the time.
    assert_eq!(tallies(&back)?[3], (0, 17, 0));
    workshop
        .simulator
        .change(|site| site.projects[0].phases.truncate(1));
    assert_eq!(workshop.sync().await?.phases.len(), 1);
    workshop.end().await
}

#[tokio::test]
async fn nothing_is_gone_while_something_could_not_be_had() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    workshop.sync().await?;
    workshop.simulator.change(|site| {
        let phases = &mut site.projects[0].phases;
        phases[1].elevations.remove(0);
        phases[0].elevations[0].listed["versionId"] = serde_json::json!(null);
        phases[0].elevations[0].listed["changedDate"] = serde_json::json!(1_800_000_000);
        phases[0].elevations[0].parts_list = Vec::new();
    });
    let shown = workshop.sync().await?;
    assert_eq!(failures(&shown).len(), 1);
    assert_eq!(names(&shown, 0).len(), 13, "what failed to update stays");
    assert_eq!(names(&shown, 1).len(), 4);
    // The parts list that was stored before stays, too.
    assert!(shown.phases[0].elevations[0].has_parts_list);
    workshop.end().await
}

#[tokio::test]
async fn a_listing_that_lacks_most_of_it_is_doubted_until_somebody_asks_for_everything()
-> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    workshop.sync().await?;
    workshop
        .simulator
        .fail(Call::Elevations, 0, Failure::Data(serde_json::json!([])));
    let shown = workshop.sync().await?;
    assert_eq!((names(&shown, 0).len(), names(&shown, 1).len()), (13, 4));
    workshop
        .simulator
        .change(|site| site.projects[0].phases[0].elevations.truncate(2));
    assert_eq!(names(&workshop.sync().await?, 0).len(), 13);
    assert_eq!(names(&workshop.sync_by(all()).await?, 0).len(), 2);
    workshop.end().await
}
