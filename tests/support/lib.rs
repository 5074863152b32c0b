//! What every test stands on: a world of real parts.
