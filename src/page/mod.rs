//! From a scorecard to HTML.
//!
//! The page works without JavaScript, loads nothing but [`ASSETS`], and is safe under
//! [`SECURITY_HEADERS`]. Its links are relative, so that it may be served below any path.

mod figures;
mod frame;
mod hooks;
mod incidents;
mod levels;
mod setup;
pub mod view;

pub use hooks::NEEDED_KINDS;
pub use setup::{Setup, setup};
pub use view::{HeardKind, Landing, landing};

/// A file that the page loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// Where it is served, from the root of the page.
    pub path: &'static str,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// What it holds.
    pub body: &'static str,
}

/// Everything the page loads.
pub const ASSETS: [Asset; 2] = [
    Asset {
        path: "/assets/page.css",
        content_type: "text/css; charset=utf-8",
        body: include_str!("assets/page.css"),
    },
    Asset {
        path: "/assets/icon.svg",
        content_type: "image/svg+xml",
        body: include_str!("assets/icon.svg"),
    },
];

/// `Cache-Control` of assets: an upgraded exporter shows its new style within the hour.
pub const ASSET_CACHE_CONTROL: &str = "public, max-age=3600";

/// Headers to send with the page and its assets: nothing is loaded, framed, run or sent but our
/// own style and icon.
pub const SECURITY_HEADERS: [(&str, &str); 3] = [
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
];

/// The one address outside this exporter that the page links to: DORA's own definitions.
pub const DORA_GUIDE: &str = "https://dora.dev/guides/dora-metrics/";
