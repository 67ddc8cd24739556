//! The `Link` header of a list: where the next page begins, and nothing else.
//!
//! GitLab writes the whole address, with the host of its own configuration, which may not be the
//! one that we call. Only the parameters that say where a page begins are taken: not the host, so
//! that a token cannot be lured away, and not the filters, so that a list stays the one that was
//! asked for.

use reqwest::Url;

/// The parameters by which GitLab's lists say where a page begins: offset paging, cursors, keyset
/// paging of older lists, and the repository tree's.
const PLACES: [&str; 5] = ["page", "cursor", "id_after", "id_before", "page_token"];

/// Where a page begins: parameters and their values.
pub(super) type Place = Vec<(String, String)>;

/// Where the next page begins by these `Link` headers; `None` after the last page. An empty place
/// is a link that says nothing of use.
pub(super) fn next<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Place> {
    headers.flat_map(links).find(|(_, what)| says_next(what)).map(|(target, _)| place(target))
}

/// The targets of a header, each with what is said about it.
fn links(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split('<').skip(1).filter_map(|link| link.split_once('>'))
}

fn says_next(what: &str) -> bool {
    what.split([';', ',']).map(str::trim).any(|said| matches!(said, "rel=\"next\"" | "rel=next"))
}

fn place(target: &str) -> Place {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    // Decoding needs an address to hang the query on; it goes nowhere.
    let Ok(url) = Url::parse(&format!("http://localhost/?{query}")) else { return Place::new() };
    url.query_pairs()
        .filter(|(key, _)| PLACES.contains(&key.as_ref()))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Option<String> {
        let place = next([header].into_iter())?;
        Some(
            place.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&"),
        )
    }

    #[test]
    fn the_place_of_the_next_page_is_found_among_other_links() {
        let header = "<https://gitlab.example.com/api/v4/projects?page=1&per_page=100>; rel=\"prev\", \
                      <https://gitlab.example.com/api/v4/projects?page=3&per_page=100>; rel=\"next\", \
                      <https://gitlab.example.com/api/v4/projects?page=9&per_page=100>; rel=\"last\"";
        assert_eq!(read(header).as_deref(), Some("page=3"));
        assert_eq!(read("<https://x/?page=1>; rel=\"first\""), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn keyset_paging_is_understood_and_decoded_once() {
        for (link, expected) in [
            ("<http://x/?id_after=42&order_by=id&pagination=keyset>; rel=\"next\"", "id_after=42"),
            ("<http://x/?cursor=ey%2BJ%3D%3D&x=1>;rel=next", "cursor=ey+J=="),
            ("</relative?page_token=a%20b#part>; rel=\"next\"", "page_token=a b"),
        ] {
            assert_eq!(read(link).as_deref(), Some(expected), "{link}");
        }
    }

    #[test]
    fn neither_host_nor_path_nor_filters_are_taken() {
        for (link, expected) in [
            ("<https://evil.example/steal?page=2>; rel=\"next\"", "page=2"),
            ("<//evil.example?page=2&private_token=x&scope=all>; rel=\"next\"", "page=2"),
            ("<https://user:pass@evil.example/?page=2>; rel=\"next\"", "page=2"),
            ("<javascript:alert(1)>; rel=\"next\"", ""),
            ("<https://gitlab.example.com/projects>; rel=\"next\"", ""),
        ] {
            assert_eq!(read(link).as_deref(), Some(expected), "{link}");
        }
    }

    #[test]
    fn broken_headers_are_no_links() {
        for header in ["<", "<>", ">; rel=\"next\"", "<http://x/?page=2", "rel=\"next\"", ",,;"] {
            assert_eq!(read(header), None, "{header}");
        }
    }
}
