//! The third part of the demo: a project of a simulated LOGIKAL stands in Odoo as a whole.

use crate::story::{CONNECTION, sluice, step, watched};
use anyhow::{Result, ensure};
use serde_json::json;
use sluice_tests::{
    logikal::{Moods, PASSWORD, Simulator, Site, USER},
    odoo::{Odoo, answer},
    server::Server,
};
use std::fs;

/// The project that is fetched.
pub(crate) const PROJECT: &str = "DOS22309";
const PHASES: usize = 2;
const ELEVATIONS: usize = 17;
/// Of the delays that a real one was seen to have.
const PACE: f64 = 0.1;

/// Fetches the project and checks that Odoo has all of it. The simulated LOGIKAL serves as long as the answer lives.
pub(crate) async fn tell(server: &Server, odoo: &Odoo) -> Result<Simulator> {
    step("fetching a project from a simulated LOGIKAL, which takes a tenth of a real one's time");
    let moods = Moods {
        pace: PACE,
        ..Moods::default()
    };
    let simulator = Simulator::start(Site::sample(), moods).await?;
    let folder = tempfile::tempdir()?;
    let password = folder.path().join("password");
    fs::write(&password, PASSWORD)?;
    let mut save = sluice(server)?;
    save.args(["logikal", "save", "--connection", CONNECTION])
        .args(["--url", &simulator.url(), "--user", USER])
        .arg("--password-file")
        .arg(&password);
    answer(&mut save).await?;
    watched(server, &["project", "sync", PROJECT]).await?;

    for (model, wanted) in [
        ("sluice.logikal.phase", PHASES),
        ("sluice.logikal.elevation", ELEVATIONS),
    ] {
        let domain = json!([["project_id.name", "=", PROJECT]]);
        let found = odoo
            .call(model, "search_count", json!({ "domain": domain }))
            .await?;
        ensure!(
            found == json!(wanted),
            "Odoo has {found} of {wanted} records of {model}"
        );
    }
    Ok(simulator)
}
