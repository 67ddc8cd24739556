//! The GitLab installations, by name, and where things are in them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::delivery::{EnvironmentName, InstanceId, ProjectKey, ProjectPath};
use crate::dora::assessment::changes::Origin;
use crate::dora::assessment::releases::ReleaseName;
use crate::dora::explain::{Deployed, Thing};

/// The configured GitLab installations.
#[derive(Debug, Clone, Default)]
pub struct Gitlabs {
    /// The operator's name for each, the label `gitlab` where there are several.
    pub names: BTreeMap<InstanceId, String>,
    /// The address of those that have one, without a slash at its end.
    pub addresses: BTreeMap<InstanceId, String>,
}

impl Gitlabs {
    /// The installation of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<InstanceId> {
        self.names.iter().find(|(_, own)| *own == name).map(|(id, _)| *id)
    }

    /// The name of an installation, where it is a label: where there are several.
    pub(super) fn label(&self, instance: InstanceId) -> Option<&str> {
        self.names.get(&instance).filter(|_| self.names.len() > 1).map(String::as_str)
    }

    /// The project's page; `None` where its GitLab has no address.
    pub(super) fn project(&self, key: ProjectKey, path: &ProjectPath) -> Option<String> {
        let mut url = self.addresses.get(&key.instance)?.clone();
        url.push('/');
        escape(&mut url, path.as_str(), b"-._~/");
        Some(url)
    }

    /// The page of a thing of the project at `project`; a release of deployments is the commit that
    /// it brought.
    pub(super) fn thing(&self, project: Option<&str>, thing: &Thing) -> Option<String> {
        let project = project?;
        Some(match thing {
            Thing::Release(release) => match &release.name {
                ReleaseName::Tag(tag) => {
                    let mut url = format!("{project}/-/releases/");
                    escape(&mut url, tag.as_str(), b"-._~");
                    url
                }
                ReleaseName::Deployment(_) => format!("{project}/-/commit/{}", release.sha),
            },
            Thing::Deployment(deployed) => return self.deployment(Some(project), deployed),
            Thing::Change(Origin::MergeRequest(iid)) => {
                format!("{project}/-/merge_requests/{iid}")
            }
            Thing::Change(Origin::DirectCommit(sha)) => format!("{project}/-/commit/{sha}"),
            Thing::EnvironmentDay { environment, .. } => environments(project, environment),
            // A milestone's page has another number than its id.
            Thing::Milestone(_) | Thing::Period { .. } => return None,
            Thing::Incident(iid) | Thing::Issue(iid) => format!("{project}/-/issues/{iid}"),
        })
    }

    /// The job that made a deployment, else the environments of that name: GitLab has no page of a
    /// deployment that its id alone leads to.
    /// The record may be another project's.
    pub(super) fn deployment(&self, project: Option<&str>, deployed: &Deployed) -> Option<String> {
        let other = deployed.from.as_ref();
        let other = other.map(|(key, path)| self.project(*key, path));
        let project = other.unwrap_or(project.map(str::to_owned))?;
        if let Some(job) = deployed.job {
            return Some(format!("{project}/-/jobs/{job}"));
        }
        Some(environments(&project, deployed.environment.as_ref()?))
    }
}

/// The environments of that name.
fn environments(project: &str, name: &EnvironmentName) -> String {
    let mut url = format!("{project}/-/environments?search=");
    escape(&mut url, name.as_str(), b"-._~");
    url
}

/// Adds `text` with everything percent-encoded but letters, digits and the `plain` marks.
fn escape(url: &mut String, text: &str, plain: &[u8]) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{CommitSha, DeploymentId, Iid, JobId, ProjectId, TagName, Timestamp};
    use crate::dora::assessment::releases::ReleaseKind;
    use crate::dora::explain::ReleaseThing;

    #[test]
    fn links_lead_to_what_gitlab_has_a_page_of() {
        let address = "https://gitlab.example/git".to_owned();
        let links = Gitlabs {
            addresses: BTreeMap::from([(InstanceId::new(1), address)]),
            ..Gitlabs::default()
        };
        let key = |instance| ProjectKey {
            instance: InstanceId::new(instance),
            project: ProjectId::new(7).unwrap(),
        };
        let path = ProjectPath::new("group/é app").unwrap();
        let project = links.project(key(1), &path);
        assert_eq!(project.as_deref(), Some("https://gitlab.example/git/group/%C3%A9%20app"));
        assert_eq!(links.project(key(2), &path), None);

        let incident = Thing::Incident(Iid::new(3).unwrap());
        assert_eq!(links.thing(Some("p"), &incident).as_deref(), Some("p/-/issues/3"));
        assert_eq!(links.thing(None, &incident), None);
        let day = Thing::EnvironmentDay {
            environment: EnvironmentName::new("prod/eu").unwrap(),
            day: 20_000,
        };
        let page = links.thing(Some("p"), &day);
        assert_eq!(page.as_deref(), Some("p/-/environments?search=prod%2Feu"));
        let tag = ReleaseName::Tag(TagName::new("v1/é").unwrap());
        let release = Thing::Release(ReleaseThing {
            sha: CommitSha::from_hex(&"1".repeat(40)).unwrap(),
            name: tag,
            kind: ReleaseKind::Change,
            started_at: Timestamp::from_second(0),
            ended_at: Timestamp::from_second(0),
            deployments: Vec::new(),
        });
        let page = links.thing(Some("p"), &release);
        assert_eq!(page.as_deref(), Some("p/-/releases/v1%2F%C3%A9"));
        let mut deployed = Deployed {
            id: DeploymentId::new(1).unwrap(),
            environment: Some(EnvironmentName::new("review/a&b").unwrap()),
            finished_at: None,
            job: None,
            from: None,
        };
        let link = |deployed: &Deployed| links.deployment(Some("p"), deployed);
        assert_eq!(link(&deployed).as_deref(), Some("p/-/environments?search=review%2Fa%26b"));
        deployed.job = Some(JobId::new(5).unwrap());
        assert_eq!(link(&deployed).as_deref(), Some("p/-/jobs/5"));
        deployed.from = Some((key(1), ProjectPath::new("group/deploy").unwrap()));
        let elsewhere = "https://gitlab.example/git/group/deploy/-/jobs/5";
        assert_eq!(link(&deployed).as_deref(), Some(elsewhere));
    }
}
