//! Builds the rooms, starts them, and stops them in order.
