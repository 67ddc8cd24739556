//! From facts to the figures of one project, of a group, of a team.

mod value_stream;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::assessment::sources::successes;
use super::assessment::{Assessment, assess};
use super::gitlab_parity::{GitlabFigures, gitlab_figures};
use super::metric::batch::batch;
use super::metric::change_fail_rate::change_fail_rate;
use super::metric::change_lead_time::change_lead_time;
use super::metric::deployment_frequency::deployment_frequency;
use super::metric::deployment_rework_rate::deployment_rework_rate;
use super::metric::failed_deployment_recovery_time::failed_deployment_recovery_time;
use super::metric::inventory::inventory;
use super::metric::rhythm::{self, rhythm};
use super::metric::time_to_restore_service::{open_incidents, time_to_restore_service};
use super::metric::work_categories::work_categories;
use super::policy::Policy;
use super::samples::{IncidentSample, Samples, TierSamples};
use super::scorecard::{Figures, ProjectFigures, ServiceFigures, TierFigures, WindowFigures};
use super::shared::Shared;
use super::window::{Window, start_of_utc_day, utc_day};
use crate::delivery::history::{DeploymentRow, VersionFault};
use crate::delivery::{
    Environment, EnvironmentTier, ProjectHistory, ProjectKey, ProjectPath, ServiceName, Timestamp,
};

/// One project, measured.
#[derive(Debug, Clone)]
pub struct ProjectScore {
    /// Its numbers.
    pub figures: Arc<ProjectFigures>,
    /// The samples behind them, for pooling.
    pub samples: Samples,
    /// Those of each of its services, by name.
    pub services: Vec<Samples>,
    /// What was understood of it, for counting and explaining.
    pub assessment: Assessment,
    /// The next instant of measure at which a sample enters or leaves a window, or a period of a
    /// cadence. Until then the figures stay as they are: ages are told by what they count from.
    pub valid_until: Timestamp,
}

/// Measures one project.
///
/// - **Input.** Everything known of the project; `windows` in the order of display.
/// - **Output.** Equal input gives equal output. Projects whose path is not known are named by
///   their id.
/// - **Cost.** That of [`assess`], and a sort of the samples of each window.
#[must_use]
pub fn measure(
    project: ProjectKey,
    history: &ProjectHistory,
    as_of: Timestamp,
    policy: &Policy,
    windows: &[Window],
) -> ProjectScore {
    let assessment = assess(history, as_of, policy);
    let samples = Samples::of(&assessment, policy);
    let services: Vec<Samples> =
        assessment.services.iter().map(|(_, own)| Samples::of(own, policy)).collect();
    let names = assessment.services.iter().map(|(name, _)| name.clone());
    let of_service = |(name, own): (ServiceName, &Samples)| ServiceFigures {
        name,
        figures: figures(&[own], as_of, windows),
    };
    let figures = ProjectFigures {
        project,
        path: path(project, history),
        figures: figures(&[&samples], as_of, windows),
        services: names.zip(&services).map(of_service).collect(),
        data_since: successes(history, policy).filter(|at| *at < as_of).min(),
        unattributed_incidents: windows
            .iter()
            .map(|window| {
                let created = |i: &&IncidentSample| window.contains(i.started_at, as_of);
                let all = samples.incidents.iter().filter(created);
                count(all.filter(|incident| !incident.is_attributed))
            })
            .collect(),
        tier_warnings: tier_warnings(history, as_of, policy),
        unknown_version_at: unknown_version_at(history, as_of, policy),
    };
    let valid = services.iter().chain([&samples]);
    let valid = valid.map(|own| valid_until(own, history, as_of, windows)).min();
    let valid_until = valid.unwrap_or(as_of);
    ProjectScore { figures: Arc::new(figures), samples, services, assessment, valid_until }
}

impl ProjectScore {
    /// Its own samples and those of its services: all streams of deployments are added up where
    /// they are not told apart.
    pub fn streams(&self) -> impl Iterator<Item = &Samples> {
        std::iter::once(&self.samples).chain(&self.services)
    }
}

/// The current path of a project, or its id where no path was heard.
#[must_use]
pub fn path(project: ProjectKey, history: &ProjectHistory) -> ProjectPath {
    let heard = history.project.path.value().cloned();
    let by_id = || ProjectPath::new(&format!("project-{}", project.project));
    heard.or_else(|| by_id().ok()).unwrap_or_else(|| unreachable!("the name is never empty"))
}

