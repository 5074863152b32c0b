//! The `sluice-server` program.

use std::{io::Write as _, process::ExitCode};

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use sluice_server::{
    app::{App, Greeting, Order, Signals, read_command_line},
    config::Settings,
    telemetry::start_log,
};
use tracing::error;

fn main() -> ExitCode {
    let ended = match read_command_line(std::env::args_os()) {
        Ok(Order::Serve(sources)) => sources.load().map_err(anyhow::Error::from).and_then(serve),
        Ok(Order::PrintSettings(sources)) => {
            sources
                .load()
                .map_err(anyhow::Error::from)
                .and_then(|settings| {
                    std::io::stdout()
                        .write_all(settings.print().as_bytes())
                        .context("cannot print")
                })
        }
        Err(wrong) => {
            // Help goes to standard output and a complaint to standard error; a closed pipe is nobody's fault.
            let _ = wrong.print();
            return ExitCode::from(u8::try_from(wrong.exit_code()).unwrap_or(2));
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "sluice-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(settings: Settings) -> anyhow::Result<()> {
    start_log(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    runtime.block_on(run(settings))
}

async fn run(settings: Settings) -> anyhow::Result<()> {
    let mut signals = Signals::hear().context("cannot hear signals")?;
    let (mut app, greeting) = tokio::select! {
        started = App::start(settings) => started?,
        () = signals.next() => anyhow::bail!("stopped before it had started"),
    };
    // Nobody may be reading; the log says the same, but for the token.
    let _ = std::io::stdout().write_all(words(&greeting).as_bytes());
    drop(greeting);
    let fault = tokio::select! {
        () = signals.next() => None,
        fault = app.broken() => Some(fault),
    };
    tokio::select! {
        () = app.stop() => {}
        () = signals.next() => error!("stopped at once by a second signal; running jobs resume from their checkpoints"),
    }
    fault.map_or(Ok(()), |fault| Err(anyhow::anyhow!(fault)))
}

/// How to reach the server, for the person who started it.
fn words(greeting: &Greeting) -> String {
    let scheme = if greeting.is_tls { "https" } else { "http" };
    let token = match &greeting.first_token {
        None => String::new(),
        Some(token) => format!("            {} (shown this once)\n", token.expose_secret()),
    };
    format!(
        "Sluice is ready.\n  gRPC      {scheme}://{}\n  metrics   http://{}/metrics\n  data      {}\n  token     {}\n{token}",
        greeting.address,
        greeting.metrics_address,
        greeting.data_dir.display(),
        greeting.token_file.display(),
    )
}
