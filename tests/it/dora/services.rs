//! Several services of one repository, each a stream of deployments of its own.

use std::collections::BTreeMap;

use gitlab_dora_exporter::delivery::register::{Earliest, Greatest};
use gitlab_dora_exporter::delivery::{
    Cause, Counted, Deployment, DeploymentId, DeploymentStatus, EnvironmentTier, FactBody, History,
    Job, JobId, JobName, Jobs, LifetimeSeries, PipelineId, PipelineJobs, ServiceName,
};
use gitlab_dora_exporter::dora::counting::to_count;
use gitlab_dora_exporter::dora::explain::{Question, Subject, Unanswered, Value, explain};
use gitlab_dora_exporter::dora::measure::ProjectScore;
use gitlab_dora_exporter::dora::measuring::Measuring;
use gitlab_dora_exporter::dora::policy::{Policies, Policy, ServiceRule};
use gitlab_dora_exporter::dora::roll_up::roll_up;
use gitlab_dora_exporter::dora::scorecard::{Figures, WindowFigures};
use gitlab_dora_exporter::dora::window::Window;
use proptest::prelude::*;

use super::jobs::{by_jobs, pattern};
use super::properties::story;
use super::story::{Story, at, key, mr, policy, production};

fn service(name: &str) -> ServiceName {
    ServiceName::new(name).unwrap()
}

fn told_apart(policy: &mut Policy) {
    let rule = |(text, name)| ServiceRule { pattern: pattern(text), service: service(name) };
    policy.service_map = [("api", "api"), ("web", "web")].map(rule).into();
}

fn of_production(figures: &Figures) -> Option<&WindowFigures> {
    let tier = figures.tiers.iter().find(|own| own.tier == EnvironmentTier::Production)?;
    tier.windows.first()
}

fn of<'a>(score: &'a ProjectScore, name: &str) -> &'a WindowFigures {
    let own = score.figures.services.iter().find(|own| own.name.as_str() == name);
    of_production(&own.expect("the service is known").figures).expect("it goes to production")
}

/// Two services of one line of commits; the api is deployed more often.
fn line() -> Story {
    Story::new()
        .push("c0", 300.0)
        .deploy(1, "production-api", "c0", 400.0)
        .deploy(2, "production-web", "c0", 400.0)
        .push("c1", 410.0)
        .mr(mr(1).commit("c1", 410.0).merged(420.0))
        .deploy(3, "production-api", "c1", 430.0)
        .push("c2", 440.0)
        .mr(mr(2).commit("c2", 440.0).merged(450.0))
        .deploy(4, "production-api", "c2", 460.0)
        .deploy(5, "production-web", "c2", 500.0)
}

#[test]
fn each_service_has_releases_and_lead_times_of_its_own() {
    let score = line().score_with(told_apart);
    let (api, web) = (of(&score, "api"), of(&score, "web"));
    assert_eq!((api.counted_deployments, web.counted_deployments), (3, 2));
    // A change reaches each service for itself.
    assert_eq!((api.changes, web.changes), (2, 2));
    let hours = |own: &WindowFigures| own.change_lead_time.merge.unwrap().p50 / 3_600.0;
    assert!((hours(api) - 10.0).abs() < 1e-9, "{}", hours(api));
    assert!((hours(web) - 65.0).abs() < 1e-9, "{}", hours(web));
    assert!(of_production(&score.figures.figures).is_none(), "nothing belongs to no service");
}

#[test]
fn without_rules_it_is_one_stream() {
    let score = line().score();
    assert!(score.figures.services.is_empty());
    // The first two are one release, as they brought one commit together.
    assert_eq!(production(&score).counted_deployments, 4);
}

#[test]
fn what_no_rule_names_is_a_stream_of_its_own() {
    let score = line().deploy(6, "production", "c2", 600.0).score_with(told_apart);
    let rest = of_production(&score.figures.figures).unwrap();
    assert_eq!(rest.counted_deployments, 1);
    assert_eq!(of(&score, "api").counted_deployments, 3);
}