/// The figures of pooled samples: raw samples together, never averages of averages.
#[must_use]
pub fn figures(pooled: &[&Samples], as_of: Timestamp, windows: &[Window]) -> Figures {
    let mut by_tier: BTreeMap<&EnvironmentTier, Vec<&TierSamples>> = BTreeMap::new();
    for tier in pooled.iter().flat_map(|samples| &samples.tiers) {
        by_tier.entry(&tier.tier).or_default().push(tier);
    }
    let incidents: Vec<&IncidentSample> =
        pooled.iter().flat_map(|samples| &samples.incidents).collect();
    let open = open_incidents(&incidents);
    Figures {
        tiers: by_tier
            .into_iter()
            .map(|(tier, samples)| tier_figures(tier, &samples, as_of, windows))
            .collect(),
        incidents_open: open.by_severity,
        oldest_open_incident_at: open.oldest_started_at,
        time_to_restore_service: windows
            .iter()
            .map(|window| time_to_restore_service(&incidents, *window, as_of))
            .collect(),
        value_stream: value_stream::value_stream(pooled, as_of, windows),
        gitlab: gitlab(pooled, as_of, windows),
        is_complete: None,
    }
}

/// GitLab's own numbers of the projects whose policy asks for them; `None` where none does.
fn gitlab(
    pooled: &[&Samples],
    as_of: Timestamp,
    windows: &[Window],
) -> Option<Shared<Option<GitlabFigures>>> {
    let rows = || pooled.iter().filter_map(|samples| samples.gitlab.as_ref());
    rows().next()?;
    let each = |window: &Window| gitlab_figures(rows().flatten(), *window, as_of);
    Some(windows.iter().map(each).collect())
}

fn tier_figures(
    tier: &EnvironmentTier,
    samples: &[&TierSamples],
    as_of: Timestamp,
    windows: &[Window],
) -> TierFigures {
    let releases = samples.iter().flat_map(|tier| &tier.releases);
    let last = releases.filter(|release| release.is_counted).map(|release| release.ended_at).max();
    TierFigures {
        tier: tier.clone(),
        last_deployment_at: last,
        inventory: inventory(samples),
        windows: windows.iter().map(|window| window_figures(samples, *window, as_of)).collect(),
    }
}

fn window_figures(samples: &[&TierSamples], window: Window, as_of: Timestamp) -> WindowFigures {
    let frequency = deployment_frequency(samples, window, as_of);
    let lead_time = change_lead_time(samples, window, as_of);
    let failures = change_fail_rate(samples, window, as_of);
    let rework = deployment_rework_rate(samples, window, as_of);
    WindowFigures {
        window,
        deployment_frequency_per_day: frequency.per_day,
        counted_deployments: frequency.counted,
        deployments: frequency.by_kind,
        deployment_days: frequency.days,
        change_lead_time: lead_time.clocks,
        changes: lead_time.changes,
        stages: lead_time.stages,
        change_fail_ratio: failures.ratio,
        failed_deployments: failures.by_signal,
        failed_deployment_recovery_time: failed_deployment_recovery_time(samples, window, as_of),
        deployment_rework_ratio: rework.ratio,
        rework_deployments: rework.rework,
        rhythm: rhythm(samples, window, as_of),
        batch: batch(samples, window, as_of),
        categories: work_categories(samples, window, as_of),
        value_stream: value_stream::tier_value_stream(samples, window, as_of),
    }
}

/// When a deployment to a measured tier last succeeded of which nobody knows what version it brought.
fn unknown_version_at(
    history: &ProjectHistory,
    as_of: Timestamp,
    policy: &Policy,
) -> Option<Timestamp> {
    let taken = history.linked.taken.iter();
    let unknown = taken.filter(|(_, own)| own.fault.is_some_and(VersionFault::is_missing));
    let rows = unknown.filter_map(|(id, _)| history.deployments().find(*id));
    let measured = rows.filter(|row| {
        let name = row.environment().and_then(|own| history.environment(own));
        name.and_then(|name| history.environment_named(name)).is_some_and(|own| {
            policy.tiers_measured.contains(&policy.tier(&own.name, own.tier.value()))
        })
    });
    measured.filter_map(DeploymentRow::succeeded_at).filter(|at| *at < as_of).max()
}

