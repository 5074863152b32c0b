//! `sluice import`: a list from a file, the standard input or an address becomes a job.

use std::{io, os::fd::AsFd as _, path::Path};

use chrono::{DateTime, Local};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use prost_types::Timestamp;
use sluice_client::{
    Client,
    v1::{ImportQueueEnqueueRequest, supplier_import::Source},
};
use tokio::fs::File;

use super::{
    Ending,
    failure::Failure,
    import_options::ImportOptions,
    output::{Output, Style},
    render::{json, text::clean},
    watch,
};

/// Arguments of `sluice import`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sluice import prices.csv --connection webshop --supplier ACME --watch
  sluice import prices.xlsx --connection webshop --supplier 42 --mapping acme.toml --watch
  sluice import https://acme.example/prices.csv --connection webshop --supplier ACME
  zcat prices.csv.gz | sluice import - --connection webshop --supplier ACME --sweep end-date

A mapping file:
  [columns]
  \"Artikelnummer\" = \"product_code\"
  \"EAN\" = \"barcode\"
  \"#4\" = \"price\"

With --watch it ends with 0 if all went well, 3 if rows failed, 1 if the import did.
Without, it ends when the import is safely queued.")]
pub(crate) struct ImportArguments {
    /// The list: a file, an http(s) address that the server fetches, or `-` for the standard input
    #[arg(value_name = "FILE|URL")]
    list: String,
    #[command(flatten)]
    options: ImportOptions,
    /// Follow the import to its end
    #[arg(long, help_heading = "Running")]
    watch: bool,
    /// Read and check the whole list, but write nothing to Odoo
    #[arg(long, help_heading = "Running")]
    dry_run: bool,
    /// Run before waiting jobs of a lower priority, -100 to 100
    #[arg(
        long,
        default_value_t = 0,
        allow_negative_numbers = true,
        hide_default_value = true,
        help_heading = "Running"
    )]
    priority: i32,
    /// Do not start before this time, such as 2026-03-01T03:00:00+01:00
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Running")]
    at: Option<DateTime<chrono::FixedOffset>>,
    /// A UUID: however often the command runs with it, one job is made
    #[arg(
        long,
        value_name = "UUID",
        default_value = "",
        hide_default_value = true,
        help_heading = "Running"
    )]
    request_id: String,
}

impl ImportArguments {
    /// Finds what is wrong with the arguments before a server is asked.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.options.check()?;
        check(&self.list)
    }
}

pub(crate) fn time(text: &str) -> Result<DateTime<chrono::FixedOffset>, String> {
    DateTime::parse_from_rfc3339(text).map_err(|_| {
        let example = Local::now().format("%Y-%m-%dT%H:%M:%S%:z");
        format!("write it like {example}")
    })
}

pub(crate) async fn run(
    arguments: ImportArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let connection = arguments.options.connection.clone();
    let nothing = Source::Content(Vec::new());
    let mut import = arguments
        .options
        .import(nothing, file_name(&arguments.list))?;
    import.dry_run = arguments.dry_run;
    import.source = Some(send(&arguments.list, &connection, client, output).await?);
    let enqueued = client
        .enqueue_with(ImportQueueEnqueueRequest {
            import: Some(import),
            request_id: arguments.request_id,
            priority: arguments.priority,
            run_at: arguments.at.map(|time| Timestamp {
                seconds: time.timestamp(),
                nanos: 0,
            }),
        })
        .await?;
    let job = &enqueued.job;
    let style = output.style();
    if output.is_json() || (arguments.watch && style == Style::Json) {
        output.value(&json::enqueued(&enqueued))?;
    } else if arguments.watch {
        output.remark(&format!("job {}: {}", job.id, clean(&job.title)));
    } else {
        output.line(&job.id)?;
        output.remark(&format!("queued: {}", clean(&job.title)));
    }
    if enqueued.existed {
        output.remark("this request had been made before; this is its job");
    }
    if let Some(behind) = &enqueued.behind {
        output.remark(&format!(
            "it waits for job {behind}, which has the supplier now"
        ));
    }
    if arguments.watch {
        return watch::follow(client, &job.id, 0, output).await;
    }
    output.remark(&format!("to follow it: sluice watch {}", job.id));
    Ok(Ending::Good)
}

