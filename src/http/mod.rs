//! The HTTP doors; no decisions of their own.
