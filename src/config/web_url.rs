//! Addresses of the web, for links.

use super::raw::Field;

/// Reads an http or https address; a slash at its end is taken away.
pub(super) fn read(field: &Field<'_>) -> Option<String> {
    field.read("an address like https://gitlab.example.com, without user or query", parse)
}

/// An http or https address without user, query and fragment; a path is kept, a slash at its end
/// is not.
pub(super) fn parse(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let split = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let (host, port) = split.unwrap_or((authority, "443"));
    let host_is_plain = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte));
    let path_is_plain =
        path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._~-%".contains(&byte));
    let fits = host_is_plain && path_is_plain && port.parse::<u16>().is_ok_and(|port| port > 0);
    fits.then(|| text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_with_a_host_and_maybe_a_path() {
        for (text, expected) in [
            ("https://gitlab.example.com", "https://gitlab.example.com"),
            ("https://gitlab.example.com/", "https://gitlab.example.com"),
            ("http://10.0.0.1:8080/gitlab/", "http://10.0.0.1:8080/gitlab"),
            ("http://[2001:db8::1]", "http://[2001:db8::1]"),
            ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(expected));
        }
        for text in [
            "",
            "gitlab.example.com",
            "ftp://gitlab.example.com",
            "https://",
            "https:///path",
            "https://user:pass@gitlab.example.com",
            "https://gitlab.example.com?x=1",
            "https://gitlab.example.com/#top",
            "https://gitlab.example.com:0",
            "https://gitlab.example.com:99999",
            "https://gitlab.example.com/a b",
            "javascript://x",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
