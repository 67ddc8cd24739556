//! Milestones: section 3.4 of the specification. Hooks do not tell which Release a milestone is
//! attached to, so that merge requests alone deliver one.

use std::collections::BTreeSet;

use gitlab_dora_exporter::delivery::EnvironmentTier;
use gitlab_dora_exporter::dora::window::Window;
use jiff::tz::TimeZone;

use super::changes::Changes;
use super::deliveries::View;
use super::numbers::{Labels, Number, Numbers, count};
use super::truth::{TrueMilestone, Truth};
use super::{Scene, seconds, sources};

struct Due {
    deadline: i64,
    on_time: bool,
    /// Issues in it at the start.
    scope: BTreeSet<u64>,
    /// Issues in it at the deadline.
    left: BTreeSet<u64>,
}

pub(super) fn measure(numbers: &mut Numbers, changes: &Changes<'_>, windows: &[Window]) {
    let scene = changes.scene;
    if known(scene).is_empty() {
        return;
    }
    let view =
        |stream: Option<String>| View::of(changes, stream.as_deref(), &EnvironmentTier::Production);
    let views: Vec<View<'_>> = sources::streams(scene).into_iter().map(view).collect();
    let due = |(number, own)| due(scene, &views, number, own);
    let all: Vec<Due> = known(scene).into_iter().filter_map(due).collect();
    for window in windows {
        let inside =
            |own: &&Due| scene.now - seconds(*window) < own.deadline && own.deadline <= scene.now;
        let own: Vec<&Due> = all.iter().filter(inside).collect();
        let on_time = own.iter().filter(|due| due.on_time).count();
        let scope = own.iter().map(|due| due.scope.len()).sum();
        let cut = own.iter().map(|due| due.scope.difference(&due.left).count()).sum();
        let labels = Labels::default().and("window", window);
        let number = count(own.len());
        numbers.put("milestones_due", &labels, Number::Count(number));
        numbers.put("on_time_ratio", &labels, Number::Ratio(count(on_time), number));
        numbers.put("scope_cut_ratio", &labels, Number::Ratio(count(cut), count(scope)));
    }
}

/// Those that were heard of, by number.
pub(super) fn known(scene: Scene<'_>) -> Vec<(u64, &TrueMilestone)> {
    let heard = |own: &TrueMilestone| own.dues.iter().any(|(at, _)| *at < scene.now);
    let all = (1..).zip(&scene.truth.milestones);
    all.filter(|(_, own)| !own.deleted && heard(own)).collect()
}

/// What was heard of its due day before now, earliest first.
fn heard<'a>(
    scene: Scene<'_>,
    own: &'a TrueMilestone,
) -> impl Iterator<Item = &'a (i64, Option<i64>)> {
    own.dues.iter().filter(move |(at, _)| *at < scene.now)
}

/// Local midnight of its start day, or when it was first seen.
fn start(scene: Scene<'_>, own: &TrueMilestone) -> i64 {
    let midnight = own.start_day.map(|day| local_midnight(&scene.policy.timezone, day, 0));
    midnight.unwrap_or_else(|| heard(scene, own).next().unwrap().0)
}

/// Midnight that begins a day, or one some days later; a day is named by its midnight in UTC.
fn local_midnight(zone: &TimeZone, day: i64, later: i64) -> i64 {
    let utc = jiff::Timestamp::from_second(day + later * 86_400).unwrap();
    let date = TimeZone::UTC.to_datetime(utc).date();
    zone.to_timestamp(date.at(0, 0, 0, 0)).unwrap().as_second()
}

/// How often its due day was changed after its start.
pub(super) fn moves(scene: Scene<'_>, own: &TrueMilestone) -> usize {
    let told: Vec<_> = heard(scene, own).collect();
    let pairs = told.windows(2);
    pairs.filter(|pair| pair[0].1 != pair[1].1 && pair[1].0 > start(scene, own)).count()
}

/// `None` without a due day, and when it is empty.
fn due(scene: Scene<'_>, views: &[View<'_>], number: u64, own: &TrueMilestone) -> Option<Due> {
    let start = start(scene, own);
    // The day that is known at the start; where nothing was heard until then, the first one heard.
    let at_start = heard(scene, own).filter(|(at, _)| *at <= start).last();
    let (_, day) = at_start.or_else(|| heard(scene, own).next())?;
    let deadline = local_midnight(&scene.policy.timezone, (*day)?, 1);
    let left = scope(scene, number, deadline.min(scene.now));
    // The end of the first release of all services that has each of its merge requests.
    let arrivals: Vec<Option<i64>> = views[0]
        .changes
        .merged
        .iter()
        .filter(|(request, own, ..)| {
            own.milestone == Some(number)
                || Truth::closes(*request).iter().any(|issue| left.contains(issue))
        })
        .map(|(.., landings)| {
            let first =
                |view: &View<'_>| view.first_with(landings).map(|place| view.releases[place].end());
            views.iter().filter_map(first).min()
        })
        .collect();
    if arrivals.is_empty() && left.is_empty() {
        return None;
    }
    let in_time = |arrived: &Option<i64>| arrived.is_some_and(|at| at < deadline);
    let on_time = !arrivals.is_empty() && arrivals.iter().all(in_time);
    Some(Due { deadline, on_time, scope: scope(scene, number, start), left })
}

/// The issues in a milestone at an instant.
fn scope(scene: Scene<'_>, milestone: u64, at: i64) -> BTreeSet<u64> {
    let all = (1..).zip(&scene.truth.issues);
    all.filter(|(_, issue)| {
        let until = issue.moves.iter().filter(|(moved, _)| *moved <= at && *moved < scene.now);
        let last = until.max_by_key(|(moved, _)| *moved);
        issue.opened < scene.now
            && issue.opened <= at
            && last.is_some_and(|(_, to)| *to == Some(milestone))
    })
    .map(|(number, _)| number)
    .collect()
}
