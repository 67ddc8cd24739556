//! The one integration binary: every promise through the door a user would use.

#[cfg(test)]
mod exposition;
