//! Values as cells: how each type of `delivery` is kept in one column, and read back.
//!
//! Words and forms here are stored: they may be added to, never changed.

use std::sync::Arc;

use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};

use crate::delivery::{
    BranchName, Cause, ClosedIssues, CommitIdentity, CommitList, CommitSha, DeploymentId,
    DeploymentStatus, EnvironmentName, EnvironmentTier, Iid, IssueType, JobId, LabelName, LabelSet,
    MergeRequestState, MilestoneId, PersonHash, PipelineId, ProjectId, ProjectPath, RefName,
    Reverted, RunStatus, Severity, StageName, TagName, Timestamp, Transition,
};

/// A value that fits one column.
pub(in crate::store) trait Column: Sized {
    /// The cell that [`from_cell`](Self::from_cell) reads back.
    fn to_cell(&self) -> ToSqlOutput<'_>;

    /// Reads a cell; `None` when no version of this program can have written it.
    fn from_cell(cell: ValueRef<'_>) -> Option<Self>;

    /// The instant it names, if it is one.
    fn instant(&self) -> Option<Timestamp> {
        None
    }
}

/// Binds a value to a parameter.
pub(in crate::store) struct Bound<'a, T>(pub(in crate::store) &'a T);

impl<T: Column> ToSql for Bound<'_, T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_cell())
    }
}

fn text(cell: ValueRef<'_>) -> Option<&str> {
    cell.as_str().ok()
}

fn blob(cell: ValueRef<'_>) -> Option<&[u8]> {
    cell.as_blob().ok()
}

fn owned(value: impl Into<Value>) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(value.into())
}

impl<T: Column> Column for Option<T> {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        self.as_ref().map_or(ToSqlOutput::Owned(Value::Null), Column::to_cell)
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        if cell == ValueRef::Null { Some(None) } else { T::from_cell(cell).map(Some) }
    }
}

impl Column for bool {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        owned(i64::from(*self))
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        match cell.as_i64().ok()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Column for u32 {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        owned(i64::from(*self))
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        Self::try_from(cell.as_i64().ok()?).ok()
    }
}

/// Counts and seconds; SQLite's integers end at 2⁶³−1, and so do they.
impl Column for u64 {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        owned(i64::try_from(*self).unwrap_or(i64::MAX))
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        Self::try_from(cell.as_i64().ok()?).ok()
    }
}

impl Column for Timestamp {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        owned(self.as_second())
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        cell.as_i64().ok().map(Self::from_second)
    }

    fn instant(&self) -> Option<Timestamp> {
        Some(*self)
    }
}

macro_rules! numbers {
    ($($name:ident)*) => {$(
        impl Column for $name {
            fn to_cell(&self) -> ToSqlOutput<'_> {
                // Ids fit 63 bits by construction.
                owned(i64::try_from(self.get()).unwrap_or(i64::MAX))
            }

            fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
                Self::new(u64::try_from(cell.as_i64().ok()?).ok()?).ok()
            }
        }
    )*};
}

numbers!(ProjectId DeploymentId Iid PipelineId JobId MilestoneId);

macro_rules! texts {
    ($($name:ident)*) => {$(
        impl Column for $name {
            fn to_cell(&self) -> ToSqlOutput<'_> {
                ToSqlOutput::Borrowed(self.as_str().into())
            }

            fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
                Self::new(text(cell)?).ok()
            }
        }
    )*};
}

texts!(ProjectPath EnvironmentName BranchName RefName LabelName TagName StageName);