#[test]
fn where_the_environment_says_nothing_the_job_does() {
    let made_by = |id: u64, job: u64| {
        let mut own = Deployment::new(DeploymentId::new(id).unwrap());
        own.job = Greatest(JobId::new(job).ok());
        FactBody::Deployment(own)
    };
    let mut story = Story::new()
        .push("c0", 300.0)
        .deploy(1, "production", "c0", 400.0)
        .deploy(2, "production", "c0", 410.0)
        .deploy(3, "production", "c0", 420.0)
        .ended(4, "production", "c0", (DeploymentStatus::Failed, 430.0))
        .job(91, "deploy api", "c0", 400.0)
        .job(92, "deploy web", "c0", 410.0);
    story.bodies.extend([made_by(1, 91), made_by(2, 92), made_by(3, 93)]);
    let score = story.score_with(told_apart);
    assert_eq!(of(&score, "api").counted_deployments, 1);
    assert_eq!(of(&score, "web").counted_deployments, 1);
    let rest = of_production(&score.figures.figures).unwrap();
    assert_eq!(rest.counted_deployments, 1, "of job 93 nobody heard the name");
    let counted = |name: Option<&str>, wanted| {
        let all = totals(&story, told_apart);
        let found = all.into_iter().filter(|(series, _)| match series {
            LifetimeSeries::Deployments { service, status, .. } => {
                service.as_ref().map(ServiceName::as_str) == name && *status == wanted
            }
            _ => false,
        });
        found.map(|(_, count)| count).sum::<u64>()
    };
    assert_eq!(counted(Some("api"), DeploymentStatus::Success), 1);
    assert_eq!(counted(None, DeploymentStatus::Success), 1);
    // Whose job it was that failed nobody knows.
    assert_eq!(counted(None, DeploymentStatus::Failed), 1);
    assert_eq!(counted(Some("api"), DeploymentStatus::Failed), 0);
}

#[test]
fn jobs_that_are_deployments_belong_to_the_service_that_their_name_says() {
    let story = Story::new()
        .push("c0", 300.0)
        .job(1, "deploy prod api", "c0", 400.0)
        .job(2, "deploy prod web", "c0", 410.0)
        .job(3, "deploy prod web", "c0", 420.0);
    let score = story.score_with(|policy| {
        by_jobs(policy);
        told_apart(policy);
    });
    assert_eq!(of(&score, "api").counted_deployments, 1);
    assert_eq!(of(&score, "web").deployments[1], 1, "a redeploy of the web alone");
}

/// What lifetime counters count, each thing once.
fn totals(story: &Story, change: fn(&mut Policy)) -> BTreeMap<LifetimeSeries, u64> {
    let score = story.score_with(change);
    let mut history = History::default();
    for fact in story.facts() {
        history.fold(fact);
    }
    let own = history.project(key()).unwrap();
    let mut counted = Counted::default();
    let mut totals = BTreeMap::new();
    for tally in to_count(key(), own, &score.assessment, at(1_000.0), &Counted::default()) {
        if counted.insert(key(), &tally.thing) {
            *totals.entry(tally.series).or_default() += 1;
        }
    }
    totals
}

#[test]
fn lifetime_counters_count_each_change_for_each_service() {
    let all = totals(&line(), told_apart);
    let changes = |name: &str| {
        let service = Some(service(name));
        let tier = EnvironmentTier::Production;
        all.get(&LifetimeSeries::ChangesDelivered { service, tier }).copied()
    };
    assert_eq!((changes("api"), changes("web")), (Some(2), Some(2)));
}

#[test]
fn an_incident_is_blamed_on_the_release_that_users_met_last_whichever_service_it_is_of() {
    let failed = |story: &Story, name: &str| {
        of(&story.score_with(told_apart), name).failed_deployments.iter().sum::<u64>()
    };
    let last = line().incident(1, 510.0, &[512.0]);
    assert_eq!((failed(&last, "api"), failed(&last, "web")), (0, 1));
    let before = line().incident(1, 470.0, &[472.0]);
    assert_eq!((failed(&before, "api"), failed(&before, "web")), (1, 0));
    // Merge request 2 first reached users with the api.
    let named = line().blamed(1, 510.0, &[512.0], Cause::MergeRequest(super::story::iid(2)));
    assert_eq!((failed(&named, "api"), failed(&named, "web")), (1, 0));
    let deployed = Cause::Deployment(DeploymentId::new(5).unwrap());
    let named = line().blamed(1, 510.0, &[512.0], deployed);
    assert_eq!((failed(&named, "api"), failed(&named, "web")), (0, 1));
    let score = last.score_with(told_apart);
    assert_eq!(score.figures.unattributed_incidents, [0]);
    assert!(score.figures.figures.time_to_restore_service[0].is_some(), "of the project");
    assert!(
        score
            .figures
            .services
            .iter()
            .all(|own| { own.figures.time_to_restore_service.iter().all(Option::is_none) })
    );
}

