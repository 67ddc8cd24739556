//! A GitLab without a memory: every row of its API is made from its number when it is asked for, so
//! that a past of any length costs the generator nothing.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{App as Actix, HttpRequest, HttpResponse, HttpServer, web};

use super::server;
use crate::clock::Clock;
use crate::delivery::Timestamp;

/// Most rows of a page, as GitLab has it.
const PAGE_ROWS: u64 = 100;
/// One is enough to answer two requests at a time.
const WORKERS: usize = 1;
/// What GitLab says of a deployment's job, user, runner and pipeline besides what is kept: about so
/// many bytes a row.
const IGNORED_BYTES: usize = 2_000;
/// How long ago everything began.
const DAYS: u64 = 60;
/// Every so manieth issue is an incident.
const INCIDENT_EVERY: u64 = 10;
/// Commits before a squash have numbers from here on, two a merge request.
const ORIGINALS: u64 = 1 << 40;
/// Where, below the API, it tells how often it was asked.
pub(super) const COUNT_PATH: &str = "/api/v4/count";

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub(super) struct Town {
    /// Projects of the GitLab that is served.
    #[arg(long = "town-projects", default_value_t = 0, hide = true)]
    pub(super) projects: u64,
    /// Deployments of each, and as many commits on the line of its branch.
    #[arg(long = "town-deployments", default_value_t = 0, hide = true)]
    pub(super) deployments: u64,
}

impl Town {
    /// Merged merge requests of a project: few, because each costs two requests whatever its size.
    const fn merge_requests(self) -> u64 {
        self.deployments / 50
    }

    /// Closed issues of a project.
    const fn issues(self) -> u64 {
        self.deployments / 5
    }

    /// Issues of a project that are incidents.
    const fn incidents(self) -> u64 {
        self.issues() / INCIDENT_EVERY
    }

    /// The fewest requests that read all of it.
    pub(super) const fn fewest_requests(self) -> u64 {
        // Environments, milestones and Releases are a page each; two more hang on a merge request and
        // on an incident.
        let project = 3
            + pages(self.deployments)
            + pages(self.deployments)
            + pages(self.merge_requests())
            + 2 * self.merge_requests()
            + pages(self.issues())
            + 2 * self.incidents();
        pages(self.projects) + self.projects * project
    }

    /// The rows that are resources of their own.
    pub(super) const fn rows(self) -> u64 {
        // A project and its environment; two commits and a comment hang on a merge request, a closing, a
        // reopening and a comment on an incident.
        let issues = self.issues() + 3 * self.incidents();
        let project = 2 + 2 * self.deployments + 4 * self.merge_requests() + issues;
        self.projects * project
    }
}

const fn pages(rows: u64) -> u64 {
    let pages = rows.div_ceil(PAGE_ROWS);
    if pages == 0 { 1 } else { pages }
}

/// Serves it until the parent is gone.
///
/// # Errors
/// When it cannot listen.
pub(super) async fn serve(town: Town, clock: Arc<dyn Clock>) -> io::Result<()> {
    let asked = Arc::new(AtomicU64::new(0));
    let rows = Rows { town, begin: clock.now().minus(DAYS * 86_400) };
    let ignored: Arc<str> = "x".repeat(IGNORED_BYTES).into();
    let server = HttpServer::new(move || {
        let (asked, ignored) = (Arc::clone(&asked), Arc::clone(&ignored));
        Actix::new().default_service(web::to(move |request: HttpRequest| {
            let answer = answer(&request, rows, &asked, &ignored);
            std::future::ready(answer)
        }))
    });
    let server = server.workers(WORKERS).disable_signals().bind(server::LOOPBACK)?;
    server::listen(server.addrs(), server.run()).await
}

