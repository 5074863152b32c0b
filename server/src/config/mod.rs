//! Settings and their defaults: the only room that reads the environment.
