//! The judge: what stands in Odoo and in the servers' database after a run, compared with what the list says must be there.

use crate::{run::Outcome, stage::Stage};
use anyhow::{Context as _, Result, ensure};
use chrono::NaiveDateTime;
use sluice_client::v1::RowError;
use sluice_tests::price_list::PriceList;
use sqlx::{FromRow, PgConnection};
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

#[derive(FromRow)]
struct Job {
    state: String,
    attempt: i32,
    rows_total: i64,
    rows_done: i64,
    created_count: i64,
    updated_count: i64,
    unchanged_count: i64,
    skipped_count: i64,
    error_count: i64,
}

#[derive(FromRow)]
struct Told {
    seq: i64,
    r#type: String,
    attempt: i32,
    rows_done: i64,
}

#[derive(FromRow)]
struct Line {
    code: String,
    min_qty: i64,
    cents: i64,
    last_sync_date: Option<NaiveDateTime>,
}

#[derive(FromRow)]
struct Fence {
    attempt: i32,
    started_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
    open_ranges: i64,
}

/// Fails with the first thing that is not as one undisturbed import would have left it.
pub(crate) async fn judge(
    stage: &Stage,
    job: Uuid,
    supplier: i64,
    list: &PriceList,
    before: Option<&PriceList>,
) -> Result<Outcome> {
    let mut servers = stage.look().await?;
    let stored = sqlx::query_as("select * from job where id = $1")
        .bind(job)
        .fetch_one(&mut servers)
        .await?;
    counts_are_right(&stored, list, before)?;
    errors_are_reported(&mut servers, job, list).await?;
    let outcome = story_is_whole(&mut servers, job, &stored).await?;
    nothing_is_left_running(&mut servers).await?;

    let mut odoo = stage.look_behind_odoo().await?;
    let fence: Fence = sqlx::query_as(
        "select attempt, started_at, finished_at, (select count(*) from sluice_ledger where fence_id = sluice_fence.id) as open_ranges \
         from sluice_fence where job = $1",
    )
    .bind(job.to_string())
    .fetch_optional(&mut odoo)
    .await?
    .context("Odoo has no fence for the job")?;
    ensure!(
        fence.attempt == stored.attempt,
        "Odoo has seen attempt {}, the job has {}",
        fence.attempt,
        stored.attempt
    );
    ensure!(
        fence.finished_at.is_some() && fence.open_ranges == 0,
        "Odoo was not told that the job is over"
    );
    lines_are_as_listed(&mut odoo, supplier, list, &fence).await?;
    supplier_is_dated(&mut odoo, supplier, list, &fence).await?;
    Ok(outcome)
}

/// Drops a supplier's lines, so that the next runs find an Odoo as small as this one did.
pub(crate) async fn forget(stage: &Stage, supplier: i64) -> Result<()> {
    let mut odoo = stage.look_behind_odoo().await?;
    sqlx::query("delete from product_supplierinfo where partner_id = $1")
        .bind(supplier)
        .execute(&mut odoo)
        .await?;
    Ok(())
}

fn counts_are_right(job: &Job, list: &PriceList, before: Option<&PriceList>) -> Result<()> {
    let tally = list.tally_after(before);
    let rows = i64::try_from(list.rows().len())?;
    ensure!(job.state == "succeeded", "the job is {}", job.state);
    let counted = [
        job.rows_total,
        job.rows_done,
        job.created_count,
        job.updated_count,
        job.unchanged_count,
        job.skipped_count,
        job.error_count,
    ];
    let due = [
        rows,
        rows,
        tally.created,
        tally.updated,
        tally.unchanged,
        0,
        tally.errors,
    ];
    ensure!(
        counted == due,
        "counted total, done, created, updated, unchanged, skipped, errors {counted:?}, but the list says {due:?}"
    );
    Ok(())
}

async fn errors_are_reported(
    servers: &mut PgConnection,
    job: Uuid,
    list: &PriceList,
) -> Result<()> {
    let rows: Vec<(i32, String)> =
        sqlx::query_as("select row_number, code from import_row_error where job_id = $1")
            .bind(job)
            .fetch_all(servers)
            .await?;
    let errors: Vec<RowError> = rows
        .into_iter()
        .map(|(row, code)| RowError {
            row: row.into(),
            code,
            ..RowError::default()
        })
        .collect();
    list.is_reported_by(&errors)
}

