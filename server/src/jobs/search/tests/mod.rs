//! The room's promises on a real Postgres with pgvector.