#[test]
fn a_roll_up_adds_the_streams_up() {
    let score = line().score_with(told_apart);
    let windows = [Window::of_days(30)];
    let pooled = roll_up("group", &[&score], at(1_000.0), &windows);
    let production = of_production(&pooled.figures).unwrap();
    assert_eq!((production.counted_deployments, production.changes), (5, 4));
    assert_eq!(pooled.projects, 1);
}

#[test]
fn a_service_is_explained_by_its_own_releases_and_a_group_by_all() {
    let mut history = History::default();
    for fact in line().facts() {
        history.fold(fact);
    }
    let mut policy = policy();
    told_apart(&mut policy);
    let window = Window::of_days(30);
    let policies = Policies::new(policy, Vec::new());
    let measuring = Measuring { policies, windows: vec![window], teams: Vec::new() };
    let ask = |subject, name: Option<&str>| {
        let question = Question {
            subject,
            value: Value::WindowChanges,
            service: name.map(service),
            tier: Some(EnvironmentTier::Production),
            window: Some(window),
        };
        explain(&measuring, &history, &question, at(1_000.0), &|| true)
    };
    let project = || Subject::Project { path: "group/p".to_owned(), instance: None };
    assert_eq!(ask(project(), Some("web")).unwrap().recompute(), Some(2.0));
    assert_eq!(ask(project(), None).unwrap().recompute(), None, "no series without a service");
    assert_eq!(ask(Subject::Group("group".to_owned()), None).unwrap().recompute(), Some(4.0));
    let unknown = ask(project(), Some("wed")).unwrap_err();
    let nearest = Some("web".to_owned());
    assert_eq!(unknown, Unanswered::Unknown { what: "service", nearest });
}

/// The story without incidents, and of deployments without those that are not `wanted`.
fn only(story: &Story, wanted: impl Fn(&str) -> bool) -> Story {
    let mut own = story.clone();
    own.bodies.retain(|body| match body {
        FactBody::Environment(own) => wanted(own.name.as_str()),
        FactBody::Deployment(own) => {
            own.environment.0.as_ref().is_none_or(|name| wanted(name.as_str()))
        }
        FactBody::Issue(_) | FactBody::IssueTransition(_) => false,
        _ => true,
    });
    own
}

/// The story as jobs tell it.
fn by_job(story: &Story) -> Story {
    let mut own = story.clone();
    for body in &mut own.bodies {
        let FactBody::Deployment(deployment) = body else { continue };
        let Some(finished_at) = deployment.succeeded_at.0 else { continue };
        let job = Job {
            id: JobId::new(deployment.id.get()).unwrap(),
            name: JobName::new("deploy").unwrap(),
            started_at: Earliest::default(),
            finished_at,
            environment: deployment.environment.clone(),
            tier: Greatest::default(),
        };
        *body = FactBody::PipelineJobs(PipelineJobs {
            pipeline: PipelineId::new(deployment.id.get()).unwrap(),
            sha: deployment.sha.clone(),
            ref_name: deployment.ref_name.clone(),
            jobs: Jobs::new(vec![job]),
        });
    }
    own
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_service_measures_like_a_project_with_no_other_deployments(story in story()) {
        let is_b = |name: &str| name.ends_with("-b");
        let told = only(&story, |_| true).score_with(|policy| {
            let rule = ServiceRule { pattern: pattern("-b$"), service: service("b") };
            policy.service_map = vec![rule];
        });
        let rest = only(&story, |name| !is_b(name)).score();
        prop_assert_eq!(&told.figures.figures.tiers, &rest.figures.figures.tiers);
        let alone = only(&story, is_b).score();
        let of_service = told.figures.services.first();
        let of_service = of_service.map_or(&[][..], |own| own.figures.tiers.as_slice());
        prop_assert_eq!(of_service, alone.figures.figures.tiers.as_slice());
    }

    #[test]
    fn jobs_measure_like_the_deployments_that_they_are(story in story()) {
        let (told, jobs) = (story.score(), by_job(&story).score_with(by_jobs));
        prop_assert_eq!(&told.figures.figures.tiers, &jobs.figures.figures.tiers);
        prop_assert_eq!(told.figures.data_since, jobs.figures.data_since);
        prop_assert_eq!(told.samples.incidents, jobs.samples.incidents);
    }
}
