//! The durable story of each job, and those who watch it.
