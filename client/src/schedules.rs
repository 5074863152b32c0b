//! Calls of `Schedules`: imports that repeat by themselves.

use sluice_proto::v1::{
    Schedule, SchedulesDeleteRequest, SchedulesListRequest, SchedulesSaveRequest,
    schedules_client::SchedulesClient,
};

use crate::{connect::Client, error::ClientError};

impl Client {
    /// Creates a schedule or replaces one, and returns it with its next run.
    pub async fn save_schedule(&self, schedule: Schedule) -> Result<Schedule, ClientError> {
        let request = SchedulesSaveRequest {
            schedule: Some(schedule),
        };
        let answer = self
            .patiently(request, |wire, request| async move {
                SchedulesClient::new(wire).save(request).await
            })
            .await?;
        answer
            .schedule
            .ok_or_else(|| ClientError::incomplete("schedule"))
    }

    /// All schedules of a connection, or with an empty name of all that the caller may see.
    pub async fn schedules(&self, connection: &str) -> Result<Vec<Schedule>, ClientError> {
        let mut schedules = Vec::new();
        let mut request = SchedulesListRequest {
            connection: connection.to_owned(),
            page_size: 500,
            page_token: String::new(),
        };
        loop {
            let page = self
                .patiently(request.clone(), |wire, request| async move {
                    SchedulesClient::new(wire).list(request).await
                })
                .await?;
            schedules.extend(page.schedules);
            if page.next_page_token.is_empty() {
                return Ok(schedules);
            }
            request.page_token = page.next_page_token;
        }
    }

    /// Removes a schedule; its jobs stay.
    pub async fn delete_schedule(&self, connection: &str, name: &str) -> Result<(), ClientError> {
        let request = self.timed(SchedulesDeleteRequest {
            connection: connection.to_owned(),
            name: name.to_owned(),
        });
        SchedulesClient::new(self.wire()).delete(request).await?;
        Ok(())
    }
}
