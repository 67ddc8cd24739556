//! A GitLab with as many rows as a test wants, all of them different.

use std::sync::LazyLock;

use gitlab_dora_exporter::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::support::fake_gitlab::FakeGitlab;

/// How many rows each list of a project has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Town {
    pub(crate) merge_requests: u32,
    pub(crate) deployments: u32,
    pub(crate) issues: u32,
    pub(crate) commits: u32,
}

/// Every so manieth issue is an incident.
const INCIDENT_EVERY: u32 = 10;

/// When everything began: thirty days ago, for the programs under test have no clock but the real one.
static BEGIN: LazyLock<i64> = LazyLock::new(|| SystemClock.now().as_second() - 30 * 86_400);

impl Town {
    /// A few rows of everything.
    pub(crate) fn small() -> Self {
        Self { merge_requests: 3, deployments: 5, issues: 2, commits: 8 }
    }

    /// Rows of one project that are facts of their own.
    pub(crate) fn rows(self) -> u32 {
        self.merge_requests + self.deployments + self.issues + self.commits
    }

    /// Every tenth issue is an incident.
    fn incidents(self) -> u32 {
        self.issues / INCIDENT_EVERY
    }

    /// The fewest requests that read one project: a page holds 100 rows, and every merged merge
    /// request has a list of commits and one of comments, every incident one of its closings and one of
    /// comments. Environments, milestones and Releases are a page each.
    pub(crate) fn fewest_requests(self) -> u32 {
        let pages = |rows: u32| rows.div_ceil(100).max(1);
        3 + pages(self.deployments)
            + pages(self.merge_requests)
            + 2 * self.merge_requests
            + pages(self.issues)
            + 2 * self.incidents()
            + pages(self.commits)
    }

    /// Puts these projects into a GitLab.
    pub(crate) fn build(self, gitlab: &FakeGitlab, projects: &[u64]) {
        let row = |id: &u64| {
            json!({"id": id, "path_with_namespace": format!("group/app-{id}"),
                   "default_branch": "main", "archived": false,
                   "last_activity_at": instant(0)})
        };
        gitlab.put("projects", projects.iter().map(row).collect());
        for id in projects {
            self.project(gitlab, *id);
        }
    }

    fn project(self, gitlab: &FakeGitlab, project: u64) {
        let put = |list: &str, rows: Vec<Value>| {
            gitlab.put(&format!("projects/{project}/{list}"), rows);
        };
        put(
            "environments",
            vec![json!({"id": 1, "name": "production", "tier": "production",
                                        "created_at": instant(0), "updated_at": instant(0)})],
        );
        put("deployments", (1..=self.deployments).map(|own| deployment(project, own)).collect());
        put(
            "merge_requests",
            (1..=self.merge_requests).map(|own| merge_request(project, own)).collect(),
        );
        for own in 1..=self.merge_requests {
            put(
                &format!("merge_requests/{own}/commits"),
                vec![commit(project, 10_000 + own, &[]), commit(project, 20_000 + own, &[])],
            );
            put(&format!("merge_requests/{own}/notes"), vec![note(own)]);
        }
        put("issues", (1..=self.issues).map(issue).collect());
        for own in (1..=self.incidents()).map(|nth| nth * INCIDENT_EVERY) {
            put(&format!("issues/{own}/resource_state_events"), turns(own));
            put(&format!("issues/{own}/notes"), vec![note(own)]);
        }
        let line = (1..=self.commits)
            .rev()
            .map(|own| commit(project, own, &[sha(project, own - 1).as_str()]));
        put("repository/commits", line.collect());
        put("milestones", Vec::new());
        put("releases", Vec::new());
    }

    /// What the hooks of the deployments would have said.
    pub(crate) fn deployment_hooks(self, project: u64) -> Vec<Value> {
        let hook = |own: u32| {
            let row = deployment(project, own);
            json!({
                "object_kind": "deployment", "status": "success",
                "status_changed_at": instant(i64::from(own) * 600),
                "deployment_id": row["id"], "deployable_id": row["deployable"]["id"],
                "environment": "production", "environment_tier": "production", "ref": "main",
                "project": {"id": project, "path_with_namespace": format!("group/app-{project}"),
                            "default_branch": "main"},
                "commit_url": format!("https://x/-/commit/{}", sha(project, own)),
            })
        };
        (1..=self.deployments).map(hook).collect()
    }
}

/// An instant so many seconds after the begin, as the API writes it.
pub(crate) fn instant(seconds: i64) -> String {
    jiff::Timestamp::from_second(*BEGIN + seconds).unwrap().to_string().replace('Z', ".123Z")
}

pub(crate) fn sha(project: u64, number: u32) -> String {
    format!("{project:08x}{number:032x}")
}

pub(crate) fn deployment(project: u64, own: u32) -> Value {
    let at = instant(i64::from(own) * 600);
    json!({
        "id": project * 100_000 + u64::from(own), "status": "success", "ref": "main",
        "sha": sha(project, own), "created_at": at, "updated_at": at,
        "environment": {"id": 1, "name": "production"},
        "deployable": {"id": own, "finished_at": at},
    })
}

pub(crate) fn merge_request(project: u64, own: u32) -> Value {
    let at = instant(i64::from(own) * 300);
    json!({
        "id": own, "iid": own, "state": "merged", "draft": false, "created_at": instant(0),
        "merged_at": at, "updated_at": at, "author": {"id": 5, "username": "ada"}, "labels": [],
        "source_branch": format!("feature-{own}"), "target_branch": "main", "milestone": null,
        "sha": sha(project, 10_000 + own), "merge_commit_sha": null,
        "squash_commit_sha": sha(project, own), "description": "",
    })
}

fn commit(project: u64, number: u32, parents: &[&str]) -> Value {
    let at = instant(i64::from(number));
    json!({
        "id": sha(project, number), "parent_ids": parents, "title": "T", "message": "T",
        "author_name": "Ada", "author_email": "ada@example.org", "authored_date": at,
        "committed_date": at,
    })
}

fn note(own: u32) -> Value {
    let at = instant(i64::from(own) * 300 - 60);
    json!({"id": own, "body": "Fine", "system": false, "created_at": at, "updated_at": at,
           "author": {"id": 6, "username": "bob"}})
}

/// Closed, opened again and closed for good.
fn turns(own: u32) -> Vec<Value> {
    let turn = |(nth, state): (i64, &str)| json!({"id": nth, "state": state, "created_at": instant(i64::from(own) * 60 - 20 + nth)});
    [(0, "closed"), (10, "reopened"), (20, "closed")].map(turn).into()
}

fn issue(own: u32) -> Value {
    let at = instant(i64::from(own) * 60);
    let kind = if own.is_multiple_of(INCIDENT_EVERY) { "incident" } else { "issue" };
    json!({"id": own, "iid": own, "issue_type": kind, "severity": "LOW", "state": "closed",
           "created_at": instant(0), "closed_at": at, "updated_at": at, "labels": [],
           "milestone": null, "description": null})
}
