//! What happened to issues: told by hooks alone, by the API alone or by both, it is the same.

use serde_json::{Value, json};

use super::town::{instant, sha};
use super::{asked, backfill};
use crate::support::fake_gitlab::FakeGitlab;
use crate::support::process::{Place, http_client, signed};

pub(super) const DAY: i64 = 86_400;
pub(super) const POLICY: &str = "[policy]\nneed = { validated_labels = [\"validated\"] }\n";

/// An instant so many tenths of a day after the begin.
pub(super) fn tenth(tenths: i64) -> String {
    instant(tenths * DAY / 10)
}

/// The date of an instant.
fn date(tenths: i64) -> String {
    tenth(tenths)[..10].to_owned()
}

pub(super) fn add(of: &Value, changes: Value) -> Value {
    let mut sum = of.clone();
    let (Value::Object(own), Value::Object(more)) = (&mut sum, changes) else { panic!("{of}") };
    own.extend(more);
    sum
}

/// A project in which a need was validated, planned, delivered; an issue left the milestone; and an
/// incident was closed too early.
pub(super) struct Story;

impl Story {
    fn deployment(own: u32, tenths: i64) -> Value {
        let at = tenth(tenths);
        json!({
            "id": own, "status": "success", "ref": "main", "sha": sha(1, own), "created_at": at,
            "updated_at": at, "environment": {"id": 1, "name": "production"},
            "deployable": {"id": own, "finished_at": at},
        })
    }

    fn commit(own: u32, tenths: i64) -> Value {
        let at = tenth(tenths);
        json!({
            "id": sha(1, own), "parent_ids": [sha(1, own - 1)], "title": "T", "message": "T",
            "author_name": "Ada", "author_email": "ada@example.org", "authored_date": at,
            "committed_date": at,
        })
    }

    fn merge_request() -> Value {
        json!({
            "id": 4, "iid": 4, "state": "merged", "draft": false, "created_at": tenth(85),
            "merged_at": tenth(90), "updated_at": tenth(90), "labels": [],
            "author": {"id": 5, "username": "ada"}, "source_branch": "feature", "milestone": null,
            "target_branch": "main", "sha": sha(1, 2), "merge_commit_sha": null,
            "squash_commit_sha": null, "description": "Closes #3",
        })
    }

    /// The issues as they are at the end.
    fn issues() -> [Value; 3] {
        let issue = json!({
            "severity": "UNKNOWN", "issue_type": "issue", "labels": [], "milestone": null,
            "description": null, "created_at": tenth(20), "closed_at": null, "state": "opened",
        });
        let closed = |tenths| json!({"state": "closed", "closed_at": tenth(tenths), "updated_at": tenth(tenths)});
        [
            add(&add(&issue, closed(90)), json!({"id": 3, "iid": 3, "milestone": {"id": 61}})),
            add(&issue, json!({"id": 5, "iid": 5, "updated_at": tenth(70)})),
            add(
                &add(&issue, closed(105)),
                json!({"id": 8, "iid": 8, "issue_type": "incident", "severity": "HIGH",
                       "created_at": tenth(101)}),
            ),
        ]
    }

    fn milestone() -> Value {
        json!({
            "id": 61, "iid": 1, "state": "active", "created_at": tenth(0), "updated_at": tenth(0),
            "start_date": date(60), "due_date": date(120),
        })
    }

