//! What is worth knowing about a list comes with a word, by which screens in other languages know it.

use super::*;

const MIXED: &str = "EAN;Inkoopprijs\n4006381333931;1,50\n4006381333932;2.50\n";

#[sqlx::test(migrations = "./migrations")]
async fn a_preview_names_what_it_warns_of(pool: PgPool) {
    let house = House::new(pool).await;
    for (list, expected) in [
        (MIXED, &["numbers_mixed"][..]),
        ("EAN;Prijs\n4006381333931;1,50\n", &["mapping_incomplete"]),
        (
            "EAN;Inkoopprijs\n4006381333931;1.234\n",
            &["numbers_unclear"],
        ),
        (
            "EAN;Inkoopprijs;Korting\n4006381333931;1.234;2,5\n",
            &["numbers_read_with_commas"],
        ),
        ("EAN;Inkoopprijs\n4006381333931;1,50\n", &[]),
    ] {
        let shown = house
            .imports
            .preview(house.connection, &check_of(list), 0, true)
            .await
            .unwrap();
        let codes: Vec<&str> = shown.warnings.iter().map(|warning| warning.code).collect();
        assert_eq!(codes, expected, "{list}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_jobs_story_names_what_it_tells(pool: PgPool) {
    let house = House::new(pool).await;
    house.work();
    let job = house
        .ended(house.enqueue(&check_of(MIXED)).await.unwrap())
        .await;
    let story = house.progress.read(job.id, 0, 1000).await.unwrap();
    let told: Vec<(EventType, &str)> = story
        .iter()
        .filter(|event| !event.code.is_empty())
        .map(|event| (event.kind, event.code.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (EventType::Progress, "list_read"),
            (EventType::Note, "numbers_mixed")
        ]
    );
}
