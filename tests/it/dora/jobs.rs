//! Deployments by another source: successful jobs of a name.

use gitlab_dora_exporter::delivery::register::{Earliest, Greatest};
use gitlab_dora_exporter::delivery::{
    Cause, Counted, Deployment, DeploymentId, DeploymentStatus, EnvironmentName, EnvironmentTier,
    FactBody, History, Job, JobId, JobName, Jobs, LifetimeSeries, PipelineId, PipelineJobs,
    RefName,
};
use gitlab_dora_exporter::dora::assessment::releases::ReleaseKind;
use gitlab_dora_exporter::dora::counting::to_count;
use gitlab_dora_exporter::dora::explain::{Rule, Thing, Value};
use gitlab_dora_exporter::dora::policy::{DeploymentSource, NamePattern, Policy};
use regex::RegexBuilder;

use super::rulings::explained;
use super::story::{Story, at, key, mr, production, sha, tier};

/// A pattern as the configuration makes it.
pub(crate) fn pattern(text: &str) -> NamePattern {
    NamePattern::new(RegexBuilder::new(text).case_insensitive(true).build().unwrap())
}

pub(crate) fn by_jobs(policy: &mut Policy) {
    policy.deployment_source = DeploymentSource::Job(pattern("^deploy"));
}

impl Story {
    /// A job that succeeded, half an hour after its start, in a pipeline of its own.
    pub(crate) fn job(mut self, id: u64, name: &str, token: &str, finish: f64) -> Self {
        self.bodies.push(ran(id, name, token, finish, None));
        self
    }

    /// The same to an environment of this tier.
    pub(crate) fn job_to(
        mut self,
        id: u64,
        name: &str,
        place: (&str, EnvironmentTier),
        (token, finish): (&str, f64),
    ) -> Self {
        self.bodies.push(ran(id, name, token, finish, Some(place)));
        self
    }
}

fn ran(
    id: u64,
    name: &str,
    token: &str,
    finish: f64,
    place: Option<(&str, EnvironmentTier)>,
) -> FactBody {
    let (environment, tier) = place.unzip();
    FactBody::PipelineJobs(PipelineJobs {
        pipeline: PipelineId::new(10_000 + id).unwrap(),
        sha: Greatest(Some(sha(token))),
        ref_name: Greatest(RefName::new("main").ok()),
        jobs: Jobs::new(vec![Job {
            id: JobId::new(id).unwrap(),
            name: JobName::new(name).unwrap(),
            started_at: Earliest::at(at(finish - 0.5)),
            finished_at: at(finish),
            environment: Greatest(environment.map(|name| EnvironmentName::new(name).unwrap())),
            tier: Greatest(tier),
        }]),
    })
}

/// Two deployments by jobs of a line of three commits, among jobs that are none.
fn line() -> Story {
    Story::new()
        .push("c0", 300.0)
        .push("c1", 410.0)
        .push("c2", 510.0)
        .mr(mr(1).commit("c1", 410.0).merged(420.0))
        .mr(mr(2).commit("c2", 510.0).merged(520.0))
        .job(11, "test prod", "c0", 399.0)
        .job(12, "Deploy prod", "c0", 400.0)
        .job(21, "test prod", "c1", 503.0)
        .job(22, "Deploy prod", "c1", 504.0)
}

#[test]
fn a_successful_job_of_the_name_is_a_deployment_to_an_environment_of_its_name() {
    let score = line().score_with(by_jobs);
    let shown = production(&score);
    assert_eq!(shown.counted_deployments, 2);
    // Merge request 1 was merged at 420 and deployed at 504.
    let waited = shown.change_lead_time.merge.unwrap().p50 - 84.0 * 3_600.0;
    assert!(waited.abs() < f64::EPSILON);
    assert_eq!((shown.changes, score.figures.data_since), (1, Some(at(400.0))));
    assert_eq!(tier(&line().score(), &EnvironmentTier::Production), None, "unless it is chosen");
    let release = &score.assessment.tiers[0].counted[1];
    assert_eq!(release.members[0].environment.as_str(), "Deploy prod");
    assert_eq!(release.members[0].began_at, Some(at(503.5)));
}

#[test]
fn a_job_that_names_an_environment_goes_there_by_its_newest_tier() {
    let to = |tier| ("front", tier);
    let story = Story::new()
        .push("c0", 300.0)
        .job_to(1, "deploy", to(EnvironmentTier::Testing), ("c0", 400.0))
        .job_to(2, "deploy", to(EnvironmentTier::Production), ("c0", 500.0))
        .job(3, "deploy", "c0", 600.0);
    let score = story.score_with(by_jobs);
    // The third deployed to "deploy", which is of no measured tier.
    assert_eq!(production(&score).deployments[1], 1, "the second is a redeploy");
    assert_eq!(production(&score).counted_deployments, 1);
}

