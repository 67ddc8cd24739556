//! One `.sql` file holds several statements, each below a line `--: name`.

/// The statement below `--: name`, cut out when the program is compiled.
///
/// # Panics
/// While compiling, when the file has no such statement.
pub(in crate::store) const fn section(file: &'static str, name: &str) -> &'static str {
    let found = find(file, name);
    assert!(found.is_some(), "the file has no such statement");
    match found {
        Some(statement) => statement,
        None => "",
    }
}

/// Like [`section`], for a statement that not every file has.
pub(in crate::store) const fn find(file: &'static str, name: &str) -> Option<&'static str> {
    let text = file.as_bytes();
    let mut at = 0;
    while at < text.len() {
        if is_heading(text, at, name.as_bytes()) {
            let start = at + MARK.len() + name.len();
            let mut end = start;
            while end < text.len() && !starts_with(text, end, MARK) {
                end += 1;
            }
            let (head, _) = file.split_at(end);
            let (_, statement) = head.split_at(start);
            return Some(statement);
        }
        at += 1;
    }
    None
}

const MARK: &[u8] = b"--: ";

const fn is_heading(text: &[u8], at: usize, name: &[u8]) -> bool {
    let end = at + MARK.len() + name.len();
    starts_with(text, at, MARK)
        && starts_with(text, at + MARK.len(), name)
        && starts_with(text, end, b"\n")
}

#[expect(clippy::indexing_slicing, reason = "bounds are checked first; `get` is not const")]
const fn starts_with(text: &[u8], at: usize, word: &[u8]) -> bool {
    if text.len() < at + word.len() {
        return false;
    }
    let mut step = 0;
    while step < word.len() {
        if text[at + step] != word[step] {
            return false;
        }
        step += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "-- about\n\n--: get\nSELECT 1\n\n--: getter\nSELECT 2\n";

    #[test]
    fn a_statement_ends_where_the_next_one_begins() {
        assert_eq!(section(FILE, "get").trim(), "SELECT 1");
        assert_eq!(section(FILE, "getter").trim(), "SELECT 2");
        assert_eq!(find(FILE, "put"), None);
    }
}
