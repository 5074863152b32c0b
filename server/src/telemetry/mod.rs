//! Logs and metrics: where they go, and what their fields are called.
