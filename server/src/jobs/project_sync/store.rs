//! Statements on projects: what LOGIKAL says, as it is stored.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    board::Item,
    error::Candidate,
    finding::Packed,
    parts_list::{Measure, PartsList},
};
use crate::{
    adapters::logikal::{Elevation, ElevationPrice, Phase, Project},
    db::{Db, DbError},
    ids::{ConnectionId, JobId},
};

/// A project of a listing.
#[derive(Debug, Serialize)]
pub(super) struct ListedProject {
    guid: Uuid,
    directory: String,
    name: String,
    job_number: String,
    offer_number: String,
    person_in_charge: String,
    created_date: Option<DateTime<Utc>>,
    changed_date: Option<DateTime<Utc>>,
    is_deleted: bool,
    is_estimated: bool,
}

impl ListedProject {
    pub(super) fn new(directory: &str, project: Project) -> Self {
        Self {
            guid: project.id,
            directory: clean(directory),
            name: project.name,
            job_number: project.job_number,
            offer_number: project.offer_number,
            person_in_charge: project.person_in_charge,
            created_date: project.created_date,
            changed_date: project.changed_date,
            is_deleted: project.is_deleted,
            is_estimated: project.estimated,
        }
    }
}

/// Postgres stores no zeros in texts.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "")
}

pub(super) async fn save_directories(
    db: &Db,
    connection: ConnectionId,
    paths: &[String],
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/project_sync/sql/save_directories.sql",
        connection.0,
        paths
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

pub(super) async fn save_listed(
    db: &Db,
    connection: ConnectionId,
    listed: &[ListedProject],
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/project_sync/sql/save_listed.sql",
        connection.0,
        json!(listed)
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// A known project.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Our own key of it.
    pub(super) id: Uuid,
    pub(super) guid: Uuid,
    pub(super) directory: String,
    pub(super) name: String,
}

impl From<&Known> for Candidate {
    fn from(known: &Known) -> Self {
        Self {
            guid: known.guid,
            directory: known.directory.clone(),
            name: known.name.clone(),
        }
    }
}

pub(super) async fn find(
    db: &Db,
    connection: ConnectionId,
    guid: Uuid,
) -> Result<Option<Known>, DbError> {
    let found = sqlx::query_file_as!(
        Known,
        "src/jobs/project_sync/sql/find.sql",
        connection.0,
        guid
    );
    Ok(found.fetch_optional(db.pool()).await?)
}

pub(super) async fn find_named(
    db: &Db,
    connection: ConnectionId,
    name: &str,
    directory: &str,
) -> Result<Vec<Known>, DbError> {
    let found = sqlx::query_file_as!(
        Known,
        "src/jobs/project_sync/sql/find_named.sql",
        connection.0,
        name,
        directory
    );
    Ok(found.fetch_all(db.pool()).await?)
}

pub(super) async fn names(db: &Db, connection: ConnectionId) -> Result<Vec<String>, DbError> {
    let names = sqlx::query_file_scalar!("src/jobs/project_sync/sql/names.sql", connection.0);
    Ok(names.fetch_all(db.pool()).await?)
}

/// Forgets the failures of earlier runs.
pub(super) async fn begin(db: &Db, project: Uuid) -> Result<(), DbError> {
    sqlx::query_file!("src/jobs/project_sync/sql/set_job.sql", project)
        .execute(db.pool())
        .await?;
    Ok(())
}

pub(super) async fn phases_known(db: &Db, project: Uuid) -> Result<i64, DbError> {
    let count = sqlx::query_file_scalar!("src/jobs/project_sync/sql/phases_known.sql", project);
    Ok(count.fetch_one(db.pool()).await?)
}

/// Stores phases; returns our own key of each.
pub(super) async fn save_phases(
    connection: &mut PgConnection,
    project: Uuid,
    phases: &[Phase],
) -> Result<HashMap<Uuid, Uuid>, DbError> {
    let listed: Vec<Value> = phases
        .iter()
        .zip(1..)
        .map(|(phase, position)| {
            json!({
                "guid": phase.id, "name": phase.name, "description": phase.description, "position": position,
            })
        })
        .collect();
    let rows = sqlx::query_file!(
        "src/jobs/project_sync/sql/save_phases.sql",
        project,
        json!(listed)
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.guid, row.id)).collect())
}

/// What is stored of an elevation.
#[derive(Debug)]
pub(super) struct StoredElevation {
    pub(super) id: Uuid,
    pub(super) is_new: bool,
    pub(super) has_thumbnail: bool,
    pub(super) thumbnail_of: String,
    pub(super) thumbnail_job: Option<Uuid>,
    pub(super) has_parts_list: bool,
    pub(super) parts_of: String,
    pub(super) parts_job: Option<Uuid>,
}

