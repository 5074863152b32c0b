//! Settings of the server as each room takes them.

use crate::{
    adapters::Limits, config::Settings, jobs::supplier_import::ImportSettings, queue::QueueSettings,
};

/// What the queue takes.
pub(super) fn queue(settings: &Settings) -> QueueSettings {
    QueueSettings {
        workers: usize::try_from(settings.workers).unwrap_or(usize::MAX),
        lease: settings.lease,
        stuck_after: settings.stuck_after,
        max_retries: i32::try_from(settings.max_retries).unwrap_or(i32::MAX),
        grace: settings.shutdown_grace,
        keep_jobs: settings.keep_jobs,
        keep_events: settings.keep_events,
        ..QueueSettings::default()
    }
}

/// What outgoing HTTP takes.
pub(super) fn http(settings: &Settings) -> Limits {
    Limits {
        connect: settings.odoo_connect_timeout,
        odoo_call: settings.odoo_call_timeout,
        source_fetch: settings.source_timeout,
        source_bytes: settings.max_file_bytes,
        private_sources: settings
            .private_sources
            .as_deref()
            .unwrap_or_default()
            .split(',')
            .map(|host| host.trim().to_owned())
            .filter(|host| !host.is_empty())
            .collect(),
        ..Limits::default()
    }
}

/// What imports take. Files in the folder have no names, so nothing is left behind whoever dies.
pub(super) fn imports(settings: &Settings) -> ImportSettings {
    ImportSettings {
        scratch: settings.data_dir.join("scratch"),
        max_file_bytes: settings.max_file_bytes,
        max_outage: settings.max_outage,
        max_batch_rows: usize::try_from(settings.max_batch_rows).unwrap_or(usize::MAX),
    }
}

/// How people know this process: its machine and its number.
pub(super) fn name_of_process() -> String {
    let machine = rustix::system::uname();
    format!(
        "{}:{}",
        machine.nodename().to_string_lossy(),
        std::process::id()
    )
}
