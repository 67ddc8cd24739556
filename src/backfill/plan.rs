//! What is to be asked: lists of each project times the spans of time that were not read yet.
//!
//! Pure. What was read is told by bookmarks; what is left is planned anew at each start, oldest
//! first, so that nothing remembers a plan and a kill loses none.

use std::collections::{BTreeMap, BTreeSet};

use super::needs::{Images, Labels, Needs, Pipelines, ProjectNeeds, Tags};
use crate::delivery::{BranchName, ProjectId, Timestamp};
use crate::gitlab::resource::ProjectRow;
use crate::store::Bookmark;

/// Changes that were made before a reading may show only after it: a transaction takes its time at
/// its begin, and clocks differ. So a reading counts as complete only up to ten minutes before it.
pub const OVERLAP_SECONDS: u64 = 600;

/// What was read less than a quarter of an hour ago is not asked for again: an interrupted run goes
/// on where it was, whatever little time has passed.
pub const FRESH_SECONDS: u64 = 900;

/// A list of one project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// Environments, for their tiers.
    Environments,
    /// Deployments: at first those that succeeded, by their finish; later whatever changed. With what
    /// their commits changed of images, where it is wanted: wanted later, all of them are read anew.
    Deployments(Images),
    /// Merged merge requests by their last change, with their commits and comments, and where it is
    /// wanted the last pipeline of each: wanted later, all of them are read anew.
    MergeRequests(Pipelines),
    /// The first-parent line of a branch, newest first.
    Commits(BranchName),
    /// Milestones: before the issues, since those of a milestone with a due day are asked about.
    Milestones,
    /// Issues of all types by their last change, with what happened to them as far as a metric asks
    /// for it. When they got their labels is asked for only where it is wanted: wanted later, all of
    /// them are read anew.
    Issues(Labels),
    /// Pipelines of a branch by their last change.
    Pipelines(BranchName),
    /// Release objects.
    Releases,
    /// Tags, newest first by the commit or the date of the tag.
    Tags,
}

const COMMITS: &str = "commits:";
const DATED: &str = "milestones:dated";

impl List {
    /// Its name in the store, which never changes.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Environments => "environments".to_owned(),
            Self::Deployments(Images::LeftOut) => "deployments".to_owned(),
            Self::Deployments(Images::Read) => "deployments:images".to_owned(),
            Self::MergeRequests(Pipelines::LeftOut) => "merge_requests".to_owned(),
            Self::MergeRequests(Pipelines::Read) => "merge_requests:pipelines".to_owned(),
            Self::Pipelines(branch) => ["pipelines:", branch.as_str()].concat(),
            Self::Commits(branch) => [COMMITS, branch.as_str()].concat(),
            Self::Issues(Labels::AsTheyAre) => "issues:events".to_owned(),
            Self::Issues(Labels::WithTheirTimes) => "issues:events,labels".to_owned(),
            Self::Milestones => "milestones".to_owned(),
            Self::Releases => "releases".to_owned(),
            Self::Tags => "tags".to_owned(),
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::Deployments(_) => "deployments".to_owned(),
            Self::Issues(_) => "issues".to_owned(),
            Self::MergeRequests(_) => "merge_requests".to_owned(),
            _ => self.name(),
        }
    }

    /// Whether deliveries leave it as it is, most of the time.
    #[must_use]
    pub const fn changes_seldom(&self) -> bool {
        matches!(self, Self::Environments | Self::Milestones | Self::Releases | Self::Tags)
    }

    /// Whether its rows come newest first.
    #[must_use]
    pub const fn descends(&self) -> bool {
        matches!(self, Self::Commits(_))
    }
}

/// Notes something of a project, by a span without length.
#[must_use]
pub const fn noted(project: ProjectId, resource: String, at: Timestamp) -> Bookmark {
    Bookmark { project, resource, since: at, until: at }
}

/// Notes that a project has milestones with a due day.
#[must_use]
pub fn dated_milestones(project: ProjectId, at: Timestamp) -> Bookmark {
    noted(project, DATED.to_owned(), at)
}

/// Whether a bookmark is such a note.
#[must_use]
pub fn is_dated_milestones(bookmark: &Bookmark) -> bool {
    bookmark.resource == DATED
}

/// What is wanted of every list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// From when on.
    pub since: Timestamp,
    /// Until when: the instant of asking.
    pub until: Timestamp,
    /// What was read to its end less than so many seconds ago is not asked for again. A reading
    /// counts as complete only up to [`OVERLAP_SECONDS`] before it, so with as many it always is.
    pub fresh_seconds: u64,
}

