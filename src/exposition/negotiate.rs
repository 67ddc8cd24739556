//! What a client wants: from its `Accept` and `Accept-Encoding` headers to a format and an encoding.
//!
//! Nothing here refuses: a client that names nothing we have gets the text format, uncompressed.
//!
//! Source: RFC 9110 §12; the headers that Prometheus 2.42 and 3.5 send are among the tests.

use super::{openmetrics, text};

/// The format of an exposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' text format 0.0.4.
    Text,
    /// `OpenMetrics` 1.0.
    OpenMetrics {
        /// What the client said about names with unusual characters.
        escaping: Escaping,
    },
}

/// What a client said about names with unusual characters; ours have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escaping {
    /// Nothing.
    Unnamed,
    /// It named a scheme and expects to be told which one was used.
    Named,
}

impl Format {
    /// The header `Content-Type`; Prometheus 3 refuses a scrape without.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => text::CONTENT_TYPE,
            Self::OpenMetrics { escaping: Escaping::Unnamed } => openmetrics::CONTENT_TYPE,
            Self::OpenMetrics { escaping: Escaping::Named } => openmetrics::CONTENT_TYPE_ESCAPED,
        }
    }
}

/// How the bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// They are not.
    Identity,
    /// gzip.
    Gzip,
}

impl Encoding {
    /// The header `Content-Encoding`, when there is one to send.
    #[must_use]
    pub const fn content_encoding(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
        }
    }
}

/// The header `Vary` of every answer that was negotiated.
pub const VARY: &str = "Accept, Accept-Encoding";

/// Chooses the format: the acceptable one with the greatest `q`; of equals the one that is named
/// more precisely, then the one that is named earlier. Anything else, protobuf among it, is passed
/// over.
#[must_use]
pub fn negotiate(accept: Option<&str>) -> Format {
    let mut best: Option<(Rank, Format)> = None;
    let mut offer = |rank: Rank, format| {
        if rank.quality > 0 && best.is_none_or(|(held, _)| rank.beats(held)) {
            best = Some((rank, format));
        }
    };
    let mut text_at_any = None;
    let mut text_refused = false;
    for (position, item) in items(accept.unwrap_or_default()).enumerate() {
        let rank = |precision| Rank { quality: item.quality(), precision, position };
        match item.name().as_str() {
            "application/openmetrics-text" if item.version_is(&["1.0.0"]) => {
                let named = item.parameter("escaping").is_some();
                let escaping = if named { Escaping::Named } else { Escaping::Unnamed };
                offer(rank(2), Format::OpenMetrics { escaping });
            }
            "text/plain" if item.version_is(&["0.0.4"]) => {
                text_refused |= item.quality() == 0;
                offer(rank(2), Format::Text);
            }
            "text/*" => offer(rank(1), Format::Text),
            "*/*" => text_at_any = Some(rank(0)),
            _ => {}
        }
    }
    if let Some(rank) = text_at_any.filter(|_| !text_refused) {
        offer(rank, Format::Text);
    }
    best.map_or(Format::Text, |(_, format)| format)
}

/// Chooses gzip where it is accepted no less than plain bytes are.
#[must_use]
pub fn negotiate_encoding(accept_encoding: Option<&str>) -> Encoding {
    let (mut gzip, mut identity, mut any) = (None, None, None);
    for item in items(accept_encoding.unwrap_or_default()) {
        let slot = match item.name().as_str() {
            "gzip" | "x-gzip" => &mut gzip,
            "identity" => &mut identity,
            "*" => &mut any,
            _ => continue,
        };
        slot.get_or_insert(item.quality());
    }
    let gzip = gzip.or(any).unwrap_or(0);
    if gzip > 0 && gzip >= identity.unwrap_or(0) { Encoding::Gzip } else { Encoding::Identity }
}

/// How much a client wants something.
#[derive(Debug, Clone, Copy)]
struct Rank {
    quality: u16,
    precision: u8,
    position: usize,
}

impl Rank {
    fn beats(self, other: Self) -> bool {
        let order = |rank: Self| (rank.quality, rank.precision, std::cmp::Reverse(rank.position));
        order(self) > order(other)
    }
}

/// One item of a header: a name and its parameters.
struct Item<'a>(&'a str);

