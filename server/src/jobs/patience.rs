//! Calls Odoo, and waits while it is away: one event when it goes, one when it is back.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rand::RngExt;

use crate::{
    adapters::odoo::OdooError,
    queue::{JobError, Run},
};

const FIRST_DELAY: Duration = Duration::from_millis(500);
/// Odoo is asked this often at least, so that rows flow again within seconds of its return.
const LONGEST_DELAY: Duration = Duration::from_secs(2);
const LONGEST_ASKED_DELAY: Duration = Duration::from_mins(5);
/// An Odoo that is just stopping turns everybody away as it would a stranger; so a call that was denied is made again this often
/// before that is believed.
const DOUBTS: u32 = 3;
const DOUBT_DELAY: Duration = Duration::from_secs(1);

/// How patient a job is with its Odoo; shared by all calls that are under way.
pub(super) struct Patience<'run> {
    run: &'run Run,
    max_outage: Duration,
    away_since: Mutex<Option<Instant>>,
    asked_for_fewer: AtomicBool,
}

impl<'run> Patience<'run> {
    pub(super) fn new(run: &'run Run, max_outage: Duration) -> Self {
        Self {
            run,
            max_outage,
            away_since: Mutex::default(),
            asked_for_fewer: AtomicBool::new(false),
        }
    }

    /// Makes a call until Odoo answers. `going_on` ends the sentence that is told when Odoo is back.
    pub(super) async fn call<T, F>(
        &self,
        going_on: &str,
        call: impl FnMut() -> F,
    ) -> Result<T, JobError>
    where
        F: Future<Output = Result<T, OdooError>>,
    {
        let answer = self.answered(going_on, call).await?;
        answer.map_err(|error| refused(&error))
    }

    /// The same, but a refusal is the caller's to understand; it is never one of an Odoo that is away.
    pub(super) async fn answered<T, F>(
        &self,
        going_on: &str,
        mut call: impl FnMut() -> F,
    ) -> Result<Result<T, OdooError>, JobError>
    where
        F: Future<Output = Result<T, OdooError>>,
    {
        let mut pause = Pause(FIRST_DELAY);
        let mut doubts = 0;
        loop {
            let error = match call().await {
                Ok(answer) => {
                    if self.is_back() {
                        self.run
                            .continued(&format!("Odoo is back, {going_on}"))
                            .await?;
                    }
                    return Ok(Ok(answer));
                }
                Err(error) => error,
            };
            if matches!(error, OdooError::AccessDenied(_)) && doubts < DOUBTS {
                doubts += 1;
                tokio::select! {
                    () = self.run.stopping().cancelled() => return Err(JobError::Stopped),
                    () = tokio::time::sleep(DOUBT_DELAY) => continue,
                }
            }
            if !error.is_away() {
                return Ok(Err(error));
            }
            self.tell_away(&error).await?;
            if matches!(error, OdooError::TooManyRequests { .. }) {
                self.asked_for_fewer.store(true, Ordering::Relaxed);
            }
            tokio::select! {
                () = self.run.stopping().cancelled() => return Err(JobError::Stopped),
                () = tokio::time::sleep(pause.after(&error)) => {}
            }
        }
    }

    /// Whether Odoo, or what stands before it, has ever asked for fewer calls.
    pub(super) fn was_asked_for_fewer(&self) -> bool {
        self.asked_for_fewer.load(Ordering::Relaxed)
    }

    fn is_back(&self) -> bool {
        self.away_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .is_some()
    }

    async fn tell_away(&self, error: &OdooError) -> Result<(), JobError> {
        let since = *self
            .away_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(Instant::now);
        if since.elapsed() > self.max_outage {
            return Err(JobError::Fail {
                code: "odoo_away",
                message: format!(
                    "Odoo did not answer for {} minutes ({error}): retry the job when it is back, it goes on where it stopped",
                    self.max_outage.as_secs() / 60
                ),
            });
        }
        // Once, and again if an earlier batch was stored meanwhile.
        if !self.run.says_waiting() {
            self.run.waiting("odoo_away", &error.to_string()).await?;
        }
        Ok(())
    }
}

/// The next pause between two questions whether Odoo is back, before jitter.
struct Pause(Duration);

impl Pause {
    /// How long to wait after this error: longer each time, but never so long that a return goes unnoticed, unless Odoo asks for it.
    fn after(&mut self, error: &OdooError) -> Duration {
        let jittered = self.0.mul_f64(rand::rng().random_range(0.5..1.0));
        self.0 = (self.0 * 2).min(LONGEST_DELAY);
        match error {
            OdooError::TooManyRequests { retry_after } => {
                let asked = retry_after.unwrap_or_default().min(LONGEST_ASKED_DELAY);
                jittered.max(asked)
            }
            _ => jittered,
        }
    }
}

/// What a refusal of Odoo means for the job: somebody has to mend something first.
pub(super) fn refused(error: &OdooError) -> JobError {
    let code = match error {
        OdooError::KeyRefused => "odoo_key_refused",
        OdooError::NotAllowed(_) | OdooError::AccessDenied(_) => "odoo_not_allowed",
        OdooError::DatabaseNotFound(_) => "odoo_database_not_found",
        OdooError::AddonMissing(_) | OdooError::TooOld(_) => "addon_missing",
        OdooError::LoginMissing(_) => "odoo_login_missing",
        OdooError::ModelMissing(_) => "model_missing",
        OdooError::AddonVersion { .. } => "addon_version",
        OdooError::Rejected { .. } => "odoo_rejected",
        OdooError::Answer(_) | OdooError::TooLarge { .. } => "odoo_answer",
        OdooError::Away(_) | OdooError::TooManyRequests { .. } => "odoo_away",
    };
    JobError::Fail {
        code,
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odoo_that_is_away_for_long_is_still_asked_every_two_seconds() {
        let mut pause = Pause(FIRST_DELAY);
        let away = OdooError::Away("down".to_owned());
        let pauses: Vec<Duration> = (0..100).map(|_| pause.after(&away)).collect();
        assert!(pauses[0] <= FIRST_DELAY);
        assert!(
            pauses.iter().all(|pause| *pause <= LONGEST_DELAY),
            "{pauses:?}"
        );
    }

    #[test]
    fn who_asks_for_a_pause_gets_it_within_reason() {
        let asks = |seconds| OdooError::TooManyRequests {
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(Pause(FIRST_DELAY).after(&asks(40)), Duration::from_secs(40));
        assert_eq!(Pause(FIRST_DELAY).after(&asks(86_400)), LONGEST_ASKED_DELAY);
        let unsaid = OdooError::TooManyRequests { retry_after: None };
        assert!(Pause(FIRST_DELAY).after(&unsaid) <= FIRST_DELAY);
    }
}