    /// Puts it into a GitLab.
    pub(super) fn put(gitlab: &FakeGitlab) {
        let put = |list: &str, rows: Vec<Value>| gitlab.put(&format!("projects/1/{list}"), rows);
        let path = json!({"id": 1, "path_with_namespace": "group/app", "archived": false,
                          "default_branch": "main", "last_activity_at": tenth(0)});
        gitlab.put("projects", vec![path]);
        let production = json!({"id": 1, "name": "production", "tier": "production",
                                "created_at": tenth(0), "updated_at": tenth(0)});
        put("environments", vec![production]);
        put(
            "deployments",
            [(1, 10), (2, 100), (3, 150)].map(|(n, at)| Self::deployment(n, at)).into(),
        );
        put(
            "repository/commits",
            [(3, 140), (2, 80), (1, 5)].map(|(n, at)| Self::commit(n, at)).into(),
        );
        put("merge_requests", vec![Self::merge_request()]);
        put("merge_requests/4/commits", vec![Self::commit(2, 80)]);
        put("merge_requests/4/notes", Vec::new());
        put("issues", Self::issues().into());
        put("milestones", vec![Self::milestone()]);
        put("releases", Vec::new());
        let state = |state: &str, tenths| json!({"id": tenths, "state": state, "created_at": tenth(tenths)});
        let label = |action: &str, tenths| {
            json!({"id": tenths, "action": action, "created_at": tenth(tenths),
                   "label": {"id": 2, "name": "validated"}})
        };
        let milestone = |action: &str, tenths| json!({"id": tenths, "action": action, "created_at": tenth(tenths), "milestone": {"id": 61}});
        let events = |issue: u32, kind: &str, rows: Vec<Value>| {
            put(&format!("issues/{issue}/resource_{kind}_events"), rows);
        };
        events(3, "label", vec![label("add", 30), label("remove", 40)]);
        events(3, "milestone", vec![milestone("add", 50)]);
        events(5, "label", Vec::new());
        events(5, "milestone", vec![milestone("add", 20), milestone("remove", 70)]);
        events(8, "label", Vec::new());
        events(8, "milestone", Vec::new());
        let states = [("closed", 102), ("reopened", 103), ("closed", 105)];
        events(8, "state", states.map(|(name, at)| state(name, at)).into());
        put("issues/8/notes", vec![Self::note()]);
    }

    fn note() -> Value {
        json!({"id": 9, "body": "dora: caused-by deployment 1", "system": false,
               "created_at": tenth(104), "updated_at": tenth(104),
               "author": {"id": 6, "username": "bob"}})
    }

    /// What its hooks said, with the name of each.
    pub(super) fn hooks() -> Vec<(&'static str, Value)> {
        let project =
            json!({"id": 1, "path_with_namespace": "group/app", "default_branch": "main"});
        let mut hooks = Vec::new();
        let milestone = add(&Self::milestone(), json!({"project_id": 1}));
        hooks.push((
            "Milestone Hook",
            json!({"object_kind": "milestone", "action": "create",
            "project": project, "object_attributes": milestone}),
        ));
        for (own, tenths) in [(1, 5), (2, 90), (3, 140)] {
            let written = if own == 2 { 80 } else { tenths };
            let commit = json!({"id": sha(1, own), "message": "T", "title": "T", "timestamp": tenth(written),
                                "author": {"name": "Ada", "email": "ada@example.org"}});
            hooks.push((
                "Push Hook",
                json!({"object_kind": "push", "ref": "refs/heads/main",
                "before": sha(1, own - 1), "after": sha(1, own), "project": project,
                "commits": [commit], "total_commits_count": 1}),
            ));
        }
        for (own, tenths) in [(1, 10), (2, 100), (3, 150)] {
            hooks.push((
                "Deployment Hook",
                json!({"object_kind": "deployment", "status": "success",
                "status_changed_at": tenth(tenths), "deployment_id": own, "deployable_id": own,
                "environment": "production", "environment_tier": "production", "ref": "main",
                "project": project,
                "commit_url": format!("https://x/-/commit/{}", sha(1, own))}),
            ));
        }
        let row = Self::merge_request();
        let attributes = add(
            &row,
            json!({"action": "merge", "source_project_id": 1,
            "target_project_id": 1, "author_id": 5, "milestone_id": null,
            "last_commit": {"id": sha(1, 2), "timestamp": tenth(80), "message": "T"}}),
        );
        hooks.push((
            "Merge Request Hook",
            json!({"object_kind": "merge_request", "project": project,
            "user": {"id": 5, "username": "ada"}, "labels": [], "object_attributes": attributes}),
        ));
        hooks.extend(Self::issue_hooks().into_iter().map(|hook| {
            let project = json!({"project": project, "labels": []});
            ("Issue Hook", add(&add(&json!({"object_kind": "issue"}), project), hook))
        }));
        let note = add(
            &Self::note(),
            json!({"note": "dora: caused-by deployment 1",
            "noteable_type": "Issue", "author_id": 6}),
        );
        hooks.push((
            "Note Hook",
            json!({"object_kind": "note", "project": project,
            "user": {"id": 6, "username": "bob"}, "issue": {"iid": 8}, "object_attributes": note}),
        ));
        hooks
    }

