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
