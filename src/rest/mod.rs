//! GitLab's REST API as a client: one pinned origin, one token, one shared budget of requests.
//!
//! [`Client::get`] asks for one thing, [`Client::pages`] walks along a list, [`Client::send`]
//! changes something. Each waits for the [`Budget`] of the installation, and repeats what may be
//! repeated as [`pace`] says. The token goes to the configured origin and nowhere else: redirects
//! are errors, and of a `Link` only the place in the list is taken. [`visit()`] asks what is no GitLab.

mod answer;
mod budget;
mod client;
mod error;
mod link;
mod origin;
pub mod pace;
mod pages;
mod settings;
mod tls;
mod visit;

pub use answer::Answer;
pub use budget::{Budget, Turn};
pub use client::{Client, Method};
pub use error::{Cause, RestError, Unusable};
pub use origin::{BadOrigin, Origin};
pub use pages::{PAGE_ROWS, Pages};
pub use settings::{BadToken, Proxy, RestSettings, Timeouts, Token};
pub use tls::{Authorities, BadAuthorities, unencrypted};
pub use visit::{Parts, Sent, Visit, Visited, form, visit};
