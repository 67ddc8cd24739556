//! Promise 6: counted once, for ever; and the stored forms of things and series.

use proptest::prelude::*;

use super::support::{fresh, open, project};
use crate::delivery::{
    CommitSha, DeploymentId, DeploymentStatus, EnvironmentName, EnvironmentTier, Iid, JobId,
    LifetimeSeries, Observation, ProjectTotals, ServiceName, Severity, TagName, Tally, Thing,
    Total,
};
use crate::store::rows::{SeriesColumns, thing_from_text, thing_to_text};

fn tier() -> impl Strategy<Value = EnvironmentTier> {
    "[a-z][a-z0-9_]{0,12}".prop_map(|tier| EnvironmentTier::from_policy(&tier).unwrap())
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["first_commit", "merge", "first", "change", "none"])
}

fn sha() -> impl Strategy<Value = CommitSha> {
    any::<[u8; 20]>().prop_filter_map("the null commit", |bytes| CommitSha::from_bytes(&bytes).ok())
}

fn number() -> impl Strategy<Value = u64> {
    1..=u64::try_from(i64::MAX).unwrap()
}

/// Of one of several, or of none.
fn service() -> impl Strategy<Value = Option<ServiceName>> {
    proptest::option::of("[a-zA-Z0-9][a-zA-Z0-9._/-]{0,5}")
        .prop_map(|name| name.map(|name| ServiceName::new(&name).unwrap()))
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        number().prop_map(|id| Thing::Deployment(DeploymentId::new(id).unwrap())),
        "[a-z0-9./-]{1,9}( 1)?".prop_map(|tag| Thing::TagRelease(TagName::new(&tag).unwrap())),
        number().prop_map(|id| Thing::Job(JobId::new(id).unwrap())),
        (tier(), sha(), service())
            .prop_map(|(tier, sha, service)| Thing::Change(tier, sha, service)),
        (tier(), word(), sha(), service())
            .prop_map(|(tier, clock, sha, service)| Thing::LeadTime(tier, clock, sha, service)),
        number().prop_map(|iid| Thing::Incident(Iid::new(iid).unwrap())),
        number().prop_map(|iid| Thing::IncidentClose(Iid::new(iid).unwrap())),
    ]
}

fn series() -> impl Strategy<Value = LifetimeSeries> {
    let status = prop::sample::select(vec![
        DeploymentStatus::Success,
        DeploymentStatus::Failed,
        DeploymentStatus::Canceled,
        DeploymentStatus::Skipped,
    ]);
    let name = any::<String>().prop_filter_map("empty", |name| EnvironmentName::new(&name).ok());
    prop_oneof![
        (service(), name, tier(), status, word()).prop_map(
            |(service, environment, tier, status, kind)| {
                LifetimeSeries::Deployments { service, environment, tier, status, kind }
            }
        ),
        (service(), tier())
            .prop_map(|(service, tier)| LifetimeSeries::ChangesDelivered { service, tier }),
        prop::sample::select(Severity::ALL.to_vec())
            .prop_map(|severity| LifetimeSeries::Incidents { severity }),
        (service(), tier(), word()).prop_map(|(service, tier, clock)| LifetimeSeries::LeadTime {
            service,
            tier,
            clock
        }),
        Just(LifetimeSeries::IncidentDuration),
    ]
}

proptest! {
    #[test]
    fn every_thing_reads_back_from_its_text(thing in thing()) {
        prop_assert_eq!(thing_from_text(&thing_to_text(&thing)), Some(thing));
    }

    #[test]
    fn every_series_reads_back_from_its_columns(series in series()) {
        prop_assert_eq!(SeriesColumns::of(&series).read(), Some(series));
    }
}

#[test]
fn a_text_that_names_no_thing_is_not_read() {
    for text in ["", "deployment", "deployment 0", "deployment 1 2", "change production", "x 1"] {
        assert_eq!(thing_from_text(text), None, "{text}");
    }
}

fn lead_time(byte: u8, seconds: u64, bucket: u16) -> Tally {
    let sha = CommitSha::from_bytes(&[byte; 20]).unwrap();
    Tally {
        project: project(1),
        thing: Thing::LeadTime(EnvironmentTier::Production, "merge", sha, None),
        series: LifetimeSeries::LeadTime {
            service: None,
            tier: EnvironmentTier::Production,
            clock: "merge",
        },
        observed: Some(Observation { seconds, bucket }),
    }
}

#[test]
fn a_thing_is_counted_once_even_in_one_call_and_after_a_restart() {
    let (folder, store) = fresh();
    store.count(&[lead_time(1, 100, 2), lead_time(2, 50, 0), lead_time(1, 100, 2)]).unwrap();
    store.count(&[lead_time(1, 999, 5)]).unwrap();
    drop(store);
    let store = open(&folder);
    store.count(&[lead_time(2, 50, 0), lead_time(3, 7, 2)]).unwrap();

    let (totals, counted) = store.totals().unwrap();
    let own = &totals.0[&project(1)];
    let expected = Total { count: 3, sum_seconds: 157, buckets: vec![1, 0, 2] };
    assert_eq!(own.get(&lead_time(1, 0, 0).series), Some(&expected));
    assert_eq!((totals.0.len(), own.iter().count(), counted.len()), (1, 1, 3));
}

#[test]
fn a_counter_has_no_buckets() {
    let (_folder, store) = fresh();
    let tallies = [1, 2].map(|id| Tally {
        project: project(1),
        thing: Thing::Deployment(DeploymentId::new(id).unwrap()),
        series: LifetimeSeries::Incidents { severity: Severity::High },
        observed: None,
    });
    store.count(&tallies).unwrap();
    let (totals, _) = store.totals().unwrap();
    let total = totals.0.values().flat_map(ProjectTotals::iter).next().unwrap().1;
    assert_eq!(*total, Total { count: 2, sum_seconds: 0, buckets: Vec::new() });
}