/// A span of one list that was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Whose.
    pub project: ProjectId,
    /// Of which list.
    pub list: List,
    /// Where the bookmark begins that this span makes longer, or begins.
    pub since: Timestamp,
    /// From when rows are asked for.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Whether everything from [`since`](Self::since) to [`from`](Self::from) was read.
    pub goes_on: bool,
}

/// Everything that is left to ask, oldest missing first; of equal age what the figures need most.
#[must_use]
pub fn plan(
    projects: &[ProjectRow],
    needs: &Needs,
    read: &[Bookmark],
    wanted: Wanted,
) -> Vec<Span> {
    let mut known: BTreeMap<ProjectId, Vec<&Bookmark>> = BTreeMap::new();
    for bookmark in read {
        known.entry(bookmark.project).or_default().push(bookmark);
    }
    let mut spans: Vec<Span> = projects
        .iter()
        .flat_map(|project| {
            let own = known.get(&project.id).map_or(&[][..], Vec::as_slice);
            lists(project, &needs.of(&project.path), own)
                .into_iter()
                .flat_map(|list| left(project.id, &list, own, wanted))
        })
        .collect();
    spans.sort_by(|one, other| {
        let order = |span: &Span| (span.from, span.list.clone(), span.project);
        order(one).cmp(&order(other))
    });
    spans
}

/// The spans of one list that are left.
#[must_use]
pub fn left(project: ProjectId, list: &List, read: &[&Bookmark], wanted: Wanted) -> Vec<Span> {
    let name = list.name();
    let own = read.iter().filter(|own| own.project == project && own.resource == name);
    let mut own: Vec<_> = own.map(|own| (own.since, own.until)).collect();
    own.sort_unstable();
    let mut spans = Vec::new();
    let mut reached = wanted.since;
    let mut begun = None;
    let mut span = |begun: Option<Timestamp>, from, until| {
        let since = begun.unwrap_or(from);
        let (list, goes_on) = (list.clone(), begun.is_some());
        spans.push(Span { project, list, since, from, until, goes_on });
    };
    for (since, until) in own.into_iter().filter(|(_, until)| *until > wanted.since) {
        if since > reached {
            span(begun, reached, since);
        }
        if since > reached || begun.is_none() {
            begun = Some(since);
        }
        reached = reached.max(until);
    }
    let slack = if begun.is_some() { wanted.fresh_seconds } else { 0 };
    if wanted.until > reached.plus(slack) {
        span(begun, reached, wanted.until);
    }
    spans
}

/// The branch whose line a bookmark is of.
#[must_use]
pub fn branch(bookmark: &Bookmark) -> Option<BranchName> {
    BranchName::new(bookmark.resource.strip_prefix(COMMITS)?).ok()
}

