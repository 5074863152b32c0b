//! `sluice`: the command line of Sluice.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
