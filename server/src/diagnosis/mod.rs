//! What is wrong with this server, in words: its Postgres, its disk, its clock, its workers, its Odoos, its search.
//!
//! Each finding has its paragraph in `RUNBOOK.md`.

mod finding;
mod judge;
mod odoo;
mod search;

use std::path::PathBuf;

pub use self::finding::{Finding, Verdict};
use crate::{
    config::Settings,
    connections::Connections,
    db::Db,
    jobs::{OdooClients, search::Search},
    queue::Queue,
};

/// Looks at a server. Clones look at the same one.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    db: Db,
    queue: Queue,
    connections: Connections,
    odoo: OdooClients,
    search: Search,
    data_dir: PathBuf,
    is_open_to_others: bool,
}

impl Diagnosis {
    /// Will look at these rooms.
    pub fn new(
        db: Db,
        queue: Queue,
        connections: Connections,
        odoo: OdooClients,
        search: Search,
        settings: &Settings,
    ) -> Self {
        Self {
            db,
            queue,
            connections,
            odoo,
            search,
            data_dir: settings.data_dir.clone(),
            is_open_to_others: !settings.listen.ip().is_loopback()
                && settings.tls_certificate.is_none(),
        }
    }

    /// Looks at everything. What cannot be looked at is a finding too, so this never fails.
    pub async fn findings(&self) -> Vec<Finding> {
        let mut findings = match self.db.health().await {
            Ok(health) => vec![
                judge::postgres(&health),
                judge::durability(health.durability),
                judge::sessions(health.keeps_sessions),
                judge::clock(health.clock_ahead),
                judge::transactions(health.longest_transaction),
            ],
            Err(error) => vec![judge::no_postgres(&error)],
        };
        findings.push(match self.queue.load().await {
            Ok(load) => judge::queue(&load),
            Err(error) => judge::no_queue(&error),
        });
        findings.push(match self.queue.liveness().await {
            Ok(liveness) => judge::liveness(&liveness),
            Err(error) => judge::no_queue(&error),
        });
        findings.push(match rustix::fs::statvfs(self.data_dir.as_path()) {
            Ok(disk) => judge::disk(disk.f_bavail.saturating_mul(disk.f_frsize), &self.data_dir),
            Err(error) => judge::no_disk(&error, &self.data_dir),
        });
        findings.push(judge::transport(self.is_open_to_others));
        findings.push(search::judge(self.search.health().await));
        findings.extend(odoo::findings(&self.connections, &self.odoo).await);
        findings
    }
}
