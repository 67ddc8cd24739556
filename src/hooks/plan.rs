//! Wanted against present: what has to be done at one place. Pure.

use std::collections::BTreeSet;

use crate::gitlab::resource::hook::{Hook, HookEvent, HookLevel};
use crate::proof::ClearSecret;

/// What our hooks shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Our address, as GitLab reaches it.
    pub url: String,
    /// What they shall send; switches that a level does not have are left out there.
    pub events: BTreeSet<HookEvent>,
    /// Sent with every delivery.
    pub secret_token: Option<ClearSecret>,
    /// Signs every delivery (19.0).
    pub signing_token: Option<ClearSecret>,
}

/// What is measured from: deployments, changes and incidents first. Jobs, wikis, emoji and members
/// would multiply the deliveries and tell nothing of delivery.
#[must_use]
pub fn needed_events() -> BTreeSet<HookEvent> {
    BTreeSet::from([
        HookEvent::Deployment,
        HookEvent::MergeRequests,
        HookEvent::Issues,
        HookEvent::ConfidentialIssues,
        HookEvent::Push,
        HookEvent::TagPush,
        HookEvent::Releases,
        HookEvent::Milestone,
        HookEvent::Note,
        HookEvent::Pipeline,
        // Groups tell of new projects, the instance of what happens to repositories.
        HookEvent::Project,
        HookEvent::RepositoryUpdate,
    ])
}

/// Events that some can do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dispensable {
    /// Pushes: lead time from the first commit.
    Push,
    /// Comments: pickup and review.
    Note,
    /// Pipelines: the steps build and test.
    Pipeline,
    /// Milestones: on time, scope.
    Milestone,
    /// Releases and tags: recorded only.
    Releases,
}

impl Dispensable {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Push, Self::Note, Self::Pipeline, Self::Milestone, Self::Releases];

    /// Its name in settings and flags.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Note => "note",
            Self::Pipeline => "pipeline",
            Self::Milestone => "milestone",
            Self::Releases => "releases",
        }
    }

    const fn events(self) -> &'static [HookEvent] {
        match self {
            Self::Push => &[HookEvent::Push],
            Self::Note => &[HookEvent::Note],
            Self::Pipeline => &[HookEvent::Pipeline],
            Self::Milestone => &[HookEvent::Milestone],
            Self::Releases => &[HookEvent::Releases, HookEvent::TagPush],
        }
    }
}

/// What hooks shall send when these are not needed.
#[must_use]
pub fn events_without<'a>(
    without: impl IntoIterator<Item = &'a Dispensable>,
) -> BTreeSet<HookEvent> {
    let mut events = needed_events();
    for event in without.into_iter().flat_map(|dispensable| dispensable.events()) {
        events.remove(event);
    }
    events
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// An event is to be sent.
    On(HookEvent),
    /// An event is no longer to be sent.
    Off(HookEvent),
    /// Our certificate is to be checked.
    CheckCertificate,
    /// Pushes of all branches are to be sent.
    AllBranches,
    /// GitLab's own bodies are to be sent.
    NoTemplate,
    /// It is to have a secret token.
    SecretToken,
    /// It is to have a signing token.
    SigningToken,
}

/// Something to do at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// There is no hook of ours: make one.
    Create,
    /// Write the hook anew, both tokens included: nobody can see whether they are the right ones,
    /// so a hook without any visible change is written as well.
    Update {
        /// GitLab's number of it.
        id: u64,
        /// What is seen to change; nothing when the tokens are all.
        changes: Vec<Change>,
    },
    /// Take it away: a second one to the same address would deliver everything twice.
    Remove {
        /// GitLab's number of it.
        id: u64,
    },
}

/// What has to be done so that `present`, the hooks of one place, hold exactly one of ours, as
/// `wanted` says. Of several to our address the oldest is kept.
#[must_use]
pub fn plan(wanted: &Wanted, level: HookLevel, present: &[Hook]) -> Vec<Step> {
    let mut ours: Vec<&Hook> = present.iter().filter(|hook| hook.url == wanted.url).collect();
    ours.sort_by_key(|hook| hook.id);
    let Some((kept, others)) = ours.split_first() else { return vec![Step::Create] };
    let update = Step::Update { id: kept.id, changes: changes(wanted, level, kept) };
    let removed = others.iter().map(|hook| Step::Remove { id: hook.id });
    std::iter::once(update).chain(removed).collect()
}

/// What has to be done so that no hook of `present` points to `url`.
#[must_use]
pub fn removal(url: &str, present: &[Hook]) -> Vec<Step> {
    let ours = present.iter().filter(|hook| hook.url == url);
    ours.map(|hook| Step::Remove { id: hook.id }).collect()
}

