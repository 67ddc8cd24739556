//! Deployments by another source: GitLab's Releases of tags.

use gitlab_dora_exporter::delivery::register::{Earliest, Greatest, Newest};
use gitlab_dora_exporter::delivery::{
    Cause, Counted, DeploymentId, DeploymentStatus, EnvironmentTier, FactBody, LifetimeSeries,
    TagName, TagRelease,
};
use gitlab_dora_exporter::dora::assessment::releases::ReleaseName;
use gitlab_dora_exporter::dora::counting::to_count;
use gitlab_dora_exporter::dora::explain::{Thing, Value};
use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::policy::{DeploymentSource, Policy};

use super::rulings::explained;
use super::story::{Story, at, key, mr, policy, production, sha, tier};

fn published(policy: &mut Policy) {
    policy.deployment_source = DeploymentSource::TagRelease;
}

fn tag(name: &str) -> TagName {
    TagName::new(name).unwrap()
}

fn release(name: &str, token: &str, made: f64, released: f64) -> TagRelease {
    TagRelease {
        created_at: Earliest::at(at(made)),
        released_at: Newest::at(at(made), at(released)),
        sha: Greatest(Some(sha(token))),
        ..TagRelease::new(tag(name))
    }
}

fn with(mut story: Story, release: TagRelease) -> Story {
    story.bodies.push(FactBody::TagRelease(release));
    story
}

/// Two releases of a line of three commits, each of the later ones with a merge request.
fn line() -> Story {
    let story = Story::new()
        .push("c0", 300.0)
        .push("c1", 410.0)
        .push("c2", 510.0)
        .mr(mr(1).commit("c1", 410.0).merged(420.0))
        .mr(mr(2).commit("c2", 510.0).merged(520.0));
    with(with(story, release("v1", "c0", 400.0, 400.0)), release("v2", "c1", 500.0, 504.0))
}

fn score(story: &Story) -> ProjectScore {
    story.score_with(published)
}

#[test]
fn a_release_of_a_tag_goes_to_production_when_it_counts_as_released() {
    let shown = production(&score(&line()));
    assert_eq!(shown.counted_deployments, 2);
    // Merge request 1 was merged at 420 and released at 504.
    let waited = shown.change_lead_time.merge.unwrap().p50 - 84.0 * 3_600.0;
    assert!(waited.abs() < f64::EPSILON);
    assert_eq!(shown.changes, 1);
    assert_eq!(score(&line()).figures.data_since, Some(at(400.0)));
    assert_eq!(tier(&line().score(), &EnvironmentTier::Production), None, "unless it is chosen");
}

#[test]
fn deployments_say_nothing_then() {
    let story = line().deploy(7, "production", "c2", 600.0).deploy(8, "staging", "c2", 610.0);
    let score = score(&story);
    assert_eq!(production(&score).counted_deployments, 2);
    assert_eq!(tier(&score, &EnvironmentTier::Staging), None);
}

#[test]
fn a_release_ahead_counts_when_it_comes_and_a_deleted_one_never() {
    let ahead = with(line(), release("v3", "c2", 530.0, 1_100.0));
    let first = score(&ahead);
    assert_eq!(production(&first).counted_deployments, 2);
    assert_eq!(first.valid_until, at(1_100.0).plus(1));
    let mut own = policy();
    published(&mut own);
    let later = ahead.score_at(at(1_100.0).plus(1), &own);
    assert_eq!(production(&later).counted_deployments, 3);
    let mut deleted = release("v3", "c2", 530.0, 540.0);
    deleted.deleted = Newest::at(at(550.0), true);
    assert_eq!(production(&score(&with(line(), deleted))).counted_deployments, 2);
}

#[test]
fn a_release_that_is_dated_back_counts_from_its_date_on() {
    let mut own = policy();
    published(&mut own);
    let story = with(Story::new().push("c0", 300.0), release("v1", "c0", 400.0, 350.0));
    let as_of = |instant| {
        let score = story.score_at(instant, &own);
        tier(&score, &EnvironmentTier::Production).map(|own| own.counted_deployments)
    };
    assert_eq!(as_of(at(350.0)), None);
    assert_eq!(as_of(at(350.0).plus(1)), Some(1));
}

#[test]
fn a_release_is_no_deployment_that_an_incident_could_name() {
    let cause = Cause::Deployment(DeploymentId::new(2).unwrap());
    let score = score(&line().blamed(1, 510.0, &[], cause));
    assert_eq!(production(&score).failed_deployments, [0; 4], "the second release is not number 2");
    assert_eq!(score.figures.unattributed_incidents, [1]);
}

#[test]
fn an_older_line_that_is_released_again_is_a_rollback() {
    let story = with(line(), release("v1.0.1", "c0", 600.0, 600.0));
    let shown = production(&score(&story));
    // First, redeploy, rollback, outdated, change.
    assert_eq!(shown.deployments, [1, 0, 1, 0, 1]);
}

#[test]
fn explanations_name_the_tag() {
    let answer = explained(&line(), Value::DeploymentFrequency, published);
    let names: Vec<ReleaseName> = answer
        .rows
        .iter()
        .map(|row| match &row.thing {
            Thing::Release(release) => release.name.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["v2", "v1"].map(|name| ReleaseName::Tag(tag(name))));
    assert!(answer.left_out.is_empty(), "{:?}", answer.left_out);
}

#[test]
fn each_is_counted_once_for_ever() {
    let score = score(&line());
    let mut history = gitlab_dora_exporter::delivery::History::default();
    for fact in line().facts() {
        history.fold(fact);
    }
    let own = history.project(key()).unwrap();
    let mut counted = Counted::default();
    let tallies = to_count(key(), own, &score.assessment, at(1_000.0), &counted);
    let kinds: Vec<&str> = tallies
        .iter()
        .filter_map(|tally| match &tally.series {
            LifetimeSeries::Deployments { status: DeploymentStatus::Success, kind, .. } => {
                Some(*kind)
            }
            _ => None,
        })
        .collect();
    assert_eq!(kinds, ["first", "change"]);
    for tally in &tallies {
        assert!(counted.insert(key(), &tally.thing));
    }
    assert!(to_count(key(), own, &score.assessment, at(1_000.0), &counted).is_empty());
}
