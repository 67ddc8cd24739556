//! The one integration binary: every promise through the door a user would use.

mod page;
mod tidy;
