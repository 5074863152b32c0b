//! `sluice jobs`: looking at jobs and steering them.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use sluice_client::{
    Client,
    v1::{Job, JobState, JobsListRequest},
};

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{
        json,
        table::{Align, Table},
        text::{clean, short},
        words,
    },
};

/// Commands of `sluice jobs`.
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List jobs, newest first
    #[command(after_help = "Examples:
  sluice jobs list
  sluice jobs list --connection webshop --state running --state queued
  sluice jobs list --json | head -1")]
    List(ListArguments),
    /// Show one job
    #[command(after_help = "Example:\n  sluice jobs get 0198c0de-0000-7000-8000-000000000001")]
    Get(Named),
    /// End a job for good; what is applied stays applied
    #[command(after_help = "Example:\n  sluice jobs cancel 0198c0de-0000-7000-8000-000000000001")]
    Cancel(Named),
    /// Stop a job until it is resumed
    #[command(after_help = "Example:\n  sluice jobs pause 0198c0de-0000-7000-8000-000000000001")]
    Pause(Named),
    /// Let a paused job go on after its checkpoint
    #[command(after_help = "Example:\n  sluice jobs resume 0198c0de-0000-7000-8000-000000000001")]
    Resume(Named),
    /// Let a failed or cancelled job go on after its checkpoint
    #[command(after_help = "Example:\n  sluice jobs retry 0198c0de-0000-7000-8000-000000000001")]
    Retry(Named),
}

/// Names a job.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The job's id
    job: String,
}

/// Arguments of `sluice jobs list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Only jobs of this connection
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    connection: String,
    /// Only jobs of this kind, such as `supplier_import`
    #[arg(long, default_value = "", hide_default_value = true)]
    kind: String,
    /// Only jobs in this state; may be given several times
    #[arg(long, value_enum)]
    state: Vec<State>,
    /// How many jobs to show at most
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Queued,
    Running,
    Paused,
    Succeeded,
    Failed,
    Cancelled,
}

impl State {
    fn wire(self) -> JobState {
        match self {
            Self::Queued => JobState::Queued,
            Self::Running => JobState::Running,
            Self::Paused => JobState::Paused,
            Self::Succeeded => JobState::Succeeded,
            Self::Failed => JobState::Failed,
            Self::Cancelled => JobState::Cancelled,
        }
    }
}

pub(crate) async fn run(
    command: JobsCommand,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    match command {
        JobsCommand::List(arguments) => list(arguments, client, output).await,
        JobsCommand::Get(named) => show(&client.job(&named.job).await?, output),
        JobsCommand::Cancel(named) => steered(&client.cancel(&named.job).await?, output),
        JobsCommand::Pause(named) => steered(&client.pause(&named.job).await?, output),
        JobsCommand::Resume(named) => steered(&client.resume(&named.job).await?, output),
        JobsCommand::Retry(named) => steered(&client.retry(&named.job).await?, output),
    }
}

async fn list(
    arguments: ListArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let request = JobsListRequest {
        connection: arguments.connection,
        kind: arguments.kind,
        states: arguments
            .state
            .iter()
            .map(|state| state.wire().into())
            .collect(),
        ..JobsListRequest::default()
    };
    let jobs = client.jobs(request, arguments.limit).await?;
    if output.is_json() {
        for job in &jobs {
            output.value(&json::job(job))?;
        }
        return Ok(Ending::Good);
    }
    if jobs.is_empty() {
        output.remark("no such jobs");
        return Ok(Ending::Good);
    }
    let mut table = Table::new(&[
        "JOB",
        "CONNECTION",
        "STATE",
        "DONE",
        "ROWS",
        "ERRORS",
        "CREATED",
        "TITLE",
    ])
    .align(&[
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
    ]);
    for job in &jobs {
        let counters = job.counters.unwrap_or_default();
        table.row([
            clean(&job.id),
            clean(&job.connection),
            words::state(job),
            words::percent(&counters),
            words::number(counters.rows_done),
            words::number(counters.errors),
            words::time_or(job.created_at.as_ref(), "-"),
            short(&job.title, 50),
        ]);
    }
    output.line(&table.to_string())?;
    Ok(Ending::Good)
}

fn show(job: &Job, output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        output.value(&json::job(job))?;
        return Ok(Ending::Good);
    }
    output.line(&facts(job).to_string())?;
    if job.counters.is_some_and(|counters| counters.errors > 0) {
        output.remark(&words::after_row_errors(&job.id));
    }
    Ok(Ending::Good)
}

fn facts(job: &Job) -> Table {
    let counters = job.counters.unwrap_or_default();
    let mut table = Table::facts();
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            table.row([name.to_owned(), value]);
        }
    };
    fact("job", clean(&job.id));
    fact("title", clean(&job.title));
    fact("connection", clean(&job.connection));
    fact("kind", clean(&job.kind));
    fact("state", state(job));
    fact("asked for", clean(&job.requested));
    fact("waits for", clean(&job.waiting_reason));
    fact("rows", words::rows(&counters));
    fact("outcomes", words::outcomes(&counters));
    if let Some(error) = &job.error {
        fact(
            "error",
            clean(&format!("{}: {}", error.code, error.message)),
        );
    }
    fact("attempt", job.attempt.to_string());
    fact("restarts", job.retry_count.to_string());
    fact("priority", job.priority.to_string());
    fact("lane", clean(&job.lane));
    fact("created", words::time_or(job.created_at.as_ref(), ""));
    if job.state() == JobState::Queued {
        fact("not before", words::time_or(job.run_at.as_ref(), ""));
    }
    fact("started", words::time_or(job.started_at.as_ref(), ""));
    fact("finished", words::time_or(job.finished_at.as_ref(), ""));
    fact("request id", clean(&job.request_id));
    table
}

/// The state in words, and where that differs the state to ask for with `--state`.
fn state(job: &Job) -> String {
    let words = words::state(job);
    let word = words::of(job.state().as_str_name(), "JOB_STATE_");
    if words.starts_with(&word) {
        return words;
    }
    format!("{words} ({word})")
}

fn steered(job: &Job, output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        output.value(&json!({ "job": json::job(job) }))?;
        return Ok(Ending::Good);
    }
    let line = if job.requested.is_empty() {
        format!("job {} is {}", clean(&job.id), words::state(job))
    } else {
        format!(
            "job {} will {} when its batch is done",
            clean(&job.id),
            clean(&job.requested)
        )
    };
    output.line(&line)?;
    Ok(Ending::Good)
}
