//! The thread that owns History, and the snapshots it publishes.
