//! The signing token of Standard Webhooks: HMAC-SHA256 over id, time and body.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::fingerprint::Fingerprint;

/// What every signing token begins with.
const PREFIX: &str = "whsec_";
/// GitLab makes keys of this size and refuses others.
const KEY_BYTES: usize = 32;
/// A sender that rotates signs with a few tokens at once; more entries than this are not read, so
/// that a long header buys no work.
const MAX_SIGNATURES: usize = 32;

/// A text that is no signing token; the text itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing token is `whsec_` and the standard base64 of 32 bytes, as GitLab shows it once")]
pub struct InvalidSigningToken;

/// A signature over one delivery.
pub(super) type Signature = [u8; 32];

/// A key that signs deliveries; kept as the prepared state of its HMAC. It has no `==`: signatures
/// are compared in constant time, keys never.
#[derive(Clone)]
pub struct SigningToken {
    mac: Hmac<Sha256>,
    fingerprint: Fingerprint,
}

impl SigningToken {
    /// Reads a token as GitLab shows it.
    ///
    /// # Errors
    /// [`InvalidSigningToken`] unless it is `whsec_` and the padded standard base64 of 32 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidSigningToken> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSigningToken)?;
        let key = STANDARD.decode(encoded).map_err(|_| InvalidSigningToken)?;
        if key.len() != KEY_BYTES {
            return Err(InvalidSigningToken);
        }
        let mac = Hmac::new_from_slice(&key).map_err(|_| InvalidSigningToken)?;
        Ok(Self { mac, fingerprint: Fingerprint::of(text.as_bytes()) })
    }

    /// The name under which this token may be shown.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The value of `webhook-signature` for a delivery with this `webhook-id`,
    /// `webhook-timestamp` and body, as GitLab would send it.
    #[must_use]
    pub fn sign(&self, id: &[u8], timestamp: &[u8], body: &[u8]) -> String {
        let signature: Signature =
            self.mac_over(id, timestamp, body).finalize().into_bytes().into();
        format!("v1,{}", STANDARD.encode(signature))
    }

    /// Whether any of `signatures` is this token's over the delivery; each is compared in constant
    /// time, and all of them are.
    ///
    /// The signed text is `id.timestamp.body`. An id may hold dots: since a timestamp is digits
    /// only and no body of GitLab's begins with digits and a dot, it cannot be cut differently.
    pub(super) fn verifies(
        &self,
        signatures: &[Signature],
        id: &[u8],
        timestamp: &[u8],
        body: &[u8],
    ) -> bool {
        let mac = self.mac_over(id, timestamp, body);
        signatures
            .iter()
            .fold(false, |found, signature| mac.clone().verify_slice(signature).is_ok() | found)
    }

    fn mac_over(&self, id: &[u8], timestamp: &[u8], body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        for part in [id, b".", timestamp, b".", body] {
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for SigningToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningToken({})", self.fingerprint)
    }
}

