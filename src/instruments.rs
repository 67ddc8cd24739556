//! This process's own counters.
