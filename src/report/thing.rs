//! What a row is about, as JSON: ids, instants and links, never a person and never a title.

use serde::Serialize;

use super::gitlabs::Gitlabs;
use crate::delivery::Timestamp;
use crate::dora::assessment::changes::Origin;
use crate::dora::explain::{Deployed, Thing};
use crate::dora::window::start_of_utc_day;
use crate::words::format::machine_time;

/// How many digits of a commit's id are shown to people, as GitLab does.
const SHORT_SHA: usize = 8;

/// One thing.
#[derive(Debug, Serialize)]
pub(super) struct ThingReport {
    /// `release`, `deployment`, `merge_request`, `commit`, `incident`, `issue`, `milestone`,
    /// `environment_day` or `period`.
    thing: &'static str,
    /// As people refer to it: `!17`, `#3`, the first digits of a commit, the id of a deployment.
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deployments: Vec<DeploymentReport>,
}

/// One deployment.
#[derive(Debug, Serialize)]
struct DeploymentReport {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    /// Whose record it is, where it is another project's.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl ThingReport {
    /// A thing of the project whose page is at `project`.
    pub(super) fn of(thing: &Thing, project: Option<&str>, gitlabs: &Gitlabs) -> Self {
        let deployment = |own: &Deployed| DeploymentReport {
            id: own.id.get(),
            environment: own.environment.as_ref().map(ToString::to_string),
            finished_at: own.finished_at.map(instant),
            project: own.from.as_ref().map(|(_, path)| path.to_string()),
            url: gitlabs.deployment(project, own),
        };
        let mut report = Self {
            thing: "release",
            name: name(thing),
            url: gitlabs.thing(project, thing),
            sha: None,
            kind: None,
            deployments: Vec::new(),
        };
        match thing {
            Thing::Release(release) => {
                report.sha = Some(release.sha.to_string());
                report.kind = Some(release.kind.as_str());
                report.deployments = release.deployments.iter().map(deployment).collect();
            }
            Thing::Deployment(deployed) => {
                report.thing = "deployment";
                report.deployments = vec![deployment(deployed)];
            }
            Thing::Change(Origin::MergeRequest(_)) => report.thing = "merge_request",
            Thing::Change(Origin::DirectCommit(sha)) => {
                report.thing = "commit";
                report.sha = Some(sha.to_string());
            }
            Thing::Incident(_) => report.thing = "incident",
            Thing::Issue(_) => report.thing = "issue",
            Thing::Milestone(_) => report.thing = "milestone",
            Thing::EnvironmentDay { .. } => report.thing = "environment_day",
            Thing::Period { .. } => report.thing = "period",
        }
        report
    }

    /// In few words: what it is, its name, and for a release where it went.
    pub(super) fn in_words(&self) -> String {
        let environments: Vec<&str> =
            self.deployments.iter().filter_map(|own| own.environment.as_deref()).collect();
        let mut words = vec![self.thing.replace('_', " "), self.name.clone()];
        words.extend(self.kind.map(|kind| format!("({kind})")));
        if !environments.is_empty() {
            words.push(format!("to {}", environments.join(", ")));
        }
        words.join(" ")
    }
}

fn name(thing: &Thing) -> String {
    let short = |sha: &crate::delivery::CommitSha| -> String {
        sha.to_string().chars().take(SHORT_SHA).collect()
    };
    match thing {
        Thing::Release(release) => release.name.to_string(),
        Thing::Deployment(deployed) => deployed.id.to_string(),
        Thing::Change(Origin::MergeRequest(iid)) => format!("!{iid}"),
        Thing::Change(Origin::DirectCommit(sha)) => short(sha),
        Thing::Incident(iid) | Thing::Issue(iid) => format!("#{iid}"),
        Thing::Milestone(id) => id.to_string(),
        Thing::EnvironmentDay { environment, day } => format!("{environment} {}", date_of(*day)),
        Thing::Period { from, until } => format!("{} to {}", instant(*from), instant(*until)),
    }
}

/// An instant as RFC 3339 writes it; bare seconds where no calendar reaches.
pub(super) fn instant(at: Timestamp) -> String {
    machine_time(at).unwrap_or_else(|| at.to_string())
}

/// A day counted from 1970-01-01, as a date.
#[must_use]
pub fn date_of(day: i32) -> String {
    instant(start_of_utc_day(day)).chars().take_while(|letter| *letter != 'T').collect()
}
