//! Looks after our hooks while the program runs: a hook that GitLab has disabled says nothing, and
//! nobody would notice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::keeping::{Keeping, Turn};
use super::place::Place;
use super::sync::{SyncError, hooks_at};
use crate::delivery::Timestamp;
use crate::gitlab::resource::about;
use crate::gitlab::resource::hook::{Hook, HookState};
use crate::instruments::Instruments;
use crate::rest::{Client, RestError};

/// Places asked in one round: at a round in ten minutes a sixth of the usual budget.
const PLACES_A_ROUND: usize = 100;
/// Rounds after which a place that was not shown is asked again: the token may have been given the
/// role meanwhile.
const ROUNDS_UNTIL_ASKED_AGAIN: u64 = 6;

/// A project that hooks should tell of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// Its full path.
    pub path: String,
    /// GitLab's number of it.
    pub id: u64,
}

/// What is known of our hooks after a round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audited {
    /// How many hooks are in each state.
    pub states: BTreeMap<HookState, u64>,
    /// Hooks that send nothing for a while, by their place, as `projects/7/hooks/12`, and until when.
    pub disabled_until: BTreeMap<String, Timestamp>,
    /// Projects seen to have no hook of ours, neither their own nor one of a group above.
    pub projects_without_hook: u64,
    /// Projects seen to have none, by GitLab's number.
    pub without_hook: BTreeSet<u64>,
    /// Projects that a hook of ours tells of, and that none does which sends: by GitLab's number.
    pub disabled: BTreeSet<u64>,
    /// Projects that a hook of ours tells of which sends.
    pub told_of: BTreeSet<u64>,
    /// Whether this round looked at all places.
    pub is_whole: bool,
    /// The paths of our hooks at the places that this round looked at, as
    /// `["projects", "7", "hooks", "12"]`.
    pub looked_at: Vec<Vec<String>>,
}

/// What one place was found to have.
#[derive(Debug, Clone)]
enum Found {
    Ours(Vec<Hook>),
    /// The token may not see it; asked again from this round on.
    Hidden(u64),
}

/// Looks after the hooks of one GitLab, a part of them in each round.
#[derive(Debug)]
pub struct Audit {
    client: Client,
    url: String,
    instruments: Arc<Instruments>,
    round: u64,
    /// By the path of a place's hooks.
    found: BTreeMap<String, Found>,
    /// The project after which the next round begins.
    turn: Option<Known>,
    looked_at: Vec<Vec<String>>,
    is_whole: bool,
    keeping: Option<Keeping>,
}

impl Audit {
    /// An audit of the hooks that point to exactly `url`.
    #[must_use]
    pub const fn new(client: Client, url: String, instruments: Arc<Instruments>) -> Self {
        Self {
            client,
            url,
            instruments,
            round: 0,
            found: BTreeMap::new(),
            turn: None,
            looked_at: Vec::new(),
            is_whole: false,
            keeping: None,
        }
    }

    /// The same, which also makes the hooks what they should be.
    #[must_use]
    pub fn keeping(self, keeping: Keeping) -> Self {
        Self { keeping: Some(keeping), ..self }
    }

    /// The operator's name of the GitLab.
    #[must_use]
    pub fn gitlab(&self) -> &str {
        self.client.name()
    }

    /// Asks about the groups above `projects` and about the projects that no group's hook covers,
    /// and notes in the instruments what is known then. Where hooks are kept in order, projects that
    /// GitLab lists besides are seen to as well.
    ///
    /// # Errors
    /// [`SyncError`] when GitLab does not answer, or not to this token; what was found stands.
    pub async fn round(&mut self, projects: &BTreeSet<Known>) -> Result<Audited, SyncError> {
        self.round += 1;
        self.looked_at.clear();
        let asked = self.ask_and_keep(projects).await;
        let is_up = !matches!(
            asked,
            Err(SyncError::Rest(RestError::Transport(_) | RestError::Unauthorized))
        );
        self.instruments.gitlab_up(self.client.name(), is_up);
        asked?;
        let mut audited = self.audited(projects);
        audited.looked_at = std::mem::take(&mut self.looked_at);
        audited.is_whole = self.is_whole;
        self.note(&audited);
        Ok(audited)
    }