async fn story_is_whole(servers: &mut PgConnection, job: Uuid, stored: &Job) -> Result<Outcome> {
    let story: Vec<Told> = sqlx::query_as(
        "select seq, type, attempt, rows_done from story_line where job_id = $1 order by seq",
    )
    .bind(job)
    .fetch_all(servers)
    .await?;
    let mut before: Option<&Told> = None;
    for told in &story {
        ensure!(
            told.seq == before.map_or(1, |before| before.seq + 1),
            "the story has a gap before event {}",
            told.seq
        );
        ensure!(
            before.is_none_or(|before| told.attempt >= before.attempt),
            "event {} is an earlier attempt's",
            told.seq
        );
        ensure!(
            before.is_none_or(|before| told.rows_done >= before.rows_done),
            "event {} goes back to row {}",
            told.seq,
            told.rows_done
        );
        before = Some(told);
    }
    let count = |kind: &str| {
        story
            .iter()
            .filter(|told| told.r#type == kind)
            .count()
            .try_into()
            .unwrap_or(i64::MAX)
    };
    ensure!(
        count("succeeded") == 1 && before.is_some_and(|last| last.r#type == "succeeded"),
        "the story does not end once and well"
    );
    ensure!(
        count("started") == i64::from(stored.attempt),
        "{} attempts, but {} starts are told",
        stored.attempt,
        count("started")
    );
    Ok(Outcome {
        recovery: Duration::ZERO,
        struck: Vec::new(),
        phases: [Duration::ZERO; 4],
        attempts: stored.attempt,
        rescues: count("rescued"),
        retries: count("retrying"),
        releases: count("released"),
        outages: count("waiting"),
    })
}

async fn nothing_is_left_running(servers: &mut PgConnection) -> Result<()> {
    let left: i64 = sqlx::query_scalar(
        "select count(*) from job where state not in ('succeeded', 'failed', 'cancelled')",
    )
    .fetch_one(servers)
    .await?;
    ensure!(left == 0, "{left} jobs are neither over nor held");
    Ok(())
}

async fn lines_are_as_listed(
    odoo: &mut PgConnection,
    supplier: i64,
    list: &PriceList,
    fence: &Fence,
) -> Result<()> {
    let lines: Vec<Line> = sqlx::query_as(
        "select product.default_code as code, line.min_qty::bigint, round(line.price::numeric * 100)::bigint as cents, line.last_sync_date \
         from product_supplierinfo as line join product_product as product on product.product_tmpl_id = line.product_tmpl_id \
         where line.partner_id = $1",
    )
    .bind(supplier)
    .fetch_all(odoo)
    .await?;
    let mut found: BTreeMap<(String, i64), Vec<i64>> = BTreeMap::new();
    for line in lines {
        let dated = line
            .last_sync_date
            .is_some_and(|date| date >= without_fraction(fence.started_at));
        ensure!(
            dated,
            "the line of {} is dated {:?}, the run began {}",
            line.code,
            line.last_sync_date,
            fence.started_at
        );
        found
            .entry((line.code, line.min_qty))
            .or_default()
            .push(line.cents);
    }
    let due: BTreeMap<(String, i64), Vec<i64>> = list
        .expected_lines()
        .into_iter()
        .map(|((product, min_qty), cents)| {
            Ok((
                (list.product(product).code, i64::from(min_qty)),
                vec![i64::try_from(cents)?],
            ))
        })
        .collect::<Result<_>>()?;
    let absent: Vec<_> = due.keys().filter(|key| !found.contains_key(*key)).collect();
    ensure!(
        absent.is_empty(),
        "{} rows are lost, such as {:?}",
        absent.len(),
        absent[0]
    );
    let odd: Vec<_> = found
        .iter()
        .filter(|(key, cents)| due.get(*key) != Some(*cents))
        .collect();
    ensure!(
        odd.is_empty(),
        "{} lines are doubled or wrong, such as {:?}; due is {:?}",
        odd.len(),
        odd[0],
        due.get(odd[0].0)
    );
    Ok(())
}

async fn supplier_is_dated(
    odoo: &mut PgConnection,
    supplier: i64,
    list: &PriceList,
    fence: &Fence,
) -> Result<()> {
    let dated: Option<NaiveDateTime> =
        sqlx::query_scalar("select last_sync_date from res_partner where id = $1")
            .bind(supplier)
            .fetch_one(odoo)
            .await?;
    let clean = list.expected_errors().is_empty();
    let due = clean.then(|| without_fraction(fence.started_at));
    ensure!(
        dated.map(without_fraction) == due,
        "the supplier is dated {dated:?}, but should be {due:?}"
    );
    Ok(())
}

/// Odoo cuts some dates to seconds.
fn without_fraction(date: NaiveDateTime) -> NaiveDateTime {
    use chrono::Timelike as _;
    date.with_nanosecond(0).unwrap_or(date)
}
