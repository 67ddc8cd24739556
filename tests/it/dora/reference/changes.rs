//! Changes, their clocks, stages and deliveries: sections 1.6 to 1.8 of the specification.

use std::collections::BTreeSet;

use gitlab_dora_exporter::dora::policy::{CommitClock, Counting, FirstDeployment, Policy};

use super::releases::Release;
use super::truth::{Method, TrueRequest, Truth};
use super::value_stream::Family;

/// A change that a tier received.
#[derive(Debug, Clone)]
pub(crate) struct Delivered {
    /// The merge request's number; `None` for a direct commit.
    pub(crate) request: Option<u64>,
    /// What names it in every tier.
    pub(crate) family: Family,
    /// The place of its release among the counted ones.
    pub(crate) release: usize,
    pub(crate) at: i64,
    pub(crate) sampled: bool,
    /// The kind of work that takes it.
    pub(crate) category: String,
    pub(crate) first_commit: i64,
    pub(crate) merge: i64,
    /// Coding, pickup, review, deploy.
    pub(crate) stages: Option<[i64; 4]>,
}

/// One tier at one instant under one policy.
pub(crate) struct View<'a> {
    pub(crate) truth: &'a Truth,
    pub(crate) now: i64,
    pub(crate) policy: &'a Policy,
    /// R₀, R₁ …
    pub(crate) releases: &'a [Release],
    /// What is reachable from each.
    pub(crate) reach: Vec<BTreeSet<usize>>,
}

impl<'a> View<'a> {
    pub(crate) fn of(
        truth: &'a Truth,
        now: i64,
        policy: &'a Policy,
        releases: &'a [Release],
    ) -> Self {
        let reach = releases.iter().map(|release| truth.reach(release.commit)).collect();
        Self { truth, now, policy, releases, reach }
    }

    /// The first counted release that contains one of these commits.
    pub(crate) fn first_with(&self, commits: &BTreeSet<usize>) -> Option<usize> {
        self.reach.iter().position(|reach| !reach.is_disjoint(commits))
    }

    /// The release that delivers what landed as one of these commits.
    pub(crate) fn delivers(&self, commits: &BTreeSet<usize>, merge: i64) -> Option<usize> {
        let release = self.first_with(commits)?;
        let known = match self.policy.first_deployment {
            FirstDeployment::Skip => release > 0,
            FirstDeployment::LinkAll => true,
            FirstDeployment::Since(seconds) => {
                let span = i64::try_from(seconds).unwrap();
                release > 0 || self.releases[0].end() - merge <= span
            }
        };
        known.then_some(release)
    }

    fn opened(&self) -> Vec<(u64, &'a TrueRequest)> {
        let requests = (1..).zip(&self.truth.requests);
        requests.filter(|(_, request)| request.created < self.now).collect()
    }

    /// Numbers, requests, landing instants and landing commits of what is merged.
    pub(crate) fn merged(&self) -> Vec<(u64, &'a TrueRequest, i64, BTreeSet<usize>)> {
        (1..)
            .zip(&self.truth.requests)
            .filter_map(|(number, request)| {
                let merge = request.merged.filter(|merge| merge.at < self.now)?;
                Some((number, request, merge.at, self.landings(request)))
            })
            .collect()
    }

    /// The commits whose arrival delivers a merged request.
    pub(crate) fn landings(&self, request: &TrueRequest) -> BTreeSet<usize> {
        let merge = request.merged.unwrap();
        let named = match merge.method {
            Method::Train => *request.commits.last().unwrap(),
            _ => merge.landing,
        };
        // A line is no less a deployed one while its next deployment is still to come: what stands
        // on the branch that it was merged into landed as itself.
        let on_a_deployed_line =
            self.truth.reach(self.truth.heads[&request.target]).contains(&named);
        let mut landings = BTreeSet::from([named]);
        if !on_a_deployed_line {
            let identity = self.truth.commits[named].identity;
            let same = |place: &usize| self.truth.commits[*place].identity == identity;
            landings.extend((0..self.truth.commits.len()).filter(same));
        }
        self.truth.with_picks(landings)
    }

    /// By its source branch, or because it brings nothing that others did not bring before.
    pub(crate) fn is_promotion(&self, number: u64, request: &TrueRequest) -> bool {
        if self.policy.long_lived_branches.is_match(&request.source) {
            return true;
        }
        // The text says "of other merge requests"; two that hold the same commits would then both
        // be promotions. The one that brought them first is not.
        let Some(merged) = self.merged_at(request) else { return false };
        let brought: BTreeSet<usize> = self
            .merged()
            .into_iter()
            .filter(|(other, _, at, _)| (*at, *other) < (merged, number))
            .flat_map(|(_, theirs, ..)| {
                theirs.commits.iter().copied().chain(theirs.merged.map(|merge| merge.landing))
            })
            .collect();
        let own = |commit: &usize| &self.truth.commits[*commit];
        let mut written =
            request.commits.iter().filter(|commit| own(commit).parents.len() == 1).peekable();
        written.peek().is_some()
            && written.all(|commit| {
                let origin = own(commit).picked_from;
                brought.contains(commit) || origin.is_some_and(|origin| brought.contains(&origin))
            })
    }

    fn merged_at(&self, request: &TrueRequest) -> Option<i64> {
        request.merged.map(|merge| merge.at).filter(|at| *at < self.now)
    }

