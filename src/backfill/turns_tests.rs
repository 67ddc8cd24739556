//! Whose turn it is, case by case and over some simulated hours.

use std::collections::{BTreeMap, BTreeSet};

use super::turns::{Extent, Turns};
use crate::delivery::{ProjectId, Timestamp};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
/// So late that no instant before is negative.
const NOON: i64 = 100_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(NOON + second)
}

fn id(number: u64) -> ProjectId {
    ProjectId::new(number).unwrap()
}

/// Project 1 was last active then, and read then.
fn turns(active: i64, read: i64) -> Turns {
    let mut turns = Turns::default();
    turns.listed(id(1), Some(at(active)), at(active));
    turns.heard(id(1), at(active));
    turns.tried(id(1), at(read), true);
    turns
}

/// The first second from `from` on at which it is the turn of project 1.
fn due(turns: &Turns, from: i64) -> i64 {
    (from..100 * HOUR).find(|second| turns.next(at(*second)).is_some()).unwrap()
}

#[test]
fn a_project_is_read_by_how_lately_something_happened_in_it() {
    assert_eq!(due(&turns(0, 10), 10), 10 + 5 * MINUTE);
    assert_eq!(due(&turns(0, HOUR), HOUR), 2 * HOUR);
    assert_eq!(due(&turns(0, 24 * HOUR), 24 * HOUR), 48 * HOUR);
}

#[test]
fn it_is_read_once_more_when_all_that_gitlab_did_not_show_has_happened() {
    let turns = turns(0, HOUR - 1);
    // GitLab would not show what happened in the last second of the hour.
    assert_eq!(due(&turns, HOUR), HOUR - 1 + 5 * MINUTE);
    assert_eq!(turns.quiet(at(2 * HOUR)).count(), 0);
}

#[test]
fn what_seldom_changes_is_read_twice_an_hour_and_at_the_end() {
    let mut turns = turns(0, 10);
    let next = |turns: &Turns, second: i64| turns.next(at(second)).unwrap().1;
    assert_eq!(next(&turns, 30 * MINUTE), Extent::Often);
    turns.tried(id(1), at(30 * MINUTE), false);
    assert_eq!(next(&turns, 10 + 30 * MINUTE + 300), Extent::Whole);
    turns.tried(id(1), at(50 * MINUTE), true);
    assert_eq!(next(&turns, HOUR - 1), Extent::Often);
    assert_eq!(next(&turns, HOUR), Extent::Whole);
}

#[test]
fn what_was_never_read_has_no_turn() {
    let mut turns = Turns::default();
    turns.listed(id(1), Some(at(0)), at(0));
    assert_eq!(turns.next(at(99 * HOUR)), None);
    turns.tried(id(2), at(0), true);
    assert_eq!(turns.next(at(99 * HOUR)), None, "nobody lists it");
}

#[test]
fn what_is_in_doubt_comes_first_and_once() {
    let mut turns = turns(0, 10);
    turns.listed(id(2), Some(at(-99 * HOUR)), at(0));
    turns.tried(id(2), at(10), true);
    turns.doubt(&BTreeSet::from([id(2)]), at(20));
    turns.doubt(&BTreeSet::from([id(2)]), at(30));
    assert_eq!(turns.next(at(HOUR)), Some((id(2), Extent::Whole)));
    turns.tried(id(2), at(HOUR), false);
    assert_eq!(turns.next(at(HOUR)), Some((id(1), Extent::Whole)), "it waits for its turn again");
    turns.doubt(&BTreeSet::new(), at(HOUR));
    turns.doubt(&BTreeSet::from([id(2)]), at(HOUR + 1));
    assert_eq!(turns.next(at(HOUR + 1)), Some((id(2), Extent::Whole)), "a new doubt");
}

#[test]
fn what_gitlab_shows_and_no_hook_told_of_is_in_doubt() {
    let mut turns = turns(0, 10);
    turns.listed(id(1), Some(at(60)), at(60));
    assert_eq!(turns.next(at(60)), None, "its hook may be on its way");
    turns.listed(id(1), Some(at(99)), at(61));
    assert_eq!(turns.next(at(61)), Some((id(1), Extent::Whole)));
    assert_eq!(turns.behind(at(61 + HOUR)).count(), 0);
    assert_eq!(turns.behind(at(62 + HOUR)).collect::<Vec<_>>(), [id(1)]);
    turns.tried(id(1), at(62), false);
    assert_eq!(turns.behind(at(62 + HOUR)).count(), 1, "that reading left something out");
    turns.tried(id(1), at(62), true);
    assert_eq!(turns.behind(at(62 + HOUR)).count(), 0);
}

#[test]
fn a_quiet_project_is_known_for_a_day_and_a_half() {
    let turns = turns(0, HOUR);
    let quiet = |second: i64| turns.quiet(at(second)).collect::<Vec<_>>();
    assert_eq!(quiet(37 * HOUR), [id(1)]);
    assert_eq!(quiet(37 * HOUR + 1), []);
    assert_eq!(self::turns(0, HOUR - 1).quiet(at(HOUR)).count(), 0);
}

#[test]
fn hot_projects_wait_half_an_hour_for_others_and_no_longer() {
    let mut turns = turns(0, 0);
    for own in 2..=50 {
        turns.listed(id(own), Some(at(-9_999 * HOUR)), at(0));
        turns.tried(id(own), at(-99 * 24 * HOUR), true);
    }
    assert_eq!(turns.next(at(29 * MINUTE)), Some((id(2), Extent::Whole)), "ninety-nine turns late");
    assert_eq!(turns.next(at(30 * MINUTE)), Some((id(1), Extent::Whole)));
}