/// Stores the elevations of a phase; returns what is stored of each, by its GUID.
pub(super) async fn save_elevations(
    connection: &mut PgConnection,
    phase: Uuid,
    job: JobId,
    elevations: &[Elevation],
) -> Result<HashMap<Uuid, StoredElevation>, DbError> {
    let listed: Vec<Value> = elevations.iter().zip(1..).map(listed_elevation).collect();
    let rows = sqlx::query_file!(
        "src/jobs/project_sync/sql/save_elevations.sql",
        phase,
        json!(listed),
        job.0
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let stored = StoredElevation {
                id: row.id,
                is_new: row.is_new,
                has_thumbnail: row.has_thumbnail,
                thumbnail_of: row.thumbnail_of,
                thumbnail_job: row.thumbnail_job,
                has_parts_list: row.has_parts_list,
                parts_of: row.parts_of,
                parts_job: row.parts_job,
            };
            (row.guid, stored)
        })
        .collect())
}

fn listed_elevation((elevation, position): (&Elevation, i32)) -> Value {
    let (base, insertion) = (
        &elevation.surface_of_base_element,
        &elevation.surface_of_insertions,
    );
    json!({
        "guid": elevation.id,
        "version_id": elevation.version_id,
        "name": elevation.name,
        "position": position,
        "amount": elevation.amount,
        "width_mm": elevation.width,
        "height_mm": elevation.height,
        "is_recycled": elevation.is_in_recycle_bin,
        "automatic_description": elevation.automatic_description,
        "system_description": elevation.system_description,
        "model_description": elevation.model_description,
        "user_description": elevation.user_description,
        "base_surface": base.name,
        "base_color_inside": base.color_inside,
        "base_color_outside": base.color_outside,
        "insertion_surface": insertion.name,
        "insertion_color_inside": insertion.color_inside,
        "insertion_color_outside": insertion.color_outside,
        "created_by": elevation.created_by_user,
        "created_date": elevation.created_date,
        "changed_date": elevation.changed_date,
        "kind": elevation.kind,
        "state": elevation.state,
    })
}

pub(super) async fn save_currency(
    connection: &mut PgConnection,
    project: Uuid,
    currency: &str,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/project_sync/sql/save_currency.sql",
        project,
        currency
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn save_prices(
    connection: &mut PgConnection,
    project: Uuid,
    prices: &[ElevationPrice],
) -> Result<(), DbError> {
    let prices: Vec<Value> = prices
        .iter()
        .map(|price| {
            json!({
                "guid": price.id, "net_price_per_unit": price.net_price_per_unit,
                "total_price_per_unit": price.total_price_per_unit, "net_price": price.net_price,
                "total_price": price.total_price,
            })
        })
        .collect();
    sqlx::query_file!(
        "src/jobs/project_sync/sql/save_prices.sql",
        project,
        json!(prices)
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn save_blob(
    connection: &mut PgConnection,
    packed: &Packed,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/project_sync/sql/save_blob.sql",
        &packed.sha256[..],
        packed.content
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn save_thumbnail(
    connection: &mut PgConnection,
    item: &Item,
    sha256: &[u8; 32],
    job: JobId,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/project_sync/sql/save_thumbnail.sql",
        item.id,
        &sha256[..],
        item.state,
        job.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores a parts list and its lines, which take the place of the former ones.
pub(super) async fn save_parts_list(
    connection: &mut PgConnection,
    item: &Item,
    sha256: &[u8; 32],
    job: JobId,
    list: &PartsList,
) -> Result<(), DbError> {
    sqlx::query_file!(
        "src/jobs/project_sync/sql/save_parts_list.sql",
        item.id,
        &sha256[..],
        item.state,
        job.0,
        json!(list.element),
        json!(list.remarks)
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query_file!("src/jobs/project_sync/sql/delete_lines.sql", item.id)
        .execute(&mut *connection)
        .await?;
    let lines: Vec<Value> = list.lines.iter().zip(1..).map(line).collect();
    sqlx::query_file!(
        "src/jobs/project_sync/sql/insert_lines.sql",
        item.id,
        json!(lines)
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn line((line, position): (&super::parts_list::Line, i32)) -> Value {
    let value = |measure: &Option<Measure>| measure.as_ref().map(|measure| measure.value);
    let unit = |measure: &Option<Measure>| measure.as_ref().map(|measure| measure.unit.clone());
    json!({
        "position": position,
        "kind": line.kind,
        "source": line.table,
        "insertion": line.insertion,
        "code": line.code,
        "supplier": line.supplier,
        "name": line.name,
        "description": line.description,
        "color": line.color,
        "amount": value(&line.amount),
        "amount_unit": unit(&line.amount),
        "width": value(&line.width),
        "width_unit": unit(&line.width),
        "height": value(&line.height),
        "height_unit": unit(&line.height),
        "length": value(&line.length),
        "length_unit": unit(&line.length),
        "weight": value(&line.weight),
        "weight_unit": unit(&line.weight),
        "minutes": line.minutes,
        "price": line.price,
        "price_gross": line.price_gross,
    })
}
