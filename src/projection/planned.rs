//! What an issue's events tell of planning: when it got a label, and when it came into a milestone.

use crate::delivery::register::{Earliest, Greatest, Newest};
use crate::delivery::{
    Iid, IssueLabel, IssueMilestone, LabelName, LabelSet, MilestoneId, Timestamp,
};
use crate::gitlab::hook::{IssueAttributes, Label, LabelChange, MilestoneChange, Part, Said};

/// One event of an issue, as far as it dates what was planned.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    /// It was opened: what it has, it has since then.
    Opening(Timestamp),
    /// Something changed: what is new in it, is new since then.
    Change(Timestamp),
    /// Nobody knows when.
    Undated,
}

impl Event {
    pub(super) fn of(attributes: &IssueAttributes<'_>) -> Self {
        let is_opening = attributes.action.get().is_some_and(|action| action == "open");
        let updated_at = attributes.updated_at.value();
        let opened_at = attributes.created_at.value().or(updated_at);
        if is_opening {
            opened_at.map_or(Self::Undated, Self::Opening)
        } else {
            updated_at.map_or(Self::Undated, Self::Change)
        }
    }

    /// The labels that the issue was given. A label that is merely there was given before, nobody
    /// knows when.
    pub(super) fn labels(
        self,
        issue: Iid,
        has: &Newest<LabelSet>,
        change: Part<LabelChange>,
    ) -> Vec<IssueLabel> {
        let (at, given): (Timestamp, Vec<LabelName>) = match self {
            Self::Opening(at) => {
                (at, has.value().map(|labels| labels.iter().cloned().collect()).unwrap_or_default())
            }
            Self::Change(at) => (at, added(change.0.unwrap_or_default())),
            Self::Undated => return Vec::new(),
        };
        let label = |label| IssueLabel { issue, label, added_at: Earliest::at(at) };
        given.into_iter().map(label).collect()
    }

    /// The move into a milestone or out of one.
    pub(super) fn milestone(
        self,
        issue: Iid,
        is_in: Said<MilestoneId>,
        change: Part<MilestoneChange>,
    ) -> Option<IssueMilestone> {
        let (at, before, milestone) = match self {
            Self::Opening(at) => (at, Said::Null, is_in),
            Self::Change(at) => {
                let change = change.0?;
                (at, change.previous, change.current)
            }
            Self::Undated => return None,
        };
        let [before, milestone] = [before, milestone].map(|said| Greatest(said.value()));
        (before != milestone).then_some(IssueMilestone { issue, at, before, milestone })
    }
}

/// What is there now and was not before.
fn added(change: LabelChange) -> Vec<LabelName> {
    let names = |labels: Vec<Label>| labels.into_iter().filter_map(|label| label.title.value());
    let before = LabelSet::new(names(change.previous.0.unwrap_or_default()).collect());
    names(change.current.0.unwrap_or_default())
        .filter(|label| !before.contains(label.as_str()))
        .collect()
}
