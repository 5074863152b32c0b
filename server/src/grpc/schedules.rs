//! `sluice.v1.Schedules`: imports that repeat by themselves.

use std::collections::HashMap;

use prost::Message as _;
use sluice_proto::v1::{
    self, SchedulesDeleteRequest, SchedulesDeleteResponse, SchedulesListRequest,
    SchedulesListResponse, SchedulesSaveRequest, SchedulesSaveResponse, SupplierImport,
    schedules_server::Schedules,
};
use tonic::{Request, Response, Status};

use super::{
    auth::caller,
    errors::{field, internal},
    import_messages::request as import_request,
    jobs::visible_connection,
    page::{Question, cut},
    replies::timestamp,
};
use crate::{
    connections::Connections,
    ids::ConnectionId,
    jobs::supplier_import::{Imports, KIND, Recurrence},
    queue::{Queue, Schedule},
};

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct SchedulesService {
    pub(crate) imports: Imports,
    pub(crate) queue: Queue,
    pub(crate) connections: Connections,
}

#[tonic::async_trait]
impl Schedules for SchedulesService {
    async fn save(
        &self,
        request: Request<SchedulesSaveRequest>,
    ) -> Result<Response<SchedulesSaveResponse>, Status> {
        let caller = caller(&request)?;
        let schedule = request.into_inner().schedule;
        let schedule = schedule.ok_or_else(|| field("schedule", "must say what to keep"))?;
        let connection = self
            .connections
            .visible(&caller, &schedule.connection)
            .await?;
        let import = schedule.import.unwrap_or_default();
        let asked = import.encode_to_vec();
        let recurrence = Recurrence {
            name: schedule.name,
            cron: schedule.cron,
            time_zone: schedule.time_zone,
        };
        let import = import_request(import)?;
        let saved = self
            .imports
            .save_schedule(connection.id, recurrence, &import, asked)
            .await?;
        let schedule = Some(reply(saved, connection.name)?);
        Ok(Response::new(SchedulesSaveResponse { schedule }))
    }

    async fn list(
        &self,
        request: Request<SchedulesListRequest>,
    ) -> Result<Response<SchedulesListResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection =
            visible_connection(&self.connections, &caller, &request.connection).await?;
        let whose = connection.map(|id| id.to_string()).unwrap_or_default();
        let question = Question::new("schedules", &[&whose], 50, 500);
        let page =
            question.page::<(ConnectionId, String)>(request.page_size, &request.page_token)?;
        let limit = i64::try_from(page.size + 1).unwrap_or(i64::MAX);
        let schedules = self
            .queue
            .list_schedules(KIND, connection, page.after, limit)
            .await?;
        let (schedules, next_page_token) = cut(schedules, page.size, &question, |last| {
            (last.connection, last.name.clone())
        });
        let names: HashMap<ConnectionId, String> = self.connections.names().await?;
        let name =
            |schedule: &Schedule| names.get(&schedule.connection).cloned().unwrap_or_default();
        let schedules = schedules.into_iter().map(|schedule| {
            let name = name(&schedule);
            reply(schedule, name)
        });
        let schedules = schedules.collect::<Result<_, _>>()?;
        Ok(Response::new(SchedulesListResponse {
            schedules,
            next_page_token,
        }))
    }

    async fn delete(
        &self,
        request: Request<SchedulesDeleteRequest>,
    ) -> Result<Response<SchedulesDeleteResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connection = self
            .connections
            .visible(&caller, &request.connection)
            .await?;
        self.queue
            .delete_schedule(KIND, connection.id, &request.name)
            .await?;
        Ok(Response::new(SchedulesDeleteResponse {}))
    }
}

fn reply(schedule: Schedule, connection: String) -> Result<v1::Schedule, Status> {
    let import =
        SupplierImport::decode(schedule.asked.as_slice()).map_err(|error| internal(&error))?;
    Ok(v1::Schedule {
        connection,
        name: schedule.name,
        cron: schedule.cron,
        time_zone: schedule.time_zone,
        import: Some(import),
        next_run_at: Some(timestamp(schedule.next_run_at)),
        last_job_id: schedule
            .last_job
            .map(|job| job.to_string())
            .unwrap_or_default(),
    })
}
