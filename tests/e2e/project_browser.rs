//! What people see of LOGIKAL: a real browser on a real Odoo, from the settings to a quotation.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use sluice_tests::{
    browser::{pictures, tour},
    checkout::root,
    logikal::{Call, Moods, PASSWORD, Simulator, Site as Projects, USER},
    odoo::{Odoo, Site},
    server::Server,
    until::until,
};
use std::fs;

const CUSTOMER: &str = "Bouwbedrijf De Vries";

struct Stage {
    site: Site,
    odoo: Odoo,
    server: Server,
    simulator: Simulator,
}

impl Stage {
    async fn set() -> Result<Self> {
        let site = Site::new().await?;
        site.create_database("shop").await?;
        for script in ["dutch_users.py", "euro_company.py"] {
            let script = root().join("tests/support/browser").join(script);
            site.shell("shop", &script).await?;
        }
        let odoo = site.start("shop", 0).await?;
        odoo.create_contact(CUSTOMER).await?;
        let mut projects = Projects::sample();
        // Something always is missing.
        projects.projects[0].phases[1].elevations[1].parts_list = b"no database".to_vec();
        Ok(Self {
            site,
            odoo,
            server: Server::start(&[]).await?,
            simulator: Simulator::start(projects, Moods::default()).await?,
        })
    }

    async fn given(&self) -> Result<Value> {
        let pairing = self.server.client().await?.create_pairing_code().await?;
        Ok(json!({
            "url": self.odoo.access.url,
            "login": self.odoo.access.login,
            "password": self.odoo.access.password,
            "server": self.server.address,
            "code": pairing.code,
            "customer": CUSTOMER,
            "dutch_administrator": "beheerder",
            "logikal": self.simulator.url(),
            "logikal_user": USER,
            "logikal_password": PASSWORD,
            "pictures": pictures(),
        }))
    }

    /// What Odoo and the server said.
    fn logs(&self) -> String {
        let odoo = fs::read_to_string(self.site.path().join("shop.log")).unwrap_or_default();
        format!("{odoo}\n{}", self.server.log())
    }

    /// What the tour asks for and no browser can do: LOGIKAL waits, so that nothing is over before it was seen.
    fn do_for_tour(&self, what: &str) -> Result<()> {
        match what {
            "hold logins" => self.simulator.hold(Call::LogIn, 0),
            "let LOGIKAL answer" => self.simulator.release(),
            _ => {
                let Some(count) = what.strip_prefix("hold parts lists after ") else {
                    bail!("the tour asked to {what}");
                };
                self.simulator.hold(Call::PartsList, count.parse()?);
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn somebody_in_an_office_fetches_a_project_sees_its_elevations_come_and_quotes_them()
-> Result<()> {
    let stage = Stage::set().await?;
    let saw = tour("project_tour", &stage.given().await?, async |what| {
        stage.do_for_tour(what)
    })
    .await
    .with_context(|| stage.logs())?;
    assert_eq!(saw["projects"], 3);
    assert_eq!(
        saw["counts"],
        json!([3, 8, 17]),
        "elevations appear one by one"
    );
    let words = saw["words"].as_str().unwrap_or_default();
    let is_elevation = |word: &str| {
        word.strip_prefix('P')
            .is_some_and(|number| number.parse::<u8>().is_ok())
    };
    assert!(
        words
            .split(|one: char| !one.is_alphanumeric())
            .any(is_elevation),
        "the bar names elevations: {words}"
    );
    let sections = saw["sections"].as_array().cloned().unwrap_or_default();
    let is_section = |at: usize, phase: &str| {
        let section = sections.get(at).and_then(Value::as_str);
        section.is_some_and(|text| text.contains(phase))
    };
    assert!(
        sections.len() == 2 && is_section(0, "Posities zonder levering") && is_section(1, "Fase 1"),
        "a phase is a section: {sections:?}"
    );
    assert_eq!(saw["lines"], 17, "an elevation is a line");
    let open = async || Ok(stage.simulator.open_sessions());
    until("no session is open", open, |open| *open == 0).await?;
    Ok(())
}
