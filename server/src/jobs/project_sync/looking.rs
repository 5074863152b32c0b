//! The job: looks which projects LOGIKAL has, so that nobody has to wait for the answer.

use futures::future::BoxFuture;

use super::{
    ProjectError,
    searching::Looking,
    sites::{LogikalSites, Site},
};
use crate::{
    db::Db,
    queue::{JobError, Run, RunJob},
};

/// The kind of these jobs.
pub const LISTING: &str = "project_listing";

/// Runs looks into LOGIKAL.
#[derive(Clone, Debug)]
pub struct ProjectListing {
    pub(super) db: Db,
    pub(super) sites: LogikalSites,
}

impl RunJob for ProjectListing {
    fn kind(&self) -> &'static str {
        LISTING
    }

    fn run<'a>(&'a self, run: &'a Run) -> BoxFuture<'a, Result<String, JobError>> {
        Box::pin(async move {
            let site = self.sites.of(run.connection()).await;
            let site = site.map_err(ProjectError::into_job_error)?;
            run.note("projects_looked_for", "looking which projects LOGIKAL has")
                .await?;
            let seen = look_around(&self.db, run, &site, "directories_listed").await?;
            Ok(format!("LOGIKAL has {seen}"))
        })
    }
}

/// Looks at all that is below the saved directory, and remembers it; says how much that is. Its steps are told as `code`.
pub(super) async fn look_around(
    db: &Db,
    run: &Run,
    site: &Site,
    code: &'static str,
) -> Result<String, JobError> {
    let mut looking = Looking::below(&site.settings.directory, true);
    loop {
        let more = tokio::select! {
            () = run.stopping().cancelled() => return Err(JobError::Stopped),
            more = looking.round(site) => more.map_err(ProjectError::into_job_error)?,
        };
        let seen = in_words(looking.projects.len(), looking.directories.len());
        if !more {
            looking.save(db, run.connection()).await?;
            return Ok(seen);
        }
        run.step()
            .await?
            .about(code)
            .commit(&(), run.counters(), &format!("{seen} so far"))
            .await?;
    }
}

fn in_words(projects: usize, directories: usize) -> String {
    let count = |many: usize, one: &str, more: &str| match many {
        1 => format!("1 {one}"),
        _ => format!("{many} {more}"),
    };
    format!(
        "{} in {}",
        count(projects, "project", "projects"),
        count(directories, "directory", "directories"),
    )
}
