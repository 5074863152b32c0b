//! Odoo models as typed Postgres tables that stay true.
//!
//! Promises:
//! - a cursor moves only past what is stored, and a page is stored as a whole, with the checkpoint behind it, or not at all;
//! - what commits late in Odoo is found: a window begins before any transaction that could still have been open;
//! - one bad record or field stops nothing: it is put aside or dropped, with its error, and shown;
//! - a row is marked as deleted only by a complete listing of a run without errors, below a safety ratio;
//! - tables are only ever added to, and a tenant's are in a schema of its own.
//!
//! [`Mirror`] is the handle; [`ModelSync`] and [`RecordCleanup`] are what the queue runs.

mod error;
mod handle;
mod overview;
mod records;
mod request;
mod spec;
mod status;

mod comparing;
mod following;
mod gathering;
mod model_sync;
mod outlet;
mod reading;
mod record_cleanup;
mod window;
mod writing;

mod binary;
mod cell;
mod choice;
mod column;
mod curated;
mod identifier;
mod page;
mod plan;
mod readers;
mod selection;
mod source;
mod store;
mod tables;

#[cfg(test)]
mod tests;

pub use choice::{Dropped, FieldChoice};
pub use error::MirrorError;
pub use handle::Mirror;
pub(in crate::jobs) use identifier::quoted;
pub use model_sync::{ModelSync, SYNC};
pub use overview::{Overview, Section};
pub use record_cleanup::{CLEANUP, RecordCleanup};
pub use records::{FilterOperator, Listing, MirroredRecord, RecordFilter};
pub use request::{CleanupRequest, ModelSettings};
pub(in crate::jobs) use request::{check_model, check_request_id};
pub(in crate::jobs) use source::Source;
pub use spec::What;
pub use status::{MirrorState, MirrorStatus, ModelStatus};
pub use store::Parked;

use std::sync::Arc;

use crate::{
    adapters::odoo::Odoo,
    connections::ConnectionsError,
    jobs::OdooClients,
    queue::{JobError, Run},
};

/// The Odoo of a job.
async fn odoo_of(clients: &OdooClients, run: &Run) -> Result<Arc<Odoo>, JobError> {
    let odoo = clients.of(run.connection()).await;
    odoo.map_err(connection_unusable)
}

/// What a connection that cannot be used means for a job.
fn connection_unusable(error: ConnectionsError) -> JobError {
    match error {
        ConnectionsError::Db(error) => JobError::Db(error),
        other => JobError::Fail {
            code: "connection_unusable",
            message: other.to_string(),
        },
    }
}

/// What only one running job of a connection may hold.
fn lane(model: &str) -> String {
    format!("model:{model}")
}
