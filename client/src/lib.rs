//! The other side of Sluice: a typed client whose [`watch`](Client::watch) survives restarts of the server.
//!
//! ```no_run
//! use futures::StreamExt as _;
//! use sluice_client::{Client, ClientError, Options, Update, v1::SupplierImport};
//!
//! # async fn example() -> Result<(), ClientError> {
//! let client = Client::connect(Options::new("https://sluice.example").token("slc_...")).await?;
//! let list = client.upload_file("acme.csv".as_ref(), "webshop").await?;
//! let mut import = SupplierImport::default();
//! import.connection = "webshop".to_owned();
//! import.supplier = "ACME".to_owned();
//! import.source = Some(list.source());
//! let job = client.enqueue(import).await?.job;
//! let mut story = client.watch(job.id);
//! while let Some(update) = story.next().await {
//!     if let Update::Event(event) = update? {
//!         println!("{} {}", event.seq, event.message);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod connect;
mod error;
mod retry;

mod connections;
mod diagnostics;
mod imports;
mod jobs;
mod mirrors;
mod projects;
mod schedules;
mod searches;
mod story;
mod upload;
mod watch;

pub use sluice_proto::v1;
pub use tonic::Code;

pub use connect::{Client, Options};
pub use error::{ClientError, Violation};
pub use imports::{Enqueued, FixFile};
pub use upload::Uploaded;
pub use watch::{Story, Update, WatchOptions};
