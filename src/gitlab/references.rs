//! What texts say about other things: read out of descriptions, notes and messages, which are
//! then dropped.

use crate::delivery::{Cause, CommitSha, DeploymentId, Iid, Reverted};

/// Most issue numbers taken from one description; more than anybody closes by hand.
const MAX_CLOSED_ISSUES: usize = 100;

/// What a merge request says that it reverts: GitLab's sentence `This reverts merge request !17`,
/// else git's `This reverts commit …`. A merge request of another project is not meant.
#[must_use]
pub fn reverts(description: &str) -> Option<Reverted> {
    reverted_merge_request(description)
        .map(Reverted::MergeRequest)
        .or_else(|| reverted_commit(description).map(Reverted::Commit))
}

fn reverted_merge_request(text: &str) -> Option<Iid> {
    after_each(text, "This reverts merge request !").find_map(number).and_then(iid)
}

/// The commit that a message or description says it reverts.
#[must_use]
pub fn reverted_commit(text: &str) -> Option<CommitSha> {
    after_each(text, "This reverts commit ").find_map(sha)
}

/// The commit that a message says it was cherry-picked from; the first one named, which is the
/// original when it was picked several times.
#[must_use]
pub fn picked_from(message: &str) -> Option<CommitSha> {
    after_each(message, "(cherry picked from commit ").find_map(sha)
}

/// Whether a message is one that git or GitLab writes for a merge.
#[must_use]
pub fn is_merge(message: &str) -> bool {
    ["Merge branch ", "Merge remote-tracking branch ", "Merge tag ", "Merge commit '"]
        .into_iter()
        .any(|start| message.starts_with(start))
}

/// What GitLab's own note on a merge request says that somebody did: `approved`, `ready` (no draft
/// any more) or `draft`.
#[must_use]
pub fn act(note: &str) -> Option<&'static str> {
    let says = |start: &str| note.starts_with(start);
    if says("approved this merge request") {
        return Some("approved");
    }
    if says("marked this merge request as **ready**") || says("unmarked as a **Work In Progress**")
    {
        return Some("ready");
    }
    let is_draft =
        says("marked this merge request as **draft**") || says("marked as a **Work In Progress**");
    is_draft.then_some("draft")
}

/// The cause that a line `dora: caused-by …` names; the first line that can be read counts.
#[must_use]
pub fn caused_by(text: &str) -> Option<Cause> {
    text.lines().find_map(|line| {
        let rest = after_word(line.trim(), "dora:")?;
        cause(after_word(rest.trim_start(), "caused-by")?)
    })
}

/// Reads what stands behind `caused-by`: `deployment 42`, `!17`, 8 to 64 hexadecimal digits, or
/// `external`.
#[must_use]
pub fn cause(text: &str) -> Option<Cause> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("external") {
        return Some(Cause::External);
    }
    if let Some(digits) = text.strip_prefix('!') {
        return whole_number(digits).and_then(iid).map(Cause::MergeRequest);
    }
    if let Some(rest) = after_word(text, "deployment ") {
        let id = whole_number(rest.trim_start())?;
        return DeploymentId::new(id).ok().map(Cause::Deployment);
    }
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_commit = is_hex && (8..=64).contains(&text.len());
    is_commit.then(|| Cause::Commit(text.to_ascii_lowercase().into()))
}

/// The words that [`cause`] reads back to the same value.
#[must_use]
pub fn cause_text(cause: &Cause) -> String {
    match cause {
        Cause::External => "external".to_owned(),
        Cause::Deployment(id) => format!("deployment {id}"),
        Cause::MergeRequest(iid) => format!("!{iid}"),
        Cause::Commit(prefix) => prefix.to_string(),
    }
}

/// The issues of the same project that a description closes, by GitLab's default pattern
/// (`Closes #1, #2 and #3`); ascending, each once.
#[must_use]
pub fn closes(description: &str) -> Vec<Iid> {
    let mut found: Vec<Iid> = Vec::new();
    let mut rest = description;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        // Asked first, because a description may be a megabyte and hold no such word.
        let may_start_one = matches!(first.to_ascii_lowercase(), 'c' | 'f' | 'r' | 'i');
        let at_word_start = may_start_one && !before.is_some_and(char::is_alphanumeric);
        if at_word_start && let Some(mut list) = closing_word(rest) {
            while let Some((number, after)) = issue_number(list) {
                found.extend(iid(number));
                list = after;
            }
        }
        before = Some(first);
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
        if found.len() >= MAX_CLOSED_ISSUES {
            break;
        }
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(MAX_CLOSED_ISSUES);
    found
}

/// What follows a closing word and its optional colon, when `text` starts with one.
fn closing_word(text: &str) -> Option<&str> {
    const WORDS: [&str; 15] = [
        "closing",
        "closes",
        "closed",
        "close",
        "fixing",
        "fixes",
        "fixed",
        "fix",
        "resolving",
        "resolves",
        "resolved",
        "resolve",
        "implementing",
        "implements",
        "implemented",
    ];
    let rest = WORDS.into_iter().find_map(|word| after_word(text, word))?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let list = rest.trim_start_matches(' ');
    (list.len() < rest.len()).then_some(list)
}