    fn issue_hooks() -> Vec<Value> {
        let hook = |iid: u32, (action, at): (&str, i64), more: Value| {
            let (made, kind) = if iid == 8 { (101, "Incident") } else { (20, "Issue") };
            let severity = if iid == 8 { "high" } else { "unknown" };
            let own = json!({"iid": iid, "action": action, "created_at": tenth(made), "type": kind,
                "updated_at": tenth(at), "severity": severity, "labels": [], "description": null,
                "milestone_id": null, "state": "opened", "closed_at": null});
            let (attributes, changes) = (more["own"].clone(), more["changes"].clone());
            let attributes = if attributes.is_null() { json!({}) } else { attributes };
            json!({"object_attributes": add(&own, attributes), "changes": changes})
        };
        let validated = json!([{"id": 2, "title": "validated"}]);
        let labels = |previous: &Value, current: &Value| json!({"own": {"labels": current}, "changes": {"labels": {"previous": previous, "current": current}}});
        let moved = |previous: Value, current: Value| {
            json!({"own": {"milestone_id": current},
                   "changes": {"milestone_id": {"previous": previous, "current": current}}})
        };
        let closed = |at: i64, milestone: Value| json!({"own": {"state": "closed", "closed_at": tenth(at), "milestone_id": milestone}});
        vec![
            hook(3, ("open", 20), json!({})),
            hook(3, ("update", 30), labels(&json!([]), &validated)),
            hook(3, ("update", 40), labels(&validated, &json!([]))),
            hook(3, ("update", 50), moved(Value::Null, json!(61))),
            hook(3, ("close", 90), closed(90, json!(61))),
            hook(5, ("open", 20), json!({"own": {"milestone_id": 61}})),
            hook(5, ("update", 70), moved(json!(61), Value::Null)),
            hook(8, ("open", 101), json!({})),
            hook(8, ("close", 102), closed(102, Value::Null)),
            hook(8, ("reopen", 103), json!({})),
            hook(8, ("close", 105), closed(105, Value::Null)),
        ]
    }
}

