//! Wire types of the REST API.

pub mod said;
