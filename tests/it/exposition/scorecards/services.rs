//! Services that are told apart, and random lifetime totals.

use gitlab_dora_exporter::delivery::{
    DeploymentStatus, EnvironmentName, EnvironmentTier, LifetimeSeries, ServiceName, Severity,
    Total,
};
use gitlab_dora_exporter::dora::scorecard::{Figures, ServiceFigures};
use proptest::prelude::*;

/// One of the services of a project.
pub(super) fn service(name: &str, figures: &Figures) -> ServiceFigures {
    ServiceFigures { name: ServiceName::new(name).unwrap(), figures: figures.clone() }
}

/// Lifetime totals of a project, of some services or of none.
pub(super) fn totals() -> impl Strategy<Value = Vec<(LifetimeSeries, Total)>> {
    let tier = prop::sample::select(vec![EnvironmentTier::Production, EnvironmentTier::Staging]);
    let status = prop::sample::select(vec![DeploymentStatus::Success, DeploymentStatus::Failed]);
    let service = proptest::option::of(Just("api"));
    let series = (tier, status, "[a-c]{1,2}", 0_usize..5, (0_u8..6, service)).prop_map(
        |(tier, status, environment, at, (which, service))| {
            let service = || service.map(|name| ServiceName::new(name).unwrap());
            match which {
                0 => LifetimeSeries::ChangesDelivered { service: service(), tier },
                1 => LifetimeSeries::Incidents { severity: Severity::ALL[at] },
                2 => LifetimeSeries::LeadTime {
                    service: service(),
                    tier,
                    clock: ["merge", "first_commit"][at % 2],
                },
                3 => LifetimeSeries::IncidentDuration,
                _ => LifetimeSeries::Deployments {
                    service: service(),
                    environment: EnvironmentName::new(&environment).unwrap(),
                    tier,
                    status,
                    kind: ["change", "none"][at % 2],
                },
            }
        },
    );
    let total =
        (prop::collection::vec(0_u64..50, 0..12), 0_u64..1 << 40).prop_map(|(buckets, sum)| {
            Total { count: buckets.iter().sum(), sum_seconds: sum, buckets }
        });
    prop::collection::vec((series, total), 0..12)
}
