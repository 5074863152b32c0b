//! Where a connection's LOGIKAL is, as callers save and see it.

use secrecy::SecretString;
use sluice_proto::v1::{ConnectionsSaveLogikalRequest, LogikalSite as LogikalMessage};
use tonic::Status;

use crate::{
    connections::{Connection, Connections, LogikalDraft, LogikalSite},
    jobs::project_sync::LogikalSites,
};

pub(super) async fn save(
    connections: &Connections,
    sites: &LogikalSites,
    connection: &Connection,
    asked: ConnectionsSaveLogikalRequest,
) -> Result<LogikalMessage, Status> {
    let draft = LogikalDraft::new(
        &asked.url,
        &asked.user,
        SecretString::from(asked.password),
        &asked.directory,
        asked.sessions,
    )?;
    let mut site = connections.logikal_of(connection.id, &draft).await?;
    if !asked.skip_test {
        sites.try_out(&site).await?;
    }
    site.sessions = connections.save_logikal(connection.id, &site).await?;
    Ok(message(site))
}

pub(super) fn message(site: LogikalSite) -> LogikalMessage {
    LogikalMessage {
        url: site.url.to_string(),
        user: site.user,
        directory: site.directory,
        sessions: site.sessions,
    }
}
