//! The operator's choices of definition, applied when measuring.
//!
//! Source of every key and default: the metric specification, restated in `docs/metrics.md`.

mod links;
mod names;
mod value_stream;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use globset::GlobSet;
use jiff::tz::TimeZone;
use regex::Regex;

use super::assessment::releases::ReleaseKind;
use super::window::DAY_SECONDS;
use crate::delivery::{EnvironmentName, EnvironmentTier, ProjectPath, Severity};

pub use links::{ProjectLink, is_same_project};
pub use names::{NamePattern, ServiceRule};
pub use value_stream::{PromotionPair, ValueStreamPolicy};

/// One rule that assigns a tier by the name of the environment.
#[derive(Debug, Clone)]
pub struct TierOverride {
    /// Searched anywhere in the name, in any case.
    pub pattern: Regex,
    /// The tier of the environments it matches.
    pub tier: EnvironmentTier,
}

/// What counts as a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DeploymentSource {
    /// GitLab's record of a deployment that succeeded.
    #[default]
    Deployment,
    /// GitLab's Release of a tag, to production and when it counts as released: for products that
    /// are published and not deployed.
    TagRelease,
    /// A successful job of such a name, to the environment that it names, else to one that is
    /// called like the job: for pipelines that deploy without telling GitLab.
    Job(NamePattern),
}

/// What one release is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentUnit {
    /// Deployments of one commit and kind that reach the tier's environments together.
    Release,
    /// Every deployment is a release of its own.
    Environment,
}

/// What the first release of a tier delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstDeployment {
    /// Nothing: what it contains was delivered at an unknown time.
    Skip,
    /// Everything reachable.
    LinkAll,
    /// What merged at most this many seconds before its end.
    Since(u64),
}

/// Whether something counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// It does.
    Count,
    /// It does not.
    Ignore,
}

/// Which date of a commit starts the first-commit clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitClock {
    /// When it was written.
    Authored,
    /// When it was last rewritten; the authored date where that is unknown.
    Committed,
}

/// What says that a release failed, in order of priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureSignal {
    /// An incident attributed to it.
    Incident,
    /// A rollback to what ran before it.
    Rollback,
    /// A merge request that reverts what it delivered.
    Revert,
    /// A hotfix delivered after it.
    Hotfix,
}

impl FailureSignal {
    /// All of them, by priority.
    pub const ALL: [Self; 4] = [Self::Incident, Self::Rollback, Self::Revert, Self::Hotfix];

    /// The value of the label `signal`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Rollback => "rollback",
            Self::Revert => "revert",
            Self::Hotfix => "hotfix",
        }
    }
}

/// When a failed release counts as recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// When its incidents are all closed; without incidents, at its first remediation.
    IncidentThenRemediation,
    /// The earlier of the two.
    Earliest,
    /// At its first remediation only.
    Remediation,
}

/// When a release with some fixes in it is rework.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReworkMatch {
    /// When any change it delivers is a fix.
    Any,
    /// Only when all of them are.
    All,
}

/// What is an incident besides the issues of that type.
#[derive(Debug, Clone)]
pub struct IncidentFilter {
    /// An issue with one of these labels is an incident.
    pub labels: Vec<String>,
    /// An incident with one of these labels is none.
    pub exclude_labels: Vec<String>,
    /// The least severity that counts.
    pub min_severity: Severity,
}

/// Marks of a hotfix merge request.
#[derive(Debug, Clone)]
pub struct HotfixMarkers {
    /// One of these labels.
    pub labels: Vec<String>,
    /// A source branch that begins with one of these.
    pub branch_prefixes: Vec<String>,
}

/// A kind of work: features, fixes, security, maintenance …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// The value of the label `category`.
    pub name: Arc<str>,
    /// A change with one of these labels is of this kind.
    pub labels: Vec<String>,
}

/// The category of what no category takes.
pub const OTHER_CATEGORY: &str = "other";

