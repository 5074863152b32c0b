//! A supplier price list becomes price lines in Odoo: parse, map, validate, deduplicate, batch, apply, sweep, finish.