fn answer(request: &HttpRequest, rows: Rows, asked: &AtomicU64, ignored: &str) -> HttpResponse {
    if request.path() == COUNT_PATH {
        return HttpResponse::Ok().body(asked.load(Ordering::Relaxed).to_string());
    }
    asked.fetch_add(1, Ordering::Relaxed);
    let query = web::Query::<HashMap<String, String>>::from_query(request.query_string());
    let query = query.map(web::Query::into_inner).unwrap_or_default();
    let parts: Vec<&str> = request.path().split('/').skip(3).collect();
    let Some(list) = rows.list(&parts) else { return HttpResponse::NotFound().finish() };
    let (first, more) = list.place(&query, rows.begin);
    let shown = first..first.saturating_add(PAGE_ROWS).min(list.count);
    let mut body = String::from("[");
    for number in shown.clone() {
        let comma = if number == first { "" } else { "," };
        body.push_str(comma);
        rows.write(&mut body, &list, number, ignored);
    }
    body.push(']');
    let mut response = HttpResponse::Ok();
    response.content_type("application/json");
    if shown.end < list.count {
        let others = query.iter().filter(|(key, _)| more.0 != key.as_str());
        let mut link = format!("<https://gitlab.example{}?{}={}", request.path(), more.0, more.1);
        for (key, value) in others {
            let _ = write!(link, "&{key}={}", value.replace('+', "%2B"));
        }
        response.insert_header(("link", format!("{link}>; rel=\"next\"")));
    }
    response.body(body)
}

/// What there is, and since when.
#[derive(Debug, Clone, Copy)]
struct Rows {
    town: Town,
    begin: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Project,
    Environment,
    Deployment,
    MergeRequest,
    Original(u64),
    Note(u64),
    Commit,
    Issue,
    /// What was closed too early: the first closing of an incident, its reopening, and the last closing,
    /// which the incident itself tells as well.
    Turn(u64),
    /// A list without a row.
    Nothing,
}

/// One list.
#[derive(Debug, Clone, Copy)]
struct List {
    project: u64,
    kind: Kind,
    count: u64,
}

impl List {
    /// The first row of a page, and the parameter that asks for the next one.
    fn place(
        &self,
        query: &HashMap<String, String>,
        begin: Timestamp,
    ) -> (u64, (&'static str, u64)) {
        let number = |key: &str| query.get(key).and_then(|text| text.parse::<u64>().ok());
        if self.kind == Kind::Project {
            let first = number("id_after").unwrap_or(0);
            return (first, ("id_after", first + PAGE_ROWS));
        }
        let page = number("page").unwrap_or(1).max(1);
        // Rows are one step of time apart, so the filter by time is a division.
        let after =
            query.get("updated_after").and_then(|text| crate::gitlab::timestamp::read(text));
        let passed = after.map_or(0, |after| after.seconds_since(begin) / self.step());
        (passed + (page - 1) * PAGE_ROWS, ("page", page + 1))
    }

    /// Seconds between the changes of two rows.
    const fn step(&self) -> u64 {
        let rows = if self.count == 0 { 1 } else { self.count };
        // The last changed ten days ago.
        (DAYS - 10) * 86_400 / rows
    }
}

impl Rows {
    fn list(self, parts: &[&str]) -> Option<List> {
        let Town { projects, deployments, .. } = self.town;
        let (project, kind, count) = match parts {
            ["projects"] => (0, Kind::Project, projects),
            ["projects", project, rest @ ..] => {
                let (kind, count) = match rest {
                    ["environments"] => (Kind::Environment, 1),
                    ["deployments"] => (Kind::Deployment, deployments),
                    ["repository", "commits"] => (Kind::Commit, deployments),
                    ["merge_requests"] => (Kind::MergeRequest, self.town.merge_requests()),
                    ["merge_requests", own, "commits"] => (Kind::Original(own.parse().ok()?), 2),
                    ["merge_requests" | "issues", own, "notes"] => {
                        (Kind::Note(own.parse().ok()?), 1)
                    }
                    ["issues"] => (Kind::Issue, self.town.issues()),
                    ["issues", own, "resource_state_events"] => (Kind::Turn(own.parse().ok()?), 3),
                    ["milestones" | "releases"] => (Kind::Nothing, 0),
                    _ => return None,
                };
                (project.parse().ok()?, kind, count)
            }
            _ => return None,
        };
        Some(List { project, kind, count })
    }