/// Makes a list reachable for the server: an address as it is, everything else by an upload.
pub(crate) async fn send(
    list: &str,
    connection: &str,
    client: &Client,
    output: &Output,
) -> Result<Source, Failure> {
    if is_address(list) {
        return Ok(Source::Url(list.to_owned()));
    }
    if list == "-" {
        let bar = upload_bar(None, output);
        let input = standard_input()?;
        let uploaded = client
            .upload(input, "standard input", connection, |sent| {
                bar.set_position(sent);
            })
            .await;
        bar.finish_and_clear();
        return Ok(uploaded?.source());
    }
    let path = Path::new(list);
    let metadata = path.metadata().map_err(|error| unusable(list, &error))?;
    let bar = upload_bar(metadata.is_file().then_some(metadata.len()), output);
    let sent = |sent| bar.set_position(sent);
    let uploaded = if metadata.is_file() {
        client.upload_file_with(path, connection, sent).await
    } else {
        // A pipe gives its content once: no second try after a broken line.
        let pipe = File::open(path)
            .await
            .map_err(|error| unusable(list, &error))?;
        client
            .upload(pipe, &file_name(list), connection, sent)
            .await
    };
    bar.finish_and_clear();
    Ok(uploaded?.source())
}

/// Finds out before a server is asked whether a list is there.
pub(crate) fn check(list: &str) -> Result<(), Failure> {
    if is_address(list) || list == "-" {
        return Ok(());
    }
    let metadata = Path::new(list)
        .metadata()
        .map_err(|error| unusable(list, &error))?;
    if metadata.is_dir() {
        return Err(unusable(list, &io::Error::other("it is a folder")));
    }
    // A pipe must not be opened twice.
    if metadata.is_file() {
        std::fs::File::open(list).map_err(|error| unusable(list, &error))?;
    }
    Ok(())
}

fn unusable(list: &str, error: &io::Error) -> Failure {
    Failure::usage(
        format!("{list} cannot be read: {error}"),
        "Give a file, an http(s) address, or `-` for the standard input.",
    )
}

/// The list's name for people; empty where the server knows better.
pub(crate) fn file_name(list: &str) -> String {
    if is_address(list) || list == "-" {
        return String::new();
    }
    Path::new(list)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn is_address(list: &str) -> bool {
    let list = list.to_ascii_lowercase();
    list.starts_with("http://") || list.starts_with("https://")
}

/// The standard input as a file, whatever it is.
fn standard_input() -> Result<File, Failure> {
    let input = io::stdin().as_fd().try_clone_to_owned();
    let input = input.map_err(|error| {
        Failure::usage(
            format!("the standard input cannot be read: {error}"),
            "Pipe a list into the command, or give a file.",
        )
    })?;
    Ok(File::from_std(input.into()))
}

fn upload_bar(size: Option<u64>, output: &Output) -> ProgressBar {
    let bar = output.bar();
    let template = match size {
        Some(size) => {
            bar.set_length(size);
            "sending {bar:30} {percent:>3} %  {bytes} of {total_bytes}, {bytes_per_sec}"
        }
        None => "sending {spinner} {bytes}, {bytes_per_sec}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_left_to_the_server_to_name() {
        assert_eq!(file_name("HTTPS://acme.example/a.csv"), "");
        assert_eq!(file_name("lists/a.csv"), "a.csv");
        assert_eq!(file_name("-"), "");
    }

    #[test]
    fn a_time_needs_its_zone() {
        assert!(time("2026-03-01T03:00:00+01:00").is_ok());
        assert!(time("2026-03-01 03:00").is_err());
    }
}
