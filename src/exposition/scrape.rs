//! The answer to one scrape: shared bytes of the snapshot, and this process's own metrics.

use std::sync::OnceLock;

use bytes::Bytes;
use prometheus::proto::MetricFamily;

use super::gzip::{self, Checksum, Compressor, Piece};
use super::negotiate::{Encoding, Format};
use super::self_families::own_families;
use super::snapshot::Snapshot;
use super::{openmetrics, text};

/// This process's own metrics in one format, plain and compressed, up to the end of the exposition.
///
/// Some tens of microseconds of work; whoever is scraped often may keep it for a moment.
#[derive(Debug)]
pub struct Tail {
    format: Format,
    plain: Bytes,
    blocks: Bytes,
    checksum: Checksum,
    /// The whole compressed body behind one snapshot, by the key of that snapshot's bytes: joining
    /// checksums, and sending in pieces, cost more than everything else in a scrape.
    joined: OnceLock<((u32, u32), Bytes)>,
}

impl Tail {
    /// Renders what `gather()` gave.
    #[must_use]
    pub fn render(gathered: &[MetricFamily], format: Format) -> Self {
        // A process has some hundred series of some hundred bytes.
        let mut plain = Vec::with_capacity(64 * 1024);
        for family in own_families(gathered).iter().filter(|family| !family.series.is_empty()) {
            match format {
                Format::Text => text::write_head(&mut plain, &family.head),
                Format::OpenMetrics { .. } => openmetrics::write_head(&mut plain, &family.head),
            }
            text::write_series(&mut plain, family);
        }
        if let Format::OpenMetrics { .. } = format {
            plain.extend_from_slice(openmetrics::END);
        }
        let Piece { blocks, checksum } = Compressor::new().compress(&plain);
        let (plain, blocks) = (plain.into(), blocks.into());
        Self { format, plain, blocks, checksum, joined: OnceLock::new() }
    }

    /// The compressed body in which these metrics stand behind `start`.
    fn behind(&self, start: &[u8], before: &Checksum) -> Bytes {
        let join = || {
            let mut checksum = Checksum::default();
            checksum.append(before);
            checksum.append(&self.checksum);
            Bytes::from([start, &self.blocks, &gzip::end(&checksum)].concat())
        };
        let (key, known) = self.joined.get_or_init(|| (before.key(), join()));
        if *key == before.key() { known.clone() } else { join() }
    }
}

/// The answer to one scrape, but for status and transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scrape {
    /// The body, in this order; shared with other scrapes.
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

/// Puts together the answer to one scrape, in the format of `tail`: the snapshot, when there is
/// one, and this process's own metrics. Compresses nothing, and copies a compressed body once for each
/// `tail` and snapshot.
#[must_use]
pub fn scrape(snapshot: Option<&Snapshot>, tail: &Tail, encoding: Encoding) -> Scrape {
    let rendered = snapshot.map(|snapshot| snapshot.rendered(tail.format));
    let body = match encoding {
        Encoding::Identity => {
            let start = rendered.map(|rendered| rendered.plain.clone()).unwrap_or_default();
            [start, tail.plain.clone()]
        }
        Encoding::Gzip => {
            let nothing = Checksum::default();
            let whole = match rendered {
                Some(rendered) => tail.behind(&rendered.gzip, &rendered.checksum),
                None => tail.behind(gzip::HEADER, &nothing),
            };
            [whole, Bytes::new()]
        }
    };
    let content_type = tail.format.content_type();
    Scrape { body, content_type, content_encoding: encoding.content_encoding() }
}