/// Splits a header at commas that are not within quotes.
fn items(header: &str) -> impl Iterator<Item = Item<'_>> {
    let mut quoted = false;
    header
        .split(move |character: char| {
            quoted ^= character == '"';
            character == ',' && !quoted
        })
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(Item)
}

impl<'a> Item<'a> {
    /// What stands before the parameters, in lower case.
    fn name(&self) -> String {
        self.0.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        self.0.split(';').skip(1).find_map(|parameter| {
            let (key, value) = parameter.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
        })
    }

    fn version_is(&self, ours: &[&str]) -> bool {
        self.parameter("version").is_none_or(|version| ours.contains(&version))
    }

    /// Thousandths; 1000 where nothing is said, 0 where it cannot be read.
    fn quality(&self) -> u16 {
        let Some(text) = self.parameter("q") else { return 1000 };
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = part.bytes().all(|byte| byte.is_ascii_digit()) && part.len() <= 3;
        match (whole, digits) {
            ("1", true) if part.bytes().all(|byte| byte == b'0') => 1000,
            ("0", true) => format!("{part:0<3}").parse().unwrap_or(0),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Format = Format::OpenMetrics { escaping: Escaping::Unnamed };
    const ESCAPED: Format = Format::OpenMetrics { escaping: Escaping::Named };

    #[test]
    fn every_accept_header_gets_the_format_that_it_asks_for_most() {
        for (accept, format) in [
            // Prometheus 2.42.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                OPEN,
            ),
            // Prometheus 3.5.
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                ESCAPED,
            ),
            // Prometheus 3.5 with native histograms.
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                ESCAPED,
            ),
            // Prometheus 3.5 restricted to the text format.
            ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", Format::Text),
            // Prometheus before 2.23.
            (
                "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                Format::Text,
            ),
            // A browser, curl.
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
                Format::Text,
            ),
            ("*/*", Format::Text),
            ("application/openmetrics-text", OPEN),
            ("Application/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.9", OPEN),
            ("text/plain, application/openmetrics-text", Format::Text),
            ("application/openmetrics-text, text/plain", OPEN),
            ("application/openmetrics-text;q=0.3, text/plain;q=0.4", Format::Text),
            ("*/*, application/openmetrics-text", OPEN),
            ("text/*, application/openmetrics-text;q=0.9", Format::Text),
            ("application/openmetrics-text;q=0, */*;q=0.1", Format::Text),
            ("text/plain;q=0, application/openmetrics-text;q=0.1, */*", OPEN),
            // Nothing that we have, and nothing that can be read: never refused.
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily",
                Format::Text,
            ),
            ("application/json", Format::Text),
            ("text/plain;q=0", Format::Text),
            ("application/openmetrics-text;version=2.0.0", Format::Text),
            ("application/openmetrics-text;q=high", Format::Text),
            ("application/openmetrics-text;q=1.1", Format::Text),
            ("application/json;x=\"a,application/openmetrics-text\"", Format::Text),
            (",;,;;q=,\"", Format::Text),
            ("", Format::Text),
        ] {
            assert_eq!(negotiate(Some(accept)), format, "{accept}");
        }
        assert_eq!(negotiate(None), Format::Text);
    }

    #[test]
    fn every_accept_encoding_header_gets_gzip_where_it_is_wanted() {
        for (accept, encoding) in [
            ("gzip", Encoding::Gzip),
            ("gzip, deflate, br", Encoding::Gzip),
            ("x-gzip", Encoding::Gzip),
            ("GZip;q=0.1", Encoding::Gzip),
            ("*", Encoding::Gzip),
            ("br, *;q=0.1", Encoding::Gzip),
            ("identity;q=0.5, gzip;q=0.5", Encoding::Gzip),
            ("identity, gzip;q=0.5", Encoding::Identity),
            ("gzip;q=0", Encoding::Identity),
            ("gzip;q=0, *", Encoding::Identity),
            ("*;q=0", Encoding::Identity),
            ("br", Encoding::Identity),
            ("identity", Encoding::Identity),
            ("gzipped", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            assert_eq!(negotiate_encoding(Some(accept)), encoding, "{accept}");
        }
        assert_eq!(negotiate_encoding(None), Encoding::Identity);
    }
}