#[test]
fn deployments_say_nothing_then_and_jobs_nothing_otherwise() {
    let story = line()
        .deploy(7, "production", "c2", 600.0)
        .ended(9, "Deploy prod", "c2", (DeploymentStatus::Failed, 605.0))
        .deploy(8, "staging", "c2", 610.0);
    let score = story.score_with(by_jobs);
    assert_eq!(production(&score).counted_deployments, 2);
    assert_eq!(tier(&score, &EnvironmentTier::Staging), None);
    assert_eq!(story.production().counted_deployments, 1);
    let statuses: Vec<DeploymentStatus> = counted(&story)
        .into_iter()
        .filter_map(|series| match series {
            LifetimeSeries::Deployments { status, .. } => Some(status),
            _ => None,
        })
        .collect();
    assert_eq!(
        statuses,
        [DeploymentStatus::Success; 2],
        "each job once, no record of another kind"
    );
}

/// What lifetime counters have yet to count; nothing of it a second time.
fn counted(story: &Story) -> Vec<LifetimeSeries> {
    let score = story.score_with(by_jobs);
    let mut history = History::default();
    story.facts().into_iter().for_each(|fact| {
        history.fold(fact);
    });
    let own = history.project(key()).unwrap();
    let mut counted = Counted::default();
    let tallies = to_count(key(), own, &score.assessment, at(1_000.0), &counted);
    for tally in &tallies {
        assert!(counted.insert(key(), &tally.thing));
    }
    assert!(to_count(key(), own, &score.assessment, at(1_000.0), &counted).is_empty());
    tallies.into_iter().map(|tally| tally.series).collect()
}

#[test]
fn the_order_of_creation_is_that_of_jobs() {
    let rolled_back = line().job(31, "deploy prod", "c0", 600.0);
    let late = Story::new()
        .push("c0", 300.0)
        .push("c1", 310.0)
        .job(5, "deploy prod", "c0", 400.0)
        .job(7, "deploy prod", "c1", 410.0)
        .job(6, "deploy prod", "c0", 420.0);
    let kind = |story: &Story| {
        let score = story.score_with(by_jobs);
        score.assessment.tiers[0].counted.last().map(|release| release.kind)
    };
    // "deploy prod" and "Deploy prod" are two environments: the first of its own.
    assert_eq!(kind(&rolled_back), Some(ReleaseKind::First));
    let again = line().job(31, "Deploy prod", "c0", 600.0);
    assert_eq!(kind(&again), Some(ReleaseKind::Rollback));
    assert_eq!(kind(&late), Some(ReleaseKind::Outdated));
}

#[test]
fn the_deployment_that_an_incident_names_is_the_one_that_a_job_made() {
    let mut story = line().blamed(1, 510.0, &[], Cause::Deployment(DeploymentId::new(7).unwrap()));
    let failed = |story: &Story| {
        let score = story.score_with(by_jobs);
        let verdicts = &score.assessment.tiers[0].verdicts;
        verdicts.iter().position(|verdict| verdict.failed().is_some())
    };
    // Deployment 7 is recorded of job 12, the first; job 7 is none of ours.
    let mut made = Deployment::new(DeploymentId::new(7).unwrap());
    made.job = Greatest(JobId::new(12).ok());
    story.bodies.push(FactBody::Deployment(made));
    assert_eq!(failed(&story), Some(0));
    // A job's own number names no deployment.
    let by_number = Cause::Deployment(DeploymentId::new(22).unwrap());
    assert_eq!(failed(&line().blamed(1, 510.0, &[], by_number)), None);
}

#[test]
fn a_job_counts_once_its_end_has_come() {
    let score = line().job(31, "deploy prod", "c2", 1_000.0).score_with(by_jobs);
    assert_eq!(production(&score).counted_deployments, 2);
    assert_eq!(score.valid_until, at(1_000.0).plus(1));
}

#[test]
fn explanations_name_the_job_and_those_of_other_tiers() {
    let story = line().job(31, "deploy test", "c1", 600.0);
    let answer = explained(&story, Value::DeploymentFrequency, by_jobs);
    let named: Vec<String> = answer
        .rows
        .iter()
        .map(|row| match &row.thing {
            Thing::Release(release) => {
                let jobs = release.deployments.iter().map(|own| own.job.unwrap().to_string());
                format!("{} {}", release.name, jobs.collect::<String>())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(named, ["22 22", "12 12"]);
    let left_out: Vec<Rule> = answer.left_out.iter().map(|out| out.rule).collect();
    assert_eq!(left_out, [Rule::OtherTier]);
}
