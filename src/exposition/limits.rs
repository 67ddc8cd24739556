//! How much is exposed: which projects find room, and what a label value may look like.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::catalog::Scope;
use super::figures::{self, ShownTime};
use super::lifetime::{LifetimeIndex, ProjectTotals};
use crate::delivery::{Doubt, InstanceId, ProjectKey};
use crate::dora::scorecard::{Figures, NEEDED_EVENTS, PooledFigures, ProjectFigures, Scorecard};

/// Characters of a label value at most: paths of real projects are shorter, and Prometheus' own
/// limits are usually set above.
const LABEL_VALUE_CHARACTERS: usize = 128;

/// Whether the lifetime histograms are exposed: two thirds of a small project's lifetime series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Histograms {
    /// They are.
    Shown,
    /// They are not.
    Hidden,
}

/// What an exposition may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Series at most; the exporter's own few are not counted.
    pub max_series: u64,
    /// Whether the lifetime histograms are among them.
    pub histograms: Histograms,
    /// Names of the GitLab installations. Where there are several, projects carry the label
    /// `gitlab`, since two installations may know the same path.
    pub gitlabs: BTreeMap<InstanceId, String>,
}

impl Default for Limits {
    /// 50 000 series: what an ordinary Prometheus takes from one target without a thought.
    fn default() -> Self {
        Self { max_series: 50_000, histograms: Histograms::Shown, gitlabs: BTreeMap::new() }
    }
}

impl Limits {
    /// The value of the label `gitlab`, where it is needed.
    fn gitlab(&self, project: ProjectKey) -> Option<Cow<'_, str>> {
        if self.gitlabs.len() < 2 {
            return None;
        }
        let number = || Cow::Owned(project.instance.get().to_string());
        Some(self.gitlabs.get(&project.instance).map_or_else(number, |name| clean(name)))
    }
}

/// Series that were left out of a snapshot, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Because the snapshot would have held too many: of whole projects, and of the groups that
    /// pool the fewest.
    pub over_limit: u64,
    /// Because one dimension would have: environments that were added up into one, and older
    /// projects whose path another one has now.
    pub over_dimension: u64,
    /// Projects that are left out for one reason or another.
    pub projects: u64,
    /// Groups that are left out.
    pub groups: u64,
}

/// One project with what is exposed of it.
#[derive(Debug)]
pub(super) struct KeptProject<'a> {
    pub(super) label: Cow<'a, str>,
    pub(super) gitlab: Option<Cow<'a, str>>,
    pub(super) project: &'a ProjectFigures,
    pub(super) totals: ProjectTotals<'a>,
}

/// One group or team with what is exposed of it.
#[derive(Debug)]
pub(super) struct KeptPool<'a> {
    pub(super) label: Cow<'a, str>,
    pub(super) figures: &'a Figures,
}

/// Everything that found room, each sorted by label.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    pub(super) projects: Vec<KeptProject<'a>>,
    pub(super) groups: Vec<KeptPool<'a>>,
    pub(super) teams: Vec<KeptPool<'a>>,
    pub(super) dropped: Dropped,
    /// How many series it will be, at most.
    pub(super) series: u64,
}

/// The series without a scope that every snapshot holds.
const PROCESS_SERIES: u64 = 3 + (NEEDED_EVENTS.len() + Doubt::ALL.len()) as u64;