/// All choices, resolved for one project.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Where days begin and end.
    pub timezone: TimeZone,
    /// Tiers with series, in the order of display.
    pub tiers_measured: Vec<EnvironmentTier>,
    /// First match wins; GitLab's tier or guess where none does.
    pub tier_overrides: Vec<TierOverride>,
    /// What counts as a deployment.
    pub deployment_source: DeploymentSource,
    /// Which services of one repository are told apart, the first match first; none where it is
    /// one stream.
    pub service_map: Vec<ServiceRule>,
    /// Whose this project's deployments are, the first link that fits first; none where they are
    /// its own. See [`Policies::links`].
    pub project_links: Vec<ProjectLink>,
    /// What one release is made of.
    pub deployment_unit: DeploymentUnit,
    /// How long after its first deployment a release still takes members, in seconds.
    pub release_group_seconds: u64,
    /// How often something new should be released, in seconds; `None` where nobody said.
    pub cadence_period_seconds: Option<u64>,
    /// Whether redeploys are counted releases.
    pub redeploys: Counting,
    /// What the baseline delivers.
    pub first_deployment: FirstDeployment,
    /// Whether commits without a merge request are changes.
    pub direct_commits: Counting,
    /// Whether promotion merge requests are changes.
    pub promotion_merge_requests: Counting,
    /// Branches that are never a change's source.
    pub long_lived_branches: GlobSet,
    /// Branches on which changes wait for their delivery; the default branch where none is named.
    pub inventory_branches: GlobSet,
    /// Which date starts the first-commit clock.
    pub commit_clock: CommitClock,
    /// A change with one of these labels is no sample.
    pub exclude_labels: Vec<String>,
    /// Kinds of work, by name; of several that take a change the first one has it. None where
    /// nothing is told by kind of work.
    pub categories: Vec<Category>,
    /// How long after a release an incident or hotfix is still blamed on it, in seconds,
    /// inclusive; `None` is for ever.
    pub attribution_horizon_seconds: Option<u64>,
    /// The signals that count.
    pub failure_signals: BTreeSet<FailureSignal>,
    /// What is an incident.
    pub incident_filter: IncidentFilter,
    /// Labels of incidents that no deployment caused.
    pub external_labels: Vec<String>,
    /// The tier whose releases incidents are blamed on.
    pub incident_tier: EnvironmentTier,
    /// Whether duplicates and moved incidents count.
    pub duplicate_incidents: Counting,
    /// When a failed release counts as recovered.
    pub recovery: Recovery,
    /// Marks of a hotfix merge request.
    pub hotfix_markers: HotfixMarkers,
    /// When a release with fixes is rework.
    pub rework_match: ReworkMatch,
    /// How far ahead an instant may lie before it is reported, in seconds.
    pub future_tolerance_seconds: u64,
    /// Choices about the value stream.
    pub value_stream: ValueStreamPolicy,
    /// Whether GitLab's own numbers are computed beside ours.
    pub gitlab_parity: Counting,
}

impl Policy {
    /// The tier of an environment: the first override that matches its name, else GitLab's own,
    /// else GitLab's guess from the name.
    #[must_use]
    pub fn tier(
        &self,
        name: &EnvironmentName,
        from_gitlab: Option<&EnvironmentTier>,
    ) -> EnvironmentTier {
        self.tier_overrides
            .iter()
            .find(|rule| rule.pattern.is_match(name.as_str()))
            .map(|rule| rule.tier.clone())
            .or_else(|| from_gitlab.cloned())
            .unwrap_or_else(|| guess_tier(name.as_str()))
    }

    /// Whether a release of this kind is among the counted ones.
    #[must_use]
    pub fn counts(&self, kind: ReleaseKind) -> bool {
        kind != ReleaseKind::Redeploy || self.redeploys == Counting::Count
    }

    /// By which names it asks for jobs.
    fn job_patterns(&self) -> impl Iterator<Item = &NamePattern> {
        let source = match &self.deployment_source {
            DeploymentSource::Job(pattern) => Some(pattern),
            DeploymentSource::Deployment | DeploymentSource::TagRelease => None,
        };
        source.into_iter().chain(self.service_map.iter().map(|rule| &rule.pattern))
    }

    /// Whether a span of seconds is within the attribution horizon; one backwards in time is.
    #[must_use]
    pub fn within_horizon(&self, seconds: i64) -> bool {
        self.attribution_horizon_seconds
            .is_none_or(|horizon| u64::try_from(seconds).unwrap_or(0) <= horizon)
    }
}

/// A change that an override makes to a policy.
pub type PolicyChange = Arc<dyn Fn(&mut Policy) + Send + Sync>;

