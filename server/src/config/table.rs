//! Every setting, once: its name, its default and what it does.

/// One setting. In the environment it is called `SLUICE_` and the name in capitals, as a flag `--name-with-dashes`.
pub struct Setting {
    /// Its key in the settings file.
    pub name: &'static str,
    /// What holds when nobody sets it; empty means unset, or computed as the help says.
    pub default: &'static str,
    /// Whether it is on or off, so that its flag needs no value.
    pub is_switch: bool,
    /// What it does.
    pub help: &'static str,
}

const fn value(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        default,
        is_switch: false,
        help,
    }
}

const fn switch(name: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        default: "false",
        is_switch: true,
        help,
    }
}

/// All settings, in the order in which they are documented.
pub const TABLE: &[Setting] = &[
    value(
        "listen",
        "127.0.0.1:7410",
        "address and port for gRPC; port 0 takes a free one",
    ),
    value(
        "metrics_listen",
        "127.0.0.1:7411",
        "address and port for Prometheus (`/metrics`); port 0 takes a free one",
    ),
    value(
        "data_dir",
        "",
        "where the server keeps its files; default: `/var/lib/sluice` for root, else `sluice` in the XDG data directory",
    ),
    value(
        "database_url",
        "",
        "Postgres 15 or newer to use; unset: the server runs its own in the data directory; `DATABASE_URL` is honoured too",
    ),
    value(
        "database_connections",
        "10",
        "how many connections the server's pools may open; three of them are for the queue's short statements",
    ),
    value(
        "database_wait",
        "1min",
        "how long to wait at the start for a given Postgres that is not up yet",
    ),
    value(
        "postgres_bin",
        "",
        "directory of `initdb` and `postgres` for the server's own Postgres; unset: searched",
    ),
    value("workers", "4", "how many jobs run at once in this server"),
    value(
        "lease",
        "30s",
        "how long a silent worker keeps its job; renewed each third of it",
    ),
    value(
        "stuck_after",
        "15min",
        "a running job without progress for so long is given to another worker",
    ),
    value(
        "max_outage",
        "2h",
        "how long a job waits for an Odoo that is away before it fails",
    ),
    value(
        "max_retries",
        "3",
        "how often a job is tried again without a checkpoint in between before it fails",
    ),
    value(
        "keep_jobs",
        "90d",
        "how long finished jobs, their row errors and their lists are kept",
    ),
    value(
        "keep_events",
        "14d",
        "how long the whole story of a finished job is kept; afterwards how it ended",
    ),
    value(
        "max_file_bytes",
        "1073741824",
        "largest list that is accepted, in bytes",
    ),
    value(
        "max_batch_rows",
        "4000",
        "the most rows of a list that one call hands to Odoo; fewer for an Odoo that is small, or to see more steps",
    ),
    value(
        "private_sources",
        "",
        "hosts in private networks from which lists may be fetched, such as `files.lan,10.0.0.8`; `*`: all",
    ),
    value(
        "source_timeout",
        "10min",
        "how long fetching a list from its address may take",
    ),
    value(
        "odoo_connect_timeout",
        "10s",
        "how long connecting to Odoo may take",
    ),
    value(
        "odoo_call_timeout",
        "1min",
        "how long one call to Odoo may take",
    ),
    value(
        "tls_certificate",
        "",
        "PEM file with the certificate chain; set together with `tls_key`",
    ),
    value("tls_key", "", "PEM file with the certificate's private key"),
    switch(
        "allow_plaintext",
        "gRPC may listen beyond loopback without TLS, such as behind a proxy that ends TLS",
    ),
    value(
        "secret_key",
        "",
        "key that seals credentials at rest: 32 bytes in base64; better in a file",
    ),
    value(
        "secret_key_file",
        "",
        "file with that key; unset: `secret.key` in the data directory, made at the first start",
    ),
    value(
        "shutdown_grace",
        "4s",
        "how long a stop waits for running jobs to reach their next checkpoint; then they are given back as they were at the last one",
    ),
    value(
        "log",
        "info",
        "what is logged: a level, or directives such as `info,sluice_server::queue=debug`",
    ),
    value(
        "log_format",
        "auto",
        "`human`, `json`, or `auto`: human on a terminal, else JSON",
    ),
];

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::config::Sources;

    /// The table as it stands in `server/README.md`.
    fn markdown() -> String {
        let mut text = String::from("| setting | default | what it does |\n|---|---|---|\n");
        for setting in TABLE {
            let default = match setting.default {
                "" => String::new(),
                default => format!("`{default}`"),
            };
            writeln!(
                text,
                "| `{}` | {default} | {} |",
                setting.name, setting.help
            )
            .unwrap();
        }
        text
    }

    #[test]
    fn the_readme_has_the_table() {
        let readme = include_str!("../../README.md");
        assert!(
            readme.contains(&markdown()),
            "server/README.md needs this table of settings:\n\n{}",
            markdown()
        );
    }

    #[test]
    fn the_table_and_the_settings_have_the_same_names() {
        let settings = Sources {
            is_root: true,
            ..Sources::default()
        }
        .load()
        .unwrap();
        let serde_json::Value::Object(fields) = serde_json::to_value(settings).unwrap() else {
            panic!("not a struct")
        };
        let mut named: Vec<&str> = TABLE.iter().map(|setting| setting.name).collect();
        let mut typed: Vec<&str> = fields.keys().map(String::as_str).collect();
        named.sort_unstable();
        typed.sort_unstable();
        assert_eq!(named, typed);
    }
}