impl<'a> Kept<'a> {
    /// Chooses what is exposed of `scorecard`.
    ///
    /// While the limit leaves room, everything is. Beyond it teams stay (somebody configured them),
    /// then groups, up to half of the limit where projects need the rest, those that pool the most
    /// projects first; then projects, the oldest first, until one finds no room. So a flood of new
    /// names cannot displace what was there before it, and renaming changes nothing. What a
    /// roll-up pools is complete whatever is left out below it.
    pub(super) fn choose(scorecard: &'a Scorecard, time: &ShownTime, limits: &'a Limits) -> Self {
        let mut dropped = Dropped::default();
        let teams = pools(Scope::Team, &scorecard.teams, time);
        let mut groups = pools(Scope::Group, &scorecard.groups, time);
        let index = LifetimeIndex::of(&scorecard.totals, limits.histograms);
        let mut projects = projects((scorecard, &index), time, limits, &mut dropped);

        let room = limits.max_series.saturating_sub(PROCESS_SERIES);
        let room = room.saturating_sub(sum(&teams));
        let room_of_groups = (room / 2).max(room.saturating_sub(sum(&projects)));
        let (left, lost) = keep_first(&mut groups, room_of_groups);
        dropped.over_limit += lost.series;
        dropped.groups += lost.count;
        let (_, lost) = keep_first(&mut projects, room.saturating_sub(room_of_groups) + left);
        dropped.over_limit += lost.series;
        dropped.projects += lost.count;

        let series = PROCESS_SERIES + sum(&teams) + sum(&groups) + sum(&projects);
        let kept = |candidate: Candidate<&'a ProjectFigures>| {
            let project = candidate.item;
            let (totals, _) = index.project(project.project);
            let label = clean(project.path.as_str());
            let gitlab = limits.gitlab(project.project);
            (KeptProject { label, gitlab, project, totals }, candidate.series)
        };
        let place = |kept: &KeptProject<'a>| (kept.label.clone(), kept.gitlab.clone());
        let projects = sorted(projects.into_iter().map(kept), place, &mut dropped);
        let kept = |pool: Candidate<&'a PooledFigures>| {
            let (label, figures) = (clean(&pool.item.name), &pool.item.figures);
            (KeptPool { label, figures }, pool.series)
        };
        let place = |kept: &KeptPool<'a>| kept.label.clone();
        let groups = sorted(groups.into_iter().map(kept), place, &mut dropped);
        let teams = sorted(teams.into_iter().map(kept), place, &mut dropped);
        Self { projects, groups, teams, dropped, series }
    }
}

/// What may be exposed, and how many series that would be.
struct Candidate<T> {
    item: T,
    series: u64,
}

fn sum<T>(candidates: &[Candidate<T>]) -> u64 {
    candidates.iter().map(|candidate| candidate.series).fold(0, u64::saturating_add)
}

/// What found no room.
struct Lost {
    series: u64,
    count: u64,
}

/// Keeps the first that fit into `room`, up to the first that does not; returns the room left.
fn keep_first<T>(all: &mut Vec<Candidate<T>>, room: u64) -> (u64, Lost) {
    let mut left = room;
    let fits = all.iter().take_while(|candidate| {
        let rest = left.checked_sub(candidate.series);
        left = rest.unwrap_or(left);
        rest.is_some()
    });
    let fits = fits.count();
    let lost = all.get(fits..).unwrap_or_default();
    let count = u64::try_from(lost.len()).unwrap_or(u64::MAX);
    let lost = Lost { series: sum(lost), count };
    all.truncate(fits);
    (left, lost)
}

/// Sorts what is kept by its labels, which must differ: of two that do not, as somebody could
/// contrive with changed labels, one stays.
fn sorted<T, P: Ord>(
    kept: impl Iterator<Item = (T, u64)>,
    place: impl Fn(&T) -> P,
    dropped: &mut Dropped,
) -> Vec<T> {
    let mut kept: Vec<_> = kept.map(|(item, series)| (place(&item), item, series)).collect();
    kept.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    kept.dedup_by(|(later, _, series), (first, ..)| {
        let same = later == first;
        dropped.over_dimension += if same { *series } else { 0 };
        same
    });
    kept.into_iter().map(|(_, item, _)| item).collect()
}

/// Those that pool the most projects first.
fn pools<'a>(
    scope: Scope,
    all: &'a [Arc<PooledFigures>],
    time: &ShownTime,
) -> Vec<Candidate<&'a PooledFigures>> {
    let candidate = |pool: &'a PooledFigures| Candidate {
        item: pool,
        series: figures::count(scope, &pool.figures, time),
    };
    let mut candidates: Vec<_> = all.iter().map(AsRef::as_ref).map(candidate).collect();
    candidates.sort_by_key(|pool| (Reverse(pool.item.projects), pool.item.name.as_str()));
    candidates
}

