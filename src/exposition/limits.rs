//! How much is exposed: which projects find room, and what a label value may look like.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::families::{ShownWindow, figure_series};
use super::lifetime::{LifetimeIndex, ProjectTotals};
use crate::delivery::{InstanceId, ProjectKey};
use crate::dora::scorecard::{PooledFigures, ProjectFigures, Scorecard};

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
    pub(super) fn gitlab(&self, project: ProjectKey) -> Option<Cow<'_, str>> {
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
    series: u64,
}

/// One group or team with what is exposed of it.
#[derive(Debug)]
pub(super) struct KeptPool<'a> {
    pub(super) label: Cow<'a, str>,
    pub(super) pool: &'a PooledFigures,
    series: u64,
}

/// Everything that found room, each sorted by label.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    pub(super) projects: Vec<KeptProject<'a>>,
    pub(super) groups: Vec<KeptPool<'a>>,
    pub(super) teams: Vec<KeptPool<'a>>,
    pub(super) dropped: Dropped,
}

impl<'a> Kept<'a> {
    /// Chooses what is exposed of `scorecard`, with the figures of `windows`.
    ///
    /// While the limit leaves room, everything is. Beyond it teams stay (somebody configured them),
    /// then groups, up to half of the limit where projects need the rest, those that pool the most
    /// projects first; then projects, the oldest first, until one finds no room. So a flood of new
    /// names cannot displace what was there before it, and renaming changes nothing. What a
    /// roll-up pools is complete whatever is left out below it.
    pub(super) fn choose(
        scorecard: &'a Scorecard,
        windows: &[ShownWindow],
        limits: &'a Limits,
    ) -> Self {
        let mut dropped = Dropped::default();
        let teams = pools(&scorecard.teams, windows, &mut dropped);
        let mut groups = pools(&scorecard.groups, windows, &mut dropped);
        let mut projects = projects(scorecard, windows, limits, &mut dropped);

        let room = limits.max_series.saturating_sub(PROCESS_SERIES);
        let room = room.saturating_sub(sum(teams.iter().map(|pool| pool.series)));
        let needed = sum(projects.iter().map(|project| project.series));
        let room_of_groups = (room / 2).max(room.saturating_sub(needed));
        groups.sort_by(|a, b| {
            (Reverse(a.pool.projects), &a.label).cmp(&(Reverse(b.pool.projects), &b.label))
        });
        let (left, lost) = keep_first(&mut groups, room_of_groups, |group| group.series);
        dropped.over_limit += lost.series;
        dropped.groups += lost.count;
        projects.sort_by_key(|kept| kept.project.project);
        let room = room.saturating_sub(room_of_groups) + left;
        let (_, lost) = keep_first(&mut projects, room, |project| project.series);
        dropped.over_limit += lost.series;
        dropped.projects += lost.count;

        groups.sort_by(|a, b| a.label.cmp(&b.label));
        projects.sort_by(|a, b| (&a.label, &a.gitlab).cmp(&(&b.label, &b.gitlab)));
        Self { projects, groups, teams, dropped }
    }
}

/// The families of [`Scope::Process`](super::catalog::Scope) that a snapshot holds.
const PROCESS_SERIES: u64 = 3;

fn sum(series: impl Iterator<Item = u64>) -> u64 {
    series.fold(0, u64::saturating_add)
}

/// What found no room.
struct Lost {
    series: u64,
    count: u64,
}

/// Keeps the first that fit into `room`, up to the first that does not; returns the room left.
fn keep_first<T>(all: &mut Vec<T>, room: u64, series: impl Fn(&T) -> u64) -> (u64, Lost) {
    let mut left = room;
    let fits = all
        .iter()
        .take_while(|item| {
            let rest = left.checked_sub(series(item));
            left = rest.unwrap_or(left);
            rest.is_some()
        })
        .count();
    let lost = all.get(fits..).unwrap_or_default();
    let lost = Lost {
        series: sum(lost.iter().map(&series)),
        count: u64::try_from(lost.len()).unwrap_or(u64::MAX),
    };
    all.truncate(fits);
    (left, lost)
}

/// Cleaned and sorted by label; of two with the same label the first stays.
fn pools<'a>(
    all: &'a [PooledFigures],
    windows: &[ShownWindow],
    dropped: &mut Dropped,
) -> Vec<KeptPool<'a>> {
    let mut kept: Vec<_> = all
        .iter()
        .map(|pool| KeptPool {
            label: clean(&pool.name),
            pool,
            series: figure_series(&pool.figures, windows),
        })
        .collect();
    kept.sort_by(|a, b| a.label.cmp(&b.label));
    kept.dedup_by(|later, first| {
        let same = later.label == first.label;
        dropped.over_dimension += if same { later.series } else { 0 };
        same
    });
    kept
}

/// Cleaned; of two with the same path, where a path was given away, the newer project stays.
fn projects<'a>(
    scorecard: &'a Scorecard,
    windows: &[ShownWindow],
    limits: &'a Limits,
    dropped: &mut Dropped,
) -> Vec<KeptProject<'a>> {
    let index = LifetimeIndex::of(&scorecard.totals, limits.histograms);
    let mut newest: HashMap<(Cow<'a, str>, Option<Cow<'a, str>>), KeptProject<'a>> =
        HashMap::with_capacity(scorecard.projects.len());
    for project in &scorecard.projects {
        let (totals, folded) = index.project(project.project);
        let unattributed = windows
            .iter()
            .filter(|window| project.unattributed_incidents.len() > window.index)
            .fold(0, |count: u64, _| count + 1);
        let about_data = unattributed + u64::from(project.data_since.is_some());
        let kept = KeptProject {
            label: clean(project.path.as_str()),
            gitlab: limits.gitlab(project.project),
            project,
            series: figure_series(&project.figures, windows) + totals.series() + about_data,
            totals,
        };
        dropped.over_dimension += folded;
        let key = (kept.label.clone(), kept.gitlab.clone());
        let rival = newest.get(&key).map(|rival| (rival.project.project, rival.series));
        match rival {
            Some((rival, _)) if rival > project.project => {
                dropped.over_dimension += kept.series;
                dropped.projects += 1;
            }
            other => {
                dropped.over_dimension += other.map_or(0, |(_, series)| series);
                dropped.projects += u64::from(other.is_some());
                newest.insert(key, kept);
            }
        }
    }
    newest.into_values().collect()
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
