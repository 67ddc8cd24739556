//! Keeps our hooks in order while the program runs: makes those that are missing, makes right those
//! that are wrong, and takes none away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use globset::GlobSet;

use super::audit::Known;
use super::place::Place;
use super::plan::{Step, Wanted, plan};
use super::sync::{SyncError, apply, check_proof, hooks_at};
use crate::gitlab::resource::about;
use crate::gitlab::resource::hook::{Hook, HookLevel};
use crate::instruments::{HookKept, Instruments};
use crate::rest::{Client, RestError};

/// Hooks written in one round: with looking again, a sixth of the usual budget.
const WRITES_A_ROUND: usize = 50;
/// Refusals in a row after which a round ends: what stops so many places stops all.
const REFUSALS_IN_A_ROW: usize = 5;
/// Rounds for which a place that refused is left alone: six hours, at a round in ten minutes.
const ROUNDS_AT_REST: u64 = 36;
/// Pages of projects that are listed in a round, of a hundred each.
const PAGES: usize = 100;
/// GitLab's number of the role Maintainer, the least that may set up hooks.
const MAINTAINER: &str = "40";

/// Keeps the hooks of one GitLab as they are wanted.
#[derive(Debug)]
pub struct Keeping {
    wanted: Wanted,
    /// The projects that it is for; empty is all.
    allowed: GlobSet,
    instruments: Arc<Instruments>,
    /// Places that refused, until which round they rest.
    resting: BTreeMap<String, u64>,
}

/// What one round may still do.
pub(super) struct Turn {
    number: u64,
    writes_left: usize,
    refusals_in_a_row: usize,
}

impl Turn {
    pub(super) const fn new(number: u64) -> Self {
        Self { number, writes_left: WRITES_A_ROUND, refusals_in_a_row: 0 }
    }

    /// Whether nothing more is written in this round.
    pub(super) const fn is_over(&self) -> bool {
        self.writes_left == 0 || self.refusals_in_a_row >= REFUSALS_IN_A_ROW
    }
}

impl Keeping {
    /// Keeps hooks as `wanted` at the projects that `allowed` matches, at all when it is empty.
    #[must_use]
    pub const fn new(wanted: Wanted, allowed: GlobSet, instruments: Arc<Instruments>) -> Self {
        Self { wanted, allowed, instruments, resting: BTreeMap::new() }
    }

    /// Whether `project` is one whose hooks are kept.
    fn is_for(&self, path: &str) -> bool {
        self.allowed.is_empty() || self.allowed.is_match(path)
    }

    /// The projects at which the token's user may set up hooks, by what GitLab lists now: so that
    /// new ones are found.
    pub(super) async fn projects(&self, client: &Client) -> Result<BTreeSet<Known>, SyncError> {
        let query = [
            ("membership", "true"),
            ("min_access_level", MAINTAINER),
            ("archived", "false"),
            ("simple", "true"),
            ("order_by", "id"),
            ("pagination", "keyset"),
        ];
        let mut pages = client.pages(&["projects"], &query);
        let mut found = BTreeSet::new();
        for _ in 0..PAGES {
            let Some(page) = pages.next().await? else { break };
            let listed = about::projects(&page).map_err(|_| SyncError::Unread)?.into_iter();
            let known = listed.map(|own| Known { path: own.path_with_namespace, id: own.id });
            found.extend(known.filter(|own| self.is_for(&own.path)));
        }
        Ok(found)
    }

    /// Whether what hooks of ours send could be believed.
    pub(super) async fn check(&self, client: &Client) -> Result<(), SyncError> {
        check_proof(client, &self.wanted).await
    }

    /// Makes right what is wrong at one place whose hooks are `present`; what there is then, when
    /// something was done.
    pub(super) async fn keep(
        &mut self,
        client: &Client,
        (place, key): (&Place, &str),
        present: &[Hook],
        turn: &mut Turn,
    ) -> Result<Option<Vec<Hook>>, SyncError> {
        let Some(step) = self.step(place, present) else { return Ok(None) };
        if turn.is_over() || self.resting.get(key).is_some_and(|until| *until > turn.number) {
            return Ok(None);
        }
        turn.writes_left -= 1;
        let done = apply(client, place, &self.wanted, &step).await;
        if let Err(SyncError::Rest(
            RestError::Unauthorized | RestError::Transport(_) | RestError::Limited { .. },
        )) = &done
        {
            // Nothing else would fare better; the next round looks at what came of it.
            return done.map(|_| None);
        }
        let now = hooks_at(client, place).await?;
        // Some versions take a switch without a word, and leave it as it is.
        let is_right = self.step(place, &now).is_none();
        let kept = match step {
            _ if !is_right => HookKept::Refused,
            Step::Create => HookKept::Created,
            Step::Update { .. } | Step::Remove { .. } => HookKept::Repaired,
        };
        self.tell(client.name(), place, kept, done.as_ref().err());
        if is_right {
            self.resting.remove(key);
            turn.refusals_in_a_row = 0;
        } else {
            let until = turn.number.saturating_add(ROUNDS_AT_REST);
            self.resting.insert(key.to_owned(), until);
            turn.refusals_in_a_row += 1;
        }
        Ok(Some(now))
    }

    /// What has to be done at a place, if anything: no hook is made for a group, and none is taken
    /// away or written for its tokens alone.
    fn step(&self, place: &Place, present: &[Hook]) -> Option<Step> {
        if place.level == HookLevel::Project && !self.is_for(&place.name) {
            return None;
        }
        let step = plan(&self.wanted, place.level, present).into_iter().next()?;
        let is_due = match &step {
            Step::Create => place.level == HookLevel::Project,
            Step::Update { changes, .. } => !changes.is_empty(),
            Step::Remove { .. } => false,
        };
        is_due.then_some(step)
    }

    fn tell(&self, gitlab: &str, place: &Place, kept: HookKept, error: Option<&SyncError>) {
        self.instruments.hook_kept(gitlab, kept);
        let (place, action) = (place.path(&[]).join("/"), kept.as_str());
        let error = error.map(|error| error as &dyn std::error::Error);
        match (kept, error) {
            (HookKept::Refused, None) => {
                tracing::warn!(
                    gitlab,
                    place,
                    "GitLab left a hook as it was; trying again in hours"
                );
            }
            (HookKept::Refused, Some(error)) => tracing::warn!(
                gitlab,
                place,
                error,
                "failed to put a hook in order; trying again in hours"
            ),
            _ => tracing::info!(gitlab, place, action, "a hook was put in order"),
        }
    }
}