fn changes(wanted: &Wanted, level: HookLevel, hook: &Hook) -> Vec<Change> {
    let switched =
        level.events().filter(|event| hook.switches.contains(event)).filter_map(|event| {
            match (wanted.events.contains(&event), hook.events.contains(&event)) {
                (true, false) => Some(Change::On(event)),
                (false, true) => Some(Change::Off(event)),
                _ => None,
            }
        });
    let others = [
        (!hook.verifies_certificate, Change::CheckCertificate),
        (hook.filters_branches, Change::AllBranches),
        (hook.has_template, Change::NoTemplate),
        (wanted.secret_token.is_some() && hook.has_token == Some(false), Change::SecretToken),
        (
            wanted.signing_token.is_some() && hook.has_signing_token == Some(false),
            Change::SigningToken,
        ),
    ];
    switched.chain(others.into_iter().filter_map(|(is, change)| is.then_some(change))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gitlab::resource::hook::HookState;

    const URL: &str = "https://dora.example.com/webhooks/gitlab";

    fn wanted() -> Wanted {
        Wanted {
            url: URL.to_owned(),
            events: needed_events(),
            secret_token: Some(ClearSecret::new("secret".to_owned())),
            signing_token: None,
        }
    }

    fn hook(id: u64, url: &str) -> Hook {
        Hook {
            id,
            url: url.to_owned(),
            events: needed_events(),
            switches: HookEvent::ALL.iter().copied().collect(),
            verifies_certificate: true,
            filters_branches: false,
            has_template: false,
            has_token: Some(true),
            has_signing_token: Some(false),
            state: HookState::Executable,
            disabled_until: None,
        }
    }

    fn steps(present: &[Hook]) -> Vec<Step> {
        plan(&wanted(), HookLevel::Project, present)
    }

    #[test]
    fn where_there_is_none_of_ours_one_is_made_and_others_are_left_alone() {
        assert_eq!(steps(&[]), [Step::Create]);
        let others = [hook(1, "https://elsewhere.example"), hook(2, &format!("{URL}/"))];
        assert_eq!(steps(&others), [Step::Create], "ours is the exact address");
        assert_eq!(removal(URL, &others), []);
    }

    #[test]
    fn a_right_hook_is_written_again_for_its_tokens_and_a_second_one_goes() {
        let present = [hook(5, URL), hook(3, URL), hook(4, "https://elsewhere.example")];
        let kept = Step::Update { id: 3, changes: vec![] };
        assert_eq!(steps(&present), [kept, Step::Remove { id: 5 }]);
        assert_eq!(removal(URL, &present), [Step::Remove { id: 5 }, Step::Remove { id: 3 }]);
    }

    #[test]
    fn every_difference_is_named() {
        let odd = Hook {
            events: BTreeSet::from([HookEvent::Push, HookEvent::Job]),
            switches: BTreeSet::from([HookEvent::Push, HookEvent::Job, HookEvent::Deployment]),
            verifies_certificate: false,
            filters_branches: true,
            has_template: true,
            has_token: Some(false),
            ..hook(1, URL)
        };
        let changes = vec![
            Change::On(HookEvent::Deployment),
            Change::Off(HookEvent::Job),
            Change::CheckCertificate,
            Change::AllBranches,
            Change::NoTemplate,
            Change::SecretToken,
        ];
        assert_eq!(steps(std::slice::from_ref(&odd)), [Step::Update { id: 1, changes }]);
        let signing = Some(ClearSecret::new("whsec_x".to_owned()));
        let signed = Wanted { signing_token: signing, ..wanted() };
        let update = Step::Update { id: 1, changes: vec![Change::SigningToken] };
        assert_eq!(plan(&signed, HookLevel::Project, &[hook(1, URL)]), [update]);
        let silent = Hook { has_signing_token: None, ..hook(1, URL) };
        let update = Step::Update { id: 1, changes: vec![] };
        assert_eq!(plan(&signed, HookLevel::Project, &[silent]), [update], "it knows no signing");
    }

    proptest! {
        #[test]
        fn whatever_is_present_one_of_ours_is_left_and_no_other_is_touched(
            present in proptest::collection::vec((0_u64..20, any::<bool>()), 0..10)
        ) {
            let present: Vec<_> = present
                .iter()
                .enumerate()
                .map(|(place, (id, ours))| {
                    let id = id * 10 + u64::try_from(place).unwrap();
                    hook(id, if *ours { URL } else { "https://elsewhere.example" })
                })
                .collect();
            let ours = present.iter().filter(|hook| hook.url == URL).count();
            let steps = steps(&present);
            let touched = steps.iter().filter_map(|step| match step {
                Step::Create => None,
                Step::Update { id, .. } | Step::Remove { id } => Some(*id),
            });
            for id in touched {
                prop_assert!(present.iter().any(|hook| hook.id == id && hook.url == URL));
            }
            let removed = steps.iter().filter(|step| matches!(step, Step::Remove { .. })).count();
            prop_assert_eq!(removed, ours.saturating_sub(1));
            prop_assert_eq!(steps.len(), ours.max(1));
        }
    }
}
