//! The services of one repository: each a stream of deployments of its own.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::releases::{Finished, Source};
use super::sources::finished;
use crate::delivery::history::DeploymentRow;
use crate::delivery::{
    EnvironmentName, EnvironmentTier, JobId, JobName, ProjectHistory, ServiceName, Timestamp,
};
use crate::dora::policy::{Policy, ServiceRule};

/// One stream: the deployments of one service, or those of none.
#[derive(Debug)]
pub(super) struct Stream {
    /// Whose it is; `None` for what no rule names.
    pub(super) service: Option<ServiceName>,
    /// Where it goes.
    pub(super) environments: BTreeSet<EnvironmentName>,
}

/// All streams of a project; that of no service comes first and is always there.
#[derive(Debug)]
pub(super) struct Streams<'a> {
    history: &'a ProjectHistory,
    rules: &'a [ServiceRule],
    by_environment: BTreeMap<EnvironmentName, Option<ServiceName>>,
    jobs: FxHashMap<JobId, &'a JobName>,
    all: Vec<Stream>,
}

impl<'a> Streams<'a> {
    /// Finds the streams of the environments that are known before `as_of`.
    ///
    /// An environment belongs to the service that its name says. Where it says none, each
    /// deployment belongs to the service that the name of its job says; the environment is then
    /// that of all services that were deployed there, and of none while nothing was.
    pub(super) fn find(
        history: &'a ProjectHistory,
        tier_of: &BTreeMap<EnvironmentName, EnvironmentTier>,
        as_of: Timestamp,
        policy: &'a Policy,
    ) -> Self {
        let rules = policy.service_map.as_slice();
        let mut own = Self {
            history,
            rules,
            by_environment: BTreeMap::new(),
            jobs: FxHashMap::default(),
            all: Vec::new(),
        };
        if rules.is_empty() {
            let environments = tier_of.keys().cloned().collect();
            own.all.push(Stream { service: None, environments });
            return own;
        }
        let named = |name: &EnvironmentName| (name.clone(), own.named(name.as_str()));
        own.by_environment = tier_of.keys().map(named).collect();
        let jobs = history.pipeline_jobs.values().flat_map(|run| run.jobs.as_slice());
        own.jobs = jobs.map(|job| (job.id, &job.name)).collect();
        let mut found: BTreeMap<Option<ServiceName>, BTreeSet<EnvironmentName>> =
            BTreeMap::from([(None, BTreeSet::new())]);
        let mut reached = BTreeSet::new();
        for deployment in finished(history, |name| tier_of.contains_key(name), as_of, policy) {
            let service = own.of(&deployment);
            reached.insert(deployment.environment.clone());
            found.entry(service).or_default().insert(deployment.environment);
        }
        for (name, service) in &own.by_environment {
            if service.is_some() || !reached.contains(name) {
                found.entry(service.clone()).or_default().insert(name.clone());
            }
        }
        let stream = |(service, environments)| Stream { service, environments };
        own.all = found.into_iter().map(stream).collect();
        own
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Stream] {
        &self.all
    }

    /// Whether a deployment to one of its environments belongs to a stream.
    pub(super) fn has(&self, stream: &Stream, deployment: &Finished) -> bool {
        self.rules.is_empty() || self.of(deployment) == stream.service
    }

    /// The service of a deployment.
    fn of(&self, deployment: &Finished) -> Option<ServiceName> {
        let by_environment = self.by_environment.get(&deployment.environment).cloned().flatten();
        by_environment.or_else(|| {
            let job = match deployment.source {
                Source::Tag(_) => None,
                Source::Job => JobId::new(deployment.id.get()).ok(),
                Source::Deployment => {
                    let row = self.history.deployments().find(deployment.id);
                    row.and_then(DeploymentRow::job)
                }
            };
            self.named(self.jobs.get(&job?)?.as_str())
        })
    }

    fn named(&self, name: &str) -> Option<ServiceName> {
        let rule = self.rules.iter().find(|rule| rule.pattern.is_match(name));
        rule.map(|rule| rule.service.clone())
    }
}
