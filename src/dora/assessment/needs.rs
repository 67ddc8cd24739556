//! Needs: issues, from what was asked to its delivery.

use std::collections::BTreeMap;

use super::arrivals::Arrivals;
use super::changes::{Changes, MergedRequest};
use super::incidents::is_incident;
use super::releases::Release;
use crate::delivery::{Iid, Issue, ProjectHistory, Timestamp};
use crate::dora::policy::{Counting, Policy};

/// Where a need begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NeedBasis {
    /// A label that says it is validated.
    Validated,
    /// Its first milestone.
    Milestone,
    /// Its creation.
    Created,
    /// Its creation, for what users reported of a delivery.
    Feedback,
}

impl NeedBasis {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Validated, Self::Milestone, Self::Created, Self::Feedback];

    /// The value of the label `basis`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validated => "validated",
            Self::Milestone => "milestone",
            Self::Created => "created",
            Self::Feedback => "feedback",
        }
    }
}

/// An issue that was delivered to a tier at a known time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Its number.
    pub issue: Iid,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was first given a label of `need.validated_labels`.
    pub validated_at: Option<Timestamp>,
    /// When it first came into a milestone.
    pub planned_at: Option<Timestamp>,
    /// The earliest first-commit clock of the merge requests that close it.
    pub first_commit_at: Timestamp,
    /// Index of the counted release that completed it.
    pub release: usize,
    /// End of that release.
    pub delivered_at: Timestamp,
    /// Whether users reported it of a delivery.
    pub is_feedback: bool,
}

impl Need {
    /// Where it begins, and when.
    #[must_use]
    pub fn start(&self) -> (NeedBasis, Timestamp) {
        let validated = self.validated_at.map(|at| (NeedBasis::Validated, at));
        let planned = || self.planned_at.map(|at| (NeedBasis::Milestone, at));
        validated.or_else(planned).unwrap_or((NeedBasis::Created, self.created_at))
    }
}

/// Whether users reported an issue of a delivery, by its labels.
pub(super) fn is_feedback(issue: &Issue, policy: &Policy) -> bool {
    let wanted = &policy.value_stream.feedback_labels;
    issue.labels.value().is_some_and(|own| wanted.iter().any(|label| own.contains(label)))
}

/// The needs delivered to one tier, by number.
///
/// An issue is delivered once all merged requests that close it are, at the last of them; what the
/// baseline contains was delivered at no known time. Promotions are no changes and deliver no need;
/// incidents are no needs.
///
/// Source: the metric specification, "Value stream".
pub(super) fn needs(
    history: &ProjectHistory,
    changes: &Changes<'_>,
    arrivals: &Arrivals<'_>,
    releases: &[Release],
    (as_of, policy): (Timestamp, &Policy),
) -> Vec<Need> {
    let delivered = |(issue, closing): (Iid, Vec<(usize, &MergedRequest<'_>)>)| {
        let issue = history.issues.get(&issue).filter(|issue| !is_incident(issue, policy))?;
        let created_at = issue.created_at.0.filter(|at| *at < as_of)?;
        let mut last = None;
        for (place, merged) in &closing {
            arrivals.arrival(merged)?;
            last = last.max(arrivals.delivery(*place));
        }
        let release = last?;
        Some(Need {
            issue: issue.iid,
            created_at,
            validated_at: validated_at(history, issue.iid, policy).filter(|at| *at < as_of),
            planned_at: planned_at(history, issue.iid).filter(|at| *at < as_of),
            first_commit_at: closing.iter().map(|(_, merged)| merged.first_commit_at).min()?,
            release,
            delivered_at: releases.get(release)?.ended_at,
            is_feedback: is_feedback(issue, policy),
        })
    };
    closing(changes, policy).into_iter().filter_map(delivered).collect()
}

/// The changes that close each issue, with their places.
fn closing<'a, 'c>(
    changes: &'c Changes<'a>,
    policy: &Policy,
) -> BTreeMap<Iid, Vec<(usize, &'c MergedRequest<'a>)>> {
    let counts_promotions = policy.promotion_merge_requests == Counting::Count;
    let mut closing: BTreeMap<Iid, Vec<(usize, &MergedRequest<'_>)>> = BTreeMap::new();
    let merged = changes.merged.iter().enumerate();
    for (place, merged) in merged.filter(|(_, own)| counts_promotions || !own.is_promotion) {
        for issue in merged.closes {
            closing.entry(*issue).or_default().push((place, merged));
        }
    }
    closing
}

fn validated_at(history: &ProjectHistory, issue: Iid, policy: &Policy) -> Option<Timestamp> {
    let wanted = &policy.value_stream.validated_labels;
    history
        .planning()
        .labels_of(issue)
        .filter(|label| wanted.iter().any(|own| own == label.label.as_str()))
        .filter_map(|label| label.added_at.0)
        .min()
}

fn planned_at(history: &ProjectHistory, issue: Iid) -> Option<Timestamp> {
    history
        .planning()
        .moves_of(issue)
        .find(|moved| moved.milestone.0.is_some())
        .map(|moved| moved.at)
}
