//! Which commit of an application a version is.

use std::collections::{BTreeMap, BTreeSet};

use crate::delivery::history::{CommitNumber, VersionFault};
use crate::delivery::{CommitSha, ImageVersion, ProjectHistory};

/// Fewer digits of a commit name too many.
const FEWEST_DIGITS: usize = 8;
/// A whole id of SHA-256.
const MOST_DIGITS: usize = 64;

/// The versions of an application.
#[derive(Debug)]
pub(super) struct Versions {
    /// By tag without its first `v`: the tags of that name, each with the commits that it marked.
    tags: BTreeMap<String, BTreeMap<String, BTreeSet<CommitSha>>>,
    /// Ascending.
    commits: Vec<CommitSha>,
}

impl Versions {
    /// All that hooks and the API told of.
    pub(super) fn new(history: &ProjectHistory) -> Self {
        let pushed = history.tagged().filter_map(|(name, commit)| {
            name.as_str().strip_prefix("refs/tags/").map(|tag| (tag.to_owned(), commit))
        });
        let released = history
            .tag_releases
            .values()
            .filter_map(|own| Some((own.tag.as_str().to_owned(), own.sha.0?)));
        let mut tags: BTreeMap<String, BTreeMap<String, BTreeSet<CommitSha>>> = BTreeMap::new();
        for (tag, commit) in pushed.chain(released) {
            let same = tags.entry(bare(&tag).to_owned()).or_default();
            same.entry(tag).or_default().insert(commit);
        }
        let numbers = (0..history.commit_numbers()).map(CommitNumber::at);
        let mut commits: Vec<CommitSha> = numbers.map(|number| history.sha(number)).collect();
        commits.sort_unstable();
        Self { tags, commits }
    }

    /// The commit that all these versions are.
    ///
    /// # Errors
    /// [`VersionFault::Unknown`] when none of them is known, [`VersionFault::Several`] when they are
    /// several commits.
    pub(super) fn commit(&self, versions: &[ImageVersion]) -> Result<CommitSha, VersionFault> {
        let found: BTreeSet<CommitSha> =
            versions.iter().flat_map(|version| self.of(version.as_str())).collect();
        match (found.first(), found.len()) {
            (Some(commit), 1) => Ok(*commit),
            (None, _) => Err(VersionFault::Unknown),
            _ => Err(VersionFault::Several),
        }
    }

    /// The commits that one version may be: those of the tag of that name, else of the one that only
    /// a `v` sets apart, else those that begin with its digits.
    fn of(&self, version: &str) -> Vec<CommitSha> {
        if let Some(same) = self.tags.get(bare(version)) {
            let exact = same.get(version).map(|own| own.iter().copied().collect());
            return exact.unwrap_or_else(|| same.values().flatten().copied().collect());
        }
        let Some(digits) = digits(version) else { return Vec::new() };
        let from = self.commits.partition_point(|own| own.to_string().as_str() < digits.as_str());
        let rest = self.commits.get(from..).unwrap_or_default().iter();
        // Two are enough to know that it is not one.
        rest.take_while(|own| own.has_prefix(&digits)).take(2).copied().collect()
    }
}

/// A tag without the `v` that many put before the number.
fn bare(tag: &str) -> &str {
    let is_number = |rest: &&str| rest.starts_with(|first: char| first.is_ascii_digit());
    tag.strip_prefix('v').filter(is_number).unwrap_or(tag)
}

/// The digits of a commit: the whole version, or what stands behind its last hyphen, as in
/// `main-1a2b3c4d` and `sha-1a2b3c4d`.
fn digits(version: &str) -> Option<String> {
    let digits = version.rsplit('-').next()?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let fits = (FEWEST_DIGITS..=MOST_DIGITS).contains(&digits.len());
    (is_hex && fits).then(|| digits.to_ascii_lowercase())
}
