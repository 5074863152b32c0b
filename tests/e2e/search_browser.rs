//! What people see of the search: a real browser on a real Odoo, from "nothing is searchable yet" to two people who find what each may read.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use sluice_client::{
    Client,
    v1::{
        EventType, ForceSyncSyncModelRequest, MirrorConfigureRequest, MirroredModel,
        SearchConfigureRequest,
    },
};
use sluice_tests::{
    browser::{pictures, tour},
    checkout::root,
    embedder::{Mood, StubEmbedder},
    odoo::{Odoo, Site},
    server::Server,
    until::until,
    world::events_until,
};
use std::fs;

/// The database, and so the connection that Odoo makes.
const SHOP: &str = "shop";
const MODELS: [&str; 2] = ["res.partner", "product.template"];
const SERVICE_USER: &str = "sluice_service";
/// As `search_people.py` makes them: of no company, of the seller's, and of the colleague's.
const GHENT: &str = "Glasgroothandel Gent";
const ANTWERP: &str = "Glass supplier Antwerp";
const LIEGE: &str = "Glass supplier Liege";
const PANE: &str = "Insulating glass 4-16-4";

struct Stage {
    site: Site,
    odoo: Odoo,
    server: Server,
    client: Client,
    embedder: StubEmbedder,
}

impl Stage {
    async fn set() -> Result<Self> {
        let site = Site::new().await?;
        site.create_database(SHOP).await?;
        let people = root().join("tests/support/browser/search_people.py");
        site.shell(SHOP, &people).await?;
        let odoo = site.start(SHOP, 0).await?;
        let server = Server::start(&[]).await?;
        let client = server.client().await?;
        let embedder = StubEmbedder::start().await?;
        Ok(Self {
            site,
            odoo,
            server,
            client,
            embedder,
        })
    }

    async fn given(&self) -> Result<Value> {
        let pairing = self.client.create_pairing_code().await?;
        Ok(json!({
            "url": self.odoo.access.url,
            "login": self.odoo.access.login,
            "password": self.odoo.access.password,
            "server": self.server.address,
            "code": pairing.code,
            "pictures": pictures(),
        }))
    }

    /// What Odoo and the server said.
    fn logs(&self) -> String {
        let log = self.site.path().join(format!("{SHOP}.log"));
        let odoo = fs::read_to_string(log).unwrap_or_default();
        format!("{odoo}\n{}", self.server.log())
    }

    /// What the tour asks for and no browser can do.
    async fn do_for_tour(&self, what: &str) -> Result<()> {
        match what {
            "mirror and set the embedder" => self.mirror().await,
            "wait until all is embedded" => self.at_rest().await,
            "send the embedder away" => {
                self.embedder.is(Mood::Status(503));
                Ok(())
            }
            "call the embedder back" => {
                self.embedder.is(Mood::Well);
                Ok(())
            }
            _ => bail!("the tour asked to {what}"),
        }
    }

    async fn mirror(&self) -> Result<()> {
        for group in ["base.group_user", "base.group_partner_manager"] {
            self.odoo.give_group(SERVICE_USER, group).await?;
        }
        let mirrored = |model: &str| MirroredModel {
            model: model.to_owned(),
            ..MirroredModel::default()
        };
        let request = MirrorConfigureRequest {
            connection: SHOP.to_owned(),
            models: MODELS.into_iter().map(mirrored).collect(),
            removed_models: Vec::new(),
        };
        self.client.configure_mirror(request).await?;
        for model in MODELS {
            let request = ForceSyncSyncModelRequest {
                connection: SHOP.to_owned(),
                model: model.to_owned(),
                ..ForceSyncSyncModelRequest::default()
            };
            let job = self.client.sync_model(request).await?;
            let story = events_until(&self.client, &job.id, |_| false).await?;
            let end = story.last().context("the sync has a story")?;
            ensure!(end.r#type() == EventType::Succeeded, "{end:?}");
        }
        let request = SearchConfigureRequest {
            connection: SHOP.to_owned(),
            embedder: Some(self.embedder.settings()),
            ..SearchConfigureRequest::default()
        };
        self.client.configure_search(request).await?;
        Ok(())
    }

    async fn at_rest(&self) -> Result<()> {
        let look = async || Ok(self.client.search_status(SHOP).await?.models);
        until("all is embedded", look, |models| {
            models.len() == MODELS.len()
                && models.iter().all(|model| {
                    let job = model.last_job.as_ref();
                    model.waiting == 0 && job.is_some_and(|job| job.finished_at.is_some())
                })
        })
        .await?;
        Ok(())
    }
}

fn names(told: &Value) -> Vec<&str> {
    let names = told.as_array().map(Vec::as_slice).unwrap_or_default();
    names.iter().filter_map(Value::as_str).collect()
}

#[tokio::test]
async fn two_people_search_and_each_finds_what_he_may_read() -> Result<()> {
    let stage = Stage::set().await?;
    let saw = tour("search_tour", &stage.given().await?, async |what| {
        stage.do_for_tour(what).await
    })
    .await
    .with_context(|| stage.logs())?;
    let seller = names(&saw["seller"]);
    for name in [GHENT, ANTWERP, PANE] {
        assert!(seller.contains(&name), "{seller:?} without {name}");
    }
    assert!(!seller.contains(&LIEGE), "{seller:?}");
    let colleague = names(&saw["colleague"]);
    assert!(colleague.contains(&GHENT) && colleague.contains(&LIEGE));
    assert!(!colleague.contains(&ANTWERP), "{colleague:?}");
    assert_eq!(saw["opened"], ANTWERP, "the palette opens the record");
    assert!(names(&saw["similar"]).contains(&GHENT), "{saw}");
    let by_words = names(&saw["by_words"]);
    assert_eq!(by_words, [ANTWERP], "words are found without the embedder");
    // Programs find it too, by the rights of their user.
    let asked = json!({ "text": "glass supplier" });
    let answer = stage.odoo.call("sluice.search", "find", asked).await?;
    assert!(answer.to_string().contains(GHENT), "{answer}");
    Ok(())
}
