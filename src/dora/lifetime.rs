//! Lifetime totals of many projects, as a scorecard shows them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::delivery::{EnvironmentTier, LifetimeSeries, ProjectKey, ProjectTotals, Total};

/// Lifetime totals by project. From one instant of measure to the next, those of a project that
/// did not change are shared, not copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LifetimeTotals(BTreeMap<ProjectKey, Arc<ProjectTotals>>);

impl LifetimeTotals {
    /// The totals of one project, by series.
    pub fn of(&self, project: ProjectKey) -> impl Iterator<Item = (&LifetimeSeries, &Total)> {
        self.0.get(&project).into_iter().flat_map(|own| own.iter())
    }

    /// The totals of one project, to be changed; none where nothing was counted yet.
    pub fn of_mut(&mut self, project: ProjectKey) -> &mut ProjectTotals {
        Arc::make_mut(self.0.entry(project).or_default())
    }

    /// Takes a project out.
    pub fn remove(&mut self, project: ProjectKey) -> Option<Arc<ProjectTotals>> {
        self.0.remove(&project)
    }

    /// Puts in a project that was taken out.
    pub fn insert(&mut self, project: ProjectKey, totals: Arc<ProjectTotals>) {
        self.0.insert(project, totals);
    }

    /// Whether a project is in, with every one of these series.
    #[must_use]
    pub fn has(&self, project: ProjectKey, series: &[LifetimeSeries]) -> bool {
        let own = self.0.get(&project);
        own.is_some_and(|own| series.iter().all(|series| own.get(series).is_some()))
    }

    /// All totals, by project and series.
    pub fn iter(&self) -> impl Iterator<Item = (ProjectKey, &LifetimeSeries, &Total)> {
        self.0.iter().flat_map(|(project, own)| {
            own.iter().map(move |(series, total)| (*project, series, total))
        })
    }
}

impl FromIterator<((ProjectKey, LifetimeSeries), Total)> for LifetimeTotals {
    fn from_iter<I: IntoIterator<Item = ((ProjectKey, LifetimeSeries), Total)>>(all: I) -> Self {
        let mut totals = Self::default();
        for ((project, series), total) in all {
            *totals.of_mut(project).of_mut(series) = total;
        }
        totals
    }
}

/// Environments that one project shows by name at most, the first by alphabet; the others share the
/// name [`REST`].
pub const ENVIRONMENTS: usize = 64;

/// The name of the environments beyond [`ENVIRONMENTS`].
pub const REST: &str = "*";

/// The environments of a folder below staging (`review/feature-x`) share the folder's name,
/// `review/*`: they come and go with branches, and each would be a series for ever.
#[must_use]
pub fn folder_or_name<'a>(environment: &'a str, tier: &EnvironmentTier) -> Cow<'a, str> {
    use EnvironmentTier::{Custom, Development, Other, Production, Staging, Testing};
    match (tier, environment.split_once('/')) {
        (Testing | Development | Other, Some((folder, _))) => Cow::Owned(format!("{folder}/*")),
        (Production | Staging | Custom(_) | Testing | Development | Other, _) => {
            Cow::Borrowed(environment)
        }
    }
}
