//! Which project is meant, who may ask, and what is refused.

use anyhow::{Context as _, Result};
use sluice_client::{
    ClientError, Code,
    v1::{
        ConnectionsSaveLogikalRequest, ConnectionsSaveRequest, ForceSyncSyncProjectRequest,
        JobState, Reason,
    },
};
use sluice_tests::logikal::{Call, Moods, Phase, Project, Site};
use uuid::Uuid;

use crate::{
    workbench::PROJECT,
    workshop::{CONNECTION, Workshop, names},
};

fn named(name: &str, directory: &str) -> ForceSyncSyncProjectRequest {
    ForceSyncSyncProjectRequest {
        name: name.to_owned(),
        directory: directory.to_owned(),
        ..Workshop::request()
    }
}

/// A site with a second project of the sample's name, one level deeper.
fn with_twin() -> Site {
    let mut site = Site::sample();
    site.projects.push(Project {
        id: Uuid::from_u128(0x4242),
        directory: "Demo Odoo/Sublevel 1 Testing".to_owned(),
        name: "DOS22309".to_owned(),
        phases: vec![Phase::with(Uuid::nil(), "Standaard", 900, 1)],
    });
    site
}

fn refusal<T>(answer: Result<T, ClientError>) -> Result<ClientError> {
    answer.err().context("it must be refused")
}

#[tokio::test]
async fn a_name_that_means_several_projects_brings_the_candidates() -> Result<()> {
    let workshop = Workshop::of(with_twin(), Moods::default()).await?;
    let error = refusal(workshop.client.sync_project(named("DOS22309", "")).await)?;
    assert_eq!(
        (error.code, error.reason),
        (Code::FailedPrecondition, Some(Reason::ProjectAmbiguous))
    );
    for part in ["Demo Odoo/Sublevel 1 Testing", &PROJECT.to_string()] {
        assert!(error.metadata["candidates"].contains(part), "{error:?}");
    }
    let deep = named("DOS22309", "Demo Odoo/Sublevel 1 Testing");
    assert_eq!(names(&workshop.sync_by(deep).await?, 0), ["P900"]);
    let by_id = ForceSyncSyncProjectRequest {
        project_id: PROJECT.to_string(),
        ..named("", "")
    };
    assert_eq!(names(&workshop.sync_by(by_id).await?, 0).len(), 13);
    workshop.end().await
}

#[tokio::test]
async fn a_project_that_is_not_there_brings_names_that_are_like_it() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    let error = refusal(
        workshop
            .client
            .sync_project(named("DOS22390", "Demo Odoo"))
            .await,
    )?;
    assert_eq!(
        (error.code, error.reason),
        (Code::NotFound, Some(Reason::ProjectNotFound))
    );
    assert!(error.metadata["near"].starts_with("DOS22309"), "{error:?}");
    let error = refusal(
        workshop
            .client
            .sync_project(named("DOS22309", "Nowhere"))
            .await,
    )?;
    assert_eq!(error.code, Code::NotFound);
    for request in [
        named("", ""),
        ForceSyncSyncProjectRequest {
            project_id: "none".to_owned(),
            ..named("", "")
        },
        ForceSyncSyncProjectRequest {
            project_id: PROJECT.to_string(),
            ..named("DOS22309", "")
        },
    ] {
        let error = refusal(workshop.client.sync_project(request).await)?;
        assert_eq!(error.code, Code::InvalidArgument);
    }
    workshop.end().await
}

#[tokio::test]
async fn a_second_run_of_a_project_is_told_about_the_first() -> Result<()> {
    let moods = Moods {
        pace: 0.05,
        ..Moods::default()
    };
    let workshop = Workshop::with(moods).await?;
    let (first, _) = workshop.client.sync_project(Workshop::request()).await?;
    let error = refusal(workshop.client.sync_project(Workshop::request()).await)?;
    assert_eq!(
        (error.code, error.reason),
        (Code::AlreadyExists, Some(Reason::LaneBusy))
    );
    assert_eq!(error.metadata["job_id"], first.id);
    workshop.ended(&first).await?;
    workshop.end().await
}

#[tokio::test]
async fn all_projects_below_the_directory_are_listed() -> Result<()> {
    let workshop = Workshop::of(with_twin(), Moods::default()).await?;
    assert_eq!(workshop.client.projects(CONNECTION, false).await?, []);
    let listed = workshop.client.projects(CONNECTION, true).await?;
    let listed: Vec<(&str, &str)> = listed
        .iter()
        .map(|project| (project.directory.as_str(), project.name.as_str()))
        .collect();
    assert_eq!(
        listed,
        [
            ("Demo Odoo", "DOS22269"),
            ("Demo Odoo", "DOS22309"),
            ("Demo Odoo", "DOS22410"),
            ("Demo Odoo/Sublevel 1 Testing", "DOS22309"),
        ]
    );
    workshop.end().await
}

