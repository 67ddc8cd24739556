//! What is known to be missing of each project, and until when: numbers are marked incomplete until
//! it was made good.
//!
//! A doubt is about what happened up to an instant, or it still stands. Reading GitLab's API makes
//! good whatever happened before the reading began.

use std::collections::{BTreeMap, BTreeSet};

use super::{InstanceId, ProjectId, ProjectKey, Timestamp};

/// Silence is no doubt while the API was read so short a time ago, or showed that there was nothing to
/// read: what the hook does not tell, the API does.
const FRESH_READING_SECONDS: u64 = 1_800;

/// Projects whose doubts are kept apart; more than one exporter is meant for.
const MAX_PROJECTS: usize = 100_000;

/// A way in which facts are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// The API is to be read, and was not read to the end: never, not since the start, not as the
    /// policy now asks, or not within the hour after GitLab showed what no hook told of.
    Unread,
    /// GitLab sends nothing to the hook that should tell of the project.
    HookDisabled,
    /// No hook tells of the project, and the API is not read.
    NoHook,
    /// The hook is silent, and the API was not read lately.
    HookSilent,
    /// A delivery was refused for want of room or of a store.
    Refused,
    /// A delivery could not be understood.
    Unreadable,
    /// A delivery was lost, and GitLab kept no body of it.
    Lost,
    /// What a change or a deployment needs is still being asked for.
    Wanted,
    /// Which version a deployment of another project brought is not known.
    UnknownVersion,
}

impl Doubt {
    /// All of them, the weightiest first.
    pub const ALL: [Self; 9] = [
        Self::Unread,
        Self::HookDisabled,
        Self::NoHook,
        Self::HookSilent,
        Self::Refused,
        Self::Unreadable,
        Self::Lost,
        Self::Wanted,
        Self::UnknownVersion,
    ];

    /// Its name in labels and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::HookDisabled => "hook_disabled",
            Self::NoHook => "no_hook",
            Self::HookSilent => "hook_silent",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
            Self::Lost => "lost",
            Self::Wanted => "wanted",
            Self::UnknownVersion => "unknown_version",
        }
    }
}

/// About what a doubt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// What happens until it ends.
    Standing,
    /// What happened up to then.
    UpTo(Timestamp),
}

/// The doubts about all projects.
#[derive(Debug, Default)]
pub struct Doubts {
    known: BTreeMap<ProjectKey, BTreeMap<Doubt, About>>,
    /// GitLab installations whose API is read, and since when.
    read_since: BTreeMap<InstanceId, Timestamp>,
    /// Everything that happened in a project up to then was read from the API.
    read_to: BTreeMap<ProjectKey, Timestamp>,
    /// Nothing happened in a project between what was read and then, as far as GitLab's lists show.
    quiet_to: BTreeMap<ProjectKey, Timestamp>,
    /// Projects whose hook is looked after.
    watched: BTreeSet<ProjectKey>,
}

impl Doubts {
    /// The API of a GitLab is read from `since` on: until it was read once, what happened before is
    /// in doubt.
    pub fn reads(&mut self, instance: InstanceId, since: Timestamp) {
        self.read_since.insert(instance, since);
    }

    /// Something that happened up to `at` is missing.
    pub fn add(&mut self, project: ProjectKey, doubt: Doubt, at: Timestamp) {
        if self.known.len() >= MAX_PROJECTS && !self.known.contains_key(&project) {
            return;
        }
        let own = self.known.entry(project).or_default().entry(doubt).or_insert(About::UpTo(at));
        if let About::UpTo(until) = own {
            *until = (*until).max(at);
        }
    }

    /// From now on a doubt stands of exactly these projects of a GitLab; of those of which it stood
    /// before, it is about what happened up to `now`.
    pub fn stand(
        &mut self,
        instance: InstanceId,
        doubt: Doubt,
        projects: &BTreeSet<ProjectKey>,
        now: Timestamp,
    ) {
        let own = self.known.iter_mut().filter(|(project, _)| project.instance == instance);
        for (project, about) in
            own.filter_map(|(project, own)| Some((project, own.get_mut(&doubt)?)))
        {
            if *about == About::Standing && !projects.contains(project) {
                *about = About::UpTo(now);
            }
        }
        for project in projects {
            if self.known.len() < MAX_PROJECTS || self.known.contains_key(project) {
                self.known.entry(*project).or_default().insert(doubt, About::Standing);
            }
        }
    }

