//! What several promises are tested with.

pub(crate) mod process;
