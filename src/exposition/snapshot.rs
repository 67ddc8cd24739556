//! Rendered bytes: made once for each scorecard, copied by every scrape.

use bytes::Bytes;

use super::figures::{self, ShownTime};
use super::gzip::{self, Checksum, Compressor, Piece};
use super::limits::{Dropped, Kept, Limits};
use super::negotiate::Format;
use super::sheet::Sheet;
use super::{lifetime_families, openmetrics};
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
pub(super) struct Rendered {
    pub(super) plain: Bytes,
    /// Without the end of the stream.
    pub(super) gzip: Bytes,
    pub(super) checksum: Checksum,
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
    let mut openmetrics = Parts::new(sheet.length());
    let mut text = Parts::new(0);
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

pub(super) fn render_sheet(
    scorecard: &Scorecard,
    limits: &Limits,
    reused: Vec<u8>,
) -> (Sheet, Dropped) {
    let time = ShownTime::new(scorecard.as_of, &scorecard.windows);
    let kept = Kept::choose(scorecard, &time, limits);
    let mut sheet = Sheet::reusing(reused, kept.series);
    figures::write(&mut sheet, &kept, &time);
    lifetime_families::write(&mut sheet, &kept, &time.windows, scorecard);
    sheet.close();
    (sheet, kept.dropped)
}

/// One format while it is put together.
struct Parts {
    plain: Vec<u8>,
    blocks: Vec<u8>,
    checksum: Checksum,
}

impl Parts {
    /// With room for about `length` plain bytes.
    fn new(length: usize) -> Self {
        // Units are the only lines that the other format has more.
        let plain = Vec::with_capacity(length + length / 64);
        Self { plain, blocks: gzip::HEADER.to_vec(), checksum: Checksum::default() }
    }

    fn append(&mut self, piece: &Piece) {
        self.blocks.extend_from_slice(&piece.blocks);
        self.checksum.append(&piece.checksum);
    }
}

impl From<Parts> for Rendered {
    fn from(parts: Parts) -> Self {
        let Parts { mut plain, blocks, checksum } = parts;
        plain.shrink_to_fit();
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

    pub(super) const fn rendered(&self, format: Format) -> &Rendered {
        match format {
            Format::Text => &self.text,
            Format::OpenMetrics { .. } => &self.openmetrics,
        }
    }

    /// How many series found no room.
    #[must_use]
    pub const fn dropped(&self) -> Dropped {
        self.dropped
    }
}