/// Environments whose tier an override changed against GitLab's own, or that are measured as
/// production although their name says that they are not.
fn tier_warnings(history: &ProjectHistory, as_of: Timestamp, policy: &Policy) -> u64 {
    const NOT_PRODUCTION: [&str; 3] = ["pprod", "pprd", "hors"];
    let is_known =
        |environment: &&Environment| environment.seen_at.0.is_none_or(|seen| seen < as_of);
    count(history.environments.iter().filter(is_known).filter(|environment| {
        let from_gitlab = environment.tier.value();
        let tier = policy.tier(&environment.name, from_gitlab);
        let name = environment.name.as_str().to_lowercase();
        from_gitlab.is_some_and(|own| *own != tier)
            || tier == EnvironmentTier::Production
                && NOT_PRODUCTION.iter().any(|part| name.contains(part))
    }))
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}

/// The next instant at which anything but an age changes.
fn valid_until(
    samples: &Samples,
    history: &ProjectHistory,
    as_of: Timestamp,
    windows: &[Window],
) -> Timestamp {
    let tiers = samples.tiers.iter().flat_map(|tier| {
        let releases = tier.releases.iter().map(|release| release.ended_at);
        let changes = tier.changes.iter().map(|change| change.delivered_at);
        let recoveries = tier.recoveries.iter().map(|recovery| recovery.at);
        releases.chain(changes).chain(recoveries).chain(tier.value_stream.instants())
    });
    let incidents = samples
        .incidents
        .iter()
        .flat_map(|incident| [Some(incident.started_at), incident.closed_at])
        .flatten();
    let placed = tiers.chain(incidents).chain(samples.value_stream.instants());
    let leaving = placed.flat_map(|at| {
        windows.iter().map(move |window| window.leaves_at(at)).filter(|leaves| *leaves > as_of)
    });
    let entering = instants(history).filter(|at| *at >= as_of).map(|at| at.plus(1));
    let passing = samples.tiers.iter().flat_map(|tier| rhythm::passes_at(tier, windows, as_of));
    let endings = samples.tiers.iter().flat_map(|tier| tier.value_stream.endings());
    let endings = endings.chain(samples.value_stream.endings()).filter(|at| *at > as_of);
    // GitLab's windows are whole days.
    let has_rows = samples.gitlab.as_ref().is_some_and(|rows| !rows.is_empty());
    let midnight = has_rows.then(|| start_of_utc_day(utc_day(as_of).saturating_add(1)));
    let midnight = midnight.filter(|at| *at > as_of);
    let never = Timestamp::from_second(i64::MAX);
    leaving.chain(entering).chain(passing).chain(endings).chain(midnight).min().unwrap_or(never)
}

/// Every instant whose passing makes a fact exist.
fn instants(history: &ProjectHistory) -> impl Iterator<Item = Timestamp> {
    let environments = history.environments.iter().filter_map(|e| e.seen_at.0);
    let deployments = history
        .deployments()
        .rows()
        .iter()
        .flat_map(|row| [row.succeeded_at(), row.started_at(), row.status().map(|(at, _)| at)]);
    let requests =
        history.requests().rows().iter().flat_map(|row| [row.created_at(), row.merged()]);
    let own = history.commits();
    let commits =
        own.numbers().flat_map(|number| [own.authored_at(number), own.committed_at(number)]);
    let issues = history.issues.values().filter_map(|issue| issue.created_at.0);
    let transitions = history.transitions.iter().map(|transition| transition.at);
    let tags = history
        .tag_releases
        .values()
        .flat_map(|own| [own.created_at.0, own.released_at.value().copied()])
        .flatten();
    let jobs = history.pipeline_jobs.values().flat_map(|own| own.jobs.as_slice());
    let jobs = jobs.flat_map(|job| [job.started_at.0, Some(job.finished_at)]);
    environments
        .chain(deployments.flatten())
        .chain(jobs.flatten())
        .chain(requests.flatten())
        .chain(commits.flatten())
        .chain(issues)
        .chain(transitions)
        .chain(tags)
        .chain(value_stream::instants(history))
}

/// How many instants lie further ahead than is tolerated: kept, and counted when due.
#[must_use]
pub fn future_events(history: &ProjectHistory, as_of: Timestamp, tolerance_seconds: u64) -> u64 {
    let latest = as_of.plus(tolerance_seconds);
    count(instants(history).filter(|at| *at > latest))
}
