//! What happens to a mirror when something on our side does: a full disk, a connection that is given up, readers who want more.

use crate::fate::refusal;
use anyhow::{Context as _, Result};
use sluice_client::{
    Code,
    v1::{ConnectionsSaveRequest, Event, ForceSyncSyncModelRequest, Reason},
};
use sluice_tests::{
    cluster::Cluster,
    mirror::{CONNECTION, MODEL, Mirrored},
    odoo::Odoo,
    postgres::Database,
    until::{pass, until},
    world::events_until,
};
use sqlx::{AssertSqlSafe, Executor as _};
use std::{fs, io::Write as _, path::Path, time::Duration};

fn has_begun(event: &Event) -> bool {
    event
        .counters
        .is_some_and(|counters| counters.rows_done >= 100)
}

#[tokio::test]
async fn a_full_disk_of_ours_loses_nothing() -> Result<()> {
    let cluster = Cluster::start(&["max_wal_size = 64MB"], Some(400)).await?;
    cluster.create_database("sluice").await?;
    let database = Database {
        url: Cluster::url_at(cluster.port, "sluice"),
    };
    let mirrored = Mirrored::between(Odoo::shared()?, database).await?;
    mirrored
        .client
        .save_connection(mirrored.connection())
        .await?;
    mirrored.configure(mirrored.categories(20), &[]).await?;
    mirrored.create(2_000).await?;
    let job = mirrored.client.sync_model(mirrored.changes()).await?;
    events_until(&mirrored.client, &job.id, has_begun).await?;
    let filler = cluster.disk().join("filler");
    fill(&filler)?;
    pass(Duration::from_secs(2)).await;
    fs::remove_file(filler)?;
    // Postgres ends itself where it cannot write its log.
    cluster.go_on().await?;
    let counters = mirrored.succeeded(&job).await?;
    assert_eq!((counters.rows_done, counters.created), (2_000, 2_000));
    assert_eq!(mirrored.equals_odoo().await?, 2_000);
    Ok(())
}

fn fill(path: &Path) -> Result<()> {
    let mut file = fs::File::create(path)?;
    for piece in [1 << 20, 4 << 10] {
        let piece = vec![0; piece];
        while file.write_all(&piece).is_ok() {}
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_is_not_deleted_under_a_running_sync() -> Result<()> {
    let mirrored = Mirrored::unconfigured().await?;
    mirrored.configure(mirrored.categories(5), &[]).await?;
    mirrored.create(1_000).await?;
    let job = mirrored.client.sync_model(mirrored.changes()).await?;
    events_until(&mirrored.client, &job.id, has_begun).await?;
    let delete = async || mirrored.client.delete_connection(CONNECTION).await;
    assert_eq!(
        refusal(delete().await),
        (Code::FailedPrecondition, Some(Reason::ConnectionBusy))
    );
    mirrored.client.cancel(&job.id).await?;
    mirrored.ended(&job).await?;
    let status = mirrored.status(MODEL).await?;
    assert!(status.cursor.is_none() && status.rows > 0, "{status:?}");
    delete().await?;
    let schemas = "select count(*) from pg_namespace where nspname = 'odoo_mirrored'";
    until(
        "its tables are gone",
        async || mirrored.number(schemas).await,
        |count| *count == 0,
    )
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_server_that_may_make_no_roles_mirrors_without_a_reader() -> Result<()> {
    let database = Database::new().await?;
    let name = database.url.rsplit('/').next().context("a name")?;
    let user = format!("plain_{name}");
    let mut administrator = database.connect().await?;
    administrator
        .execute(AssertSqlSafe(format!(
            "create role {user} login password 'plain'; alter database {name} owner to {user}"
        )))
        .await?;
    let url = with_user(&database.url, &user)?;
    let mirrored = Mirrored::between(Odoo::shared()?, Database { url }).await?;
    mirrored
        .client
        .save_connection(mirrored.connection())
        .await?;
    mirrored.configure(mirrored.categories(20), &[]).await?;
    mirrored.create(3).await?;
    mirrored.sync(mirrored.changes()).await?;
    assert_eq!(mirrored.equals_odoo().await?, 3);
    let status = mirrored.client.mirror_status(CONNECTION).await?;
    assert_eq!(status.reader_role, "");
    Ok(())
}

/// The address of the same database for a user whose password is `plain`.
fn with_user(url: &str, user: &str) -> Result<String> {
    let (scheme, rest) = url.split_once("://").context("an address")?;
    let (before, path) = rest.split_once('/').context("an address with a path")?;
    let host = before.rsplit_once('@').map_or(before, |(_, host)| host);
    Ok(format!("{scheme}://{user}:plain@{host}/{path}"))
}

#[tokio::test]
async fn a_reader_sees_its_own_mirror_and_writes_nothing() -> Result<()> {
    let mirrored = Mirrored::new().await?;
    mirrored.create(3).await?;
    mirrored.sync(mirrored.changes()).await?;
    let other = ConnectionsSaveRequest {
        name: "other".to_owned(),
        ..mirrored.connection()
    };
    mirrored.client.save_connection(other).await?;
    let theirs = ForceSyncSyncModelRequest {
        connection: "other".to_owned(),
        limit: 2,
        ..mirrored.changes()
    };
    mirrored.sync(theirs).await?;
    let status = mirrored.client.mirror_status(CONNECTION).await?;
    let reader = status.reader_role;
    assert!(reader.starts_with("odoo_mirrored_reader"), "{reader}");
    let mut connection = mirrored.database().connect().await?;
    connection
        .execute(AssertSqlSafe(format!("set role {reader}")))
        .await?;
    let table = "odoo_mirrored.res_partner_category";
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
        .fetch_one(&mut connection)
        .await?;
    assert_eq!(rows, 3);
    for refused in [
        format!("delete from {table}"),
        format!("alter table {table} add column x text"),
        "create table odoo_mirrored.x (y text)".to_owned(),
        "select * from connection".to_owned(),
        "select * from odoo_other.res_partner_category".to_owned(),
    ] {
        let error = connection.execute(AssertSqlSafe(refused.clone())).await;
        let error = error.err().context(refused)?;
        let told = error.as_database_error().context("Postgres refuses")?;
        assert_eq!(told.code().as_deref(), Some("42501"), "{error}");
    }
    Ok(())
}