    pub(crate) fn date(&self, commit: usize) -> i64 {
        let commit = &self.truth.commits[commit];
        match self.policy.commit_clock {
            CommitClock::Authored => commit.authored,
            CommitClock::Committed => commit.committed.unwrap_or(commit.authored),
        }
    }

    /// Whether a commit belongs to no merge request.
    fn is_direct(&self, commit: usize) -> bool {
        let own = &self.truth.commits[commit];
        let landed = self.merged().into_iter().any(|(.., landings)| landings.contains(&commit));
        let squashed = self.merged().into_iter().any(|(_, request, ..)| {
            request.merged.is_some_and(|merge| merge.squash == Some(commit))
        });
        let listed = self.opened().into_iter().any(|(number, request)| {
            let shields = self.policy.promotion_merge_requests == Counting::Count
                || !self.is_promotion(number, request);
            shields && request.commits.contains(&commit)
        });
        own.parents.len() <= 1 && self.date(commit) < self.now && !landed && !squashed && !listed
    }

    /// Every delivered merge request, promotions and unsampled ones included, and its release.
    pub(crate) fn delivered_requests(&self) -> Vec<(u64, &'a TrueRequest, usize)> {
        self.merged()
            .into_iter()
            .filter_map(|(number, request, at, landings)| {
                Some((number, request, self.delivers(&landings, at)?))
            })
            .collect()
    }

    /// Every delivered change.
    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        let excludes = self.policy.promotion_merge_requests == Counting::Ignore;
        let mut delivered = Vec::new();
        for (number, request, release) in self.delivered_requests() {
            if !(excludes && self.is_promotion(number, request)) {
                delivered.push(self.delivered_request(number, request, release));
            }
        }
        if self.policy.direct_commits == Counting::Count {
            delivered.extend(self.delivered_commits());
        }
        delivered
    }

    /// The first-commit clock of a merged request.
    pub(crate) fn first_commit(&self, request: &TrueRequest) -> i64 {
        let dates = request.commits.iter().map(|commit| self.date(*commit));
        let earliest = dates.filter(|date| *date < self.now).min();
        earliest.unwrap_or(request.merged.unwrap().at)
    }

    fn delivered_request(&self, number: u64, request: &TrueRequest, release: usize) -> Delivered {
        let (merge, at) = (request.merged.unwrap().at, self.releases[release].end());
        let first_commit = self.first_commit(request);
        let t0 = first_commit;
        let t1 = t0.max(request.ready.unwrap_or(request.created));
        let t3 = t1.max(merge);
        let t2 = request
            .reviews
            .iter()
            .filter(|(review, person)| {
                *person != request.author && (t1..=t3).contains(review) && *review < self.now
            })
            .map(|(review, _)| *review)
            .min()
            .unwrap_or(t3);
        let t4 = t3.max(at);
        let excluded = request.labels.iter().any(|own| has(&self.policy.exclude_labels, own));
        Delivered {
            request: Some(number),
            family: Family::Request(number),
            release,
            at,
            sampled: !request.by_bot && !excluded,
            category: self.category(&request.labels),
            first_commit,
            merge,
            stages: Some([t1 - t0, t2 - t1, t3 - t2, t4 - t3]),
        }
    }

    fn category(&self, labels: &[&str]) -> String {
        for category in &self.policy.categories {
            if labels.iter().any(|label| has(&category.labels, label)) {
                return category.name.to_string();
            }
        }
        "other".to_owned()
    }

    /// A commit's first origin, and the number of picks between the two.
    fn root(&self, commit: usize) -> (usize, usize) {
        match self.truth.commits[commit].picked_from {
            Some(origin) => (self.root(origin).0, self.root(origin).1 + 1),
            None => (commit, 0),
        }
    }

    /// Direct commits; those of one origin are one change. With each the one that dates it.
    pub(crate) fn direct_families(&self) -> Vec<(usize, BTreeSet<usize>)> {
        let direct: Vec<usize> =
            (0..self.truth.commits.len()).filter(|commit| self.is_direct(*commit)).collect();
        let roots: BTreeSet<usize> = direct.iter().map(|commit| self.root(*commit).0).collect();
        let mut families = Vec::new();
        for root in roots {
            let family: BTreeSet<usize> =
                direct.iter().copied().filter(|commit| self.root(*commit).0 == root).collect();
            let original = *family
                .iter()
                .min_by_key(|commit| (self.root(**commit).1, self.date(**commit)))
                .unwrap();
            families.push((original, family));
        }
        families
    }

    fn delivered_commits(&self) -> Vec<Delivered> {
        let mut delivered = Vec::new();
        for (original, family) in self.direct_families() {
            let date = self.date(original);
            let family = self.truth.with_picks(family);
            let Some(release) = self.delivers(&family, date) else { continue };
            delivered.push(Delivered {
                request: None,
                family: Family::Commits(family),
                release,
                at: self.releases[release].end(),
                sampled: !self.truth.commits[original].by_bot,
                category: self.category(&[]),
                first_commit: date,
                merge: date,
                stages: None,
            });
        }
        delivered
    }
}

pub(crate) fn has(wanted: &[String], label: &str) -> bool {
    wanted.iter().any(|own| own == label)
}
