//! From a scorecard to what machines read.
//!
//! [`render`] makes a [`Snapshot`] of a scorecard, once; [`scrape`] answers from it: the shared bytes
//! of the snapshot and this process's own metrics behind them. Names and help texts are in
//! [`catalog`]; what the client gets is in [`negotiate`](negotiate()).

pub mod catalog;
mod families;
pub mod family;
mod gzip;
mod lifetime;
mod lifetime_families;
mod limits;
mod negotiate;
mod openmetrics;
mod reference;
mod self_families;
mod sheet;
mod snapshot;
mod text;

pub use limits::{Dropped, Histograms, Limits};
pub use negotiate::{Encoding, Escaping, Format, VARY, negotiate, negotiate_encoding};
pub use reference::reference;
pub use self_families::own_families;
pub use snapshot::{Scrape, Snapshot, render, render_own, render_text, scrape};
