//! Sealing and opening credentials, and digests of tokens.
