//! How far a mirror is: as a whole, and model by model.

use chrono::{DateTime, Utc};

use super::{
    choice::Dropped,
    error::MirrorError,
    handle::Mirror,
    readers,
    request::ModelSettings,
    store::{self, ModelRow, Parked, Scope},
    tables::{self, Table},
};
use crate::{
    ids::ConnectionId,
    queue::{Job, JobState, QueueError},
};

/// How many records that were put aside a status lists.
const PARKED_SHOWN: i64 = 20;

/// How far a mirror is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MirrorState {
    /// Nothing has been read yet.
    NotStarted,
    /// A job waits or runs.
    InProgress,
    /// All that was asked for is stored.
    Done,
    /// Some is stored, and some is not.
    Partial,
    /// The last job could not go on.
    Failed,
}

/// How far the mirror of a connection is.
#[derive(Clone, Debug)]
pub struct MirrorStatus {
    /// What the models come to.
    pub state: MirrorState,
    /// The mean over the models.
    pub percent: i64,
    /// Where the tables are; none before the first run.
    pub schema: Option<String>,
    /// The role that may read them; none before the first run, and where the server may make no roles.
    pub reader: Option<String>,
    /// Each model, by name.
    pub models: Vec<ModelStatus>,
}

/// How far the mirror of a model is.
#[derive(Clone, Debug)]
pub struct ModelStatus {
    /// How it is mirrored.
    pub settings: ModelSettings,
    /// How far it is.
    pub state: MirrorState,
    /// Its table; none before the first run.
    pub table: Option<String>,
    /// Stored records that Odoo has, as far as is known.
    pub rows: i64,
    /// Stored records that Odoo no longer has.
    pub deleted_rows: i64,
    /// All changes in Odoo before are stored; none before the first full sync.
    pub cursor: Option<DateTime<Utc>>,
    /// The database's time of the answer.
    pub now: DateTime<Utc>,
    /// Its latest job, as far as it is kept.
    pub last_job: Option<Job>,
    /// Fields that were chosen and are not mirrored, or not as before.
    pub dropped: Vec<Dropped>,
    /// How many records were put aside.
    pub parked_count: i64,
    /// The first of them.
    pub parked: Vec<Parked>,
}

impl Mirror {
    /// How far the mirror of a connection is.
    pub async fn status(&self, connection: ConnectionId) -> Result<MirrorStatus, MirrorError> {
        let mut acquired = self.db.pool().acquire().await?;
        let schema = store::schema_of(&mut acquired, connection).await?;
        let reader = match &schema {
            Some(schema) => readers::reader_of(&mut acquired, schema).await?,
            None => None,
        };
        drop(acquired);
        let mut models = Vec::new();
        for row in store::models(&self.db, connection).await? {
            models.push(self.status_of(connection, row, schema.as_deref()).await?);
        }
        Ok(MirrorStatus {
            state: state_of_all(&models),
            percent: percent(&models),
            schema,
            reader,
            models,
        })
    }