/// The first `#n` of a list, and what follows it and its comma or "and".
fn issue_number(list: &str) -> Option<(u64, &str)> {
    let list = list.strip_prefix("issues ").or_else(|| list.strip_prefix("issue ")).unwrap_or(list);
    let digits = list.strip_prefix('#')?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (number, rest) = digits.split_at_checked(end)?;
    let rest = rest.trim_start_matches(' ');
    let rest = rest.strip_prefix(',').unwrap_or(rest).trim_start_matches(' ');
    let rest = rest.strip_prefix("and ").unwrap_or(rest).trim_start_matches(' ');
    Some((number.parse().ok()?, rest))
}

/// `text` after each occurrence of `phrase`.
fn after_each<'a>(text: &'a str, phrase: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(phrase).filter_map(move |(at, _)| text.get(at + phrase.len()..))
}

/// `text` after `word`, in any case of ASCII letters.
fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(rest)
}

fn number(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

fn whole_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn sha(text: &str) -> Option<CommitSha> {
    let end = text.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(text.len());
    CommitSha::from_hex(text.get(..end)?).ok()
}

fn iid(number: u64) -> Option<Iid> {
    Iid::new(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHA: &str = "7b9a32a5435c8f945608cd3037f4fd6fad33f78b";

    fn mr(number: u64) -> Iid {
        Iid::new(number).unwrap()
    }

    #[test]
    fn a_revert_names_the_merge_request_before_the_commit() {
        let commit = CommitSha::from_hex(SHA).unwrap();
        let both = format!("This reverts commit {SHA}.\n\nThis reverts merge request !16");
        assert_eq!(reverts(&both), Some(Reverted::MergeRequest(mr(16))));
        assert_eq!(
            reverts(&format!("x\nThis reverts commit {SHA}")),
            Some(Reverted::Commit(commit))
        );
        assert_eq!(reverts("This reverts merge request other/shop!16"), None);
        assert_eq!(reverts("This reverts commit 7b9a32a5."), None);
        assert_eq!(reverts("This reverts merge request !0"), None);
    }

    #[test]
    fn a_pick_names_its_original() {
        let message = format!("Round\n\n(cherry picked from commit {SHA})\n(cherry picked from …");
        assert_eq!(picked_from(&message), CommitSha::from_hex(SHA).ok());
        assert_eq!(picked_from("(cherry picked from commit abc)"), None);
    }

    #[test]
    fn a_cause_is_read_in_all_its_forms_and_only_on_its_own_line() {
        let deployment = Cause::Deployment(DeploymentId::new(42).unwrap());
        for (text, expected) in [
            ("dora: caused-by deployment 42", Some(deployment)),
            ("Broken.\r\n  DORA: caused-by   !17  \r\nSorry.", Some(Cause::MergeRequest(mr(17)))),
            ("dora: caused-by 1A2B3C4D", Some(Cause::Commit("1a2b3c4d".into()))),
            ("dora: caused-by External", Some(Cause::External)),
            ("dora: caused-by nonsense\ndora: caused-by external", Some(Cause::External)),
            ("see dora: caused-by external", None),
            ("dora: caused-by 1a2b3c", None),
            ("dora: caused-by deployment 42 and 43", None),
            ("dora: caused-by !0", None),
            ("dora: caused-by", None),
            ("dóra: caused-by external", None),
        ] {
            assert_eq!(caused_by(text), expected, "{text}");
        }
    }

    #[test]
    fn closed_issues_are_those_of_gitlabs_pattern() {
        for (text, expected) in [
            ("Closes #1", vec![1]),
            ("closes: #3, #1 and #2; then #9", vec![1, 2, 3]),
            ("Fixes issue #4\nResolves #5", vec![4, 5]),
            ("Implements #7, #7", vec![7]),
            ("Fix#8", vec![]),
            ("discloses #8", vec![]),
            ("Closes other/project#8", vec![]),
            ("See #8", vec![]),
            ("Closes #0", vec![]),
            ("élève closes #6", vec![6]),
        ] {
            let numbers: Vec<u64> = closes(text).into_iter().map(Iid::get).collect();
            assert_eq!(numbers, expected, "{text}");
        }
    }

    #[test]
    fn a_flood_of_closed_issues_is_bounded() {
        let text: String = "Closes #7, #8\n".repeat(100_000);
        assert!(closes(&text).len() <= MAX_CLOSED_ISSUES);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(text in "\\PC{0,80}") {
            let _ = (reverts(&text), picked_from(&text), caused_by(&text), closes(&text));
        }

        #[test]
        fn a_cause_reads_back_from_its_own_words(number in 1_u64..1_000_000, hex in "[0-9a-f]{8,64}") {
            for cause_ in [
                Cause::External,
                Cause::Deployment(DeploymentId::new(number).unwrap()),
                Cause::MergeRequest(Iid::new(number).unwrap()),
                Cause::Commit(hex.as_str().into()),
            ] {
                prop_assert_eq!(cause(&cause_text(&cause_)), Some(cause_));
            }
        }
    }
}
