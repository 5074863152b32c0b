//! The arguments of `sluice`. The comments here are its help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use super::{
    connection::ConnectionCommand,
    import::ImportArguments,
    jobs::JobsCommand,
    logikal::LogikalCommand,
    mirror::MirrorCommand,
    preview::PreviewArguments,
    project::ProjectCommand,
    row_errors,
    schedule::ScheduleCommand,
    search::{SearchArguments, SimilarArguments},
    searchable_arguments::SearchableCommand,
    sync::{CleanupArguments, SyncArguments},
    watch::WatchArguments,
};

/// Supplier price lists into Odoo, Odoo models into Postgres, and everything that Sluice does, seen from a terminal.
#[derive(Debug, Parser)]
#[command(
    name = "sluice",
    version,
    after_help = "Exit codes: 0 all good, 1 failed, 2 wrong usage, 3 done with row errors, 130 left by Ctrl-C.\n\
                  A server on this machine is found by itself. `sluice doctor` says what is wrong if something is."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Where the server is: host:port, https://host:port, or http://127.0.0.1:port
    #[arg(
        long,
        global = true,
        env = "SLUICE_SERVER",
        value_name = "ADDRESS",
        help_heading = "Server"
    )]
    pub(crate) server: Option<String>,
    /// The token to show it; others on this machine can see arguments, so prefer the variable or a file
    #[arg(
        long,
        global = true,
        env = "SLUICE_TOKEN",
        hide_env_values = true,
        help_heading = "Server"
    )]
    pub(crate) token: Option<String>,
    /// A file that holds the token
    #[arg(long, global = true, value_name = "FILE", help_heading = "Server")]
    pub(crate) token_file: Option<PathBuf>,
    /// A PEM certificate to trust beside those of the system
    #[arg(long, global = true, value_name = "FILE", help_heading = "Server")]
    pub(crate) ca_certificate: Option<PathBuf>,
    /// Allow http to another machine: everybody on the way can read the token
    #[arg(long, global = true, help_heading = "Server")]
    pub(crate) insecure: bool,
    /// Settings to read instead of sluice/config.toml in the user's configuration folder
    #[arg(long, global = true, value_name = "FILE", help_heading = "Server")]
    pub(crate) config: Option<PathBuf>,
    /// Answer in JSON, one value a line
    #[arg(long, global = true, conflicts_with = "plain", help_heading = "Output")]
    pub(crate) json: bool,
    /// Answer in lines for people, without a progress bar, wherever the answer goes
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) plain: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The Odoo databases that the server serves
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Import a supplier's price list
    Import(ImportArguments),
    /// Show what an import would do with the first rows; writes nothing
    Preview(PreviewArguments),
    /// Look at jobs and steer them
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Follow a job to its end
    Watch(WatchArguments),
    /// List the rows of an import that failed, and why
    Errors(row_errors::ErrorsArguments),
    /// Save the rows of an import that failed, ready to be mended and imported again
    FixFile(row_errors::FixFileArguments),
    /// Imports that repeat by themselves
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Refresh the mirror of an Odoo model now
    Sync(SyncArguments),
    /// Find records in the mirror of a model that Odoo no longer has
    Cleanup(CleanupArguments),
    /// Odoo models as Postgres tables
    #[command(subcommand)]
    Mirror(MirrorCommand),
    /// Find mirrored records by what they mean, or by their words
    Search(SearchArguments),
    /// Find mirrored records that mean much the same as one
    Similar(SimilarArguments),
    /// What can be searched, by which embedder, and how far that is
    #[command(subcommand)]
    Searchable(SearchableCommand),
    /// Where the LOGIKAL of a connection is
    #[command(subcommand)]
    Logikal(LogikalCommand),
    /// LOGIKAL projects: fetch them and look at them
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Find out what is wrong, here and on the server
    #[command(after_help = "Example:\n  sluice doctor\n\nEnds with 1 if something is bad.")]
    Doctor,
    /// Make a code with which an Odoo connects itself, once and soon
    #[command(after_help = "Example:\n  sluice pair")]
    Pair,
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  sluice completions bash > ~/.local/share/bash-completion/completions/sluice"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}
