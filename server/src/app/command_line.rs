//! The command line of `sluice-server`: a flag for each setting, made from the table of settings.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use clap::{Arg, ArgAction, Command, value_parser};

use crate::config::{Sources, TABLE};

/// What the command line asks for.
#[derive(Debug)]
pub enum Order {
    /// Serve with settings from these sources.
    Serve(Sources),
    /// Print the settings that would hold, and end.
    PrintSettings(Sources),
}

const EXAMPLES: &str = "\
Examples:
  sluice-server
      serves on 127.0.0.1:7410 with a Postgres of its own
  sluice-server --data-dir /srv/sluice --listen 127.0.0.1:9000
      another place and another port
  sluice-server --listen 0.0.0.0:7410 --tls-certificate chain.pem --tls-key key.pem
      for other machines
  DATABASE_URL=postgres://sluice@db/sluice sluice-server
      on a Postgres that is there already
  sluice-server --print-settings
      shows what holds, from file, environment and flags together

A setting comes from, in rising order: its default, the settings file, the environment (SLUICE_ and its name in
capitals), its flag. Spans of time are written 500ms, 30s, 15min, 2h or 30d.";

/// Reads the command line; wrong ones, `--help` and `--version` come back as the message and code that clap ends with.
pub fn read_command_line(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Order, clap::Error> {
    let mut matches = command().try_get_matches_from(arguments)?;
    let flags: BTreeMap<String, String> = TABLE
        .iter()
        .filter_map(|setting| {
            Some((
                setting.name.to_owned(),
                matches.remove_one::<String>(setting.name)?,
            ))
        })
        .collect();
    let sources = Sources::of_process(matches.remove_one::<PathBuf>("config"), flags);
    Ok(if matches.get_flag("print_settings") {
        Order::PrintSettings(sources)
    } else {
        Order::Serve(sources)
    })
}

fn command() -> Command {
    let settings = TABLE.iter().map(|setting| {
        let help = match setting.default {
            "" | "false" => setting.help.to_owned(),
            default => format!("{} [default: {default}]", setting.help),
        };
        let flag = Arg::new(setting.name)
            .long(setting.name.replace('_', "-"))
            .help(help)
            .help_heading("Settings");
        if setting.is_switch {
            flag.num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .value_name("true|false")
        } else {
            flag.value_name(setting.name.to_uppercase())
        }
    });
    Command::new("sluice-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The Sluice service: durable imports into Odoo over gRPC")
        .after_help(EXAMPLES)
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help(
                    "settings file (TOML) [default: sluice.toml in the data directory, if there]",
                ),
        )
        .arg(
            Arg::new("print_settings")
                .long("print-settings")
                .action(ArgAction::SetTrue)
                .help("print the settings that hold, secrets hidden, and end"),
        )
        .args(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Order, clap::Error> {
        read_command_line(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn each_setting_has_its_flag() {
        command().debug_assert();
        let Order::Serve(sources) =
            read("sluice-server --listen 127.0.0.1:1 --allow-plaintext --log-format=json").unwrap()
        else {
            panic!("not asked to print")
        };
        assert_eq!(sources.flags["listen"], "127.0.0.1:1");
        assert_eq!(sources.flags["allow_plaintext"], "true");
        assert_eq!(sources.flags["log_format"], "json");
        assert!(matches!(
            read("sluice-server --print-settings").unwrap(),
            Order::PrintSettings(_)
        ));
    }

    #[test]
    fn an_unknown_flag_is_wrong_usage() {
        assert_eq!(read("sluice-server --lisen x").unwrap_err().exit_code(), 2);
    }
}