/// The `v1` signatures of a `webhook-signature`, a list separated by spaces. Entries of another
/// version, and those that are no padded base64 of 32 bytes, are skipped.
pub(super) fn signatures(header: &[u8]) -> Vec<Signature> {
    header
        .split(|byte| *byte == b' ')
        .take(MAX_SIGNATURES)
        .filter_map(|entry| entry.strip_prefix(b"v1,"))
        .filter_map(|encoded| STANDARD.decode(encoded).ok()?.try_into().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=";
    const ID: &[u8] = b"f5e5f430-f57b-4e6e-9fac-d9128cd7232f";
    const AT: &[u8] = b"1744578123";

    /// GitLab's published examples.
    const VECTORS: [(&str, &str); 3] = [
        (
            r#"{"object_kind":"push","event_name":"push"}"#,
            "v1,BIN3xJ7GRt9kIRU3Y/iUCo/fmTYTQux2VEswD9TgWsg=",
        ),
        (
            r#"{"object_kind":"push","ref":"refs/heads/été"}"#,
            "v1,Nx+kODHP+nJZjB8AJs4ERyNKgehvUG2fRHfROq/fGno=",
        ),
        ("", "v1,eAhwIsOay1Tm5gk0WFxbyKtW1kZOTiPZb3cQ15eUAPk="),
    ];

    #[test]
    fn gitlabs_own_examples_are_made_and_verified() {
        let token = SigningToken::parse(TOKEN).unwrap();
        for (body, signature) in VECTORS {
            assert_eq!(token.sign(ID, AT, body.as_bytes()), signature);
            let read = signatures(signature.as_bytes());
            assert!(token.verifies(&read, ID, AT, body.as_bytes()), "{body}");
        }
    }

    /// Every copy of `parts` with one bit of one part turned.
    fn turned(parts: [&[u8]; 4]) -> impl Iterator<Item = [Vec<u8>; 4]> {
        let bits = parts.map(|part| part.len() * 8).into_iter().enumerate();
        bits.flat_map(|(part, bits)| (0..bits).map(move |bit| (part, bit))).map(
            move |(part, bit)| {
                let mut turned = parts.map(<[u8]>::to_vec);
                turned[part][bit / 8] ^= 1 << (bit % 8);
                turned
            },
        )
    }

    #[test]
    fn no_bit_of_a_signature_an_id_a_time_or_a_body_may_be_another() {
        let token = SigningToken::parse(TOKEN).unwrap();
        for (body, signature) in VECTORS {
            let mut tried = 0;
            for parts in turned([signature.as_bytes(), ID, AT, body.as_bytes()]) {
                let [signature, id, at, body] = &parts;
                assert!(!token.verifies(&signatures(signature), id, at, body), "{parts:?}");
                tried += 1;
            }
            assert_eq!(tried, (signature.len() + ID.len() + AT.len() + body.len()) * 8);
        }
    }

    #[test]
    fn one_readable_entry_among_others_is_enough_wherever_it_stands() {
        let good = VECTORS[0].1;
        for list in
            [format!("{good} v1,AAAA"), format!("v2,xyz v1a,abc v1, {good}"), format!("  {good}  ")]
        {
            assert_eq!(signatures(list.as_bytes()).len(), 1, "{list}");
        }
        assert_eq!(signatures(format!("{good} {good}").as_bytes()).len(), 2);
    }

    #[test]
    fn other_versions_and_other_base64_are_no_signature() {
        let encoded = VECTORS[0].1.trim_start_matches("v1,");
        let unpadded = encoded.trim_end_matches('=');
        for entry in [
            encoded.to_owned(),
            format!("v2,{encoded}"),
            format!("v1a,{encoded}"),
            format!("V1,{encoded}"),
            format!("v1={encoded}"),
            format!("v1,{unpadded}"),
            format!("v1,{encoded}="),
            format!("v1,\t{encoded}"),
            "v1,".to_owned(),
            String::new(),
        ] {
            assert_eq!(signatures(entry.as_bytes()), [[0; 32]; 0], "{entry}");
        }
    }

    #[test]
    fn a_long_list_is_read_up_to_its_bound() {
        let list = [VECTORS[0].1; 1_000].join(" ");
        assert_eq!(signatures(list.as_bytes()).len(), MAX_SIGNATURES);
    }

    #[test]
    fn a_token_is_whsec_and_32_bytes_and_nothing_else() {
        for text in [
            "",
            "whsec_",
            "dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=",
            "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q",
            "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlcw==",
            "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q= ",
        ] {
            assert_eq!(SigningToken::parse(text).unwrap_err(), InvalidSigningToken, "{text}");
        }
    }

    #[test]
    fn debug_output_shows_the_fingerprint_alone() {
        let token = SigningToken::parse(TOKEN).unwrap();
        assert_eq!(format!("{token:?}"), format!("SigningToken({})", token.fingerprint()));
    }
}