    /// A doubt ends of all projects of a GitLab but these, whatever it was about.
    pub fn settle(&mut self, instance: InstanceId, doubt: Doubt, but: &BTreeSet<ProjectKey>) {
        let all = self.known.iter_mut();
        for (_, own) in all.filter(|(own, _)| own.instance == instance && !but.contains(own)) {
            own.remove(&doubt);
        }
    }

    /// The hooks of these projects are looked after, and what they lost was taken in.
    pub fn watch(&mut self, projects: impl IntoIterator<Item = ProjectKey>) {
        self.watched.extend(projects);
    }

    /// Everything that happened in a project up to `at` was read.
    pub fn read(&mut self, project: ProjectKey, at: Timestamp) {
        let own = self.read_to.entry(project).or_insert(at);
        *own = (*own).max(at);
        if let Some(known) = self.known.get_mut(&project) {
            known.retain(|_, about| !matches!(about, About::UpTo(until) if *until <= at));
            if known.is_empty() {
                self.known.remove(&project);
            }
        }
    }

    /// Nothing happened in a project that was not read, up to `at`, as far as GitLab's lists show. That
    /// is no reading: what was in doubt still is.
    pub fn quiet(&mut self, project: ProjectKey, at: Timestamp) {
        let own = self.quiet_to.entry(project).or_insert(at);
        *own = (*own).max(at);
    }

    /// Up to when everything that happened in a project is known: read, or seen not to have been.
    fn known_to(&self, project: ProjectKey) -> Option<Timestamp> {
        let read_to = self.read_to.get(&project).copied()?;
        Some(read_to.max(self.quiet_to.get(&project).copied().unwrap_or(read_to)))
    }

    /// What happened up to `at` and was in doubt for this reason was made good.
    pub fn repair(&mut self, project: ProjectKey, doubt: Doubt, at: Timestamp) {
        let Some(own) = self.known.get_mut(&project) else { return };
        if matches!(own.get(&doubt), Some(About::UpTo(until)) if *until <= at) {
            own.remove(&doubt);
        }
        if own.is_empty() {
            self.known.remove(&project);
        }
    }

    /// Whether everything that happened in a GitLab up to `at` is known.
    #[must_use]
    pub fn is_read(&self, instance: InstanceId, at: Timestamp) -> bool {
        let mut own = self.read_to.keys().filter(|own| own.instance == instance).peekable();
        own.peek().is_some() && own.all(|own| self.known_to(*own) >= Some(at))
    }

    /// Projects of a GitLab of which something is missing that a reading now would tell: they are read
    /// first.
    #[must_use]
    pub fn of(&self, instance: InstanceId) -> BTreeSet<ProjectId> {
        let is_readable =
            |doubts: &BTreeMap<Doubt, About>| doubts.keys().any(|own| *own != Doubt::Unread);
        let own = self.known.iter().filter(|(own, _)| own.instance == instance);
        own.filter(|(_, doubts)| is_readable(doubts)).map(|(own, _)| own.project).collect()
    }