/// The oldest first; where a path was given away, without the project that had it before.
fn projects<'a>(
    (scorecard, index): (&'a Scorecard, &LifetimeIndex<'a>),
    time: &ShownTime,
    limits: &Limits,
    dropped: &mut Dropped,
) -> Vec<Candidate<&'a ProjectFigures>> {
    let mut by_age: Vec<_> = scorecard.projects.iter().map(AsRef::as_ref).collect();
    by_age.sort_by_key(|project| project.project);
    let place = |project: &'a ProjectFigures| {
        let instance = limits.gitlab(project.project).map(|_| project.project.instance);
        (project.path.as_str(), instance)
    };
    let newest: HashMap<_, _> =
        by_age.iter().map(|project| (place(project), project.project)).collect();
    let mut candidates = Vec::with_capacity(by_age.len());
    for project in by_age {
        let (totals, folded) = index.project(project.project);
        let contact = scorecard.contacts.get(&project.project);
        let series = project_series(project, time)
            + totals.series()
            + contact.map_or(0, |own| 1 + u64::from(own.is_silent.is_some()));
        if newest.get(&place(project)) == Some(&project.project) {
            dropped.over_dimension += folded;
            candidates.push(Candidate { item: project, series });
        } else {
            dropped.over_dimension += folded + series;
            dropped.projects += 1;
        }
    }
    candidates
}

/// How many series a project has besides its totals.
fn project_series(project: &ProjectFigures, time: &ShownTime) -> u64 {
    let counts = &project.unattributed_incidents;
    let unattributed = time.windows.iter().filter(|window| counts.len() > window.index).count();
    let of_services = project.services.iter().map(|own| figures::count_service(own, time));
    figures::count(Scope::Project, &project.figures, time)
        + of_services.sum::<u64>()
        + u64::try_from(unattributed).unwrap_or(u64::MAX)
        + u64::from(project.data_since.is_some())
}

/// A label value without control characters and of bounded length.
///
/// Both make different names equal, so a changed value ends in `~` and 8 digits of its digest.
pub(super) fn clean(value: &str) -> Cow<'_, str> {
    let short = value.len() <= LABEL_VALUE_CHARACTERS
        || value.chars().nth(LABEL_VALUE_CHARACTERS).is_none();
    if short && !value.contains(unprintable) {
        return Cow::Borrowed(value);
    }
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(value.as_bytes()));
    let digest = format!("~{a:02x}{b:02x}{c:02x}{d:02x}");
    let room = LABEL_VALUE_CHARACTERS - digest.len();
    let printable =
        value.chars().map(|c| if unprintable(c) { char::REPLACEMENT_CHARACTER } else { c });
    Cow::Owned(printable.take(room).chain(digest.chars()).collect())
}

/// Control characters, line and paragraph separators, and marks that reorder the text around them.
const fn unprintable(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_is_not_copied_and_an_odd_one_keeps_its_beginning() {
        let long = "é".repeat(128);
        for plain in ["a/b", "with \"quotes\" \\ and 😀", long.as_str(), ""] {
            assert!(matches!(clean(plain), Cow::Borrowed(same) if same == plain), "{plain}");
        }
        let cut = clean(&"é".repeat(129)).into_owned();
        assert_eq!(cut.chars().count(), 128);
        assert!(cut.starts_with(&"é".repeat(119)) && cut.contains('~'), "{cut}");
        assert!(clean("a\nb").starts_with("a\u{fffd}b~"));
        assert_ne!(clean("a\nb"), clean("a\rb"));
    }

    #[test]
    fn room_ends_at_the_first_that_does_not_fit() {
        let candidate = |series| Candidate { item: (), series };
        let mut all: Vec<_> = [3, 4, 5, 1].map(candidate).into();
        let (left, lost) = keep_first(&mut all, 8);
        assert_eq!((all.len(), left, lost.count, lost.series), (2, 1, 2, 6));
    }
}
