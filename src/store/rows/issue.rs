//! The tables `issue`, `issue_transition`, `issue_label` and `issue_milestone`.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{Issue, IssueLabel, IssueMilestone, IssueTransition, Timestamp};

row!(
    Issue {
        iid;
        issue_type, created_at, severity, labels, milestone, superseded, described_cause,
        noted_cause, first_note_at
    }
);

row!(IssueTransition { issue, at, transition; });

row!(IssueLabel { issue, label; added_at });

row!(IssueMilestone { issue, at; before, milestone });
