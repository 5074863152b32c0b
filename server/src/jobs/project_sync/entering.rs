//! The way into a project: login, directories, project; and what it means where that fails.

use std::time::{Duration, Instant};

use super::{board::Board, sites::Site, spec::SyncSpec};
use crate::{
    adapters::logikal::{LogikalError, Session, place},
    queue::{JobError, Run},
};

/// So often a worker tries again to get into the project before it gives up.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Goes down from the first directory, level by level. Names may hold a slash themselves: a level that is not there is looked for
/// under a longer name.
pub(super) async fn descend(
    mut session: Session<place::InDirectory>,
    directory: &str,
) -> Result<Session<place::InDirectory>, LogikalError> {
    let ends = directory
        .match_indices('/')
        .map(|(at, _)| at)
        .chain((!directory.is_empty()).then_some(directory.len()));
    for end in ends {
        match session.select_directory(&directory[..end]).await {
            Ok(deeper) => session = deeper,
            Err(refused) => match (refused.error, refused.session) {
                (LogikalError::NotFound(_), Some(same)) if end < directory.len() => session = same,
                (error, _) => return Err(error),
            },
        }
    }
    Ok(session)
}

/// How workers get into the project.
pub(super) struct Door<'run> {
    pub(super) run: &'run Run,
    pub(super) site: &'run Site,
    pub(super) spec: &'run SyncSpec,
    pub(super) board: &'run Board,
    /// How long a LOGIKAL that is away is waited for.
    pub(super) max_outage: Duration,
}

impl Door<'_> {
    /// A session in the project; `None` if LOGIKAL lets no further session in while others of this run work on.
    pub(super) async fn enter(&self) -> Result<Option<Session<place::InProject>>, JobError> {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            let error = match self.try_to_enter().await {
                Ok(session) => {
                    if self.run.says_waiting() {
                        self.run.continued("LOGIKAL is back, going on").await?;
                    }
                    return Ok(Some(session));
                }
                Err(error) => error,
            };
            match &error {
                LogikalError::SessionLimit(_) if self.board.others_work() => return Ok(None),
                LogikalError::Away(_) | LogikalError::SessionLimit(_)
                    if began.elapsed() < self.max_outage =>
                {
                    if !self.run.says_waiting() {
                        self.run.waiting("logikal_away", &error.to_string()).await?;
                    }
                }
                LogikalError::SessionLost | LogikalError::WrongPlace(_) if tries < TRIES => {
                    tries += 1;
                }
                _ => return Err(refused(&error)),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn try_to_enter(&self) -> Result<Session<place::InProject>, LogikalError> {
        let session = self.site.logikal.log_in().await?;
        let session = descend(session, &self.spec.directory).await?;
        Ok(session.select_project(self.spec.project).await?)
    }
}

/// What it means for the job that LOGIKAL does not let it in.
pub(super) fn refused(error: &LogikalError) -> JobError {
    let code = match error {
        LogikalError::CredentialsRefused => "logikal_credentials",
        LogikalError::NotAllowed(_) => "logikal_not_allowed",
        LogikalError::NotFound(_) => {
            return JobError::Fail {
                code: "project_not_found",
                message: format!(
                    "the project is no longer where it was, look for it by its name: {error}"
                ),
            };
        }
        LogikalError::WrongPlace(_) => "project_in_use",
        LogikalError::Away(_) | LogikalError::SessionLimit(_) | LogikalError::SessionLost => {
            "logikal_unreachable"
        }
        LogikalError::Rejected(_) | LogikalError::TooLarge { .. } | LogikalError::Answer(_) => {
            "logikal_answer"
        }
    };
    JobError::Fail {
        code,
        message: error.to_string(),
    }
}

/// A stable word for an error that concerns one elevation or phase.
pub(super) fn code(error: &LogikalError) -> &'static str {
    match error {
        LogikalError::Away(_) => "logikal_away",
        LogikalError::SessionLimit(_) => "logikal_session_limit",
        LogikalError::CredentialsRefused => "logikal_credentials",
        LogikalError::SessionLost => "logikal_session_lost",
        LogikalError::WrongPlace(_) => "logikal_in_use",
        LogikalError::NotAllowed(_) => "logikal_not_allowed",
        LogikalError::NotFound(_) => "logikal_not_found",
        LogikalError::Rejected(_) => "logikal_rejected",
        LogikalError::TooLarge { .. } => "logikal_too_large",
        LogikalError::Answer(_) => "logikal_answer",
    }
}
