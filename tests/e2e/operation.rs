//! What an administrator sees of a server that works.

use anyhow::Result;
use sluice_client::v1::Verdict;
use sluice_tests::{until::until, world::World};

#[tokio::test]
async fn the_server_tells_how_it_is_and_what_it_does() -> Result<()> {
    let world = World::new().await?;
    let list = world.clean_list(20).await?;
    world.imported(world.import(&list)).await?;

    let findings = world.client.check().await?.findings;
    for name in [
        "postgres",
        "durability",
        "sessions",
        "liveness",
        "clock",
        "queue",
        "search",
        "odoo",
    ] {
        assert!(
            findings.iter().any(|finding| finding.name == name),
            "no finding about {name}: {findings:?}"
        );
    }
    for finding in &findings {
        let is_good = finding.verdict() == Verdict::Good;
        assert_eq!(finding.remedy.is_empty(), is_good, "{finding:?}");
        assert_ne!(finding.verdict(), Verdict::Bad, "{finding:?}");
    }
    let odoo = findings.iter().find(|finding| finding.name == "odoo");
    assert!(
        odoo.is_some_and(|odoo| odoo.message.contains("addon 19.0")),
        "{odoo:?}"
    );

    let wanted = [
        "sluice_batch_seconds_count 1",
        "sluice_lease_age_seconds",
        "sluice_jobs_due 0",
    ];
    until(
        "the metrics tell of the import",
        async || world.server.metrics().await,
        |metrics| wanted.iter().all(|line| metrics.contains(line)),
    )
    .await?;
    Ok(())
}
