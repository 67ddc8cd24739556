//! The headers of a delivery that matter, as bytes.

/// What stands under one header name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header<'a> {
    /// Nothing.
    Absent,
    /// One value, of any bytes, maybe none.
    Once(&'a [u8]),
    /// More than one value: whoever reads the first and whoever reads the last would disagree.
    Repeated,
}

impl<'a> Header<'a> {
    fn read(mut values: impl Iterator<Item = &'a [u8]>) -> Self {
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::Once(value),
            (Some(_), Some(_)) => Self::Repeated,
        }
    }

    /// The value, when there is exactly one and it is not empty.
    pub(super) fn useful(self) -> Option<&'a [u8]> {
        match self {
            Self::Once(value) if !value.is_empty() => Some(value),
            Self::Once(_) | Self::Absent | Self::Repeated => None,
        }
    }
}

/// The headers of one delivery that prove or name something, borrowed from the request.
///
/// `Debug` shows which are present and none of their values.
#[derive(Clone, Copy)]
pub struct DeliveryHeaders<'a> {
    pub(super) signature: Header<'a>,
    pub(super) id: Header<'a>,
    pub(super) timestamp: Header<'a>,
    pub(super) token: Header<'a>,
    pub(super) idempotency_key: Header<'a>,
    pub(super) event: Header<'a>,
}

impl<'a> DeliveryHeaders<'a> {
    /// Reads the headers; `values` gives every value that stands under a name (lower case), in any
    /// order, as the bytes that arrived.
    #[must_use]
    pub fn read<I>(mut values: impl FnMut(&'static str) -> I) -> Self
    where
        I: Iterator<Item = &'a [u8]>,
    {
        let mut header = |name| Header::read(values(name));
        Self {
            signature: header("webhook-signature"),
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp"),
            token: header("x-gitlab-token"),
            idempotency_key: header("idempotency-key"),
            event: header("x-gitlab-event"),
        }
    }
}

impl std::fmt::Debug for DeliveryHeaders<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let presence = |header: Header<'_>| match header {
            Header::Absent => "absent",
            Header::Once(_) => "present",
            Header::Repeated => "repeated",
        };
        f.debug_struct("DeliveryHeaders")
            .field("signature", &presence(self.signature))
            .field("id", &presence(self.id))
            .field("timestamp", &presence(self.timestamp))
            .field("token", &presence(self.token))
            .field("idempotency_key", &presence(self.idempotency_key))
            .field("event", &presence(self.event))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_absent_there_once_or_repeated_whatever_its_bytes() {
        let read = |values: &'static [&'static [u8]]| Header::read(values.iter().copied());
        assert_eq!(read(&[]), Header::Absent);
        assert_eq!(read(&[b""]), Header::Once(b""));
        assert_eq!(read(&[b"\xff"]), Header::Once(b"\xff"));
        assert_eq!(read(&[b"a", b"a"]), Header::Repeated);
    }

    #[test]
    fn debug_output_shows_no_value() {
        let headers = DeliveryHeaders::read(|_| std::iter::once(b"canary".as_slice()));
        assert!(!format!("{headers:?}").contains("canary"));
    }
}
