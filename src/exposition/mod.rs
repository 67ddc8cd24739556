//! From a scorecard to what machines read.
//!
//! [`render`] makes a [`Snapshot`] of a scorecard, once; [`scrape`](scrape()) answers from it: the shared
//! bytes of the snapshot and this process's own metrics, a [`Tail`], behind them. Names and help texts are in
//! [`catalog`]; what the client gets is in [`negotiate`](negotiate()).

pub mod catalog;
mod family;
mod figures;
mod gzip;
mod lifetime;
mod lifetime_families;
mod limits;
mod negotiate;
mod openmetrics;
mod reference;
mod scrape;
mod self_families;
mod sheet;
mod snapshot;
mod text;
mod timeline;

pub use family::{Head, Kind, Unit};
pub use figures::{Listed, list, list_service};
pub use lifetime_families::bucket_label;
pub use limits::{Dropped, Histograms, Limits};
pub use negotiate::{Encoding, Escaping, Format, VARY, negotiate, negotiate_encoding};
pub use reference::reference;
pub use scrape::{Scrape, Tail, scrape};
pub use snapshot::{Snapshot, render, render_text};
pub use timeline::{Timeline, TimelineFull};
