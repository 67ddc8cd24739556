//! Which facts the API told first although a hook should have told them: what was lost without a
//! trace. Pure.

use crate::delivery::{FactBody, Timestamp};

/// A hook may be on its way for so long.
const ON_ITS_WAY_SECONDS: u64 = 60;

/// What hooks call events of a fact that is told by one of its own; nothing for other facts, of which
/// a hook need not tell, or not in the same words.
#[must_use]
pub(super) const fn told_by(fact: &FactBody) -> &'static [&'static str] {
    match fact {
        FactBody::Deployment(_) => &["deployment"],
        FactBody::MergeRequest(_) => &["merge_request"],
        FactBody::Issue(_) => &["issue", "work_item"],
        _ => &[],
    }
}

/// Whether the API was the first to tell of a success, a merge or an issue; `known` is what was known
/// of it before.
#[must_use]
pub(super) fn is_gap(told: &FactBody, known: Option<&FactBody>, now: Timestamp) -> bool {
    let (happened_at, was_known) = match (told, known) {
        (FactBody::Deployment(own), Some(FactBody::Deployment(known))) => {
            (own.succeeded_at.0, known.succeeded_at.0.is_some())
        }
        (FactBody::Deployment(own), _) => (own.succeeded_at.0, false),
        (FactBody::MergeRequest(own), Some(FactBody::MergeRequest(known))) => {
            (own.merged_at.0, known.merged().is_some())
        }
        (FactBody::MergeRequest(own), _) => (own.merged_at.0, false),
        (FactBody::Issue(own), known) => (own.created_at.0, known.is_some()),
        _ => (None, true),
    };
    let is_old = |at: Timestamp| at.plus(ON_ITS_WAY_SECONDS) <= now;
    !was_known && happened_at.is_some_and(is_old)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::register::Earliest;
    use crate::delivery::{Deployment, DeploymentId, Iid, MergeRequest};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second)
    }

    #[test]
    fn a_success_that_nobody_told_of_is_a_gap_once_it_had_time_to_arrive() {
        let own = |second: Option<i64>| {
            FactBody::Deployment(Deployment {
                succeeded_at: Earliest(second.map(at)),
                ..Deployment::new(DeploymentId::new(4).unwrap())
            })
        };
        let (told, running) = (own(Some(100)), own(None));
        assert!(is_gap(&told, None, at(160)) && is_gap(&told, Some(&running), at(160)));
        assert!(!is_gap(&told, None, at(159)), "its hook may be on its way");
        assert!(!is_gap(&told, Some(&told), at(900)) && !is_gap(&running, None, at(900)));
    }

    #[test]
    fn a_merge_that_a_hook_reported_in_its_own_words_is_none() {
        let request = || MergeRequest::new(Iid::new(4).unwrap());
        let told = MergeRequest { merged_at: Earliest(Some(at(100))), ..request() };
        let heard = MergeRequest { merge_reported_at: Earliest(Some(at(101))), ..request() };
        let told = FactBody::MergeRequest(Box::new(told));
        let known = |own| FactBody::MergeRequest(Box::new(own));
        assert!(!is_gap(&told, Some(&known(heard)), at(900)));
        assert!(is_gap(&told, Some(&known(request())), at(900)));
    }
}
