//! Odoo over JSON-2: typed calls, typed errors, no retries across jobs.
