//! The tables `issue` and `issue_transition`.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{Issue, IssueTransition, Timestamp};

row!(
    Issue {
        iid;
        issue_type, created_at, severity, labels, milestone, superseded, described_cause,
        noted_cause
    }
);

row!(IssueTransition { issue, at, transition; });
