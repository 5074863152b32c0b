//! Lists are stored once, whole or not at all, and as long as somebody uses them.

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn a_request_id_makes_one_job_of_the_same_content(pool: PgPool) {
    let house = House::new(pool).await;
    let timing = Timing {
        request_id: Some(uuid::Uuid::from_u128(5).to_string()),
        ..Timing::default()
    };
    let first = house
        .imports
        .enqueue(house.connection, &check_of(LIST), timing.clone())
        .await
        .unwrap()
        .0;
    let second = house
        .imports
        .enqueue(house.connection, &check_of(LIST), timing.clone())
        .await
        .unwrap()
        .0;
    assert_eq!((first.existed, second.existed), (false, true));
    assert_eq!(first.job.id, second.job.id);
    let other = check_of("ean;cost\n96385074;1\n");
    let reused = house
        .imports
        .enqueue(house.connection, &other, timing)
        .await;
    assert!(matches!(
        reused,
        Err(ImportError::Queue(
            crate::queue::QueueError::RequestIdReused(_)
        ))
    ));
}

#[sqlx::test(migrations = "./migrations")]
async fn an_upload_is_stored_whole_or_not_at_all(pool: PgPool) {
    let house = House::new(pool).await;
    let upload = |pieces: Vec<Result<Vec<u8>, ImportError>>| {
        house
            .imports
            .upload(house.connection, "lijst.csv", futures::stream::iter(pieces))
    };
    let list = "sku;cost\n".to_owned() + &"A;1\n".repeat(400_000);
    let pieces = || {
        list.as_bytes()
            .chunks(300_000)
            .map(|piece| Ok(piece.to_vec()))
            .collect::<Vec<_>>()
    };
    let stored = upload(pieces()).await.unwrap();
    assert_eq!(stored.size, i64::try_from(list.len()).unwrap());
    assert_eq!(
        upload(pieces()).await.unwrap().id,
        stored.id,
        "the same bytes are the same list"
    );
    let mut broken = pieces();
    broken.truncate(2);
    broken.push(Err(ImportError::UploadNotFound));
    assert!(upload(broken).await.is_err());
    let large = (0..9).map(|_| Ok(vec![b'x'; 1 << 20])).collect();
    assert!(matches!(
        upload(large).await,
        Err(ImportError::TooLarge { limit: 8_388_608 })
    ));
    let left: i64 = sqlx::query_scalar("select count(*) from staged_list")
        .fetch_one(&house.pool)
        .await
        .unwrap();
    assert_eq!(left, 1);
    let stranger = house
        .imports
        .preview(ConnectionId::new(), &of_upload(&stored), 5, true)
        .await;
    assert!(matches!(stranger, Err(ImportError::UploadNotFound)));
}

fn of_upload(uploaded: &Uploaded) -> ImportRequest {
    ImportRequest {
        source: Some(RequestSource::List(uploaded.id)),
        ..check_of("")
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn lists_that_nobody_uses_are_dropped_after_a_day(pool: PgPool) {
    let house = House::new(pool).await;
    let used = house.enqueue(&check_of(LIST)).await.unwrap();
    let piece = futures::stream::iter([Ok::<_, ImportError>(b"sku;cost\nA;1\n".to_vec())]);
    let unused = house
        .imports
        .upload(house.connection, "a.csv", piece)
        .await
        .unwrap();
    assert_eq!(house.imports.prune().await.unwrap(), 0);
    sqlx::query("update staged_list set touched_at = touched_at - interval '25 hours'")
        .execute(&house.pool)
        .await
        .unwrap();
    assert_eq!(house.imports.prune().await.unwrap(), 1);
    assert!(matches!(
        house.enqueue(&of_upload(&unused)).await,
        Err(ImportError::UploadNotFound)
    ));
    house.work();
    assert_eq!(house.ended(used).await.state, JobState::Succeeded);
}
