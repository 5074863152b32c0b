//! Other systems' protocols. No database here.

pub mod odoo;
