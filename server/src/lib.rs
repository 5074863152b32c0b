//! The Sluice service.
//!
//! A request comes in through [`grpc`], becomes a row in [`queue`], is run by [`jobs`] with the help of
//! [`adapters`], and tells its story through [`progress`]. [`db`] lies under all of them, and nothing points back.
//! Which room may use which is written in `README.md`, and a test holds the code to it.

pub mod adapters;
pub mod app;
pub mod config;
pub mod connections;
pub mod db;
pub mod diagnosis;
pub mod grpc;
pub mod ids;
pub mod jobs;
pub mod progress;
pub mod queue;
pub mod secrets;
pub mod telemetry;
