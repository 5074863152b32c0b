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
mod half_open;
mod import;
mod lists;
mod mirror;
mod mirror_oracle;
mod mirror_refusals;
mod operation;
mod own_postgres;
mod pooler;
mod restore;
mod sources;
mod steering;
