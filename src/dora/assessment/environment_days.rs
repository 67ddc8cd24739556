//! A project as GitLab's own DORA metrics see it: a row for each environment and day of UTC.
//!
//! GitLab's own tiers count, not those that the policy gives; every success is a deployment of its
//! own, and every incident of the project is one of production.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::changes::Changes;
use super::environment_links::{Link, Success, links};
use super::incidents::turns;
use super::lineage::Lineage;
use crate::delivery::{
    DeploymentId, Environment, EnvironmentName, EnvironmentTier, Iid, Issue, IssueTransition,
    IssueType, ProjectHistory, Timestamp, Transition,
};
use crate::dora::policy::{Counting, Policy, guess_tier};
use crate::dora::window::utc_day;

/// GitLab reads a day's incidents again this long after a success.
const REFRESH_SECONDS: u64 = 300;

/// One environment on one day, as GitLab stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentDay {
    /// The environment.
    pub environment: EnvironmentName,
    /// The day of UTC, counted from 1970-01-01.
    pub day: i32,
    /// Deployments that succeeded that day, in the order in which they did.
    pub deployments: Vec<DeploymentId>,
    /// Merge requests linked to them, by number, with the seconds from their merge to their
    /// deployment.
    pub linked: Vec<(Iid, u64)>,
    /// Incidents closed that day, by number, with the seconds that they lasted.
    pub restored: Vec<(Iid, u64)>,
    /// Incidents opened that day, by number; `None` where the tier is not production.
    pub opened: Option<Vec<Iid>>,
}

/// The rows of the environments of these tiers, by environment and day.
///
/// - **Input.** Everything known of the project; tiers as GitLab names them.
/// - **Output.** A row exists for a day with a success, and in the first production environment for
///   a day on which an incident was opened or closed.
/// - **Cost.** As that of [`assess`](super::assess()), once for each environment.
///
/// Source: GitLab, `app/models/dora/*` and `link_merge_requests_service.rb`, as the metric
/// specification tells them, "Parity with GitLab".
#[must_use]
pub fn environment_days(
    history: &ProjectHistory,
    as_of: Timestamp,
    policy: &Policy,
    tiers: &[EnvironmentTier],
) -> Vec<EnvironmentDay> {
    let lineage = Lineage::new(history);
    // GitLab knows no commits without merge request.
    let policy = Policy { direct_commits: Counting::Ignore, ..policy.clone() };
    let changes = Changes::find(history, as_of, &policy);
    days_of((history, &lineage, &changes), (as_of, &policy), tiers)
}

/// The same, of what is understood already.
pub(super) fn days_of(
    (history, lineage, changes): (&ProjectHistory, &Lineage<'_>, &Changes<'_>),
    (as_of, policy): (Timestamp, &Policy),
    tiers: &[EnvironmentTier],
) -> Vec<EnvironmentDay> {
    let known: Vec<(&Environment, EnvironmentTier)> = history
        .environments
        .iter()
        .filter(|environment| environment.seen_at.0.is_none_or(|seen| seen < as_of))
        // GitLab knows nothing of deployments that another project makes.
        .filter(|environment| !history.linked.environments.contains(&environment.name))
        .map(|environment| (environment, tier_of(environment)))
        .collect();
    let drawing = Drawing {
        history,
        lineage,
        changes,
        policy,
        as_of,
        first: first_production(history, &known),
        incidents: Incidents::find(history, as_of),
    };
    let mut successes = successes(history, as_of);
    let mut days = Vec::new();
    for (environment, tier) in known.iter().filter(|(_, tier)| tiers.contains(tier)) {
        let own = successes.remove(&environment.name).unwrap_or_default();
        days.extend(drawing.days(environment, tier, &own));
    }
    days
}

/// GitLab's own tier, else its guess from the name.
fn tier_of(environment: &Environment) -> EnvironmentTier {
    let from_gitlab = environment.tier.value().cloned();
    from_gitlab.unwrap_or_else(|| guess_tier(environment.name.as_str()))
}