    /// What is missing of a project as of `now`: nothing when all is known that is known of. `None`
    /// where nobody looks: without a token nothing tells of what hooks lost.
    #[must_use]
    pub fn missing(
        &self,
        project: ProjectKey,
        is_silent: bool,
        now: Timestamp,
    ) -> Option<Vec<Doubt>> {
        let mut missing = Vec::new();
        let known_to = self.known_to(project);
        let since = self.read_since.get(&project.instance);
        if let Some(since) = since {
            if known_to.is_none_or(|known_to| known_to < *since) {
                missing.push(Doubt::Unread);
            }
            let is_fresh = |at: Timestamp| now.seconds_since(at) <= FRESH_READING_SECONDS;
            if is_silent && !known_to.is_some_and(is_fresh) {
                missing.push(Doubt::HookSilent);
            }
        }
        missing.extend(self.known.get(&project).into_iter().flat_map(BTreeMap::keys));
        missing.sort_unstable();
        missing.dedup();
        let is_judged = since.is_some() || self.watched.contains(&project);
        (is_judged || !missing.is_empty()).then_some(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: InstanceId = InstanceId::new(1);

    fn project(number: u64) -> ProjectKey {
        ProjectKey { instance: MAIN, project: ProjectId::new(number).unwrap() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second)
    }

    fn missing(doubts: &Doubts, now: i64) -> Option<Vec<Doubt>> {
        doubts.missing(project(7), false, at(now))
    }

    #[test]
    fn without_anybody_who_looks_nothing_is_said_until_something_is_known_to_be_missing() {
        let mut doubts = Doubts::default();
        assert_eq!(missing(&doubts, 10), None);
        doubts.add(project(7), Doubt::Refused, at(5));
        assert_eq!(doubts.of(MAIN), BTreeSet::from([project(7).project]));
        assert_eq!(missing(&doubts, 10), Some(vec![Doubt::Refused]));
        doubts.repair(project(7), Doubt::Refused, at(4));
        assert_eq!(missing(&doubts, 10), Some(vec![Doubt::Refused]));
        doubts.repair(project(7), Doubt::Refused, at(5));
        assert_eq!(missing(&doubts, 10), None);
        doubts.watch([project(8)]);
        assert_eq!(doubts.missing(project(8), false, at(10)), Some(Vec::new()));
    }

    #[test]
    fn a_reading_makes_good_what_happened_before_it_began() {
        let mut doubts = Doubts::default();
        doubts.reads(MAIN, at(100));
        assert_eq!(missing(&doubts, 110), Some(vec![Doubt::Unread]));
        doubts.add(project(7), Doubt::Lost, at(120));
        doubts.read(project(7), at(119));
        assert_eq!(missing(&doubts, 130), Some(vec![Doubt::Lost]));
        doubts.read(project(7), at(120));
        assert_eq!(missing(&doubts, 130), Some(Vec::new()));
        assert!(doubts.is_read(MAIN, at(120)) && !doubts.is_read(MAIN, at(121)));
        assert!(!doubts.is_read(InstanceId::new(2), at(0)));
    }

    #[test]
    fn a_disabled_hook_is_in_doubt_until_a_reading_after_it_was_seen_to_send_again() {
        let mut doubts = Doubts::default();
        doubts.reads(MAIN, at(0));
        let stand = |doubts: &mut Doubts, projects: &[u64], now| {
            let projects = projects.iter().map(|number| project(*number)).collect();
            doubts.stand(MAIN, Doubt::HookDisabled, &projects, at(now));
        };
        stand(&mut doubts, &[7], 50);
        doubts.read(project(7), at(60));
        assert_eq!(missing(&doubts, 60), Some(vec![Doubt::HookDisabled]), "it loses more");
        stand(&mut doubts, &[], 70);
        assert_eq!(missing(&doubts, 75), Some(vec![Doubt::HookDisabled]));
        doubts.read(project(7), at(80));
        assert_eq!(missing(&doubts, 85), Some(Vec::new()));
        // Seen twice, it is one.
        stand(&mut doubts, &[7], 90);
        stand(&mut doubts, &[7], 95);
        doubts.settle(MAIN, Doubt::HookDisabled, &BTreeSet::new());
        assert_eq!(missing(&doubts, 99), Some(Vec::new()));
    }

    #[test]
    fn silence_is_a_doubt_only_where_the_api_was_not_read_lately() {
        let mut doubts = Doubts::default();
        let silent = |doubts: &Doubts, now| doubts.missing(project(7), true, at(now));
        assert_eq!(silent(&doubts, 0), None);
        doubts.reads(MAIN, at(0));
        doubts.read(project(7), at(10));
        assert_eq!(silent(&doubts, 1_810), Some(Vec::new()));
        assert_eq!(silent(&doubts, 1_811), Some(vec![Doubt::HookSilent]));
    }

    #[test]
    fn what_gitlab_shows_to_be_quiet_is_as_good_as_read_but_heals_nothing() {
        let mut doubts = Doubts::default();
        doubts.reads(MAIN, at(100));
        doubts.quiet(project(7), at(200));
        assert_eq!(missing(&doubts, 200), Some(vec![Doubt::Unread]), "it never was read");
        doubts.read(project(7), at(50));
        assert_eq!(missing(&doubts, 200), Some(Vec::new()));
        assert!(doubts.is_read(MAIN, at(200)) && !doubts.is_read(MAIN, at(201)));
        assert_eq!(doubts.missing(project(7), true, at(2_000)), Some(Vec::new()));
        assert_eq!(doubts.missing(project(7), true, at(2_001)), Some(vec![Doubt::HookSilent]));
        doubts.add(project(7), Doubt::Lost, at(150));
        doubts.quiet(project(7), at(300));
        assert_eq!(missing(&doubts, 300), Some(vec![Doubt::Lost]));
        assert_eq!(doubts.of(MAIN).len(), 1);
        doubts.read(project(7), at(150));
        doubts.stand(MAIN, Doubt::Unread, &BTreeSet::from([project(7)]), at(300));
        assert_eq!(missing(&doubts, 300), Some(vec![Doubt::Unread]));
        assert!(doubts.of(MAIN).is_empty(), "whoever says so reads it");
    }
}