/// The lists of a project. Besides the default branch those that a bookmark names: merge requests
/// were seen to go there.
pub(super) fn lists(project: &ProjectRow, needs: &ProjectNeeds, read: &[&Bookmark]) -> Vec<List> {
    let mut lists = vec![
        List::Environments,
        List::Deployments(needs.images),
        List::MergeRequests(needs.pipelines),
        List::Milestones,
        List::Issues(needs.labels),
        List::Releases,
    ];
    let noted = read.iter().filter_map(|own| branch(own));
    let branches: BTreeSet<BranchName> = noted.chain(project.default_branch.clone()).collect();
    lists.extend(branches.into_iter().map(List::Commits));
    lists.extend((needs.tags == Tags::Read).then_some(List::Tags));
    if needs.pipelines == Pipelines::Read {
        lists.extend(project.default_branch.clone().map(List::Pipelines));
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::ProjectPath;

    const DAY: i64 = 86_400;
    const ISSUES: List = List::Issues(Labels::AsTheyAre);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second)
    }

    fn wanted() -> Wanted {
        Wanted { since: at(10 * DAY), until: at(20 * DAY), fresh_seconds: FRESH_SECONDS }
    }

    fn project(number: u64, branch: Option<&str>) -> ProjectRow {
        ProjectRow {
            id: ProjectId::new(number).unwrap(),
            path: ProjectPath::new("group/app").unwrap(),
            default_branch: branch.map(|branch| BranchName::new(branch).unwrap()),
            last_activity_at: None,
        }
    }

    fn read(list: &List, since: i64, until: i64) -> Bookmark {
        let (since, until) = (at(since), at(until));
        Bookmark { project: ProjectId::new(7).unwrap(), resource: list.name(), since, until }
    }

    fn left_of(list: &List, bookmarks: &[Bookmark]) -> Vec<(i64, i64, i64, bool)> {
        let wanted = wanted();
        let read: Vec<&Bookmark> = bookmarks.iter().collect();
        let spans = left(ProjectId::new(7).unwrap(), list, &read, wanted);
        let of = |span: Span| {
            let [since, from, until] =
                [span.since, span.from, span.until].map(Timestamp::as_second);
            (since, from, until, span.goes_on)
        };
        spans.into_iter().map(of).collect()
    }

    #[test]
    fn what_was_never_read_is_asked_for_whole() {
        let all = (10 * DAY, 10 * DAY, 20 * DAY, false);
        assert_eq!(left_of(&ISSUES, &[]), [all]);
        let others = [read(&List::Releases, 0, 20 * DAY), read(&ISSUES, 0, 10 * DAY)];
        assert_eq!(left_of(&ISSUES, &others), [all]);
    }

    #[test]
    fn what_was_read_is_not_asked_for_again() {
        let list = ISSUES;
        let until = 20 * DAY - 900;
        assert_eq!(left_of(&list, &[read(&list, 10 * DAY, until)]), []);
        assert_eq!(left_of(&list, &[read(&list, 2 * DAY, 30 * DAY)]), []);
        let stale = read(&list, 9 * DAY, until - 1);
        assert_eq!(left_of(&list, &[stale]), [(9 * DAY, until - 1, 20 * DAY, true)]);
    }

    #[test]
    fn issues_are_read_anew_once_it_matters_when_they_got_their_labels() {
        let wanted = wanted();
        let all = read(&ISSUES, 10 * DAY, 20 * DAY);
        let needs = Needs::new(|path: &ProjectPath| ProjectNeeds {
            labels: match path.as_str() {
                "group/app" => Labels::WithTheirTimes,
                _ => Labels::AsTheyAre,
            },
            ..ProjectNeeds::default()
        });
        let left = |path: &str, needs: &Needs| {
            let project = ProjectRow { path: ProjectPath::new(path).unwrap(), ..project(7, None) };
            let spans = plan(&[project], needs, std::slice::from_ref(&all), wanted);
            let names = spans.into_iter().map(|span| span.list.name());
            names.filter(|name| name.starts_with("issues")).collect::<Vec<_>>()
        };
        assert_eq!(left("group/app", &needs), ["issues:events,labels"]);
        assert!(left("group/other", &needs).is_empty());
        assert!(left("group/app", &Needs::default()).is_empty());
    }

    #[test]
    fn pipelines_are_read_where_they_are_wanted() {
        let wanted = wanted();
        let needs = Needs::new(|_: &ProjectPath| ProjectNeeds {
            pipelines: Pipelines::Read,
            ..ProjectNeeds::default()
        });
        let spans = plan(&[project(7, Some("main"))], &needs, &[], wanted);
        let names: Vec<String> = spans.into_iter().map(|span| span.list.name()).collect();
        assert!(names.contains(&"merge_requests:pipelines".to_owned()), "{names:?}");
        assert!(names.contains(&"pipelines:main".to_owned()), "{names:?}");
        let none = plan(&[project(7, Some("main"))], &Needs::default(), &[], wanted);
        assert!(none.iter().all(|span| !span.list.name().contains("pipelines")));
    }

    #[test]
    fn gaps_before_between_and_behind_are_left_oldest_first() {
        let list = List::MergeRequests(Pipelines::LeftOut);
        let bookmarks = [
            read(&list, 12 * DAY, 13 * DAY),
            read(&list, 15 * DAY, 16 * DAY),
            read(&list, 15 * DAY + 1, 17 * DAY),
        ];
        let wanted = [
            (10 * DAY, 10 * DAY, 12 * DAY, false),
            (12 * DAY, 13 * DAY, 15 * DAY, true),
            (15 * DAY, 17 * DAY, 20 * DAY, true),
        ];
        assert_eq!(left_of(&list, &bookmarks), wanted);
    }

    #[test]
    fn the_oldest_is_planned_first_and_of_equal_age_what_is_needed_most() {
        let projects = [project(7, Some("main")), project(8, None)];
        let half = read(&List::Environments, 10 * DAY, 15 * DAY);
        let noted = read(&List::Commits(BranchName::new("next").unwrap()), 10 * DAY, 10 * DAY);
        let wanted = wanted();
        let steps: Vec<(u64, String)> = plan(&projects, &Needs::default(), &[half, noted], wanted)
            .into_iter()
            .map(|span| (span.project.get(), span.list.name()))
            .collect();
        let steps: Vec<(u64, &str)> =
            steps.iter().map(|(project, name)| (*project, name.as_str())).collect();
        let wanted = [
            (8, "environments"),
            (7, "deployments"),
            (8, "deployments"),
            (7, "merge_requests"),
            (8, "merge_requests"),
            (7, "commits:main"),
            (7, "commits:next"),
            (7, "milestones"),
            (8, "milestones"),
            (7, "issues:events"),
            (8, "issues:events"),
            (7, "releases"),
            (8, "releases"),
            (7, "environments"),
        ];
        assert_eq!(steps, wanted);
    }
}
