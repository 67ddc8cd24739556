//! Names and numbers by which GitLab knows things, each a type of its own.

use std::fmt;
use std::sync::Arc;

/// A text or number that cannot be the id it was offered as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct InvalidId {
    /// What it should have been, in words.
    pub what: &'static str,
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Accepts 1 to 2⁶³−1, the range of a database id.
            ///
            /// # Errors
            /// [`InvalidId`] for zero and for what does not fit a signed 64-bit integer.
            pub fn new(number: u64) -> Result<Self, InvalidId> {
                if number == 0 || i64::try_from(number).is_err() {
                    return Err(InvalidId { what: $what });
                }
                Ok(Self(number))
            }

            /// The number itself.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

number_id!(
    /// GitLab's numeric project id; survives renames and transfers.
    ProjectId, "project id"
);
number_id!(
    /// GitLab's numeric deployment id; ascends in creation order within one GitLab.
    DeploymentId, "deployment id"
);
number_id!(
    /// The number of a merge request or issue within its project (`!17`, `#42`).
    Iid, "iid"
);
number_id!(
    /// GitLab's numeric pipeline id.
    PipelineId, "pipeline id"
);
number_id!(
    /// GitLab's numeric job id.
    JobId, "job id"
);
number_id!(
    /// GitLab's numeric milestone id.
    MilestoneId, "milestone id"
);

/// One GitLab installation, numbered by the store at its first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(u32);

impl InstanceId {
    /// Wraps the store's number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The store's number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// A project of one GitLab installation: the first part of every fact's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectKey {
    /// The installation.
    pub instance: InstanceId,
    /// The project within it.
    pub project: ProjectId,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Accepts any text that is not empty.
            ///
            /// # Errors
            /// [`InvalidId`] for an empty text.
            pub fn new(text: &str) -> Result<Self, InvalidId> {
                if text.is_empty() {
                    return Err(InvalidId { what: $what });
                }
                Ok(Self(Arc::from(text)))
            }

            /// The text as GitLab wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// Full path of a project, `group/subgroup/project`.
    ProjectPath, "project path"
);
text_id!(
    /// Name of an environment, `production` or `review/feature-x`.
    EnvironmentName, "environment name"
);
text_id!(
    /// Name of a branch without `refs/heads/`.
    BranchName, "branch name"
);
text_id!(
    /// Full reference of a push (`refs/heads/main`), or the short one of a deployment.
    RefName, "reference"
);
text_id!(
    /// Name of a label.
    LabelName, "label name"
);
text_id!(
    /// Name of a tag without `refs/tags/`.
    TagName, "tag name"
);
text_id!(
    /// Stage of a CI job.
    StageName, "stage name"
);
text_id!(
    /// One of several services that are delivered from one repository.
    ServiceName, "service name"
);
text_id!(
    /// Name of a CI job.
    JobName, "job name"
);
text_id!(
    /// Path of a file within its repository.
    FilePath, "path of a file"
);
text_id!(
    /// Name of a container image, with its registry and without its version.
    ImageName, "name of an image"
);
text_id!(
    /// Version of a container image: a tag, or a digest like `sha256:…`.
    ImageVersion, "version of an image"
);

impl ProjectPath {
    /// Every group above the project, nearest last: `a/b/c` gives `a`, `a/b`.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').filter_map(|(end, _)| self.0.get(..end))
    }
}

impl RefName {
    /// The branch this names, when it names one: `refs/heads/main` gives `main`.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.0.strip_prefix("refs/heads/")
    }
}

/// Labels of one object: sorted, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelSet(Arc<[LabelName]>);

impl LabelSet {
    /// Sorts and removes repetitions.
    #[must_use]
    pub fn new(mut labels: Vec<LabelName>) -> Self {
        labels.sort_unstable();
        labels.dedup();
        Self(labels.into())
    }

    /// Whether `label` is among them, to the letter.
    #[must_use]
    pub fn contains(&self, label: &str) -> bool {
        self.0.binary_search_by(|own| own.as_str().cmp(label)).is_ok()
    }

    /// The labels in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = &LabelName> {
        self.0.iter()
    }
}

/// A full commit id: 20 bytes (SHA-1) or 32 (SHA-256). Never the null id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitSha {
    bytes: [u8; 32],
    length: u8,
}

impl CommitSha {
    /// Reads 40 or 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`InvalidId`] for another length, another character, or nothing but zeros (GitLab's way to
    /// say "no commit").
    pub fn from_hex(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId { what: "commit SHA" };
        if text.len() != 40 && text.len() != 64 {
            return Err(invalid);
        }
        let mut bytes = [0; 32];
        let (pairs, _) = text.as_bytes().as_chunks::<2>();
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low)) else {
                return Err(invalid);
            };
            *byte = high << 4 | low;
        }
        if bytes == [0; 32] {
            return Err(invalid);
        }
        Ok(Self { bytes, length: if text.len() == 40 { 20 } else { 32 } })
    }

    /// Reads the 20 or 32 bytes that [`as_bytes`](Self::as_bytes) gave.
    ///
    /// # Errors
    /// [`InvalidId`] for another length or the null id.
    pub fn from_bytes(raw: &[u8]) -> Result<Self, InvalidId> {
        let invalid = InvalidId { what: "commit SHA" };
        let length = match raw.len() {
            20 => 20,
            32 => 32,
            _ => return Err(invalid),
        };
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(raw) {
            *to = *from;
        }
        if bytes == [0; 32] {
            return Err(invalid);
        }
        Ok(Self { bytes, length })
    }

    /// The 20 or 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// Whether the hexadecimal form begins with `prefix`, lower or upper case.
    #[must_use]
    pub fn has_prefix(&self, prefix: &str) -> bool {
        let mut digits = self.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        prefix.bytes().all(|digit| hex_digit(digit).is_some_and(|d| digits.next() == Some(d)))
    }
}

fn hex_digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitSha({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_path_names_every_group_above_it() {
        let path = ProjectPath::new("a/b/c").unwrap();
        assert_eq!(path.groups().collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(ProjectPath::new("alone").unwrap().groups().count(), 0);
    }

    #[test]
    fn a_sha_reads_back_in_both_lengths() {
        for text in ["7b9a32a5435c8f945608cd3037f4fd6fad33f78b".to_owned(), "0a".repeat(32)] {
            let sha = CommitSha::from_hex(&text).unwrap();
            assert_eq!(sha.to_string(), text);
            assert_eq!(CommitSha::from_bytes(sha.as_bytes()), Ok(sha));
        }
    }

    #[test]
    fn the_null_sha_and_odd_texts_are_no_commit() {
        for text in ["0".repeat(40), "0".repeat(64), "abc".to_owned(), "g".repeat(40)] {
            assert!(CommitSha::from_hex(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_of_zero_or_beyond_63_bits_is_refused() {
        assert!(ProjectId::new(0).is_err());
        assert!(ProjectId::new(u64::MAX).is_err());
        assert_eq!(ProjectId::new(7).map(ProjectId::get), Ok(7));
    }
}
