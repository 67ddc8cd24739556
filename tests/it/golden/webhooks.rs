//! A worked example told as GitLab would tell it: one webhook after another.

mod planning;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::scenario::{Deployment, Incident, MergeRequest, Project, Scenario};

/// All deliveries of a scenario: the event header, and the body.
pub(crate) fn deliveries(scenario: &Scenario) -> Vec<(&'static str, Value)> {
    let mut told = Vec::new();
    let validated = validated(scenario);
    for (index, project) in (1..).zip(&scenario.projects) {
        let teller = Teller::new(index, project, &scenario.sha_map);
        told.extend(project.issues.iter().flat_map(|own| teller.planned(own, validated)));
        told.extend(teller.pushes());
        told.extend(project.merge_requests.iter().flat_map(|mr| teller.merge_request(mr)));
        told.extend(project.deployments.iter().map(|own| teller.deployment(own)));
        told.extend(project.incidents.iter().flat_map(|own| teller.incident(own)));
    }
    for (number, (_, body)) in told.iter_mut().enumerate() {
        spell_times(body, number);
    }
    told
}

/// The label that says that a need was validated.
pub(super) fn validated(scenario: &Scenario) -> &str {
    let need = scenario.config.get("need").and_then(|need| need["validated_labels"][0].as_str());
    need.unwrap_or("validated")
}

/// Writes every instant as one or another GitLab version would.
pub(super) fn spell_times(value: &mut Value, form: usize) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| spell_times(item, form)),
        Value::Object(fields) => fields.values_mut().for_each(|field| spell_times(field, form)),
        Value::String(text) => {
            if let Ok(instant) = text.parse::<jiff::Timestamp>() {
                let pattern = ["%F %T UTC", "%FT%T.000Z", "%FT%TZ", "%FT%T.000+00:00"][form % 4];
                *text = instant.strftime(pattern).to_string();
            }
        }
        _ => {}
    }
}

struct Teller<'a> {
    id: u64,
    project: &'a Project,
    shas: &'a BTreeMap<String, String>,
    branch: &'a str,
}

impl<'a> Teller<'a> {
    fn new(id: u64, project: &'a Project, shas: &'a BTreeMap<String, String>) -> Self {
        let branch = project.default_branch.as_deref().unwrap_or("main");
        Self { id, project, shas, branch }
    }

    fn sha<'t>(&'t self, token: &'t str) -> &'t str {
        self.shas.get(token).map_or(token, String::as_str)
    }

    fn about(&self) -> Value {
        json!({
            "id": self.id,
            "path_with_namespace": self.project.path,
            "default_branch": self.branch,
        })
    }

    fn user(name: &str) -> Value {
        json!({ "id": number(name), "username": name, "name": name })
    }

    /// The deployed line, one push per landing, and one push per source branch.
    fn pushes(&self) -> Vec<(&'static str, Value)> {
        let mut told = Vec::new();
        let own: BTreeSet<&str> =
            self.merge_requests(|mr| mr.commits.iter().map(|commit| commit.sha.as_str()).collect());
        let landings: BTreeSet<&str> =
            self.merge_requests(|mr| mr.landed_sha.as_deref().into_iter().collect());
        let mut before = "0".repeat(40);
        let mut pending: Vec<&str> = Vec::new();
        for token in self.project.history.iter().map(String::as_str) {
            if own.contains(token) && !landings.contains(token) {
                pending.push(token);
                continue;
            }
            let mut brought: Vec<&str> = Vec::new();
            if landings.contains(token) {
                brought.append(&mut pending);
            }
            brought.push(token);
            told.push(self.push(self.branch, &before, &brought));
            self.sha(token).clone_into(&mut before);
        }
        for request in self.project.merge_requests.iter().filter(|mr| !mr.commits.is_empty()) {
            let commits: Vec<&str> = request.commits.iter().map(|c| c.sha.as_str()).collect();
            told.push(self.push(&request.source_branch, &"0".repeat(40), &commits));
        }
        told
    }

    fn merge_requests(&self, of: impl Fn(&'a MergeRequest) -> Vec<&'a str>) -> BTreeSet<&'a str> {
        self.project.merge_requests.iter().flat_map(of).collect()
    }