    async fn ask_and_keep(&mut self, projects: &BTreeSet<Known>) -> Result<(), SyncError> {
        self.ask_about_token().await?;
        // Taken out meanwhile, for it works on what was found.
        let Some(mut keeping) = self.keeping.take() else { return self.ask(projects).await };
        let kept = self.ask_with(&mut keeping, projects).await;
        self.keeping = Some(keeping);
        kept
    }

    async fn ask_with(
        &mut self,
        keeping: &mut Keeping,
        projects: &BTreeSet<Known>,
    ) -> Result<(), SyncError> {
        let listed = keeping.projects(&self.client).await?;
        let listed_ids: BTreeSet<u64> = listed.iter().map(|own| own.id).collect();
        // A project that was renamed stands in the list under its new path.
        let known = projects.iter().filter(|own| !listed_ids.contains(&own.id)).cloned();
        let all: BTreeSet<Known> = known.chain(listed).collect();
        self.ask(&all).await?;
        keeping.check(&self.client).await?;
        let mut turn = Turn::new(self.round);
        let above: BTreeSet<&str> = all.iter().flat_map(|own| groups(&own.path)).collect();
        for group in above {
            let place = Place::group(group);
            if self.has_ours(&key(&place)) {
                self.keep(keeping, &place, &mut turn).await?;
            }
        }
        for project in &all {
            let place = Place::project(project.id, &project.path);
            if self.has_ours(&key(&place)) || !self.is_covered(&project.path) {
                self.keep(keeping, &place, &mut turn).await?;
            }
        }
        Ok(())
    }

    async fn keep(
        &mut self,
        keeping: &mut Keeping,
        place: &Place,
        turn: &mut Turn,
    ) -> Result<(), SyncError> {
        let key = key(place);
        let Some(Found::Ours(present)) = self.found.get(&key) else { return Ok(()) };
        if let Some(mut now) = keeping.keep(&self.client, (place, &key), present, turn).await? {
            now.retain(|hook| hook.url == self.url);
            self.found.insert(key, Found::Ours(now));
        }
        Ok(())
    }

    async fn ask(&mut self, projects: &BTreeSet<Known>) -> Result<(), SyncError> {
        let groups: BTreeSet<&str> = projects.iter().flat_map(|own| groups(&own.path)).collect();
        let (mut left, mut wanted) = (PLACES_A_ROUND, BTreeSet::new());
        for group in groups {
            let place = Place::group(group);
            wanted.insert(key(&place));
            if left > 0 && self.look(&place).await? {
                left -= 1;
            }
        }
        let own: Vec<&Known> =
            projects.iter().filter(|project| !self.is_covered(&project.path)).collect();
        wanted.extend(own.iter().map(|project| key(&Place::project(project.id, &project.path))));
        self.found.retain(|place, _| wanted.contains(place));
        // Those never seen come first, so that a new project does not wait for all others.
        let is_new =
            |own: &&Known| !self.found.contains_key(&key(&Place::project(own.id, &own.path)));
        let (fresh, own): (Vec<&Known>, Vec<&Known>) = own.into_iter().partition(is_new);
        for project in fresh {
            if left == 0 {
                break;
            }
            if self.look(&Place::project(project.id, &project.path)).await? {
                left -= 1;
            }
        }
        let first = self.turn.clone();
        let begin = own.partition_point(|project| Some(*project) <= first.as_ref());
        for project in own.iter().cycle().skip(begin).take(own.len()) {
            if left == 0 {
                break;
            }
            if self.look(&Place::project(project.id, &project.path)).await? {
                left -= 1;
            }
            self.turn = Some((*project).clone());
        }
        self.is_whole = left > 0;
        Ok(())
    }