    /// Writes row `number` of a list, counted from 0.
    fn write(self, out: &mut String, list: &List, number: u64, ignored: &str) {
        let project = list.project;
        let own = number + 1;
        let at = self.at(own * list.step());
        let sha = |of: u64| format!("{project:010x}{of:030x}");
        let landed = sha(own * 50);
        let _ = match list.kind {
            Kind::Project => write!(
                out,
                r#"{{"id":{own},"path_with_namespace":"group-{}/app-{own}","default_branch":"main","archived":false,"last_activity_at":"{at}"}}"#,
                own / 20
            ),
            Kind::Environment => write!(
                out,
                r#"{{"id":1,"name":"production","tier":"production","created_at":"{at}","updated_at":"{at}"}}"#
            ),
            Kind::Deployment => write!(
                out,
                r#"{{"id":{},"iid":{own},"status":"success","ref":"main","sha":"{}","created_at":"{at}","updated_at":"{at}","environment":{{"id":1,"name":"production"}},"deployable":{{"id":{own},"started_at":"{at}","finished_at":"{at}","tag_list":"{ignored}"}}}}"#,
                project * 1_000_000 + own,
                sha(own)
            ),
            Kind::MergeRequest => write!(
                out,
                r#"{{"id":{own},"iid":{own},"state":"merged","draft":false,"created_at":"{at}","merged_at":"{at}","updated_at":"{at}","author":{{"id":5,"username":"author"}},"labels":[],"source_branch":"feature-{own}","target_branch":"main","milestone":null,"sha":"{}","merge_commit_sha":null,"squash_commit_sha":"{landed}","description":""}}"#,
                sha(ORIGINALS + 2 * own + 2)
            ),
            Kind::Original(of) => Self::commit(out, (&sha(ORIGINALS + 2 * of + own), ""), &at),
            Kind::Commit => {
                let nth = list.count - number;
                let parent = format!("\"{}\"", sha(nth - 1));
                Self::commit(out, (&sha(nth), &parent), &self.at(nth * list.step()))
            }
            Kind::Note(of) => write!(
                out,
                r#"{{"id":{of},"body":"Fine","system":false,"created_at":"{at}","updated_at":"{at}","author":{{"id":6,"username":"reviewer"}}}}"#
            ),
            Kind::Turn(of) => {
                let closed = self.issue_closed_after(of);
                let (state, at) = match number {
                    0 => ("closed", self.at(closed - 7_200)),
                    1 => ("reopened", self.at(closed - 3_600)),
                    _ => ("closed", self.at(closed)),
                };
                write!(out, r#"{{"id":{own},"state":"{state}","created_at":"{at}"}}"#)
            }
            Kind::Issue => write!(
                out,
                r#"{{"id":{own},"iid":{own},"issue_type":"{}","state":"closed","created_at":"{at}","closed_at":"{at}","updated_at":"{at}","labels":[],"milestone":null,"description":null}}"#,
                if own.is_multiple_of(INCIDENT_EVERY) { "incident" } else { "issue" }
            ),
            Kind::Nothing => Ok(()),
        };
    }

    fn commit(out: &mut String, (sha, parents): (&str, &str), at: &str) -> std::fmt::Result {
        write!(
            out,
            r#"{{"id":"{sha}","parent_ids":[{parents}],"title":"T","message":"T","author_name":"A","author_email":"a@example.org","authored_date":"{at}","committed_date":"{at}"}}"#
        )
    }

    /// Seconds from the begin until an issue was closed.
    fn issue_closed_after(self, own: u64) -> u64 {
        let list = List { project: 0, kind: Kind::Issue, count: self.town.issues() };
        (own * list.step()).max(7_200)
    }

    fn at(self, seconds: u64) -> String {
        crate::gitlab::timestamp::write(self.begin.plus(seconds))
    }
}
