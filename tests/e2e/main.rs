//! Stories of a user, end to end: a real server, a real Postgres, a real Odoo.

mod access;
mod addon;
mod bad_lists;
mod bad_requests;
mod browser;
mod check;
mod command_line;
mod connections;
mod crash;
mod fate;
mod grpcurl;
mod import;
mod lists;
mod mirror;
mod mirror_oracle;
mod mirror_refusals;
mod own_postgres;
mod restore;
mod sources;
mod steering;
