//! `sluice connection`: the Odoo databases that the server serves.

use std::{fs, io::Read as _, path::Path, path::PathBuf};

use clap::{Args, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sluice_client::{
    Client,
    v1::{Connection, ConnectionsSaveRequest, ConnectionsTestResponse},
};

use super::{
    Ending,
    failure::Failure,
    output::Output,
    render::{
        json,
        table::{Align, Table},
        text::clean,
        words,
    },
};

/// Commands of `sluice connection`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionCommand {
    /// Save a connection: make a new one or change a known one
    #[command(after_help = "Examples:
  sluice connection save webshop --url https://odoo.example --database shop --api-key-file key.txt
  pass show odoo-key | sluice connection save webshop --url https://odoo.example --database shop --api-key-file -

The token of a new connection is shown once. A known connection keeps its key if none is given.")]
    Save(SaveArguments),
    /// Call Odoo and say what works
    #[command(after_help = "Example:\n  sluice connection test webshop")]
    Test(Named),
    /// List the connections
    #[command(after_help = "Example:\n  sluice connection list")]
    List,
    /// Delete a connection, its tokens and its finished jobs
    #[command(after_help = "Example:\n  sluice connection delete webshop")]
    Delete(Named),
    /// Replace the Odoo API key; the server tries the new one first
    #[command(
        after_help = "Example:\n  sluice connection rotate-key webshop --api-key-file new-key.txt"
    )]
    RotateKey {
        #[command(flatten)]
        named: Named,
        /// A file with the new key; `-` for the standard input
        #[arg(long, value_name = "FILE")]
        api_key_file: PathBuf,
    },
    /// Make a new token for the connection's callers; the old ones stop working
    #[command(after_help = "Example:\n  sluice connection rotate-token webshop")]
    RotateToken(Named),
}

/// Names a connection.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The connection's name
    name: String,
}

/// Arguments of `sluice connection save`.
#[derive(Debug, Args)]
pub(crate) struct SaveArguments {
    /// The connection's name: lower-case letters, digits, `-` and `_`
    name: String,
    /// Where Odoo answers
    #[arg(long)]
    url: String,
    /// The name of the Odoo database
    #[arg(long)]
    database: String,
    /// A file with the API key of Odoo's service user; `-` for the standard input
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// The login of Odoo's service user, which Odoo 14 to 18 wants; left out: none, or what it was
    #[arg(long, default_value = "", hide_default_value = true)]
    login: String,
    /// How many calls a second Odoo may get, 0 for any number; left out: that, or what it was
    #[arg(long, value_name = "CALLS")]
    calls_per_second: Option<i32>,
    /// How many of its jobs may run at once; left out: 2, or what it was
    #[arg(
        long,
        value_name = "JOBS",
        default_value_t = 0,
        hide_default_value = true
    )]
    max_running: i32,
    /// Save without calling Odoo first
    #[arg(long)]
    skip_test: bool,
}

pub(crate) async fn run(
    command: ConnectionCommand,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    match command {
        ConnectionCommand::Save(arguments) => save(arguments, client, output).await,
        ConnectionCommand::Test(named) => {
            let found = client.test_connection(&named.name).await?;
            report_test(&named.name, &found, output)
        }
        ConnectionCommand::List => list(&client.connections().await?, output),
        ConnectionCommand::Delete(named) => {
            client.delete_connection(&named.name).await?;
            done(output, &named.name, "is deleted")
        }
        ConnectionCommand::RotateKey {
            named,
            api_key_file,
        } => {
            let key = read_key(&api_key_file)?;
            client.rotate_key(&named.name, &key).await?;
            done(output, &named.name, "has its new key")
        }
        ConnectionCommand::RotateToken(named) => {
            let token = client.rotate_token(&named.name).await?;
            show_token(
                output,
                &named.name,
                &token,
                json!({ "connection": named.name }),
            )
        }
    }
}

