//! A project of a simulated LOGIKAL in a real Odoo: all of it, once, whatever happens on the way.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sluice_client::v1::{
    ConnectionsSaveLogikalRequest, ForceSyncSyncProjectRequest, Job, JobState,
};
use sluice_tests::{
    logikal::{Call, Moods, PASSWORD, Simulator, Site, USER},
    until::until,
    world::{CONNECTION, World},
};
use uuid::Uuid;

struct Joined {
    world: World,
    simulator: Simulator,
    /// LOGIKAL's key of the project: Odoo is shared, so each story has its own.
    project: Uuid,
}

impl Joined {
    async fn with(moods: Moods) -> Result<Self> {
        let world = World::new().await?;
        let mut site = Site::sample();
        let project = Uuid::new_v4();
        site.projects[0].id = project;
        let simulator = Simulator::start(site, moods).await?;
        let logikal = ConnectionsSaveLogikalRequest {
            connection: CONNECTION.to_owned(),
            url: simulator.url(),
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            ..ConnectionsSaveLogikalRequest::default()
        };
        world.client.save_logikal(logikal).await?;
        Ok(Self {
            world,
            simulator,
            project,
        })
    }

    async fn begin(&self) -> Result<Job> {
        let request = ForceSyncSyncProjectRequest {
            connection: CONNECTION.to_owned(),
            name: "DOS22309".to_owned(),
            ..ForceSyncSyncProjectRequest::default()
        };
        Ok(self.world.client.sync_project(request).await?.0)
    }

    async fn ended(&self, job: &Job) -> Result<Job> {
        let look = async || Ok(self.world.client.job(&job.id).await?);
        let is_over = |job: &Job| job.finished_at.is_some();
        let job = until("the project is fetched", look, is_over).await?;
        ensure!(job.state() == JobState::Succeeded, "{job:?}");
        Ok(job)
    }

    async fn sync(&self) -> Result<Job> {
        let job = self.begin().await?;
        self.ended(&job).await
    }

    /// The elevations in Odoo, by phase and place, of the fields.
    async fn elevations(&self, fields: &[&str]) -> Result<Vec<Value>> {
        let arguments = json!({
            "domain": [["project_id.guid", "=", self.project]], "fields": fields, "order": "phase_id, position",
        });
        let found = self
            .world
            .odoo
            .call("sluice.logikal.elevation", "search_read", arguments)
            .await?;
        found.as_array().cloned().context("a list of elevations")
    }
}

#[tokio::test]
async fn a_project_stands_in_odoo_as_it_stands_in_logikal() -> Result<()> {
    let joined = Joined::with(Moods::default()).await?;
    joined.sync().await?;
    let fields = [
        "name",
        "amount",
        "size",
        "unit_price",
        "state",
        "image",
        "glass_ids",
        "part_ids",
        "phase_id",
    ];
    let elevations = joined.elevations(&fields).await?;
    assert_eq!(elevations.len(), 17);
    let first = &elevations[0];
    assert_eq!(
        (&first["name"], &first["amount"]),
        (&json!("P1"), &json!(2.0))
    );
    assert_eq!(
        (&first["size"], &first["state"]),
        (&json!("1201 × 1500"), &json!("fetched"))
    );
    assert_eq!(first["unit_price"], json!(121.0));
    assert!(
        first["image"]
            .as_str()
            .is_some_and(|image| !image.is_empty())
    );
    assert_eq!(first["glass_ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(first["part_ids"].as_array().map(Vec::len), Some(8));
    assert_eq!(elevations[13]["name"], json!("P14"));

    // Nothing changed: nothing is written.
    let written = joined.elevations(&["write_date"]).await?;
    joined.sync().await?;
    assert_eq!(joined.elevations(&["write_date"]).await?, written);

    joined.simulator.change(|site| {
        let phases = &mut site.projects[0].phases;
        phases[1].elevations.remove(0);
        let changed = &mut phases[0].elevations[4];
        changed.listed["amount"] = json!(7.0);
        changed.listed["versionId"] = json!(Uuid::new_v4());
    });
    joined.sync().await?;
    let elevations = joined.elevations(&["name", "amount"]).await?;
    assert_eq!(elevations.len(), 16);
    assert_eq!(elevations[4]["amount"], json!(7.0));
    assert_eq!(elevations[13]["name"], json!("P15"));
    let open = async || Ok(joined.simulator.open_sessions());
    until("no session is open", open, |open| *open == 0).await?;
    Ok(())
}

#[tokio::test]
async fn elevations_appear_while_others_are_fetched_and_a_crash_doubles_nothing() -> Result<()> {
    let moods = Moods {
        pace: 0.1,
        ..Moods::default()
    };
    let mut joined = Joined::with(moods).await?;
    let job = joined.begin().await?;
    let seen = async || Ok(joined.elevations(&["name"]).await?.len());
    let early = until("some elevations are in Odoo", seen, |seen| *seen >= 3).await?;
    assert!(early < 17, "{early} were there at once");
    joined.world.server.kill().await?;
    joined.simulator.forget_sessions();
    let fetched = joined.simulator.count(Call::PartsList);
    joined.world.server.begin().await?;
    joined.world.client = joined.world.server.client().await?;
    joined.ended(&job).await?;
    let elevations = joined.elevations(&["guid", "glass_ids"]).await?;
    let mut guids: Vec<&Value> = elevations.iter().map(|one| &one["guid"]).collect();
    guids.dedup();
    assert_eq!(guids.len(), 17);
    assert!(elevations.iter().all(|one| {
        one["glass_ids"]
            .as_array()
            .is_some_and(|glass| glass.len() == 2)
    }));
    assert!(joined.simulator.count(Call::PartsList) - fetched < 17);
    Ok(())
}