    fn push(&self, branch: &str, before: &str, tokens: &[&str]) -> (&'static str, Value) {
        let commits: Vec<Value> = tokens.iter().map(|token| self.commit(token)).collect();
        let after = self.sha(tokens.last().copied().unwrap_or_default());
        let body = json!({
            "object_kind": "push", "event_name": "push",
            "before": before, "after": after, "checkout_sha": after,
            "ref": format!("refs/heads/{branch}"),
            "user_id": number("dev"), "user_username": "dev",
            "project_id": self.id, "project": self.about(),
            "total_commits_count": commits.len(), "commits": commits,
        });
        ("Push Hook", body)
    }

    /// A commit that no merge request holds and that has no date is a merge: GitLab would date it,
    /// and give it the message of one.
    fn commit(&self, token: &str) -> Value {
        let merge_requests = &self.project.merge_requests;
        let authored = merge_requests
            .iter()
            .flat_map(|mr| &mr.commits)
            .find(|commit| commit.sha == token)
            .map(|commit| commit.authored_at.as_str())
            .or(self.project.commit_times.get(token).map(String::as_str));
        let landed = merge_requests.iter().find(|mr| mr.landed_sha.as_deref() == Some(token));
        let landed_at = landed.and_then(|mr| mr.merged_at.as_deref());
        let message = if authored.is_some() || landed.is_some_and(|mr| mr.method() == "squash") {
            format!("Change {token}")
        } else {
            format!("Merge branch '{token}' into '{}'", self.branch)
        };
        json!({
            "id": self.sha(token), "message": message, "title": message,
            "timestamp": authored.or(landed_at).unwrap_or("2020-01-01T00:00:00Z"),
            "author": { "name": "dev", "email": "dev@example.org" },
        })
    }

    fn deployment(&self, deployment: &Deployment) -> (&'static str, Value) {
        let sha = deployment.sha.as_deref().map(|token| self.sha(token));
        let body = json!({
            "object_kind": "deployment",
            "status": deployment.status,
            "status_changed_at": deployment.finished_at,
            "deployment_id": deployment.id,
            "deployable_id": deployment.id,
            "environment": deployment.environment,
            "environment_tier": deployment.tier,
            "project": self.about(),
            "short_sha": sha.and_then(|sha| sha.get(..8)),
            "ref": deployment.ref_name,
            "commit_url": sha.map(|sha| format!("https://gitlab.example/x/-/commit/{sha}")),
        });
        ("Deployment Hook", body)
    }

    fn merge_request(&self, request: &MergeRequest) -> Vec<(&'static str, Value)> {
        let dates = request.commits.iter().map(|commit| commit.authored_at.as_str());
        let Some(opened) = request.created_at.as_deref().or(dates.min()) else {
            return self.merge(request).into_iter().collect();
        };
        let mut told = vec![self.event(request, "open", opened, &request.author)];
        if let Some(ready) = request.ready_at.as_deref().filter(|_| request.created_as_draft) {
            let (kind, mut body) = self.event(request, "update", ready, &request.author);
            body["object_attributes"]["draft"] = json!(false);
            body["changes"] = json!({ "draft": { "previous": true, "current": false } });
            told.push((kind, body));
        }
        told.extend(request.first_review_at.iter().map(|at| self.note(request, "reviewer", at)));
        for (who, at) in &request.ignored_notes {
            let name = if who == "bot" { "project_1_bot" } else { &request.author };
            told.push(self.note(request, name, at));
        }
        told.extend(
            request.approved_at.iter().map(|at| self.event(request, "approved", at, "reviewer")),
        );
        told.extend(self.merge(request));
        told
    }

    fn merge(&self, request: &MergeRequest) -> Option<(&'static str, Value)> {
        let merged = request.merged_at.as_deref()?;
        let landed = self.sha(request.landed_sha.as_deref()?);
        let (kind, mut body) = self.event(request, "merge", merged, "merger");
        let attributes = &mut body["object_attributes"];
        attributes["state"] = json!("merged");
        attributes["draft"] = json!(false);
        attributes["merged_at"] = json!(merged);
        match request.method() {
            "merge" => attributes["merge_commit_sha"] = json!(landed),
            "squash" => attributes["squash_commit_sha"] = json!(landed),
            _ => attributes["last_commit"]["id"] = json!(landed),
        }
        Some((kind, body))
    }

