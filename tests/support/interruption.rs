//! Being asked to stop, from a terminal or by another program.

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};

/// Returns when somebody presses Ctrl-C, closes the terminal, or asks the process to end. What runs by then should be dropped,
/// so that no server, no Odoo and no Postgres is left behind.
pub async fn interrupted() -> Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = hangup.recv() => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
