//! A simulated LOGIKAL and the adapter that looks at it.

use secrecy::SecretString;
use sluice_server::adapters::{
    Http, Limits,
    logikal::{Logikal, LogikalError, Session, SessionLimits, place},
};
use sluice_tests::logikal::{Moods, PASSWORD, Simulator, Site, USER};
use url::Url;
use uuid::Uuid;

/// The sample project.
pub(crate) const PROJECT: Uuid = Uuid::from_u128(0x5ddb_1393_56eb_4280_9f7e_3c3a_ec51_483c);
/// Its second phase; the first is the null GUID.
pub(crate) const SECOND_PHASE: Uuid = Uuid::from_u128(0x22309 << 64);

pub(crate) struct Workbench {
    pub(crate) simulator: Simulator,
    pub(crate) logikal: Logikal,
}

impl Workbench {
    pub(crate) async fn with(moods: Moods) -> Self {
        Self::with_sessions(moods, SessionLimits::default()).await
    }

    pub(crate) async fn with_sessions(moods: Moods, limits: SessionLimits) -> Self {
        let simulator = Simulator::start(Site::sample(), moods)
            .await
            .expect("the simulator starts");
        let logikal = adapter(&simulator, PASSWORD, limits);
        Self { simulator, logikal }
    }

    /// A session in the sample project.
    pub(crate) async fn in_project(&self) -> Result<Session<place::InProject>, LogikalError> {
        let session = self.logikal.log_in().await?;
        let session = session.select_directory("Demo Odoo").await?;
        Ok(session.select_project(PROJECT).await?)
    }

    /// A session in the default phase of the sample project.
    pub(crate) async fn in_phase(&self) -> Result<Session<place::InPhase>, LogikalError> {
        Ok(self.in_project().await?.select_phase(Uuid::nil()).await?)
    }

    /// Ends the adapter and sees that it has left nothing behind.
    pub(crate) async fn end(self) {
        self.logikal.close().await;
        assert_eq!(self.simulator.open_sessions(), 0, "a session stayed open");
    }
}

pub(crate) fn adapter(simulator: &Simulator, password: &str, limits: SessionLimits) -> Logikal {
    let http = Http::open(Limits::default()).expect("HTTP clients");
    let url = Url::parse(&simulator.url()).expect("the simulator's address");
    Logikal::new(&http, &url, USER, SecretString::from(password), limits)
}
