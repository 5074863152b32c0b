//! Calls of `Jobs`: looking at jobs, and steering them.

use sluice_proto::v1::{
    Job, JobsCancelRequest, JobsGetRequest, JobsListRequest, JobsPauseRequest, JobsResumeRequest,
    JobsRetryRequest, jobs_client::JobsClient,
};

use crate::{connect::Client, error::ClientError};

/// The largest page that the server gives.
const LARGEST_PAGE: usize = 500;

impl Client {
    /// One job as it is now.
    pub async fn job(&self, job_id: &str) -> Result<Job, ClientError> {
        let request = JobsGetRequest {
            job_id: job_id.to_owned(),
        };
        let answer = self
            .patiently(request, |wire, request| async move {
                JobsClient::new(wire).get(request).await
            })
            .await?;
        present(answer.job)
    }

    /// The newest jobs that fit, at most `limit`. Page size and page token of the request are set here.
    pub async fn jobs(
        &self,
        mut request: JobsListRequest,
        limit: usize,
    ) -> Result<Vec<Job>, ClientError> {
        let mut jobs = Vec::new();
        while jobs.len() < limit {
            let wanted = (limit - jobs.len()).min(LARGEST_PAGE);
            request.page_size = i32::try_from(wanted).unwrap_or(i32::MAX);
            let page = self
                .patiently(request.clone(), |wire, request| async move {
                    JobsClient::new(wire).list(request).await
                })
                .await?;
            jobs.extend(page.jobs);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        Ok(jobs)
    }

    /// Ends a job for good. A running one finishes its batch first.
    pub async fn cancel(&self, job_id: &str) -> Result<Job, ClientError> {
        let request = self.timed(JobsCancelRequest {
            job_id: job_id.to_owned(),
        });
        let answer = JobsClient::new(self.wire()).cancel(request).await?;
        present(answer.into_inner().job)
    }

    /// Stops a job until it is resumed. A running one finishes its batch first.
    pub async fn pause(&self, job_id: &str) -> Result<Job, ClientError> {
        let request = self.timed(JobsPauseRequest {
            job_id: job_id.to_owned(),
        });
        let answer = JobsClient::new(self.wire()).pause(request).await?;
        present(answer.into_inner().job)
    }

    /// Puts a paused job back in the queue.
    pub async fn resume(&self, job_id: &str) -> Result<Job, ClientError> {
        let request = self.timed(JobsResumeRequest {
            job_id: job_id.to_owned(),
        });
        let answer = JobsClient::new(self.wire()).resume(request).await?;
        present(answer.into_inner().job)
    }

    /// Puts a failed or cancelled job back in the queue; it goes on after its checkpoint.
    pub async fn retry(&self, job_id: &str) -> Result<Job, ClientError> {
        let request = self.timed(JobsRetryRequest {
            job_id: job_id.to_owned(),
        });
        let answer = JobsClient::new(self.wire()).retry(request).await?;
        present(answer.into_inner().job)
    }
}

fn present(job: Option<Job>) -> Result<Job, ClientError> {
    job.ok_or_else(|| ClientError::incomplete("job"))
}
