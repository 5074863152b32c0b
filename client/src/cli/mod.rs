//! The command line: reads arguments, calls the library, and says in words what happened.
//!
//! Exit codes: 0 all good, 1 failed, 2 wrong usage, 3 done with row errors, 130 left by Ctrl-C.

mod args;
mod import_options;
mod mapping;
mod settings;

mod connection;
mod doctor;
mod import;
mod jobs;
mod logikal;
mod mirror;
mod overview;
mod pair;
mod preview;
mod project;
mod row_errors;
mod schedule;
mod search;
mod searchable;
mod searchable_arguments;
mod searchable_view;
mod sync;
mod watch;

mod failure;
mod output;
mod render;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use self::{
    args::{Arguments, Command},
    failure::Failure,
    output::Output,
    settings::Settings,
};

/// How a command ended, if nothing went wrong on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Good,
    Failed,
    RowErrors,
    Left,
}

impl Ending {
    fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Failed => 1,
            Self::RowErrors => 3,
            Self::Left => 130,
        }
    }
}

pub(crate) fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(message) => {
            // Nothing is left to tell it to if the terminal is gone.
            let _ = message.print();
            return ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(2));
        }
    };
    let output = Output::new(arguments.global.json, arguments.global.plain);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(Box::pin(run(arguments, &output))),
        Err(error) => Err(Failure::local(format!("no runtime: {error}"), "")),
    };
    match ended {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(failure) => ExitCode::from(failure.report(&output)),
    }
}

async fn run(arguments: Arguments, output: &Output) -> Result<Ending, Failure> {
    let Arguments { global, command } = arguments;
    if let Command::Completions { shell } = command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "sluice", &mut script);
        output.bytes(&script)?;
        return Ok(Ending::Good);
    }
    let settings = Settings::find(global)?;
    if let Command::Doctor = command {
        return doctor::run(settings, output).await;
    }
    match &command {
        Command::Import(arguments) => arguments.check()?,
        Command::Preview(arguments) => arguments.check()?,
        Command::Schedule(command) => command.check()?,
        _ => {}
    }
    let client = settings.connect().await?;
    match command {
        Command::Connection(command) => connection::run(command, &client, output).await,
        Command::Import(arguments) => import::run(arguments, &client, output).await,
        Command::Preview(arguments) => preview::run(arguments, &client, output).await,
        Command::Jobs(command) => jobs::run(command, &client, output).await,
        Command::Watch(arguments) => watch::run(arguments, &client, output).await,
        Command::Errors(arguments) => row_errors::list(arguments, &client, output).await,
        Command::FixFile(arguments) => row_errors::fix_file(arguments, &client, output).await,
        Command::Schedule(command) => schedule::run(command, &client, output).await,
        Command::Sync(arguments) => sync::sync(arguments, &client, output).await,
        Command::Cleanup(arguments) => sync::cleanup(arguments, &client, output).await,
        Command::Mirror(command) => mirror::run(command, &client, output).await,
        Command::Search(arguments) => search::search(arguments, &client, output).await,
        Command::Similar(arguments) => search::similar(arguments, &client, output).await,
        Command::Searchable(command) => searchable::run(command, &client, output).await,
        Command::Logikal(command) => logikal::run(command, &client, output).await,
        Command::Project(command) => project::run(command, &client, output).await,
        Command::Pair => pair::run(&client, output).await,
        Command::Doctor | Command::Completions { .. } => Ok(Ending::Good),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn leaves(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            if command.has_subcommands() {
                for command in command.get_subcommands() {
                    leaves(command, &path);
                }
                return;
            }
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            assert!(
                help.contains(path.trim()),
                "`{}` has no example",
                path.trim()
            );
        }
        leaves(&Arguments::command(), "");
    }

    #[test]
    fn exit_codes_are_a_promise() {
        let codes = [
            Ending::Good,
            Ending::Failed,
            Ending::RowErrors,
            Ending::Left,
        ];
        assert_eq!(codes.map(Ending::code), [0, 1, 3, 130]);
        let usage = Arguments::try_parse_from(["sluice", "watch"]).unwrap_err();
        assert_eq!(usage.exit_code(), 2);
    }
}