#[tokio::test]
async fn a_look_into_logikal_is_a_job_that_nobody_waits_for() -> Result<()> {
    let workshop = Workshop::of(with_twin(), Moods::default()).await?;
    workshop.simulator.hold(Call::LogIn, 0);
    let job = workshop.client.find_projects(CONNECTION).await?;
    let error = refusal(workshop.client.find_projects(CONNECTION).await)?;
    assert_eq!(error.metadata["job_id"], job.id);
    workshop.simulator.release();
    let job = workshop.ended(&job).await?;
    assert_eq!(job.state(), JobState::Succeeded, "{job:?}");
    assert_eq!(workshop.client.projects(CONNECTION, false).await?.len(), 4);

    let wrong = ConnectionsSaveLogikalRequest {
        password: "guess 1234".to_owned(),
        skip_test: true,
        ..workshop.logikal()
    };
    workshop.client.save_logikal(wrong).await?;
    let job = workshop.client.find_projects(CONNECTION).await?;
    let error = workshop.ended(&job).await?.error.unwrap_or_default();
    assert_eq!(error.code, "logikal_credentials");
    workshop.end().await
}

#[tokio::test]
async fn a_project_that_only_its_guid_names_is_looked_for_by_its_job() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    let by_id = |id: Uuid| ForceSyncSyncProjectRequest {
        project_id: id.to_string(),
        ..named("", "")
    };
    workshop.simulator.hold(Call::LogIn, 0);
    let (job, project) = workshop.client.sync_project(by_id(PROJECT)).await?;
    workshop.simulator.release();
    assert_eq!(
        workshop.ended(&job).await?.state(),
        JobState::Succeeded,
        "{}",
        workshop.server.log()
    );
    assert_eq!(names(&workshop.shown_by_id(&project).await?, 0).len(), 13);
    let (job, _) = workshop
        .client
        .sync_project(by_id(Uuid::from_u128(7)))
        .await?;
    let error = workshop.ended(&job).await?.error.unwrap_or_default();
    assert_eq!(error.code, "project_not_found");
    workshop.end().await
}

#[tokio::test]
async fn a_password_goes_only_where_it_was_saved_for() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    let without = ConnectionsSaveLogikalRequest {
        password: String::new(),
        sessions: 2,
        ..workshop.logikal()
    };
    let saved = workshop.client.save_logikal(without.clone()).await?;
    assert_eq!((saved.sessions, saved.user.as_str()), (2, "odoo"));
    let elsewhere = ConnectionsSaveLogikalRequest {
        url: "http://127.0.0.1:9/api".to_owned(),
        ..without.clone()
    };
    let error = refusal(workshop.client.save_logikal(elsewhere).await)?;
    assert_eq!(error.violations[0].field, "password");
    let wrong = ConnectionsSaveLogikalRequest {
        password: "guess 1234".to_owned(),
        ..without
    };
    let error = refusal(workshop.client.save_logikal(wrong).await)?;
    assert_eq!(error.reason, Some(Reason::LogikalRefused));
    assert!(!error.to_string().contains("guess 1234"));
    assert!(!workshop.server.log().contains("guess 1234"));
    workshop.end().await
}

#[tokio::test]
async fn a_tenant_sees_its_own_projects_only() -> Result<()> {
    let workshop = Workshop::with(Moods::default()).await?;
    workshop.sync().await?;
    let (_, token) = workshop
        .client
        .save_connection(ConnectionsSaveRequest {
            name: "other".to_owned(),
            url: "http://127.0.0.1:1".to_owned(),
            database: "other".to_owned(),
            api_key: "key".to_owned(),
            skip_test: true,
            ..ConnectionsSaveRequest::default()
        })
        .await?;
    let token = token.context("a new connection has a token")?;
    let other = secrecy::ExposeSecret::expose_secret(&token);
    let other = workshop.server.client_with(other).await?;
    assert_eq!(other.projects("", false).await?, []);
    assert!(other.projects(CONNECTION, false).await.is_err());
    let error = refusal(other.projects("", true).await)?;
    assert_eq!(error.reason, Some(Reason::LogikalNotSet));
    workshop.end().await
}