    /// Looks at one place; whether it was asked at all.
    async fn look(&mut self, place: &Place) -> Result<bool, SyncError> {
        let key = key(place);
        if matches!(self.found.get(&key), Some(Found::Hidden(until)) if *until > self.round) {
            return Ok(false);
        }
        let found = match hooks_at(&self.client, place).await {
            Ok(mut hooks) => {
                hooks.retain(|hook| hook.url == self.url);
                self.looked_at.extend(hooks.iter().map(|hook| path(place, hook.id)));
                Found::Ours(hooks)
            }
            Err(SyncError::Rest(RestError::Forbidden { .. } | RestError::NotFound)) => {
                Found::Hidden(self.round.saturating_add(ROUNDS_UNTIL_ASKED_AGAIN))
            }
            Err(error) => return Err(error),
        };
        self.found.insert(key, found);
        Ok(true)
    }

    /// A token that ends soon should be seen before it ends; older versions and other kinds of
    /// token do not tell.
    async fn ask_about_token(&self) -> Result<(), SyncError> {
        let answer = match self.client.get(&["personal_access_tokens", "self"], &[]).await {
            Ok(answer) => answer,
            Err(RestError::NotFound | RestError::Forbidden { .. } | RestError::GitLab { .. }) => {
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let ends = about::own_token(answer.body()).and_then(|token| token.ends_at());
        if let Some(ends_at) = ends {
            self.instruments.gitlab_token_ends(self.client.name(), ends_at);
        }
        Ok(())
    }

    fn is_covered(&self, path: &str) -> bool {
        groups(path).any(|group| self.has_ours(&key(&Place::group(group))))
    }

    fn has_ours(&self, place: &str) -> bool {
        matches!(self.found.get(place), Some(Found::Ours(hooks)) if !hooks.is_empty())
    }

    fn audited(&self, projects: &BTreeSet<Known>) -> Audited {
        let mut audited = Audited::default();
        let ours = self.found.iter().flat_map(|(place, found)| match found {
            Found::Ours(hooks) => hooks.iter().map(|hook| (place, hook)).collect(),
            Found::Hidden(_) => Vec::new(),
        });
        for (place, hook) in ours {
            *audited.states.entry(hook.state).or_default() += 1;
            if let Some(until) = hook.disabled_until {
                audited.disabled_until.insert(format!("{place}/{}", hook.id), until);
            }
        }
        for project in projects {
            let hooks: Vec<&Hook> = self.hooks_of(project).collect();
            let own = self.found.get(&key(&Place::project(project.id, &project.path)));
            let list = match hooks.as_slice() {
                [] if matches!(own, Some(Found::Ours(_))) => &mut audited.without_hook,
                [] => continue,
                all if all.iter().all(|hook| hook.state.is_disabled()) => &mut audited.disabled,
                _ => &mut audited.told_of,
            };
            list.insert(project.id);
        }
        audited.projects_without_hook =
            u64::try_from(audited.without_hook.len()).unwrap_or(u64::MAX);
        audited
    }

    /// Our hooks that tell of a project, as far as they were seen: its own, and those of the groups
    /// above it.
    fn hooks_of(&self, project: &Known) -> impl Iterator<Item = &Hook> {
        let above = groups(&project.path).map(Place::group);
        let places = above.chain([Place::project(project.id, &project.path)]);
        places.flat_map(|place| match self.found.get(&key(&place)) {
            Some(Found::Ours(hooks)) => hooks.as_slice(),
            _ => &[],
        })
    }

    fn note(&self, audited: &Audited) {
        let gitlab = self.client.name();
        for state in HookState::ALL {
            let count = audited.states.get(&state).copied().unwrap_or(0);
            self.instruments.gitlab_hooks(gitlab, state.as_str(), count);
        }
        self.instruments.gitlab_hooks_disabled(gitlab, &audited.disabled_until);
        self.instruments.projects_without_hook(gitlab, audited.projects_without_hook);
    }
}

/// The path of a hook, in parts.
fn path(place: &Place, id: u64) -> Vec<String> {
    place.path(&[&id.to_string()]).into_iter().map(str::to_owned).collect()
}

fn key(place: &Place) -> String {
    place.path(&[]).join("/")
}

/// Every group above a project, the outermost first: `a` and `a/b` of `a/b/c`.
fn groups(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(end, _)| path.get(..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_above_a_project_are_found() {
        assert_eq!(groups("a/b/c").collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(groups("a").count(), 0);
    }
}