    fn event(
        &self,
        request: &MergeRequest,
        action: &str,
        at: &str,
        actor: &str,
    ) -> (&'static str, Value) {
        let head = request.commits.last();
        let labels: Vec<Value> =
            request.labels.iter().map(|label| json!({ "title": label })).collect();
        let reverts = request.reverts.map(|iid| format!("This reverts merge request !{iid}"));
        let closes = request.closes.iter().map(|iid| format!("Closes #{iid}"));
        let description = reverts.into_iter().chain(closes).collect::<Vec<_>>().join("\n");
        let dates = request.commits.iter().map(|commit| commit.authored_at.as_str());
        let body = json!({
            "object_kind": "merge_request", "event_type": "merge_request",
            "user": Self::user(actor), "project": self.about(), "labels": labels,
            "object_attributes": {
                "id": request.iid, "iid": request.iid, "action": action, "state": "opened",
                "author_id": number(&request.author),
                "source_project_id": self.id, "target_project_id": self.id,
                "source_branch": request.source_branch, "target_branch": request.target_branch,
                "created_at": request.created_at.as_deref().or(dates.min()), "updated_at": at,
                "draft": request.created_as_draft, "labels": labels, "description": description,
                "merge_commit_sha": null, "squash_commit_sha": null,
                "last_commit": head.map(|commit| json!({
                    "id": self.sha(&commit.sha), "timestamp": commit.authored_at,
                })),
            },
            "changes": {},
        });
        ("Merge Request Hook", body)
    }

    fn note(&self, request: &MergeRequest, who: &str, at: &str) -> (&'static str, Value) {
        let body = json!({
            "object_kind": "note", "event_type": "note",
            "user": Self::user(who), "project_id": self.id, "project": self.about(),
            "object_attributes": {
                "id": 1, "noteable_type": "MergeRequest", "author_id": number(who),
                "action": "create", "system": false, "created_at": at, "updated_at": at,
                "note": "Looks right to me",
            },
            "merge_request": {
                "id": request.iid, "iid": request.iid, "target_project_id": self.id,
                "source_branch": request.source_branch, "target_branch": request.target_branch,
            },
        });
        ("Note Hook", body)
    }

    fn incident(&self, incident: &Incident) -> Vec<(&'static str, Value)> {
        let mut told = vec![self.issue(incident, "open", &incident.created_at)];
        let closing = incident.closed_at.iter().map(|at| ("close", at));
        let series: Vec<(&str, &String)> = if incident.history.is_empty() {
            closing.collect()
        } else {
            incident.history.iter().map(|(action, at)| (action.as_str(), at)).collect()
        };
        told.extend(series.into_iter().map(|(action, at)| self.issue(incident, action, at)));
        told
    }

    fn issue(&self, incident: &Incident, action: &str, at: &str) -> (&'static str, Value) {
        let is_closing = action == "close";
        let cause = incident.caused_by.as_ref();
        let is_external = cause.and_then(Value::as_str) == Some("external");
        let labels = if is_external { json!([{ "title": "external" }]) } else { json!([]) };
        let description = cause
            .and_then(Value::as_u64)
            .map(|id| format!("Something broke\n\ndora: caused-by deployment {id}"));
        let body = json!({
            "object_kind": "work_item", "event_type": "issue",
            "user": Self::user("operator"), "project": self.about(), "labels": labels,
            "object_attributes": {
                "id": incident.id, "iid": incident.id, "project_id": self.id,
                "type": "Incident", "action": action,
                "state": if is_closing { "closed" } else { "opened" },
                "severity": incident.severity.as_deref().unwrap_or("unknown"),
                "created_at": incident.created_at, "updated_at": at,
                "closed_at": is_closing.then_some(at),
                "duplicated_to_id": incident.duplicate_of.filter(|_| is_closing),
                "labels": labels, "description": description,
            },
            "changes": {},
        });
        ("Issue Hook", body)
    }
}

/// A user id that depends on the name alone.
pub(super) fn number(name: &str) -> u64 {
    name.bytes().fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_003)
}
