//! `sluice schedule`: imports that repeat by themselves.

use clap::{Args, Subcommand};
use serde_json::json;
use sluice_client::{
    Client,
    v1::{Schedule, supplier_import::Source},
};

use super::{
    Ending,
    failure::Failure,
    import_options::ImportOptions,
    output::Output,
    render::{
        json,
        table::Table,
        text::{clean, short},
        words,
    },
};

/// Commands of `sluice schedule`.
#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Import a list from an address again and again; replaces a schedule of the same name
    #[command(after_help = "Example:
  sluice schedule add acme-nightly https://acme.example/prices.csv --cron '0 3 * * 1-5' \\
    --time-zone Europe/Amsterdam --connection webshop --supplier ACME")]
    Add(Box<AddArguments>),
    /// List the schedules
    #[command(after_help = "Example:\n  sluice schedule list --connection webshop")]
    List {
        /// Only schedules of this connection
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        connection: String,
    },
    /// Remove a schedule; its jobs stay
    #[command(after_help = "Example:\n  sluice schedule remove acme-nightly --connection webshop")]
    Remove {
        /// The schedule's name
        name: String,
        /// The schedule's connection; a connection's own token implies it
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        connection: String,
    },
}

/// Arguments of `sluice schedule add`.
#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// The schedule's name: lower-case letters, digits, `-` and `_`
    name: String,
    /// The list's http or https address
    url: String,
    /// When: minute, hour, day of the month, month, day of the week
    #[arg(long, value_name = "EXPRESSION")]
    cron: String,
    /// The time zone of the expression, such as Europe/Amsterdam
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    #[command(flatten)]
    options: ImportOptions,
}

impl ScheduleCommand {
    /// Finds what is wrong with the arguments before a server is asked.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Add(arguments) => arguments.options.check(),
            Self::List { .. } | Self::Remove { .. } => Ok(()),
        }
    }
}

pub(crate) async fn run(
    command: ScheduleCommand,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    match command {
        ScheduleCommand::Add(arguments) => add(*arguments, client, output).await,
        ScheduleCommand::List { connection } => list(&client.schedules(&connection).await?, output),
        ScheduleCommand::Remove { name, connection } => {
            client.delete_schedule(&connection, &name).await?;
            if output.is_json() {
                output.value(&json!({ "schedule": name }))?;
            } else {
                output.line(&format!("schedule {} is removed", clean(&name)))?;
            }
            Ok(Ending::Good)
        }
    }
}

async fn add(arguments: AddArguments, client: &Client, output: &Output) -> Result<Ending, Failure> {
    let connection = arguments.options.connection.clone();
    let source = Source::Url(arguments.url);
    let schedule = client
        .save_schedule(Schedule {
            connection,
            name: arguments.name,
            cron: arguments.cron,
            time_zone: arguments.time_zone,
            import: Some(arguments.options.import(source, String::new())?),
            next_run_at: None,
            last_job_id: String::new(),
        })
        .await?;
    if output.is_json() {
        output.value(&json::schedule(&schedule))?;
    } else {
        output.line(&format!(
            "schedule {} runs next at {}",
            clean(&schedule.name),
            words::time_or(schedule.next_run_at.as_ref(), "an unknown time")
        ))?;
    }
    Ok(Ending::Good)
}

fn list(schedules: &[Schedule], output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        for schedule in schedules {
            output.value(&json::schedule(schedule))?;
        }
        return Ok(Ending::Good);
    }
    if schedules.is_empty() {
        output.remark("no schedules; `sluice schedule add --help` shows how to make one");
        return Ok(Ending::Good);
    }
    let mut table = Table::new(&[
        "CONNECTION",
        "NAME",
        "CRON",
        "TIME ZONE",
        "NEXT RUN",
        "LAST JOB",
        "SUPPLIER",
        "LIST",
    ]);
    for schedule in schedules {
        let (supplier, list) = match &schedule.import {
            Some(import) => (short(&import.supplier, 24), json::source(import)),
            None => (String::new(), String::new()),
        };
        let latest = if schedule.last_job_id.is_empty() {
            "-"
        } else {
            &schedule.last_job_id
        };
        table.row([
            clean(&schedule.connection),
            clean(&schedule.name),
            clean(&schedule.cron),
            clean(&schedule.time_zone),
            words::time_or(schedule.next_run_at.as_ref(), "-"),
            clean(latest),
            supplier,
            clean(&list),
        ]);
    }
    output.line(&table.to_string())?;
    Ok(Ending::Good)
}
