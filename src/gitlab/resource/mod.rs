//! Wire types of the REST API.

pub mod about;
pub mod hook;
pub mod said;