    async fn status_of(
        &self,
        connection: ConnectionId,
        row: ModelRow,
        schema: Option<&str>,
    ) -> Result<ModelStatus, MirrorError> {
        let scope = Scope {
            connection,
            model: &row.model,
        };
        let last_job = match row.last_job {
            Some(id) => match self.queue.get(id).await {
                Ok(job) => Some(job),
                Err(QueueError::NotFound(_)) => None,
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        let mut acquired = self.db.pool().acquire().await?;
        let now = sqlx::query_file_scalar!("src/jobs/mirror/sql/clock.sql")
            .fetch_one(&mut *acquired)
            .await?;
        let (rows, deleted_rows) = match (schema, &row.table_name) {
            (Some(schema), Some(name)) => {
                let table = Table {
                    schema: schema.to_owned(),
                    name: name.clone(),
                };
                tables::counts(&mut acquired, &table).await?
            }
            _ => (0, 0),
        };
        let fields = store::fields(&mut acquired, scope).await?;
        drop(acquired);
        let dropped = fields
            .into_iter()
            .filter_map(|field| {
                Some(Dropped {
                    field: field.field,
                    code: field.dropped_code?,
                    reason: field.dropped_reason.unwrap_or_default(),
                })
            })
            .collect();
        let parked_count = store::count_parked(&self.db, scope).await?;
        let parked = store::parked(&self.db, scope, PARKED_SHOWN).await?;
        let job_state = last_job.as_ref().map(|job| job.state);
        Ok(ModelStatus {
            settings: ModelSettings::from(&row),
            state: state(job_state, row.cursor.is_some(), parked_count > 0),
            table: row.table_name.clone(),
            rows,
            deleted_rows,
            cursor: row.cursor,
            now,
            last_job,
            dropped,
            parked_count,
            parked,
        })
    }
}

/// How far a model is, by its latest job, whether all of it was ever stored, and whether records were put aside.
fn state(job: Option<JobState>, is_complete: bool, has_parked: bool) -> MirrorState {
    match job {
        Some(JobState::Queued | JobState::Running | JobState::Paused) => MirrorState::InProgress,
        Some(JobState::Failed) => MirrorState::Failed,
        None if !is_complete => MirrorState::NotStarted,
        _ if is_complete && !has_parked => MirrorState::Done,
        _ => MirrorState::Partial,
    }
}

/// Done only if all models are.
fn state_of_all(models: &[ModelStatus]) -> MirrorState {
    let all = |state| models.iter().all(|model| model.state == state);
    if all(MirrorState::NotStarted) {
        MirrorState::NotStarted
    } else if models
        .iter()
        .any(|model| model.state == MirrorState::InProgress)
    {
        MirrorState::InProgress
    } else if all(MirrorState::Done) {
        MirrorState::Done
    } else if all(MirrorState::Failed) {
        MirrorState::Failed
    } else {
        MirrorState::Partial
    }
}

fn percent(models: &[ModelStatus]) -> i64 {
    let of = |model: &ModelStatus| match model.state {
        MirrorState::Done => 100,
        MirrorState::InProgress => model
            .last_job
            .as_ref()
            .and_then(|job| job.counters.percent())
            .unwrap_or_default(),
        _ => 0,
    };
    let sum: i64 = models.iter().map(of).sum();
    sum / i64::try_from(models.len().max(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(state: MirrorState) -> ModelStatus {
        ModelStatus {
            settings: ModelSettings::default(),
            state,
            table: None,
            rows: 0,
            deleted_rows: 0,
            cursor: None,
            now: DateTime::UNIX_EPOCH,
            last_job: None,
            dropped: Vec::new(),
            parked_count: 0,
            parked: Vec::new(),
        }
    }

    #[test]
    fn a_model_that_failed_or_lacks_records_is_not_done() {
        assert_eq!(state(None, false, false), MirrorState::NotStarted);
        let succeeded = Some(JobState::Succeeded);
        assert_eq!(state(succeeded, true, false), MirrorState::Done);
        assert_eq!(state(succeeded, true, true), MirrorState::Partial);
        // A trial only.
        assert_eq!(state(succeeded, false, false), MirrorState::Partial);
        assert_eq!(
            state(Some(JobState::Failed), true, false),
            MirrorState::Failed
        );
        assert_eq!(
            state(Some(JobState::Paused), true, false),
            MirrorState::InProgress
        );
        // Its job is no longer kept.
        assert_eq!(state(None, true, false), MirrorState::Done);
    }

    #[test]
    fn the_whole_is_done_only_if_each_model_is() {
        use MirrorState::{Done, Failed, InProgress, NotStarted, Partial};
        let table = [
            (vec![], NotStarted, 0),
            (vec![Done, Done], Done, 100),
            (vec![Done, Failed], Partial, 50),
            (vec![Done, Partial], Partial, 50),
            (vec![Done, NotStarted], Partial, 50),
            (vec![Failed, Failed], Failed, 0),
            (vec![Failed, InProgress], InProgress, 0),
        ];
        for (states, whole, percents) in table {
            let models: Vec<ModelStatus> = states.iter().copied().map(model).collect();
            assert_eq!(state_of_all(&models), whole, "{states:?}");
            assert_eq!(percent(&models), percents, "{states:?}");
        }
    }
}
