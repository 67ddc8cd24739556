//! A second implementation of the metric specification, written from its text alone: slow, obvious,
//! and on the whole truth, parents of commits included. What it and the product disagree on is a
//! mistake of one of them.

mod changes;
mod deliveries;
mod failures;
mod feedback;
mod figures;
mod gitlab;
mod milestones;
mod needs;
mod numbers;
mod pipelines;
mod regularity;
mod releases;
mod sources;
mod tallies;
pub(crate) mod truth;
mod value_stream;

use std::collections::BTreeSet;

use gitlab_dora_exporter::delivery::{EnvironmentTier, Severity};
use gitlab_dora_exporter::dora::policy::Policy;
use gitlab_dora_exporter::dora::window::Window;

use changes::Changes;
use deliveries::View;
use failures::Incident;
use numbers::{Labels, Number, Numbers, count};
use truth::Truth;

pub(crate) use numbers::{Scope, Sheet};
pub(crate) use tallies::{known, tallies};

/// A project at one instant under one policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) truth: &'a Truth,
    pub(crate) now: i64,
    pub(crate) policy: &'a Policy,
}

/// All numbers of one project, by service; first what belongs to none, and to the project as a whole.
pub(crate) fn measure(scene: Scene<'_>, windows: &[Window]) -> Vec<(Option<String>, Numbers)> {
    let changes = Changes::of(scene);
    let incidents = failures::incidents(scene);
    let streams = sources::streams(scene);
    let views: Vec<View<'_>> = streams
        .iter()
        .map(|stream| View::of(&changes, stream.as_deref(), &scene.policy.incident_tier))
        .collect();
    let blame = failures::blame(&views, &incidents);
    let blamed: BTreeSet<u64> = blame.iter().flatten().map(|(_, own)| own.number).collect();
    let mut measured = Vec::new();
    for (place, stream) in streams.into_iter().enumerate() {
        let mut numbers = Numbers::default();
        let own = Stream {
            scene,
            changes: &changes,
            service: stream.as_deref(),
            windows,
            blamed: &blame[place],
        };
        own.measure(&mut numbers, &views[place]);
        if stream.is_none() {
            measure_incidents(&mut numbers, scene, (&incidents, &blamed), windows);
            milestones::measure(&mut numbers, &changes, windows);
            pipelines::measure(&mut numbers, scene, windows);
            gitlab::measure(&mut numbers, &changes, windows);
            of_the_data(&mut numbers, scene);
        }
        measured.push((stream, numbers));
    }
    measured
}

/// All numbers of one project as it shows them.
pub(crate) fn sheet(measured: &[(Option<String>, Numbers)]) -> Sheet {
    let sheets =
        measured.iter().map(|(service, own)| own.sheet(Scope::Project, service.as_deref()));
    sheets.flatten().collect()
}

/// All numbers of the projects of a group or team.
pub(crate) fn pooled(projects: &[Vec<(Option<String>, Numbers)>], scope: Scope) -> Sheet {
    Numbers::pooled(projects.iter().flatten().map(|(_, own)| own)).sheet(scope, None)
}

/// What is deployed for itself.
#[derive(Clone, Copy)]
struct Stream<'a> {
    scene: Scene<'a>,
    changes: &'a Changes<'a>,
    service: Option<&'a str>,
    windows: &'a [Window],
    /// Incidents that its releases are blamed for.
    blamed: &'a [(usize, Incident)],
}

impl<'a> Stream<'a> {
    /// `blamable` is its view of the tier whose releases incidents are blamed on.
    fn measure(self, numbers: &mut Numbers, blamable: &View<'a>) {
        for tier in &self.scene.policy.tiers_measured {
            if self.knows(tier) {
                figures::measure_tier(numbers, self, tier);
            }
        }
        value_stream::measure(numbers, self, blamable);
    }

    /// Known when an environment of the tier is.
    fn knows(self, tier: &EnvironmentTier) -> bool {
        !sources::environments_of(self.scene, self.service, tier).is_empty()
    }

    fn view(self, tier: &EnvironmentTier) -> View<'a> {
        View::of(self.changes, self.service, tier)
    }

    /// What the releases of a tier are blamed for.
    fn blamed_in(self, tier: &EnvironmentTier) -> &'a [(usize, Incident)] {
        if self.scene.policy.incident_tier == *tier { self.blamed } else { &[] }
    }
}

fn is_inside(at: i64, now: i64, window: Window) -> bool {
    now - seconds(window) <= at && at < now
}

fn seconds(window: Window) -> i64 {
    i64::try_from(window.seconds()).unwrap()
}

fn measure_incidents(
    numbers: &mut Numbers,
    scene: Scene<'_>,
    (incidents, blamed): (&[Incident], &BTreeSet<u64>),
    windows: &[Window],
) {
    let now = scene.now;
    let none = Labels::default();
    let open = || incidents.iter().filter(|incident| incident.closed.is_none());
    for severity in Severity::ALL {
        let same = open().filter(|incident| incident.severity == severity).count();
        let labels = none.and("severity", severity.as_str());
        numbers.put("incidents_open", &labels, Number::Count(count(same)));
    }
    if let Some(oldest) = open().map(|incident| incident.start).min() {
        numbers.put("oldest_open_incident_age_seconds", &none, Number::Oldest(now - oldest));
    }
    for window in windows {
        let inside = |at: i64| is_inside(at, now, *window);
        let closed = incidents.iter().filter_map(|own| Some((own.start, own.closed?)));
        let spans = closed
            .filter(|(_, closed)| inside(*closed))
            .map(|(start, closed)| (closed - start).max(0))
            .collect();
        let labels = none.and("window", window);
        numbers.put("time_to_restore_service_seconds", &labels, Number::Samples(spans));
        let blameless = incidents.iter().filter(|own| inside(own.start));
        let blameless = blameless.filter(|own| !blamed.contains(&own.number)).count();
        let name = "gitlab_dora_exporter_unattributed_incidents";
        numbers.put(name, &labels, Number::Count(count(blameless)));
    }
}

/// What the exporter says of its data: section 3.6.
fn of_the_data(numbers: &mut Numbers, scene: Scene<'_>) {
    let none = Labels::default();
    if let Some(oldest) = sources::arrived(scene).iter().map(|own| own.at).min() {
        let name = "gitlab_dora_exporter_data_since_timestamp_seconds";
        numbers.put(name, &none, Number::Oldest(oldest));
    }
    let begun = scene.truth.deployments.iter().filter(|own| own.began < scene.now);
    let environments: BTreeSet<usize> = begun.map(|own| own.environment).collect();
    let warned = environments.into_iter().filter(|place| {
        let own = &scene.truth.environments[*place];
        let tier = sources::tier(scene.policy, own.name, Some(own));
        let contradicts = sources::told(own).is_some_and(|told| told != tier);
        let is_not = ["pprod", "pprd", "hors"].iter().any(|part| own.name.contains(part));
        contradicts || tier == EnvironmentTier::Production && is_not
    });
    let name = "gitlab_dora_exporter_tier_warnings_total";
    numbers.put(name, &none, Number::Count(count(warned.count())));
}