async fn save(
    arguments: SaveArguments,
    client: &Client,
    output: &Output,
) -> Result<Ending, Failure> {
    let key = arguments
        .api_key_file
        .as_deref()
        .map(read_key)
        .transpose()?;
    let (connection, token) = client
        .save_connection(ConnectionsSaveRequest {
            name: arguments.name,
            url: arguments.url,
            database: arguments.database,
            api_key: key
                .map(|key| key.expose_secret().to_owned())
                .unwrap_or_default(),
            max_running: arguments.max_running,
            skip_test: arguments.skip_test,
            login: arguments.login,
            calls_per_second: arguments.calls_per_second,
        })
        .await?;
    let value = json!({ "connection": json::connection(&connection) });
    if !output.is_json() {
        let mut line = format!("connection {} is saved", clean(&connection.name));
        if !connection.odoo_version.is_empty() {
            line = format!("{line}; Odoo {} answers", clean(&connection.odoo_version));
        }
        output.remark(&line);
    }
    match token {
        Some(token) => show_token(output, &connection.name, &token, value),
        None if output.is_json() => {
            output.value(&value)?;
            Ok(Ending::Good)
        }
        None => Ok(Ending::Good),
    }
}

/// The token goes alone to the standard output, so that `> file` keeps it and nothing else.
fn show_token(
    output: &Output,
    name: &str,
    token: &SecretString,
    mut value: serde_json::Value,
) -> Result<Ending, Failure> {
    if output.is_json() {
        value["token"] = json!(token.expose_secret());
        output.value(&value)?;
        return Ok(Ending::Good);
    }
    output.remark(&format!("the token of {}, shown this once:", clean(name)));
    output.line(token.expose_secret())?;
    Ok(Ending::Good)
}

fn done(output: &Output, name: &str, what: &str) -> Result<Ending, Failure> {
    if output.is_json() {
        output.value(&json!({ "connection": name }))?;
    } else {
        output.line(&format!("connection {} {what}", clean(name)))?;
    }
    Ok(Ending::Good)
}

fn read_key(path: &Path) -> Result<SecretString, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::usage(
            format!(
                "the API key cannot be read from {}: {error}",
                path.display()
            ),
            "--api-key-file wants a file that holds nothing but the key, or `-`.",
        )
    };
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(unreadable)?;
        text
    } else {
        fs::read_to_string(path).map_err(unreadable)?
    };
    let key = text.trim();
    if key.is_empty() {
        return Err(Failure::usage(
            format!("{} is empty", path.display()),
            "Make an API key in Odoo under Preferences, Account Security, and put it into the file.",
        ));
    }
    Ok(SecretString::from(key))
}

fn report_test(
    name: &str,
    found: &ConnectionsTestResponse,
    output: &Output,
) -> Result<Ending, Failure> {
    if output.is_json() {
        output.value(&json::connection_test(name, found))?;
    } else {
        let workers = match found.workers {
            0 => "threaded".to_owned(),
            workers => format!("{workers} workers"),
        };
        let mut table = Table::facts();
        table.row([
            "Odoo".to_owned(),
            format!("{}, {workers}", clean(&found.odoo_version)),
        ]);
        table.row(["addon".to_owned(), clean(&found.addon_version)]);
        table.row(["modules".to_owned(), clean(&found.modules.join(", "))]);
        table.row(["user".to_owned(), clean(&found.user)]);
        table.row([
            "round trip".to_owned(),
            format!("{:.0} ms", found.round_trip_ms),
        ]);
        table.row([
            "missing rights".to_owned(),
            match found.missing_rights.as_slice() {
                [] => "none".to_owned(),
                missing => clean(&missing.join(", ")),
            },
        ]);
        output.line(&table.to_string())?;
    }
    Ok(if found.missing_rights.is_empty() {
        Ending::Good
    } else {
        Ending::Failed
    })
}

fn list(connections: &[Connection], output: &Output) -> Result<Ending, Failure> {
    if output.is_json() {
        for connection in connections {
            output.value(&json::connection(connection))?;
        }
        return Ok(Ending::Good);
    }
    if connections.is_empty() {
        output.remark("no connections yet; `sluice connection save --help` shows how to make one");
        return Ok(Ending::Good);
    }
    let mut table = Table::new(&[
        "NAME", "URL", "DATABASE", "ODOO", "ADDON", "AT ONCE", "REACHED",
    ])
    .align(&[
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Left,
        Align::Right,
    ]);
    for connection in connections {
        let or_dash = |text: &str| {
            if text.is_empty() {
                "-".to_owned()
            } else {
                clean(text)
            }
        };
        table.row([
            clean(&connection.name),
            clean(&connection.url),
            clean(&connection.database),
            or_dash(&connection.odoo_version),
            or_dash(&connection.addon_version),
            connection.max_running.to_string(),
            words::time_or(connection.tested_at.as_ref(), "never"),
        ]);
    }
    output.line(&table.to_string())?;
    Ok(Ending::Good)
}
