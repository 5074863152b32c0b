//! Letting go of a connection: its finished jobs, its schedules, its share.

use super::{Queue, QueueError};
use crate::{
    ids::{ConnectionId, JobId},
    progress::Progress,
};

impl Queue {
    /// Forgets a connection that is about to be deleted, with its schedules and finished jobs.
    ///
    /// `false` if one of its jobs is not finished; then nothing is forgotten. Somebody may add a job afterwards: then
    /// the connection has a share again, which keeps it from being deleted.
    pub async fn drop_share(&self, connection: ConnectionId) -> Result<bool, QueueError> {
        let mut transaction = self.db.begin().await?;
        let locked = sqlx::query_file_scalar!("src/queue/sql/lock_share.sql", connection.0)
            .fetch_optional(&mut *transaction)
            .await?;
        if locked.is_none() {
            return Ok(true);
        }
        let finished: Vec<JobId> =
            sqlx::query_file_scalar!("src/queue/sql/drop_finished_jobs.sql", connection.0)
                .fetch_all(&mut *transaction)
                .await?;
        Progress::forget(&mut transaction, &finished).await?;
        let dropped = sqlx::query_file!("src/queue/sql/drop_share.sql", connection.0)
            .execute(&mut *transaction)
            .await?;
        if dropped.rows_affected() == 0 {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }
}
