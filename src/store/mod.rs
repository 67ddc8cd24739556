//! Durable memory: the journal, the facts and the lifetime totals, in SQLite.
