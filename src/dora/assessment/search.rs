//! What searches through commits need: links between them, and the front of a search.

use crate::delivery::history::CommitNumber;

/// Links from commits to commits, each commit's in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// By commit: its first and its last link.
    ends: Vec<Option<(u32, u32)>>,
    links: Vec<(CommitNumber, Option<u32>)>,
}

impl Links {
    pub(super) fn add(&mut self, from: CommitNumber, to: CommitNumber) {
        let Ok(own) = u32::try_from(self.links.len()) else { return };
        self.links.push((to, None));
        if self.ends.len() <= from.place() {
            self.ends.resize(from.place() + 1, None);
        }
        let Some(ends) = self.ends.get_mut(from.place()) else { return };
        let previous = ends.map(|(_, last)| last);
        *ends = Some((ends.map_or(own, |(first, _)| first), own));
        if let Some((_, next)) = previous.and_then(|link| self.links.get_mut(place(link))) {
            *next = Some(own);
        }
    }

    pub(super) fn of(&self, from: CommitNumber) -> impl Iterator<Item = CommitNumber> {
        let first = self.ends.get(from.place()).copied().flatten();
        let link = |link: u32| self.links.get(place(link)).copied();
        let first = first.and_then(|(first, _)| link(first));
        std::iter::successors(first, move |(_, next)| link((*next)?)).map(|(to, _)| to)
    }
}

fn place(link: u32) -> usize {
    usize::try_from(link).unwrap_or(usize::MAX)
}

/// Sets the mark of a commit.
pub(super) fn mark(marks: &mut [bool], commit: CommitNumber) {
    if let Some(own) = marks.get_mut(commit.place()) {
        *own = true;
    }
}

/// Whether a commit is marked.
pub(super) fn is_marked(marks: &[bool], commit: CommitNumber) -> bool {
    marks.get(commit.place()) == Some(&true)
}

/// A search downwards, breadth first. Its memory serves one search after another.
#[derive(Debug, Default)]
pub(super) struct Front {
    /// By commit: the search that entered it last.
    seen: Vec<u32>,
    search: u32,
    entered: Vec<CommitNumber>,
    next: usize,
}

impl Front {
    /// Forgets the search before; there are as many `commits`.
    pub(super) fn begin(&mut self, commits: usize) {
        if self.seen.len() < commits || self.search == u32::MAX {
            self.seen = vec![0; commits];
            self.search = 0;
        }
        self.search += 1;
        self.entered.clear();
        self.next = 0;
    }

    pub(super) fn has(&self, commit: CommitNumber) -> bool {
        self.seen.get(commit.place()) == Some(&self.search)
    }

    /// Everything entered so far.
    pub(super) fn entered(&self) -> &[CommitNumber] {
        &self.entered
    }

    pub(super) fn enter(&mut self, commit: CommitNumber) {
        if let Some(seen) = self.seen.get_mut(commit.place()).filter(|seen| **seen != self.search) {
            *seen = self.search;
            self.entered.push(commit);
        }
    }

    /// The next commit to look below.
    pub(super) fn next(&mut self) -> Option<CommitNumber> {
        let next = self.entered.get(self.next).copied();
        self.next += usize::from(next.is_some());
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_commit_has_its_own_links_in_the_order_in_which_they_were_added() {
        let commit = CommitNumber::at;
        let mut links = Links::default();
        for (from, to) in [(0, 1), (2, 3), (0, 4), (2, 5), (0, 6)] {
            links.add(commit(from), commit(to));
        }
        let of = |from: usize| links.of(commit(from)).map(CommitNumber::place).collect::<Vec<_>>();
        assert_eq!([of(0), of(2)], [vec![1, 4, 6], vec![3, 5]]);
        assert_eq!([of(1), of(9)], [Vec::<usize>::new(), Vec::new()]);
    }
}
