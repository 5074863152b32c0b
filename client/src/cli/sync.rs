//! `sluice sync` and `sluice cleanup`: refreshing a mirrored model now.

use chrono::{DateTime, FixedOffset};
use clap::Args;
use prost_types::Timestamp;
use sluice_client::{
    Client,
    v1::{ForceSyncCleanupDeletedRequest, ForceSyncSyncModelRequest, Job},
};

use super::{
    Ending,
    failure::Failure,
    import::time,
    output::{Output, Style},
    render::{json, text::clean},
    watch,
};

/// Which model of which connection.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// Odoo's name of the model, such as res.partner
    model: String,
    /// The connection; a connection's own token implies it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    connection: String,
    /// Follow the job to its end
    #[arg(long)]
    watch: bool,
    /// A UUID: however often the command runs with it, one job is made
    #[arg(
        long,
        value_name = "UUID",
        default_value = "",
        hide_default_value = true
    )]
    request_id: String,
}

/// Arguments of `sluice sync`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice sync res.partner --connection webshop --watch
  sluice sync sale.order --connection webshop --full --watch
  sluice sync res.partner --connection webshop --ids 7,12

Without --full, --limit, --changed-from and --ids it reads what changed since the last time, or everything the first time.
With --watch it ends with 0 if all went well, 3 if records were put aside, 1 if the sync failed.")]
pub(crate) struct SyncArguments {
    #[command(flatten)]
    target: Target,
    /// Read every record again
    #[arg(long, group = "what")]
    full: bool,
    /// Read the first so many records only, for a trial
    #[arg(long, value_name = "RECORDS", group = "what", value_parser = clap::value_parser!(i64).range(1..))]
    limit: Option<i64>,
    /// Read records that were changed from this time on, such as 2026-03-01T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time, group = "what")]
    changed_from: Option<DateTime<FixedOffset>>,
    /// Read records that were changed before this time
    #[arg(long, value_name = "TIME", value_parser = time, requires = "changed_from")]
    changed_to: Option<DateTime<FixedOffset>>,
    /// Read these records, by Odoo's ids
    #[arg(long, value_name = "ID", value_delimiter = ',', group = "what")]
    ids: Vec<i64>,
}

/// Arguments of `sluice cleanup`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice cleanup res.partner --connection webshop --dry-run --watch
  sluice cleanup res.partner --connection webshop --watch

Rows are marked as deleted, unless --hard-delete removes them. If more than --max-percent of the records would be,
nothing is done: look first, then run it again with --confirm.")]
pub(crate) struct CleanupArguments {
    #[command(flatten)]
    target: Target,
    /// Compare and count, but mark nothing
    #[arg(long)]
    dry_run: bool,
    /// The largest share of the records that may be gone, in percent [default: 20]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(i32).range(1..=100))]
    max_percent: Option<i32>,
    /// Mark them however many they are
    #[arg(long)]
    confirm: bool,
    /// Remove the rows instead of marking them
    #[arg(long)]
    hard_delete: bool,
}

pub(crate) async fn sync(
    arguments: SyncArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let request = ForceSyncSyncModelRequest {
        connection: arguments.target.connection,
        model: arguments.target.model,
        full: arguments.full,
        limit: arguments.limit.unwrap_or_default(),
        changed_from: arguments.changed_from.map(stamp),
        changed_to: arguments.changed_to.map(stamp),
        ids: arguments.ids,
        request_id: arguments.target.request_id,
    };
    let job = client.sync_model(request).await?;
    show(&job, arguments.target.watch, client, output).await
}

pub(crate) async fn cleanup(
    arguments: CleanupArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let request = ForceSyncCleanupDeletedRequest {
        connection: arguments.target.connection,
        model: arguments.target.model,
        dry_run: arguments.dry_run,
        max_percent: arguments.max_percent.unwrap_or_default(),
        confirm: arguments.confirm,
        hard_delete: arguments.hard_delete,
        request_id: arguments.target.request_id,
    };
    let job = client.cleanup_deleted(request).await?;
    show(&job, arguments.target.watch, client, output).await
}

/// Says that a job was made, and follows it if wanted.
pub(crate) async fn show(
    job: &Job,
    watched: bool,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    if watched && output.style() == Style::Json {
        return watch::follow(client, &job.id, 0, output).await;
    }
    if output.is_json() {
        output.value(&json::job(job))?;
    } else {
        output.line(&format!("{}: job {}", clean(&job.title), clean(&job.id)))?;
    }
    if watched {
        return watch::follow(client, &job.id, 0, output).await;
    }
    output.remark(&format!("To follow it: sluice watch {}", job.id));
    Ok(Ending::Good)
}

fn stamp(time: DateTime<FixedOffset>) -> Timestamp {
    Timestamp {
        seconds: time.timestamp(),
        nanos: i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}
