//! A session with LOGIKAL, which remote-controls one running program: where it stands is its type, so that a call which
//! that place does not know cannot be written.
//!
//! There is no way up. A session that is dropped, at its end, by an error or at a stop, is logged out.

use std::{marker::PhantomData, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::{
    Directory, Elevation, Estimation, Listing, LogikalError, Phase, Picture, Project,
    site::{Siblings, Site},
};

/// Places where a session can stand.
pub mod place {
    /// In a directory, from which one goes to a directory below or to a project.
    #[derive(Debug)]
    pub enum InDirectory {}
    /// In a project.
    #[derive(Debug)]
    pub enum InProject {}
    /// In a phase of a project.
    #[derive(Debug)]
    pub enum InPhase {}
    /// In an elevation of a phase.
    #[derive(Debug)]
    pub enum InElevation {}
}

use place::{InDirectory, InElevation, InPhase, InProject};

/// A session that stands at `Place`.
#[derive(Debug)]
pub struct Session<Place> {
    open: Open,
    place: PhantomData<Place>,
}

/// A step that LOGIKAL refused.
#[derive(Debug)]
pub struct Refused<Place> {
    /// Why.
    pub error: LogikalError,
    /// The session, where it still stands as before; it is on its way out otherwise.
    pub session: Option<Session<Place>>,
}

impl<Place> From<Refused<Place>> for LogikalError {
    fn from(refused: Refused<Place>) -> Self {
        refused.error
    }
}

/// An open session, wherever it stands.
#[derive(Debug)]
struct Open {
    site: Arc<Site>,
    token: SecretString,
    /// Held until the logout is through, since the session counts as long.
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.site
            .log_out(std::mem::take(&mut self.token), self.permit.take());
    }
}

impl<Place> Session<Place> {
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, LogikalError> {
        let data = self.open.site.calls.get(&self.open.token, path).await?;
        serde_json::from_value(data).map_err(|why| {
            LogikalError::Answer(format!("{path} answers in an unknown form: {why}"))
        })
    }

    async fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Listing<T>, LogikalError> {
        // An empty list may come as nothing at all.
        let entries: Option<Vec<Value>> = self.get(path).await?;
        Ok(Listing::read(entries.unwrap_or_default()))
    }

    async fn go<Next>(self, path: &str, identifier: &str) -> Result<Session<Next>, Refused<Place>> {
        let Open { site, token, .. } = &self.open;
        match site.calls.select(token, path, identifier).await {
            Ok(()) => Ok(Session {
                open: self.open,
                place: PhantomData,
            }),
            Err(error) => Err(Refused {
                session: error.leaves_session_in_place().then_some(self),
                error,
            }),
        }
    }

    /// Goes to a neighbour, which this LOGIKAL may or may not allow; what it does is remembered for the next time.
    async fn go_beside(
        self,
        path: &str,
        identifier: &str,
        siblings: fn(&Site) -> &Siblings,
    ) -> Result<Self, Refused<Place>> {
        let site = Arc::clone(&self.open.site);
        let gone = self.go(path, identifier).await;
        match &gone {
            Ok(_) => siblings(&site).allowed(),
            Err(refused) if matches!(refused.error, LogikalError::WrongPlace(_)) => {
                siblings(&site).refused();
            }
            Err(_) => {}
        }
        gone
    }
}

impl Session<InDirectory> {
    pub(super) fn new(site: Arc<Site>, token: SecretString, permit: OwnedSemaphorePermit) -> Self {
        Self {
            open: Open {
                site,
                token,
                permit: Some(permit),
            },
            place: PhantomData,
        }
    }

    /// The directories below this one.
    pub async fn directories(&self) -> Result<Listing<Directory>, LogikalError> {
        self.list("directories").await
    }

    /// The projects in this directory.
    pub async fn projects(&self) -> Result<Listing<Project>, LogikalError> {
        self.list("projects").await
    }

    /// Goes one level down; `path` is the whole path of the directory below.
    pub async fn select_directory(self, path: &str) -> Result<Self, Refused<InDirectory>> {
        self.go("directories/select", path).await
    }

    /// Opens a project of this directory.
    pub async fn select_project(
        self,
        id: Uuid,
    ) -> Result<Session<InProject>, Refused<InDirectory>> {
        self.go("projects/select", &id.to_string()).await
    }
}

impl Session<InProject> {
    /// The project itself.
    pub async fn project(&self) -> Result<Project, LogikalError> {
        self.get("projects/selected").await
    }

    /// The prices of all its elevations.
    pub async fn estimation(&self) -> Result<Estimation, LogikalError> {
        let estimation: Option<Estimation> = self.get("projects/selected/estimation").await?;
        Ok(estimation.unwrap_or_default())
    }

    /// Its phases.
    pub async fn phases(&self) -> Result<Listing<Phase>, LogikalError> {
        self.list("phases").await
    }

    /// Opens a phase.
    pub async fn select_phase(self, id: Uuid) -> Result<Session<InPhase>, Refused<InProject>> {
        self.go("phases/select", &id.to_string()).await
    }
}

impl Session<InPhase> {
    /// Its elevations, those in the recycle bin too.
    pub async fn elevations(&self) -> Result<Listing<Elevation>, LogikalError> {
        self.list("elevations").await
    }

    /// A picture of one of its elevations, PNG.
    pub async fn thumbnail(&self, id: Uuid, picture: Picture) -> Result<Vec<u8>, LogikalError> {
        let Open { site, token, .. } = &self.open;
        let path = format!("elevations/{id}/thumbnail");
        site.calls.picture(token, &path, picture).await
    }

    /// Opens an elevation.
    pub async fn select_elevation(
        self,
        id: Uuid,
    ) -> Result<Session<InElevation>, Refused<InPhase>> {
        self.go("elevations/select", &id.to_string()).await
    }

    /// Goes to another phase of the same project, where this LOGIKAL allows it.
    pub async fn select_sibling(self, id: Uuid) -> Result<Self, Refused<InPhase>> {
        self.go_beside("phases/select", &id.to_string(), |site| {
            &site.sibling_phases
        })
        .await
    }
}

impl Session<InElevation> {
    /// The parts list: the bytes of a database file. They come from outside: trust nothing in them.
    pub async fn parts_list(&self) -> Result<Vec<u8>, LogikalError> {
        let Open { site, token, .. } = &self.open;
        let text = site
            .calls
            .long_text(token, "elevations/selected/parts-list")
            .await?;
        STANDARD
            .decode(text.trim())
            .map_err(|_not_base64| LogikalError::Answer("the parts list is no base64".to_owned()))
    }

    /// Goes to another elevation of the same phase, where this LOGIKAL allows it.
    pub async fn select_sibling(self, id: Uuid) -> Result<Self, Refused<InElevation>> {
        self.go_beside("elevations/select", &id.to_string(), |site| {
            &site.sibling_elevations
        })
        .await
    }
}
