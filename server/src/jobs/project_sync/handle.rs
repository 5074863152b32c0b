//! The handle by which projects are looked for, fetched and looked at.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::{
    ProjectError,
    looking::{LISTING, ProjectListing},
    request::{SyncRequest, Wanted},
    run::{KIND, ProjectSync},
    searching::{look, near},
    sites::LogikalSites,
    spec::SyncSpec,
    store::{self, Known},
    upkeep,
};
use crate::{
    db::Db,
    ids::ConnectionId,
    jobs::OdooClients,
    queue::{Enqueued, NewJob, Queue},
};

/// All projects; clones share them.
#[derive(Clone, Debug)]
pub struct Projects {
    pub(super) db: Db,
    queue: Queue,
    sites: LogikalSites,
    clients: OdooClients,
    max_outage: Duration,
}

impl Projects {
    /// Projects over these rooms. A job waits for `max_outage` for a LOGIKAL or an Odoo that is away.
    pub fn new(
        db: Db,
        queue: Queue,
        sites: LogikalSites,
        clients: OdooClients,
        max_outage: Duration,
    ) -> Self {
        Self {
            db,
            queue,
            sites,
            clients,
            max_outage,
        }
    }

    /// What runs syncs.
    pub fn runner(&self) -> ProjectSync {
        ProjectSync {
            db: self.db.clone(),
            sites: self.sites.clone(),
            clients: self.clients.clone(),
            max_outage: self.max_outage,
        }
    }

    /// What runs looks into LOGIKAL.
    pub fn listing_runner(&self) -> ProjectListing {
        ProjectListing {
            db: self.db.clone(),
            sites: self.sites.clone(),
        }
    }

    /// The sessions.
    pub fn sites(&self) -> &LogikalSites {
        &self.sites
    }

    /// Makes a job that fetches a project; returns LOGIKAL's key of it as well.
    /// [`QueueError::LaneBusy`](crate::queue::QueueError::LaneBusy) while another is at it.
    pub async fn sync(
        &self,
        connection: ConnectionId,
        request: SyncRequest,
        request_id: Option<String>,
    ) -> Result<(Enqueued, Uuid), ProjectError> {
        check_request_id(request_id.as_deref())?;
        let project = self.found(connection, &request.wanted).await?;
        let spec = SyncSpec {
            project: project.guid,
            directory: project.directory,
            full: request.full,
            thumbnails: request.thumbnails,
            parts_lists: request.parts_lists,
            odoo: request.odoo,
        };
        let enqueued = self
            .queue
            .enqueue_alone(NewJob {
                connection,
                kind: KIND,
                title: format!("Sync {}", project.name),
                spec: json!(spec),
                lane: Some(format!("project:{}", project.guid)),
                priority: 0,
                run_at: None,
                request_id,
            })
            .await?;
        Ok((enqueued, project.guid))
    }

    /// Makes a job that looks which projects LOGIKAL has.
    /// [`QueueError::LaneBusy`](crate::queue::QueueError::LaneBusy) while another is at it.
    pub async fn look(
        &self,
        connection: ConnectionId,
        request_id: Option<String>,
    ) -> Result<Enqueued, ProjectError> {
        check_request_id(request_id.as_deref())?;
        // A connection without a LOGIKAL is told so at once.
        self.sites.of(connection).await?;
        let job = NewJob {
            connection,
            kind: LISTING,
            title: "Look into LOGIKAL".to_owned(),
            spec: json!({}),
            lane: Some("projects".to_owned()),
            priority: 0,
            run_at: None,
            request_id,
        };
        Ok(self.queue.enqueue_alone(job).await?)
    }

    /// The project that is meant. A name that is not known yet is looked for in LOGIKAL; a GUID is left to the job, since it
    /// can mean one project only.
    async fn found(
        &self,
        connection: ConnectionId,
        wanted: &Wanted,
    ) -> Result<Meant, ProjectError> {
        if let Some(known) = self.known(connection, wanted).await? {
            return Ok(known.into());
        }
        let site = self.sites.of(connection).await?;
        let (name, directory) = match wanted {
            Wanted::Guid(guid) => return Ok(Meant::by_guid(*guid)),
            Wanted::Named { name, directory } => (name, directory),
        };
        if directory.is_empty() {
            look(&self.db, connection, &site, &site.settings.directory, true).await?;
        } else {
            look(&self.db, connection, &site, directory, false).await?;
        }
        if let Some(known) = self.known(connection, wanted).await? {
            return Ok(known.into());
        }
        Err(ProjectError::NotFound {
            wanted: if directory.is_empty() {
                format!("{name:?}")
            } else {
                format!("{name:?} in {directory:?}")
            },
            near: near(name, &store::names(&self.db, connection).await?),
        })
    }

    /// The project that is meant, if it is stored.
    pub(super) async fn known(
        &self,
        connection: ConnectionId,
        wanted: &Wanted,
    ) -> Result<Option<Known>, ProjectError> {
        match wanted {
            Wanted::Guid(guid) => Ok(store::find(&self.db, connection, *guid).await?),
            Wanted::Named { name, directory } => {
                let mut found = store::find_named(&self.db, connection, name, directory).await?;
                if found.len() > 1 {
                    return Err(ProjectError::Ambiguous {
                        name: name.clone(),
                        candidates: found.iter().map(Into::into).collect(),
                    });
                }
                Ok(found.pop())
            }
        }
    }

    /// Looks into LOGIKAL, below the saved directory, and remembers the projects there.
    pub async fn refresh(&self, connection: ConnectionId) -> Result<(), ProjectError> {
        let site = self.sites.of(connection).await?;
        look(&self.db, connection, &site, &site.settings.directory, true).await
    }

    /// Drops contents that nothing refers to any more; returns how many.
    pub async fn prune(&self) -> Result<u64, ProjectError> {
        upkeep::delete_blobs(&self.db).await
    }
}

/// The project of a job that is to be made.
struct Meant {
    guid: Uuid,
    /// Empty if it is not known yet.
    directory: String,
    name: String,
}

impl Meant {
    fn by_guid(guid: Uuid) -> Self {
        Self {
            guid,
            directory: String::new(),
            name: guid.to_string(),
        }
    }
}

impl From<Known> for Meant {
    fn from(known: Known) -> Self {
        Self {
            guid: known.guid,
            directory: known.directory,
            name: known.name,
        }
    }
}

fn check_request_id(request_id: Option<&str>) -> Result<(), ProjectError> {
    match request_id.map(str::parse::<Uuid>) {
        Some(Err(_none)) => Err(ProjectError::Field {
            field: "request_id",
            why: "must be a UUID".to_owned(),
        }),
        Some(Ok(_)) | None => Ok(()),
    }
}