/// One of a few words.
pub(super) trait Word {
    fn word(&self) -> &'static str;
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        impl Word for $name {
            fn word(&self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl Column for $name {
            fn to_cell(&self) -> ToSqlOutput<'_> {
                ToSqlOutput::Borrowed(self.word().into())
            }

            fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
                match text(cell)? {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    )*};
}

words! {
    DeploymentStatus {
        Created = "created", Blocked = "blocked", Approved = "approved", Rejected = "rejected",
        Running = "running", Skipped = "skipped", Canceled = "canceled", Failed = "failed",
        Success = "success",
    }
    RunStatus {
        Pending = "pending", Running = "running", Skipped = "skipped", Canceled = "canceled",
        Failed = "failed", Success = "success",
    }
    MergeRequestState {
        Opened = "opened", Locked = "locked", Closed = "closed", Merged = "merged",
    }
    IssueType { Other = "other", Issue = "issue", Incident = "incident" }
    Severity {
        Unknown = "unknown", Low = "low", Medium = "medium", High = "high", Critical = "critical",
    }
    Transition { Reopened = "reopened", Closed = "closed" }
}

impl Column for EnvironmentTier {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(self.as_str().into())
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        Self::from_policy(text(cell)?).ok()
    }
}

impl Column for CommitSha {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(self.as_bytes().into())
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        Self::from_bytes(blob(cell)?).ok()
    }
}

impl Column for PersonHash {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(self.as_bytes().as_slice().into())
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        blob(cell)?.try_into().ok().map(Self::new)
    }
}

impl Column for CommitIdentity {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(self.0.as_slice().into())
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        blob(cell)?.try_into().ok().map(Self)
    }
}

/// The commits one after another, each after a byte that holds its length.
impl Column for CommitList {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        let mut bytes = Vec::with_capacity(self.0.len() * 21);
        for sha in self.0.iter() {
            // 20 or 32.
            bytes.push(u8::try_from(sha.as_bytes().len()).unwrap_or(0));
            bytes.extend_from_slice(sha.as_bytes());
        }
        owned(bytes)
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        let mut rest = blob(cell)?;
        let mut list = Vec::with_capacity(rest.len() / 21);
        while let Some((length, after)) = rest.split_first() {
            let (sha, next) = after.split_at_checked(usize::from(*length))?;
            list.push(CommitSha::from_bytes(sha).ok()?);
            rest = next;
        }
        Some(Self(list.into()))
    }
}

/// A JSON array of texts: a label may hold any character.
impl Column for LabelSet {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        let labels: Vec<&str> = self.iter().map(LabelName::as_str).collect();
        owned(serde_json::json!(labels).to_string())
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        let labels: Vec<String> = serde_json::from_str(text(cell)?).ok()?;
        let labels = labels.iter().map(|label| LabelName::new(label));
        labels.collect::<Result<Vec<_>, _>>().ok().map(Self::new)
    }
}

/// Numbers, one space between two.
impl Column for ClosedIssues {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        let numbers: Vec<String> = self.as_slice().iter().map(ToString::to_string).collect();
        owned(numbers.join(" "))
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        let read = |number: &str| Iid::new(number.parse().ok()?).ok();
        text(cell)?.split_terminator(' ').map(read).collect::<Option<Vec<_>>>().map(Self::new)
    }
}

/// `merge_request 17` or `commit <hex>`.
impl Column for Reverted {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        owned(match self {
            Self::MergeRequest(iid) => format!("merge_request {iid}"),
            Self::Commit(sha) => format!("commit {sha}"),
        })
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        match text(cell)?.split_once(' ')? {
            ("merge_request", iid) => Iid::new(iid.parse().ok()?).ok().map(Self::MergeRequest),
            ("commit", sha) => CommitSha::from_hex(sha).ok().map(Self::Commit),
            _ => None,
        }
    }
}

/// `external`, `deployment 42`, `merge_request 17` or `commit <first digits>`.
impl Column for Cause {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        match self {
            Self::External => ToSqlOutput::Borrowed("external".into()),
            Self::Deployment(id) => owned(format!("deployment {id}")),
            Self::MergeRequest(iid) => owned(format!("merge_request {iid}")),
            Self::Commit(digits) => owned(format!("commit {digits}")),
        }
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        let text = text(cell)?;
        if text == "external" {
            return Some(Self::External);
        }
        match text.split_once(' ')? {
            ("deployment", id) => DeploymentId::new(id.parse().ok()?).ok().map(Self::Deployment),
            ("merge_request", iid) => Iid::new(iid.parse().ok()?).ok().map(Self::MergeRequest),
            ("commit", digits) => Some(Self::Commit(Arc::from(digits))),
            _ => None,
        }
    }
}
