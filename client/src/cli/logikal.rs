//! `sluice logikal`: where the LOGIKAL of a connection is.

use std::{fs, io::Read as _, path::Path, path::PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sluice_client::{
    Client,
    v1::{ConnectionsSaveLogikalRequest, LogikalSite},
};

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{table::Table, text::clean},
};

/// Commands of `sluice logikal`.
#[derive(Debug, Subcommand)]
pub(crate) enum LogikalCommand {
    /// Say where the LOGIKAL of a connection is; the server logs in once to see that it is right
    #[command(after_help = "Example:
  sluice logikal save --connection webshop --url https://cad.example/MbioeService.svc/api/v3 --user odoo --password-file pass.txt")]
    Save(SaveArguments),
    /// Show where the LOGIKAL of a connection is
    #[command(after_help = "Example:\n  sluice logikal show --connection webshop")]
    Show {
        /// The connection; a connection's own token implies it
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        connection: String,
    },
}

/// Arguments of `sluice logikal save`.
#[derive(Debug, Args)]
pub(crate) struct SaveArguments {
    /// The connection; a connection's own token implies it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    connection: String,
    /// The address of LOGIKAL's service
    #[arg(long)]
    url: String,
    /// Who logs in
    #[arg(long)]
    user: String,
    /// A file with the user's password, `-` for the standard input; left out: what it was
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The directory below which projects are looked for by name; left out: everywhere
    #[arg(
        long,
        value_name = "PATH",
        default_value = "",
        hide_default_value = true
    )]
    directory: String,
    /// How many sessions may be open at once; left out: 4, or what it was
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    sessions: i32,
    /// Save without logging in first
    #[arg(long)]
    skip_test: bool,
}

pub(crate) async fn run(
    command: LogikalCommand,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    match command {
        LogikalCommand::Save(arguments) => save(arguments, client, output).await,
        LogikalCommand::Show { connection } => {
            if let Some(site) = client.logikal(&connection).await? {
                return show(&site, output);
            }
            output.remark("no LOGIKAL yet; `sluice logikal save --help` shows how to name one");
            Ok(Ending::Good)
        }
    }
}

async fn save(
    arguments: SaveArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let password = arguments
        .password_file
        .as_deref()
        .map(|path| read_password(path, "--password-file"));
    let site = client
        .save_logikal(ConnectionsSaveLogikalRequest {
            connection: arguments.connection,
            url: arguments.url,
            user: arguments.user,
            password: password.transpose()?.unwrap_or_default(),
            directory: arguments.directory,
            sessions: arguments.sessions,
            skip_test: arguments.skip_test,
        })
        .await?;
    if !output.is_json() {
        output.remark("LOGIKAL is saved");
    }
    show(&site, output)
}

/// A secret from a file that `option` names. Only the line's end is no part of it.
pub(crate) fn read_password(path: &Path, option: &str) -> Result<String, Failure> {
    let read = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    let text = read.map_err(|error| {
        Failure::usage(
            format!("the secret cannot be read from {}: {error}", path.display()),
            format!("{option} wants a file that holds nothing but the secret, or `-`."),
        )
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn show(site: &LogikalSite, output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        output.value(&site_json(site))?;
        return Ok(Ending::Good);
    }
    let mut table = Table::facts();
    table.row(["address".to_owned(), clean(&site.url)]);
    table.row(["user".to_owned(), clean(&site.user)]);
    let directory = if site.directory.is_empty() {
        "all".to_owned()
    } else {
        clean(&site.directory)
    };
    table.row(["directory".to_owned(), directory]);
    table.row(["sessions".to_owned(), site.sessions.to_string()]);
    output.line(&table.to_string())?;
    Ok(Ending::Good)
}

fn site_json(site: &LogikalSite) -> Value {
    json!({ "url": site.url, "user": site.user, "directory": site.directory, "sessions": site.sessions })
}