/// The production environment that was there first, as far as the ids of deployments tell.
fn first_production(
    history: &ProjectHistory,
    known: &[(&Environment, EnvironmentTier)],
) -> Option<EnvironmentName> {
    let is_production =
        |(_, tier): &&(&Environment, EnvironmentTier)| *tier == EnvironmentTier::Production;
    let all: BTreeSet<&EnvironmentName> =
        known.iter().filter(is_production).map(|(environment, _)| &environment.name).collect();
    let rows = history.deployments().rows().iter();
    let mut deployed = rows.filter_map(|row| history.environment(row.environment()?));
    deployed.find(|name| all.contains(name)).or_else(|| all.first().copied()).cloned()
}

/// All successes before `as_of`, by environment, in the order in which they finished.
fn successes(
    history: &ProjectHistory,
    as_of: Timestamp,
) -> FxHashMap<EnvironmentName, Vec<Success>> {
    let mut all: FxHashMap<EnvironmentName, Vec<Success>> = FxHashMap::default();
    for row in history.deployments().rows() {
        let Some(finished_at) = row.succeeded_at().filter(|at| *at < as_of) else { continue };
        let name = row.environment().and_then(|own| history.environment(own));
        let is_own = !history.linked.taken.contains_key(&row.id());
        let Some(name) = name.filter(|_| is_own) else {
            continue;
        };
        all.entry(name.clone()).or_default().push(Success {
            id: row.id(),
            commit: row.sha(),
            ref_name: history.ref_name(row),
            finished_at,
        });
    }
    for own in all.values_mut() {
        own.sort_by_key(|success| (success.finished_at, success.id));
    }
    all
}

/// What rows are drawn from.
struct Drawing<'a> {
    history: &'a ProjectHistory,
    lineage: &'a Lineage<'a>,
    changes: &'a Changes<'a>,
    policy: &'a Policy,
    as_of: Timestamp,
    /// The production environment whose rows every incident refreshes.
    first: Option<EnvironmentName>,
    incidents: Incidents<'a>,
}

impl Drawing<'_> {
    fn days(
        &self,
        environment: &Environment,
        tier: &EnvironmentTier,
        successes: &[Success],
    ) -> impl Iterator<Item = EnvironmentDay> {
        let name = &environment.name;
        let is_first = self.first.as_ref() == Some(name);
        let mut days: BTreeMap<i32, EnvironmentDay> = BTreeMap::new();
        let fresh = |day| EnvironmentDay {
            environment: name.clone(),
            day,
            deployments: Vec::new(),
            linked: Vec::new(),
            restored: Vec::new(),
            opened: None,
        };
        let mut refreshed: BTreeMap<i32, Timestamp> = BTreeMap::new();
        for success in successes {
            let day = utc_day(success.finished_at);
            days.entry(day).or_insert_with(|| fresh(day)).deployments.push(success.id);
            refreshed.insert(day, success.finished_at.plus(REFRESH_SECONDS));
        }
        for (day, linked) in self.links(name, tier, successes) {
            days.entry(day).or_insert_with(|| fresh(day)).linked.push(linked);
        }
        if is_first {
            let exists_since = environment.seen_at.0.unwrap_or(Timestamp::UNDATED);
            for day in self.incidents.days_refreshed_since(exists_since) {
                days.entry(day).or_insert_with(|| fresh(day));
                refreshed.insert(day, self.as_of);
            }
        }
        if *tier == EnvironmentTier::Production {
            for (day, own) in &mut days {
                let known_at = refreshed.get(day).copied().unwrap_or(self.as_of);
                own.opened = Some(self.incidents.opened(*day, known_at));
                own.restored = self.incidents.restored(*day, known_at);
            }
        }
        days.into_values()
    }

    /// Each merge request that the deployments of an environment link, with the day on which the
    /// deployment finished, by number.
    fn links(
        &self,
        name: &EnvironmentName,
        tier: &EnvironmentTier,
        successes: &[Success],
    ) -> Vec<(i32, (Iid, u64))> {
        let links_always = matches!(tier, EnvironmentTier::Production | EnvironmentTier::Staging);
        // Folders are those of review apps.
        if name.as_str().contains('/') && !links_always {
            return Vec::new();
        }
        let known = (self.history, self.lineage, self.changes);
        let mut links = links(name, successes, known, self.policy);
        links.sort_by_key(|link| link.request);
        let dated = |link: &Link| {
            let seconds = link.finished_at.seconds_since(link.merged_at);
            (utc_day(link.finished_at), (link.request, seconds))
        };
        links.iter().map(dated).collect()
    }
}

