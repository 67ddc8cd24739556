//! Rendered bytes: made once for each scorecard, copied by every scrape.

use bytes::Bytes;
use prometheus::proto::MetricFamily;

use super::families::{self, shown_windows};
use super::family::Family;
use super::gzip::{self, Checksum, Compressor, Piece};
use super::limits::{Dropped, Kept, Limits};
use super::negotiate::{Encoding, Format};
use super::self_families::own_families;
use super::sheet::Sheet;
use super::{lifetime_families, openmetrics, text};
use crate::delivery::Timestamp;
use crate::dora::scorecard::Scorecard;

/// All delivery metrics at one instant, in both formats, plain and compressed.
#[derive(Debug)]
pub struct Snapshot {
    as_of: Timestamp,
    series: u64,
    dropped: Dropped,
    text: Rendered,
    openmetrics: Rendered,
}

/// One format: plain bytes, and a gzip stream that waits for its end.
#[derive(Debug)]
struct Rendered {
    plain: Bytes,
    gzip: Bytes,
    checksum: Checksum,
}

/// The answer to one scrape, but for status and transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scrape {
    /// The body, in this order; the first, large part is shared with all other scrapes.
    pub body: [Bytes; 2],
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The header `Content-Encoding`, when there is one to send.
    pub content_encoding: Option<&'static str>,
}

impl Scrape {
    /// The header `Content-Length`.
    #[must_use]
    pub fn length(&self) -> usize {
        self.body.iter().map(Bytes::len).sum()
    }
}

/// Renders all delivery metrics of `scorecard`, as far as `limits` leave them room.
///
/// Never fails; the same scorecard gives the same bytes everywhere. Cost: one pass over the figures
/// and one compression of the lines, which both formats share.
#[must_use]
pub fn render(scorecard: &Scorecard, limits: &Limits) -> Snapshot {
    let (sheet, dropped) = render_sheet(scorecard, limits, Vec::new());
    let series = sheet.series();
    let mut compressor = Compressor::new();
    let mut openmetrics = Parts::default();
    let mut text = Parts { plain: Vec::new(), ..Parts::default() };
    let mut head = Vec::new();
    for (metric, text_head, lines) in sheet.families() {
        let piece = compressor.compress(lines);
        head.clear();
        openmetrics::write_head(&mut head, &metric.head());
        openmetrics.plain.extend_from_slice(&head);
        openmetrics.plain.extend_from_slice(lines);
        openmetrics.append(&compressor.compress(&head));
        openmetrics.append(&piece);
        text.append(&compressor.compress(text_head));
        text.append(&piece);
    }
    text.plain = sheet.into_text();
    Snapshot {
        as_of: scorecard.as_of,
        series,
        dropped,
        text: text.into(),
        openmetrics: openmetrics.into(),
    }
}

/// Renders the text format alone into `reused`, whose room is kept: the measure of this room's
/// speed, see `benches/exposition.rs`.
#[must_use]
pub fn render_text(scorecard: &Scorecard, limits: &Limits, reused: Vec<u8>) -> (Vec<u8>, u64) {
    let (sheet, _) = render_sheet(scorecard, limits, reused);
    let series = sheet.series();
    (sheet.into_text(), series)
}

fn render_sheet(scorecard: &Scorecard, limits: &Limits, reused: Vec<u8>) -> (Sheet, Dropped) {
    let windows = shown_windows(&scorecard.windows);
    let kept = Kept::choose(scorecard, &windows, limits);
    let mut sheet = Sheet::reusing(reused);
    families::write(&mut sheet, &kept, &windows);
    lifetime_families::write(&mut sheet, &kept, &windows, scorecard);
    sheet.close();
    (sheet, kept.dropped)
}

/// One format while it is put together.
#[derive(Default)]
struct Parts {
    plain: Vec<u8>,
    blocks: Vec<u8>,
    checksum: Checksum,
}

impl Parts {
    fn append(&mut self, piece: &Piece) {
        if self.blocks.is_empty() {
            self.blocks.extend_from_slice(gzip::HEADER);
        }
        self.blocks.extend_from_slice(&piece.blocks);
        self.checksum.append(&piece.checksum);
    }
}

impl From<Parts> for Rendered {
    fn from(parts: Parts) -> Self {
        let Parts { plain, blocks, checksum } = parts;
        Self { plain: plain.into(), gzip: blocks.into(), checksum }
    }
}

impl Snapshot {
    /// The instant of measure.
    #[must_use]
    pub const fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// How many series it holds.
    #[must_use]
    pub const fn series(&self) -> u64 {
        self.series
    }

    /// How many series found no room.
    #[must_use]
    pub const fn dropped(&self) -> Dropped {
        self.dropped
    }
}

/// Puts together the answer to one scrape: the snapshot, when there is one, and this process's own
/// metrics as `gather()` gave them a moment ago.
#[must_use]
pub fn scrape(
    snapshot: Option<&Snapshot>,
    own: &[MetricFamily],
    format: Format,
    encoding: Encoding,
) -> Scrape {
    let own = own_families(own);
    let rendered = snapshot.map(|snapshot| match format {
        Format::Text => &snapshot.text,
        Format::OpenMetrics { .. } => &snapshot.openmetrics,
    });
    let tail = render_own(&own, format);
    let body = match encoding {
        Encoding::Identity => {
            [rendered.map(|own| own.plain.clone()).unwrap_or_default(), tail.into()]
        }
        Encoding::Gzip => compressed(rendered, &tail),
    };
    let content_encoding = encoding.content_encoding();
    Scrape { body, content_type: format.content_type(), content_encoding }
}

/// Writes families held in memory, and the end of the exposition where the format has one.
#[must_use]
pub fn render_own(families: &[Family<'_>], format: Format) -> Vec<u8> {
    // A process has some hundred series of some hundred bytes.
    let mut out = Vec::with_capacity(64 * 1024);
    for family in families.iter().filter(|family| !family.series.is_empty()) {
        match format {
            Format::Text => text::write_head(&mut out, &family.head),
            Format::OpenMetrics { .. } => openmetrics::write_head(&mut out, &family.head),
        }
        text::write_series(&mut out, family);
    }
    if let Format::OpenMetrics { .. } = format {
        out.extend_from_slice(openmetrics::END);
    }
    out
}

fn compressed(rendered: Option<&Rendered>, tail: &[u8]) -> [Bytes; 2] {
    let piece = Compressor::new().compress(tail);
    let mut checksum = Checksum::default();
    let start = match rendered.filter(|rendered| !rendered.gzip.is_empty()) {
        Some(rendered) => {
            checksum.append(&rendered.checksum);
            rendered.gzip.clone()
        }
        None => Bytes::from_static(gzip::HEADER),
    };
    checksum.append(&piece.checksum);
    let mut end = piece.blocks;
    gzip::finish(&mut end, &checksum);
    [start, end.into()]
}