/// The global policy and its overrides: the most specific, that is the latest, wins.
#[derive(Clone)]
pub struct Policies {
    base: Policy,
    overrides: Vec<(GlobSet, PolicyChange)>,
    job_patterns: Vec<NamePattern>,
    links: Vec<ProjectLink>,
}

impl Policies {
    /// The global policy, and in configured order what changes for which projects (by path).
    #[must_use]
    pub fn new(base: Policy, overrides: Vec<(GlobSet, PolicyChange)>) -> Self {
        let mut job_patterns: Vec<NamePattern> = base.job_patterns().cloned().collect();
        let mut links = base.project_links.clone();
        for (_, change) in &overrides {
            let mut changed = base.clone();
            change(&mut changed);
            job_patterns.extend(changed.job_patterns().cloned());
            links.extend(changed.project_links);
        }
        let mut own = Self { base, overrides, job_patterns, links: Vec::new() };
        own.links = own.in_force(links);
        own
    }

    /// The links of every project that deploys, as its own policy has them.
    fn in_force(&self, stated: Vec<ProjectLink>) -> Vec<ProjectLink> {
        let mut found: Vec<ProjectLink> = Vec::new();
        for link in stated {
            if found.iter().any(|known| is_same_project(&known.deploy, &link.deploy)) {
                continue;
            }
            let own = self.resolve(&link.deploy).into_owned().project_links.into_iter();
            found.extend(own.filter(|own| is_same_project(&own.deploy, &link.deploy)));
        }
        found
    }

    /// Which projects deploy for which others: of each project that deploys what its own policy
    /// says, in order.
    #[must_use]
    pub fn links(&self) -> &[ProjectLink] {
        &self.links
    }

    /// By which names any project asks for jobs. In memory are those that match one of these; the
    /// store also keeps those that name an environment, for another policy.
    #[must_use]
    pub fn job_patterns(&self) -> &[NamePattern] {
        &self.job_patterns
    }

    /// The policy of the project at `path`.
    #[must_use]
    pub fn resolve(&self, path: &ProjectPath) -> Cow<'_, Policy> {
        let mut policy = Cow::Borrowed(&self.base);
        for (projects, change) in &self.overrides {
            if projects.is_match(path.as_str()) {
                change(policy.to_mut());
            }
        }
        policy
    }
}

impl std::fmt::Debug for Policies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policies")
            .field("base", &self.base)
            .field("overrides", &self.overrides.len())
            .field("job_patterns", &self.job_patterns)
            .field("links", &self.links)
            .finish()
    }
}

/// GitLab's guess of a tier from an environment's name: the first pattern found in it, in any case.
///
/// Source: GitLab, `app/models/environment.rb`.
#[must_use]
pub fn guess_tier(name: &str) -> EnvironmentTier {
    const GUESSES: [(&[&str], EnvironmentTier); 4] = [
        (&["dev", "review", "trunk"], EnvironmentTier::Development),
        (
            &["test", "tst", "int", "acpt", "accept", "qa", "qc", "control", "quality"],
            EnvironmentTier::Testing,
        ),
        (&["stg", "stag", "modl", "model", "pre", "demo", "non"], EnvironmentTier::Staging),
        (&["prd", "prod", "live"], EnvironmentTier::Production),
    ];
    let name = name.to_lowercase();
    GUESSES
        .into_iter()
        .find(|(parts, _)| parts.iter().any(|part| name.contains(part)))
        .map_or(EnvironmentTier::Other, |(_, tier)| tier)
}

/// `release_group_window` where nothing else is said.
pub const DEFAULT_RELEASE_GROUP_SECONDS: u64 = 3_600;
/// `attribution_horizon` where nothing else is said: it covers a week-end.
pub const DEFAULT_ATTRIBUTION_HORIZON_SECONDS: u64 = 3 * DAY_SECONDS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guess_takes_the_first_pattern_found_as_gitlab_does() {
        for (name, tier) in [
            ("production", EnvironmentTier::Production),
            ("pprod", EnvironmentTier::Production),
            ("preprod", EnvironmentTier::Staging),
            ("maintenance", EnvironmentTier::Testing),
            ("Review/feature", EnvironmentTier::Development),
            ("prod-dev", EnvironmentTier::Development),
            ("recette", EnvironmentTier::Other),
        ] {
            assert_eq!(guess_tier(name), tier, "{name}");
        }
    }
}
