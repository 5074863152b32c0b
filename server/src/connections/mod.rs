//! The Odoo databases that Sluice serves, and the tokens that let callers in.
