//! The calls of LOGIKAL's service that a sync needs, and how long each was seen to take.

use axum::{
    body::Body,
    extract::Request,
    http::{Method, header},
};
use serde_json::Value;
use uuid::Uuid;

/// Where a deployed service has its calls.
pub(super) const BASE: &str = "/MbioeService.svc/api/v3";

/// A call of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `POST /auth`
    LogIn,
    /// `DELETE /auth`
    LogOut,
    /// `GET /directories`
    Directories,
    /// `POST /directories/select`
    SelectDirectory,
    /// `GET /projects`
    Projects,
    /// `POST /projects/select`
    SelectProject,
    /// `GET /projects/selected`
    Project,
    /// `GET /projects/selected/estimation`
    Estimation,
    /// `GET /phases`
    Phases,
    /// `POST /phases/select`
    SelectPhase,
    /// `GET /elevations`
    Elevations,
    /// `GET /elevations/{id}/thumbnail`
    Thumbnail,
    /// `POST /elevations/select`
    SelectElevation,
    /// `GET /elevations/selected/parts-list`
    PartsList,
}

impl Call {
    /// How long LOGIKAL was seen to take.
    pub(super) fn seconds(self) -> f64 {
        match self {
            Self::LogIn => 4.5,
            Self::SelectDirectory => 0.2,
            Self::SelectProject => 0.8,
            Self::SelectPhase | Self::SelectElevation => 0.3,
            Self::Thumbnail => 0.5,
            Self::PartsList => 2.0,
            _ => 0.05,
        }
    }
}

/// A call as it came in.
pub(super) struct Asked {
    pub(super) call: Call,
    pub(super) token: String,
    /// The elevation in the path of a thumbnail.
    pub(super) elevation: Option<Uuid>,
    /// Null if there is none.
    pub(super) body: Value,
}

impl Asked {
    /// None for a path or a method that the service does not have.
    pub(super) async fn read(request: Request<Body>) -> Option<Self> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().strip_prefix(BASE)?.trim_matches('/');
        let parts: Vec<&str> = path.split('/').collect();
        let mut elevation = None;
        let call = match (&head.method, parts.as_slice()) {
            (&Method::POST, ["auth"]) => Call::LogIn,
            (&Method::DELETE, ["auth"]) => Call::LogOut,
            (&Method::GET, ["directories"]) => Call::Directories,
            (&Method::POST, ["directories", "select"]) => Call::SelectDirectory,
            (&Method::GET, ["projects"]) => Call::Projects,
            (&Method::POST, ["projects", "select"]) => Call::SelectProject,
            (&Method::GET, ["projects", "selected"]) => Call::Project,
            (&Method::GET, ["projects", "selected", "estimation"]) => Call::Estimation,
            (&Method::GET, ["phases"]) => Call::Phases,
            (&Method::POST, ["phases", "select"]) => Call::SelectPhase,
            (&Method::GET, ["elevations"]) => Call::Elevations,
            (&Method::POST, ["elevations", "select"]) => Call::SelectElevation,
            (&Method::GET, ["elevations", "selected", "parts-list"]) => Call::PartsList,
            (&Method::GET, ["elevations", id, "thumbnail"]) => {
                elevation = Some(id.parse().ok()?);
                Call::Thumbnail
            }
            _ => return None,
        };
        let token = head
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .unwrap_or_default()
            .to_owned();
        let body = axum::body::to_bytes(body, 1 << 20).await.ok()?;
        Some(Self {
            call,
            token,
            elevation,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }
}
