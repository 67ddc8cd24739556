//! A probe: a delivery of our own that is proved like GitLab's, shows that the way to us is open,
//! and is not kept.

/// What every probe begins with; nothing of GitLab's does.
const BEGIN: &str = "{\"gitlab_dora_exporter_probe\":\"";
/// What follows the nonce.
const MIDDLE: &str = "\",\"padding\":\"";
const END: &str = "\"}";
/// A nonce is 128 bits in hexadecimal.
const NONCE_DIGITS: usize = 32;

/// A number that nobody can guess and that is used once: who repeats it has received the probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// The nonce of these random bits.
    #[must_use]
    pub fn of(bits: u128) -> Self {
        Self(format!("{bits:032x}"))
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The body of a probe: JSON with this text of plain ASCII, filled up to `size_bytes` where that is
/// more.
#[must_use]
pub fn probe_body(nonce: &Nonce, text: &str, size_bytes: usize) -> String {
    let fixed = BEGIN.len() + NONCE_DIGITS + MIDDLE.len() + text.len() + END.len();
    let filling = "x".repeat(size_bytes.saturating_sub(fixed));
    [BEGIN, nonce.as_str(), MIDDLE, text, &filling, END].concat()
}

/// The nonce of a body that is a probe; `None` for everything else. Only what is proved may be
/// answered with it.
#[must_use]
pub fn probe_nonce(body: &[u8]) -> Option<Nonce> {
    let rest = body.strip_prefix(BEGIN.as_bytes())?;
    let (digits, rest) = rest.split_at_checked(NONCE_DIGITS)?;
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let is_probe = digits.iter().all(is_digit) && rest.starts_with(MIDDLE.as_bytes());
    is_probe.then(|| Nonce(String::from_utf8_lossy(digits).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_has_the_wanted_size_and_says_its_nonce() {
        let nonce = Nonce::of(0xabc);
        for size in [0, 1_000] {
            let body = probe_body(&nonce, "fix: it", size);
            assert!(body.contains("\"padding\":\"fix: it"), "{body}");
            assert!(body.len() >= size && (size == 0 || body.len() == size), "{}", body.len());
            assert_eq!(probe_nonce(body.as_bytes()), Some(nonce.clone()));
        }
    }

    #[test]
    fn nothing_else_is_a_probe() {
        let body = probe_body(&Nonce::of(1), "", 0);
        let upper = body.replace("0001\"", "000A\"");
        for other in ["", "{}", "{\"object_kind\":\"push\"}", &body[1..], &body[..40], &upper] {
            assert_eq!(probe_nonce(other.as_bytes()), None, "{other}");
        }
    }
}