/// A GitLab of two thousand projects as the planner sees it, in which time is a number.
struct World {
    turns: Turns,
    now: i64,
    /// When things happened that no hook told of and that were not read since, by project; and
    /// whether they are of those that seldom happen.
    lost: BTreeMap<u64, Vec<(i64, bool)>>,
    /// What GitLab shows as the last activity.
    shown: BTreeMap<u64, i64>,
    /// The longest that something was lost, in seconds.
    longest: i64,
    repaired: usize,
    random: u64,
}

/// Projects of it.
const PROJECTS: u64 = 2_000;
/// Projects of which something happens in each hour.
const MOVING: u64 = 100;
/// Tenths of a second that a request takes of the budget: of 60 a minute nine tenths flow.
const REQUEST_TENTHS: i64 = 11;
/// Requests of a reading: four lists, three that seldom change, and two of a merge request that was lost.
const REQUESTS: [i64; 3] = [4, 3, 2];
/// Requests that tell what happened, every five minutes, and once an hour all projects.
const LOOK: (i64, i64) = (2, 20);

impl World {
    fn new() -> Self {
        let mut world = Self {
            turns: Turns::default(),
            now: 0,
            lost: BTreeMap::new(),
            shown: BTreeMap::new(),
            longest: 0,
            repaired: 0,
            random: 7,
        };
        for own in 1..=PROJECTS {
            // Every project was active once within the last month, and read since.
            let active = -(world.draw(30 * 24 * HOUR.unsigned_abs()));
            world.shown.insert(own, active);
            world.turns.listed(id(own), Some(at(active)), at(0));
            let read = active.max(-(world.draw(24 * HOUR.unsigned_abs())));
            world.turns.tried(id(own), at(read), true);
        }
        world
    }

    /// A number below `below`, by a generator of Lehmer's.
    fn draw(&mut self, below: u64) -> i64 {
        self.random = self.random * 48_271 % 0x7fff_ffff;
        i64::try_from(self.random % below).unwrap()
    }

    /// What happens in a project that begins to move in this hour: ten times within an hour, and every
    /// third hook is lost.
    fn moving(&mut self, hour: i64) -> Vec<(i64, u64, bool)> {
        let project = 1 + self.draw(PROJECTS).unsigned_abs();
        let begin = hour * HOUR + self.draw(HOUR.unsigned_abs());
        let mut event = || (begin + self.draw(HOUR.unsigned_abs()), project, self.draw(3) > 0);
        (0..10).map(|_| event()).collect()
    }

    /// Things happen in one project: GitLab shows them unless it showed one less than an hour ago.
    fn happen(&mut self, project: u64, at: i64, hook_arrives: bool) {
        let shown = self.shown.get_mut(&project).unwrap();
        if at >= *shown + HOUR {
            *shown = at;
        }
        if hook_arrives {
            self.turns.heard(id(project), self::at(at));
        } else {
            let is_rare = self.draw(5) == 0;
            self.lost.entry(project).or_default().push((at, is_rare));
        }
    }

    /// Passes the time of some requests.
    fn ask(&mut self, requests: i64) {
        self.now += requests * REQUEST_TENTHS / 10;
    }

    fn look(&mut self, is_whole: bool) {
        let (after, at_now) = (self.now - 10 * MINUTE, self.now);
        self.ask(if is_whole { LOOK.1 } else { LOOK.0 });
        for (project, shown) in &self.shown {
            if *shown <= at_now && (is_whole || *shown >= after) {
                self.turns.listed(id(*project), Some(at(*shown)), at(self.now));
            }
        }
    }

    fn read(&mut self, (project, extent): (ProjectId, Extent)) {
        let begun = self.now;
        let lost = self.lost.entry(project.get()).or_default();
        let is_whole = extent == Extent::Whole;
        let is_told = |own: &mut (i64, bool)| own.0 <= begun && (is_whole || !own.1);
        let lost: Vec<(i64, bool)> = lost.extract_if(.., is_told).collect();
        let [always, seldom, found] = REQUESTS;
        let found = if lost.is_empty() { 0 } else { found };
        self.ask(always + found + if is_whole { seldom } else { 0 });
        for (at, _) in lost {
            self.longest = self.longest.max(self.now - at);
            self.repaired += 1;
        }
        self.turns.tried(project, at(begun), is_whole);
    }
}

#[test]
fn of_two_thousand_projects_a_hundred_move_an_hour_and_every_loss_is_read_within_the_hour() {
    let mut world = World::new();
    let (mut looked, mut hour, mut losses) = (-HOUR, 0, 0);
    let mut coming: Vec<(i64, u64, bool)> = Vec::new();
    while world.now < 7 * HOUR {
        if world.now / HOUR >= hour && hour < 5 {
            coming.extend((0..MOVING).flat_map(|_| world.moving(hour)));
            coming.sort_unstable();
            hour += 1;
        }
        let now = world.now;
        for (second, project, arrives) in coming.extract_if(.., |own| own.0 <= now) {
            losses += usize::from(!arrives);
            world.happen(project, second, arrives);
        }
        if now - looked >= 5 * MINUTE {
            world.look(now / HOUR > looked / HOUR);
            looked = now;
            assert_eq!(world.turns.behind(at(world.now)).count(), 0, "at {now}");
            continue;
        }
        match world.turns.next(at(now)) {
            Some(turn) => world.read(turn),
            None => world.now += 15,
        }
    }
    assert_eq!((world.repaired, losses > 1_500), (losses, true));
    assert!(world.longest <= HOUR, "{} minutes", world.longest / MINUTE);
}