/// Sends the hooks to a served exporter, and stops it.
pub(super) async fn tell(place: &Place, hooks: Vec<(&'static str, Value)>) {
    let (served, client) = (place.serve().await, http_client());
    for (number, (event, body)) in hooks.into_iter().enumerate() {
        let (url, id) = (place.url("/webhooks/gitlab"), format!("told-{number}"));
        let event = (event, body.to_string().into_bytes());
        let answer = signed(&client, &url, &id, event).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(served.terminate(), Some(0), "{}", place.log());
}

pub(super) fn exported(place: &Place, tenths: i64) -> String {
    let at = tenth(tenths);
    String::from_utf8(place.run(&["export", "--at", at.as_str()]).stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_alone_the_api_alone_and_both_tell_one_history_of_issues() {
    let gitlab = FakeGitlab::start().await;
    Story::put(&gitlab);
    let [told, read, both] = [(); 3].map(|()| Place::with_api(POLICY, &gitlab.url()));
    tell(&told, Story::hooks()).await;
    tell(&both, Story::hooks()).await;
    for place in [&read, &both] {
        let text = backfill(place, &[]).await;
        assert!(text.contains("0 lists not given"), "{text}");
    }
    // Before the incident, closed too early, open again, commented, closed for good; the milestone.
    for tenths in [95, 102, 103, 104, 105, 110, 135, 200] {
        let [told, read, both] = [&told, &read, &both].map(|place| exported(place, tenths + 1));
        assert_eq!(told, read, "at {tenths}");
        assert_eq!(told, both, "at {tenths}");
    }
    let last = exported(&read, 200);
    for line in [
        "dora_need_lead_time_seconds{basis=\"validated\",environment_tier=\"production\",\
         project=\"group/app\",stat=\"p50\",window=\"30d\"} 604800\n",
        "dora_time_to_restore_service_seconds{project=\"group/app\",stat=\"p50\",window=\"30d\"} \
         34560\n",
        "dora_scope_cut_ratio{project=\"group/app\",window=\"30d\"} 0.5\n",
        "dora_window_failed_deployments{environment_tier=\"production\",project=\"group/app\",\
         signal=\"incident\",window=\"30d\"} 1\n",
    ] {
        assert!(last.contains(line), "{line}: {last}");
    }
    let open = "dora_incidents_open{project=\"group/app\",severity=\"high\"}";
    for (tenths, number) in [(102, 0), (103, 1), (105, 0)] {
        let text = exported(&read, tenths + 1);
        assert!(text.contains(&format!("{open} {number}\n")), "{tenths}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_costs_a_request_for_what_a_metric_asks_and_no_other() {
    let gitlab = FakeGitlab::start().await;
    Story::put(&gitlab);
    let histories = async |policy: &str| {
        let place = Place::with_api(policy, &gitlab.url());
        backfill(&place, &[]).await;
        let asked = asked(&gitlab);
        assert!(asked.values().all(|times| *times == 1), "{asked:?}");
        let paths = asked.into_keys().filter_map(|path| {
            let (_, of) = path.split_once("/projects/1/issues/")?;
            Some(of.split(' ').next().unwrap().replace("resource_", ""))
        });
        let mut paths: Vec<String> = paths.collect();
        paths.sort_unstable();
        (place, paths)
    };
    let always = [
        "3/milestone_events",
        "5/milestone_events",
        "8/milestone_events",
        "8/notes",
        "8/state_events",
    ];
    let (place, paths) = histories("").await;
    assert_eq!(paths, always);
    let labelled = ["3/label_events", "5/label_events", "8/label_events"];
    let (_, paths) = histories(POLICY).await;
    let mut all: Vec<_> = labelled.iter().chain(&always).copied().collect();
    all.sort_unstable();
    assert_eq!(paths, all);

    // Without milestones that have a due day nobody asks what left one.
    let undated = add(&Story::milestone(), json!({"due_date": null}));
    gitlab.put("projects/1/milestones", vec![undated]);
    let (_, paths) = histories("").await;
    assert_eq!(paths, ["3/milestone_events", "8/notes", "8/state_events"]);

    // A label that counts from now on is asked for of all the past.
    let config = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), format!("{config}\n{POLICY}")).unwrap();
    gitlab.take_seen();
    backfill(&place, &[]).await;
    let again = asked(&gitlab);
    assert!(again.keys().any(|path| path.contains("/issues/3/resource_label_events")), "{again:?}");
    assert!(!again.keys().any(|path| path.contains("/deployments")), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groups_milestone_is_known_by_what_is_planned_in_it() {
    let gitlab = FakeGitlab::start().await;
    Story::put(&gitlab);
    gitlab.put("projects/1/milestones", Vec::new());
    let of_group = add(&Story::milestone(), json!({"group_id": 9, "title": "Spring"}));
    gitlab.world().lists.get_mut("projects/1/issues").unwrap()[0]["milestone"] = of_group;
    let place = Place::with_api(POLICY, &gitlab.url());
    backfill(&place, &[]).await;
    let text = exported(&place, 200);
    for family in ["milestones_due", "on_time_ratio"] {
        let line = format!("dora_{family}{{project=\"group/app\",window=\"30d\"}} 1\n");
        assert!(text.contains(&line), "{line}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_of_several_pages_are_read_to_their_end() {
    let gitlab = FakeGitlab::start().await;
    Story::put(&gitlab);
    let [whole, bit_by_bit] = [(); 2].map(|()| Place::with_api(POLICY, &gitlab.url()));
    backfill(&whole, &[]).await;
    gitlab.world().page_limit = 1;
    backfill(&bit_by_bit, &[]).await;
    assert_eq!(exported(&whole, 104), exported(&bit_by_bit, 104));
    assert_eq!(exported(&whole, 200), exported(&bit_by_bit, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_is_not_given_is_named_once_and_the_issue_is_read() {
    let gitlab = FakeGitlab::start().await;
    Story::put(&gitlab);
    for (list, status) in
        [("3/resource_label_events", 403), ("8/resource_state_events", 404), ("8/notes", 403)]
    {
        gitlab.refuse(&format!("projects/1/issues/{list}"), status);
    }
    let place = Place::with_api(POLICY, &gitlab.url());
    let told = backfill(&place, &[]).await;
    for line in [
        "warning: main: group/app: issue_label_event not read: GitLab does not allow this",
        "warning: main: group/app: issue_state_event not read: GitLab has no such thing",
        "warning: main: group/app: issue_note not read: GitLab does not allow this",
        "3 lists not given",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    let text = exported(&place, 200);
    let restored = "dora_time_to_restore_service_seconds{project=\"group/app\",stat=\"p50\",window=\"30d\"} 34560\n";
    assert!(text.contains(restored), "the issue itself tells of its last close: {text}");
}
