//! How far projects were read, as their bookmarks tell. Pure.

use std::collections::BTreeMap;

use super::needs::Needs;
use super::plan::{self, Span, Wanted};
use crate::delivery::{ProjectId, Timestamp};
use crate::gitlab::resource::ProjectRow;
use crate::store::Bookmark;

/// How far a project was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether nothing of its past is left: every list was read from the begin of what is wanted, and
    /// without a hole.
    pub is_whole: bool,
    /// Up to when all lists were read; `None` when one never was.
    pub read_to: Option<Timestamp>,
}

/// Whether a span lies behind everything that was read of its list: what happened since.
#[must_use]
pub fn is_news(span: &Span, wanted: Wanted) -> bool {
    span.goes_on && span.until == wanted.until
}

/// How far each project was read.
#[must_use]
pub fn standing(
    projects: &[ProjectRow],
    needs: &Needs,
    read: &[Bookmark],
    wanted: Wanted,
) -> BTreeMap<ProjectId, Standing> {
    let mut known: BTreeMap<ProjectId, Vec<&Bookmark>> = BTreeMap::new();
    for bookmark in read {
        known.entry(bookmark.project).or_default().push(bookmark);
    }
    let wanted = Wanted { fresh_seconds: 0, ..wanted };
    let of = |project: &ProjectRow| {
        let own = known.get(&project.id).map_or(&[][..], Vec::as_slice);
        let mut standing = Standing { is_whole: true, read_to: Some(wanted.until) };
        for list in plan::lists(project, &needs.of(&project.path), own) {
            let spans = plan::left(project.id, &list, own, wanted);
            let news = spans.iter().find(|span| is_news(span, wanted));
            standing.is_whole &= spans.len() == usize::from(news.is_some());
            let read_to = match news {
                Some(news) => Some(news.from),
                // Nothing was ever read of it, or everything.
                None => spans.is_empty().then_some(wanted.until),
            };
            standing.read_to = standing.read_to.min(read_to);
        }
        (project.id, standing)
    };
    projects.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backfill::plan::List;
    use crate::delivery::ProjectPath;

    const DAY: i64 = 86_400;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second)
    }

    fn standing_of(bookmarks: &[Bookmark]) -> (bool, Option<i64>) {
        let id = ProjectId::new(7).unwrap();
        let path = ProjectPath::new("group/app").unwrap();
        let project = ProjectRow { id, path, default_branch: None, last_activity_at: None };
        let wanted = Wanted { since: at(10 * DAY), until: at(20 * DAY), fresh_seconds: 900 };
        let own = standing(&[project], &Needs::default(), bookmarks, wanted)[&id];
        (own.is_whole, own.read_to.map(Timestamp::as_second))
    }

    fn read(list: &List, since: i64, until: i64) -> Bookmark {
        let (since, until) = (at(since), at(until));
        Bookmark { project: ProjectId::new(7).unwrap(), resource: list.name(), since, until }
    }

    #[test]
    fn a_project_stands_where_the_list_stands_that_is_furthest_behind() {
        let lists = |issues: &[(i64, i64)]| {
            let others = [
                List::Environments,
                List::Deployments(super::super::needs::Images::LeftOut),
                List::MergeRequests(super::super::needs::Pipelines::LeftOut),
                List::Milestones,
                List::Releases,
            ];
            let own = List::Issues(super::super::needs::Labels::AsTheyAre);
            let others = others.iter().map(|list| read(list, 9 * DAY, 20 * DAY - 60));
            others.chain(issues.iter().map(|(from, to)| read(&own, *from, *to))).collect::<Vec<_>>()
        };
        assert_eq!(standing_of(&[]), (false, None));
        assert_eq!(standing_of(&lists(&[])), (false, None));
        assert_eq!(standing_of(&lists(&[(9 * DAY, 19 * DAY)])), (true, Some(19 * DAY)));
        // The begin of what is wanted is missing, or something in between.
        assert_eq!(standing_of(&lists(&[(11 * DAY, 19 * DAY)])), (false, Some(19 * DAY)));
        let hole = [(9 * DAY, 11 * DAY), (12 * DAY, 19 * DAY)];
        assert_eq!(standing_of(&lists(&hole)), (false, Some(19 * DAY)));
    }
}
