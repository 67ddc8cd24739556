//! The one integration binary: every promise through the door a user would use.

mod browser;
mod page;
mod tidy;