/// The incidents of a project by GitLab's type, duplicates and external ones included.
struct Incidents<'a> {
    all: Vec<Incident<'a>>,
    opened: BTreeMap<i32, Vec<usize>>,
    closed: BTreeMap<i32, Vec<usize>>,
}

struct Incident<'a> {
    iid: Iid,
    opened_at: Timestamp,
    turns: &'a [IssueTransition],
}

impl Incident<'_> {
    /// Each instant at which something happened to it, with the instant whose day is read again.
    fn events(&self) -> Vec<(Timestamp, Timestamp)> {
        let mut dated = self.opened_at;
        let mut events = vec![(self.opened_at, dated)];
        for turn in self.turns {
            if turn.transition == Transition::Closed {
                dated = turn.at;
            }
            events.push((turn.at, dated));
        }
        events
    }
}

impl<'a> Incidents<'a> {
    fn find(history: &'a ProjectHistory, as_of: Timestamp) -> Self {
        let mut own = Self { all: Vec::new(), opened: BTreeMap::new(), closed: BTreeMap::new() };
        let is_incident = |issue: &&Issue| issue.issue_type.value() == Some(&IssueType::Incident);
        for issue in history.issues.values().filter(is_incident) {
            let Some(opened_at) = issue.created_at.0.filter(|at| *at < as_of) else { continue };
            let turns = turns(&history.transitions, issue.iid, as_of);
            let place = own.all.len();
            own.opened.entry(utc_day(opened_at)).or_default().push(place);
            let closes = turns.iter().filter(|turn| turn.transition == Transition::Closed);
            for day in closes.map(|turn| utc_day(turn.at)).collect::<BTreeSet<i32>>() {
                own.closed.entry(day).or_default().push(place);
            }
            own.all.push(Incident { iid: issue.iid, opened_at, turns });
        }
        own
    }

    /// The days whose rows an incident refreshed: that of its opening, that of a closing, and at a
    /// reopening that of the closing which it undid.
    fn days_refreshed_since(&self, since: Timestamp) -> BTreeSet<i32> {
        let events = self.all.iter().flat_map(Incident::events);
        events.filter(|(at, _)| *at >= since).map(|(_, dated)| utc_day(dated)).collect()
    }

    /// Those opened on a day, as known at an instant.
    fn opened(&self, day: i32, known_at: Timestamp) -> Vec<Iid> {
        let all = self.of(&self.opened, day);
        all.filter(|own| own.opened_at <= known_at).map(|own| own.iid).collect()
    }

    /// Those closed on a day, as known at an instant, with the seconds that they lasted.
    fn restored(&self, day: i32, known_at: Timestamp) -> Vec<(Iid, u64)> {
        let lasted = |own: &Incident<'_>| {
            let last = own.turns.iter().rfind(|turn| turn.at <= known_at)?;
            let is_here = last.transition == Transition::Closed && utc_day(last.at) == day;
            is_here.then(|| (own.iid, last.at.seconds_since(own.opened_at)))
        };
        self.of(&self.closed, day).filter_map(lasted).collect()
    }

    fn of(
        &self,
        by_day: &BTreeMap<i32, Vec<usize>>,
        day: i32,
    ) -> impl Iterator<Item = &Incident<'a>> {
        let places = by_day.get(&day).cloned().unwrap_or_default();
        places.into_iter().filter_map(|place| self.all.get(place))
    }
}
