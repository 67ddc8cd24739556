//! A worked example as GitLab's API would give it, to somebody who comes after it all happened.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::scenario::{Incident, Issue, MergeRequest, Project, Scenario};
use super::webhooks::{number, spell_times, validated};
use crate::support::fake_gitlab::FakeGitlab;

/// The second parent of every merge: on no line.
const OTHER_PARENT: &str = "1234567812345678123456781234567812345678";

/// Puts everything that a scenario says into a GitLab.
pub(crate) fn tell(gitlab: &FakeGitlab, scenario: &Scenario) {
    let mut projects = Vec::new();
    for (id, project) in (1..).zip(&scenario.projects) {
        let teller = Teller { id, project, scenario };
        projects.push(json!({
            "id": id, "path_with_namespace": project.path, "default_branch": teller.branch(),
            "archived": false, "last_activity_at": scenario.now, "name": "canary of a name",
        }));
        teller.tell(gitlab);
    }
    gitlab.put("projects", projects);
}

struct Teller<'a> {
    id: u64,
    project: &'a Project,
    scenario: &'a Scenario,
}

impl<'a> Teller<'a> {
    fn branch(&self) -> &'a str {
        self.project.default_branch.as_deref().unwrap_or("main")
    }

    fn sha<'t>(&'t self, token: &'t str) -> &'t str {
        self.scenario.sha_map.get(token).map_or(token, String::as_str)
    }

    fn tell(&self, gitlab: &FakeGitlab) {
        let put = |list: &str, mut rows: Vec<Value>| {
            // With milliseconds, as the API has always written them.
            for row in &mut rows {
                spell_times(row, 1);
            }
            gitlab.put(&format!("projects/{}/{list}", self.id), rows);
        };
        put("environments", self.environments());
        put("deployments", self.deployments());
        put(
            "merge_requests",
            self.project.merge_requests.iter().map(|own| self.merge_request(own)).collect(),
        );
        for own in &self.project.merge_requests {
            put(&format!("merge_requests/{}/commits", own.iid), self.commits(own));
            put(&format!("merge_requests/{}/notes", own.iid), Self::notes(own));
        }
        put("repository/commits", self.line());
        put("issues", self.issues());
        for own in &self.project.incidents {
            put(&format!("issues/{}/resource_state_events", own.id), Self::turns(own));
            put(&format!("issues/{}/notes", own.id), Vec::new());
            put(&format!("issues/{}/resource_label_events", own.id), Vec::new());
        }
        for own in &self.project.issues {
            let events = |kind: &str| format!("issues/{}/resource_{kind}_events", own.iid);
            let given = |at: &Option<String>, what: &str, named: Value| {
                let event = |at| json!({"id": 1, "action": "add", "created_at": at, (what): named});
                at.iter().map(event).collect()
            };
            let label = json!({"id": 1, "name": validated(self.scenario)});
            put(&events("label"), given(&own.validated_at, "label", label));
            let milestone = json!({"id": 1});
            put(&events("milestone"), given(&own.milestone_assigned_at, "milestone", milestone));
        }
        put("milestones", Vec::new());
        put("releases", Vec::new());
    }

    /// Those that were listed, and those that were only deployed to.
    fn environments(&self) -> Vec<Value> {
        let mut names = BTreeSet::new();
        let listed = self.project.environments.iter().map(|own| (&own.name, &own.tier));
        let deployed = self.project.deployments.iter().map(|own| (&own.environment, &own.tier));
        listed
            .chain(deployed)
            .filter(|(name, _)| names.insert((*name).clone()))
            .zip(1_u64..)
            .map(|((name, tier), id)| {
                json!({"id": id, "name": name, "tier": tier, "state": "available",
                       "created_at": "2020-01-01T00:00:00.000Z"})
            })
            .collect()
    }

    fn deployments(&self) -> Vec<Value> {
        let row = |own: &super::scenario::Deployment| {
            let finished_at = own.finished_at.as_ref();
            json!({
                "id": own.id, "iid": own.id, "status": own.status, "ref": own.ref_name,
                "sha": own.sha.as_deref().map(|token| self.sha(token)),
                "created_at": finished_at, "updated_at": finished_at,
                "environment": {"id": 1, "name": own.environment, "external_url": null},
                "deployable": {
                    "id": own.id, "name": "deploy", "finished_at": finished_at,
                    "user": {"id": 1, "username": "dev"},
                },
            })
        };
        self.project.deployments.iter().map(row).collect()
    }

    fn merge_request(&self, own: &MergeRequest) -> Value {
        let landed = own.landed_sha.as_deref().map(|token| self.sha(token));
        let method = own.method();
        let by = |wanted: &str| landed.filter(|_| method == wanted);
        let head = own.commits.last().map(|commit| self.sha(&commit.sha));
        let reverts = own.reverts.map(|iid| format!("This reverts merge request !{iid}"));
        let closes = own.closes.iter().map(|iid| format!("Closes #{iid}"));
        let description = reverts.into_iter().chain(closes).collect::<Vec<_>>().join("\n");
        let dates = own.commits.iter().map(|commit| commit.authored_at.as_str());
        let created_at = own.created_at.as_deref().or(dates.min());
        json!({
            "id": own.iid, "iid": own.iid, "project_id": self.id, "title": "canary of a title",
            "description": description, "state": if own.merged_at.is_some() { "merged" } else { "opened" },
            "draft": false, "created_at": created_at, "merged_at": own.merged_at,
            "updated_at": own.merged_at.as_deref().or(created_at),
            "author": {"id": number(&own.author), "username": own.author, "name": "N"},
            "source_branch": own.source_branch, "target_branch": own.target_branch,
            "source_project_id": self.id, "target_project_id": self.id,
            "labels": own.labels, "milestone": null,
            "sha": by("ff").or(head), "merge_commit_sha": by("merge"), "squash_commit_sha": by("squash"),
        })
    }

    fn commits(&self, own: &MergeRequest) -> Vec<Value> {
        let newest_first = own.commits.iter().rev();
        newest_first
            .map(|commit| self.commit(&commit.sha, Some(&commit.authored_at), &[]))
            .collect()
    }

    fn commit(&self, token: &str, authored_at: Option<&str>, parents: &[&str]) -> Value {
        let at = authored_at.unwrap_or("2020-01-01T00:00:00Z");
        json!({
            "id": self.sha(token), "short_id": &self.sha(token)[..8], "parent_ids": parents,
            "title": format!("Change {token}"), "message": format!("Change {token}"),
            "author_name": "dev", "author_email": "dev@example.org", "authored_date": at,
            "committer_name": "dev", "committed_date": at, "created_at": at,
        })
    }

    /// GitLab notes what people do beside what they say.
    fn notes(own: &MergeRequest) -> Vec<Value> {
        let note = |who: &str, at: &str, system: bool, body: &str| {
            json!({"id": 1, "body": body, "system": system, "created_at": at, "updated_at": at,
                   "author": {"id": number(who), "username": who}})
        };
        let said = own.first_review_at.iter().map(|at| note("reviewer", at, false, "Looks right"));
        let ignored = own.ignored_notes.iter().map(|(who, at)| {
            note(if who == "bot" { "project_1_bot" } else { &own.author }, at, false, "Done")
        });
        let approved = own
            .approved_at
            .iter()
            .map(|at| note("reviewer", at, true, "approved this merge request"));
        let ready = own
            .ready_at
            .iter()
            .filter(|_| own.created_as_draft)
            .map(|at| note(&own.author, at, true, "marked this merge request as **ready**"));
        said.chain(ignored).chain(approved).chain(ready).collect()
    }

    /// The deployed line, newest first: what nobody dates and no merge request holds is a merge.
    fn line(&self) -> Vec<Value> {
        let requests = &self.project.merge_requests;
        let mut rows = Vec::new();
        let mut before: Option<&str> = None;
        for token in &self.project.history {
            let own = requests.iter().flat_map(|own| &own.commits).find(|own| own.sha == *token);
            let dated = self.project.commit_times.get(token).map(String::as_str);
            let landed = requests.iter().find(|own| own.landed_sha.as_deref() == Some(token));
            let landed_at = landed.and_then(|own| own.merged_at.as_deref());
            let authored_at = own.map(|own| own.authored_at.as_str()).or(dated);
            let squashed = landed.is_some_and(|own| own.method() == "squash");
            let is_merge = authored_at.is_none() && !squashed;
            let mut parents: Vec<&str> = before.map(|token| self.sha(token)).into_iter().collect();
            if is_merge {
                parents.push(OTHER_PARENT);
            }
            rows.push(self.commit(token, authored_at.or(landed_at), &parents));
            before = Some(token);
        }
        rows.reverse();
        rows
    }

    fn issues(&self) -> Vec<Value> {
        let incidents = self.project.incidents.iter().map(Self::incident);
        let planned = self.project.issues.iter().map(|own| self.planned(own));
        incidents.chain(planned).collect()
    }

    fn planned(&self, own: &Issue) -> Value {
        let label = own.validated_at.iter().map(|_| validated(self.scenario));
        let changed_at = [&own.milestone_assigned_at, &own.validated_at];
        let changed_at = changed_at.into_iter().flatten().max().unwrap_or(&own.created_at);
        json!({
            "id": own.iid, "iid": own.iid, "issue_type": "issue", "type": "ISSUE",
            "state": "opened", "created_at": own.created_at, "updated_at": changed_at,
            "labels": label.collect::<Vec<_>>(), "description": "Wanted",
            "milestone": own.milestone_assigned_at.as_ref().map(|_| json!({"id": 1})),
        })
    }

    /// The closings and reopenings of an incident.
    fn turns(own: &Incident) -> Vec<Value> {
        let turn = |state: &str, at: &String| json!({"id": 1, "state": state, "created_at": at});
        if own.history.is_empty() {
            return own.closed_at.iter().map(|at| turn("closed", at)).collect();
        }
        let told = own.history.iter();
        told.map(|(action, at)| turn(if action == "close" { "closed" } else { "reopened" }, at))
            .collect()
    }

    fn incident(own: &Incident) -> Value {
        let cause = own.caused_by.as_ref();
        let is_external = cause.and_then(Value::as_str) == Some("external");
        let by_deployment = cause.and_then(Value::as_u64);
        let last = own.history.last().map(|(_, at)| at);
        let link = own.duplicate_of.map(|iid| format!("https://gitlab.example/issues/{iid}"));
        json!({
            "id": own.id, "iid": own.id, "issue_type": "incident", "type": "INCIDENT",
            "severity": own.severity.as_deref().unwrap_or("unknown").to_uppercase(),
            "state": if own.closed_at.is_some() { "closed" } else { "opened" },
            "created_at": own.created_at, "closed_at": own.closed_at,
            "updated_at": own.closed_at.as_ref().or(last).unwrap_or(&own.created_at),
            "labels": if is_external { vec!["external"] } else { vec![] },
            "description": by_deployment.map(|id| format!("dora: caused-by deployment {id}")),
            "moved_to_id": null, "milestone": null,
            "_links": {"closed_as_duplicate_of": link},
        })
    }
}
