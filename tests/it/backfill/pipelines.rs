//! Pipelines, where they are asked for: of the default branch, and of merge requests with their jobs.

use serde_json::{Value, json};

use super::histories::{DAY, POLICY, Story, add, exported, tell};
use super::town::{instant, sha};
use super::{asked, backfill};
use crate::support::fake_gitlab::FakeGitlab;
use crate::support::process::Place;

/// An instant so many seconds after a tenth of a day.
fn at(tenths: i64, seconds: i64) -> String {
    instant(tenths * DAY / 10 + seconds)
}

/// A pipeline: its number, its commit, whether it ran for the merge request, its status, its begin.
type Ran = (u64, u32, bool, &'static str, i64);

/// How long any of them took.
const LASTED: i64 = 900;
/// The last before the merge is 71; the default branch broke, and was mended.
const RAN: [Ran; 6] = [
    (60, 1, false, "success", 6),
    (70, 2, true, "failed", 84),
    (71, 2, true, "success", 86),
    (74, 2, false, "failed", 91),
    (76, 2, true, "success", 95),
    (77, 3, false, "success", 141),
];

fn row((id, commit, for_request, status, begin): Ran) -> Value {
    let (source, name) = if for_request {
        ("merge_request_event", "refs/merge-requests/4/head")
    } else {
        ("push", "main")
    };
    json!({"id": id, "iid": id, "project_id": 1, "sha": sha(1, commit), "ref": name, "source": source,
           "status": status, "created_at": at(begin, 0), "updated_at": at(begin, LASTED)})
}

/// Its jobs: a minute and a half of building, three minutes of testing, and one that waits for somebody.
fn jobs(begin: i64) -> Vec<Value> {
    let job = |id: u32, stage: &str, from: i64, until: i64| {
        json!({"id": id, "stage": stage, "status": "success", "started_at": at(begin, from),
               "finished_at": at(begin, until), "queued_duration": 10.4})
    };
    let waits = json!({"id": 4, "stage": "deploy", "status": "manual", "started_at": null,
                       "finished_at": null, "queued_duration": null});
    vec![job(1, "build", 20, 100), job(2, "test", 110, 200), job(3, "test", 120, 280), waits]
}

fn put(gitlab: &FakeGitlab) {
    let rows = |for_request| RAN.into_iter().filter(move |ran| ran.2 == for_request).map(row);
    gitlab.put("projects/1/pipelines", rows(false).collect());
    gitlab.put("projects/1/merge_requests/4/pipelines", rows(true).rev().collect());
    let own = jobs(86).into_iter().map(|job| add(&job, json!({"pipeline": {"id": 71}})));
    gitlab.put("projects/1/pipelines/71/jobs", own.collect());
}

fn hooks() -> Vec<(&'static str, Value)> {
    let project = json!({"id": 1, "path_with_namespace": "group/app", "default_branch": "main"});
    let hook = |ran: Ran| {
        let attributes = add(&row(ran), json!({"finished_at": at(ran.4, LASTED)}));
        let request = if ran.2 { json!({"iid": 4, "target_project_id": 1}) } else { Value::Null };
        let body = json!({"object_kind": "pipeline", "project": project, "merge_request": request,
            "object_attributes": attributes, "builds": jobs(ran.4)});
        ("Pipeline Hook", body)
    };
    RAN.into_iter().map(hook).collect()
}

/// A place at which pipelines are read.
fn place(gitlab: &FakeGitlab) -> Place {
    let place = Place::with_api(POLICY, &gitlab.url());
    let config = std::fs::read_to_string(place.config()).unwrap();
    let more = "backfill_since = \"off\"\nbackfill_pipelines = true\n";
    let config = config.replace("backfill_since = \"off\"\n", more);
    std::fs::write(place.config(), config).unwrap();
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_alone_the_api_alone_and_both_tell_of_the_same_pipelines() {
    let gitlab = FakeGitlab::start().await;
    Story::put(&gitlab);
    put(&gitlab);
    let [told, read, both] = [(); 3].map(|()| place(&gitlab));
    for place in [&told, &both] {
        tell(place, Story::hooks().into_iter().chain(hooks()).collect()).await;
    }
    for place in [&read, &both] {
        let text = backfill(place, &[]).await;
        assert!(text.contains("0 lists not given"), "{text}");
    }
    for tenths in [60, 93, 101, 120, 145, 200] {
        let [told, read, both] = [&told, &read, &both].map(|place| exported(place, tenths));
        assert_eq!(told, read, "at {tenths}");
        assert_eq!(told, both, "at {tenths}");
    }
    let last = exported(&read, 200);
    let step = |step: &str, seconds: u32| {
        format!(
            "dora_step_duration_seconds{{project=\"group/app\",stat=\"p50\",step=\"{step}\",\
             window=\"30d\"}} {seconds}\n"
        )
    };
    for line in [step("build", 90), step("test", 180)] {
        assert!(last.contains(&line), "{line}: {last}");
    }
    // Of 19.39 days since the first pipeline five were broken.
    assert!(
        last.contains("dora_releasable_time_ratio{project=\"group/app\",window=\"30d\"} 0.74"),
        "{last}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_request_costs_two_requests_more_and_only_where_pipelines_are_read() {
    let gitlab = FakeGitlab::start().await;
    Story::put(&gitlab);
    put(&gitlab);
    let without = Place::with_api(POLICY, &gitlab.url());
    backfill(&without, &[]).await;
    let before: u32 = asked(&gitlab).values().sum();
    let place = place(&gitlab);
    backfill(&place, &[]).await;
    let asked_with = asked(&gitlab);
    assert_eq!(asked_with.values().sum::<u32>(), before + 3, "{asked_with:?}");

    // Wanted later they are read of all that was read before, and nothing else is asked for again.
    let config = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(without.config(), config.replace(&store_of(&place), &store_of(&without)))
        .unwrap();
    backfill(&without, &[]).await;
    let more = asked(&gitlab);
    assert_eq!(more.values().sum::<u32>(), 5, "projects, merge requests and pipelines: {more:?}");
    assert_eq!(exported(&without, 200), exported(&place, 200));

    gitlab.refuse("projects/1/merge_requests/4/pipelines", 403);
    let refused = backfill(&self::place(&gitlab), &[]).await;
    let line =
        "warning: main: group/app: merge_request_pipeline not read: GitLab does not allow this";
    assert!(refused.contains(line), "{refused}");
}

/// The line of the configuration that names the store.
fn store_of(place: &Place) -> String {
    let config = std::fs::read_to_string(place.config()).unwrap();
    config.lines().find(|line| line.starts_with("directory")).unwrap().to_owned()
}
