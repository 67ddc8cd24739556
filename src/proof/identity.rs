//! The name under which a delivery counts once.

use sha2::{Digest as _, Sha256};

use super::headers::DeliveryHeaders;
use crate::delivery::InstanceId;
use crate::record::DeliveryKey;

/// What a key made by us begins with, so that no sender's id is mistaken for one.
const DIGEST_PREFIX: &[u8] = b"sha256:";

/// `webhook-id`, else `Idempotency-Key`, else a digest of instance, `X-Gitlab-Event` and body.
///
/// An id that is empty or stands twice names nothing and is passed over: it must not make two
/// deliveries one. One longer than [`DeliveryKey::MAX_BYTES`] is replaced by its digest.
pub(super) fn delivery_key(
    headers: &DeliveryHeaders<'_>,
    source: InstanceId,
    body: &[u8],
) -> DeliveryKey {
    given_key(headers).unwrap_or_else(|| {
        let event = headers.event.useful().unwrap_or_default();
        let length = event.len().to_be_bytes();
        digest_key(&[&source.get().to_be_bytes(), &length, event, body])
    })
}

/// The name that GitLab gave a delivery; `None` before 17.4, when it gave none.
fn given_key(headers: &DeliveryHeaders<'_>) -> Option<DeliveryKey> {
    let id = headers.id.useful().or_else(|| headers.idempotency_key.useful())?;
    let fits = id.len() <= DeliveryKey::MAX_BYTES;
    Some(if fits { DeliveryKey::new(id) } else { digest_key(&[id]) })
}

impl DeliveryHeaders<'_> {
    /// The name under which the delivery with these headers counts once, where GitLab gave it one:
    /// that of the delivery itself and of all that repeat or list it.
    #[must_use]
    pub fn given_key(&self) -> Option<DeliveryKey> {
        given_key(self)
    }
}

fn digest_key(parts: &[&[u8]]) -> DeliveryKey {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    DeliveryKey::new(&[DIGEST_PREFIX, digest.finalize().as_slice()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(headers: &[(&'static str, &'static [u8])], body: &[u8]) -> DeliveryKey {
        let headers = DeliveryHeaders::read(|name| {
            headers.iter().filter(move |(known, _)| *known == name).map(|(_, value)| *value)
        });
        delivery_key(&headers, InstanceId::new(1), body)
    }

    #[test]
    fn the_webhook_id_wins_over_the_idempotency_key_and_that_over_the_digest() {
        let (id, idempotency): (_, (_, &[u8])) =
            (("webhook-id", b"a".as_slice()), ("idempotency-key", b"b"));
        assert_eq!(key(&[id, idempotency], b"{}").as_bytes(), b"a");
        assert_eq!(key(&[idempotency], b"{}").as_bytes(), b"b");
        assert!(key(&[], b"{}").as_bytes().starts_with(DIGEST_PREFIX));
    }

    #[test]
    fn an_id_that_is_empty_or_repeated_names_nothing() {
        let nameless = key(&[], b"{}");
        assert_eq!(key(&[("webhook-id", b"")], b"{}"), nameless);
        assert_eq!(key(&[("webhook-id", b"a"), ("webhook-id", b"b")], b"{}"), nameless);
    }

    #[test]
    fn without_an_id_another_body_or_event_is_another_delivery() {
        let event = |event| key(&[("x-gitlab-event", event)], b"{}");
        assert_ne!(key(&[], b"{}"), key(&[], b"{ }"));
        assert_ne!(event(b"Push Hook"), event(b"Job Hook"));
        assert_ne!(event(b"Push Hook"), key(&[], b"Push Hook{}"));
        assert_eq!(event(b"Push Hook"), event(b"Push Hook"));
    }

    #[test]
    fn a_long_id_is_replaced_by_its_digest_and_stays_its_own() {
        const WHOLE: [u8; DeliveryKey::MAX_BYTES] = [b'x'; DeliveryKey::MAX_BYTES];
        const LONG: [u8; 10_240] = [b'x'; 10_240];
        const LONGER: [u8; 10_241] = [b'x'; 10_241];
        assert_eq!(key(&[("webhook-id", &WHOLE)], b"").as_bytes(), WHOLE);
        let (long, longer) =
            (key(&[("webhook-id", &LONG)], b""), key(&[("webhook-id", &LONGER)], b""));
        assert_eq!(long.as_bytes().len(), DIGEST_PREFIX.len() + 32);
        assert_ne!(long, longer);
    }
}
