//! What GitLab says about it: JSON bodies in the shapes of 18.x and 19.x.
//!
//! Shapes: GitLab's documentation of webhook events, and its `lib/gitlab/data_builder/`.

mod code;
mod deployment;
mod issue;
mod pipeline;
mod planning;
mod request;
mod spelling;
pub mod synthetic;

use serde_json::{Value, json};

use self::spelling::Spelling;
use super::calendar::Calendar;
use super::company::{GITLAB_URL, Person, Service};
use super::delivery::Delivery;
use super::happening::{Commit, Happening, What};

/// The delivery that tells of a happening.
pub(super) fn deliver(happening: &Happening, calendar: &Calendar, id: String) -> Delivery {
    let service = happening.service;
    let spelling = Spelling { dialect: happening.dialect, calendar };
    let at = happening.at;
    let (event, body, summary) = match &happening.what {
        What::Push(push) => ("Push Hook", code::push(service, push, spelling), push.summary()),
        What::Tag(tag) => ("Tag Push Hook", code::tag(service, tag, spelling), tag.summary()),
        What::Request(event) => {
            let body = request::event(service, event, at, spelling);
            ("Merge Request Hook", body, event.summary())
        }
        What::Note(note) => ("Note Hook", issue::note(service, note, at, spelling), note.summary()),
        What::Pipeline(run) => {
            ("Pipeline Hook", pipeline::run(service, run, at, spelling), run.summary())
        }
        What::Deployment(deployed) => {
            let body = deployment::event(service, deployed, at, spelling);
            ("Deployment Hook", body, deployed.summary())
        }
        What::Issue(event) => {
            let body = issue::event(service, event, at, spelling);
            ("Issue Hook", body, event.summary())
        }
        What::TagRelease(tag) => {
            let body = planning::release(service, tag, at, spelling);
            ("Release Hook", body, format!("release {}", tag.name))
        }
        What::Milestone(event) => {
            let body = planning::milestone(service, event, at, spelling);
            ("Milestone Hook", body, event.summary())
        }
    };
    let at = calendar.told(at);
    let body = written(body);
    Delivery { at, id, event, project: service.path, summary, body }
}

/// The bytes of a body. Its kind comes first, as GitLab writes it: a reader can then drop at once
/// what it does not keep.
fn written(mut body: Value) -> Vec<u8> {
    let kind = body.as_object_mut().and_then(|members| members.remove("object_kind"));
    let rest = body.to_string();
    match (kind, rest.strip_prefix('{')) {
        (Some(kind), Some("}")) => format!("{{\"object_kind\":{kind}}}").into_bytes(),
        (Some(kind), Some(others)) => format!("{{\"object_kind\":{kind},{others}").into_bytes(),
        _ => rest.into_bytes(),
    }
}

/// Last part of a path.
fn name(service: &Service) -> &str {
    service.path.rsplit('/').next().unwrap_or(service.path)
}

/// Web address of the project.
fn web_url(service: &Service) -> String {
    format!("{GITLAB_URL}/{}", service.path)
}

/// The `project` object that every hook carries.
fn project(service: &Service) -> Value {
    let (name, url, path) = (name(service), web_url(service), service.path);
    let namespace = path.rsplit_once('/').map_or(path, |(namespace, _)| namespace);
    json!({
        "id": service.id,
        "name": name,
        "description": "A service of an invented company.",
        "web_url": url,
        "avatar_url": null,
        "git_ssh_url": format!("git@gitlab.example:{path}.git"),
        "git_http_url": format!("{url}.git"),
        "namespace": namespace,
        "visibility_level": 0,
        "path_with_namespace": path,
        "default_branch": "main",
        "ci_config_path": "",
    })
}

/// The short `repository` object of older hooks.
fn repository(service: &Service) -> Value {
    json!({
        "name": name(service),
        "url": format!("git@gitlab.example:{}.git", service.path),
        "description": "A service of an invented company.",
        "homepage": web_url(service),
    })
}

/// A `user` object.
fn user(person: &Person) -> Value {
    json!({
        "id": person.id,
        "name": person.name,
        "username": person.username,
        "avatar_url": format!("{GITLAB_URL}/uploads/-/system/user/avatar/{}/avatar.png", person.id),
        "email": "[REDACTED]",
    })
}

/// A `commit` object.
fn commit(service: &Service, commit: &Commit, spelling: Spelling<'_>) -> Value {
    json!({
        "id": commit.sha.to_string(),
        "message": commit.message,
        "title": commit.title(),
        "timestamp": spelling.authored(commit.authored_at),
        "url": format!("{}/-/commit/{}", web_url(service), commit.sha),
        "author": {
            "name": commit.author.name,
            "email": format!("{}@gitlab.example", commit.author.username),
        },
    })
}

/// `labels` of merge requests and issues.
fn labels(labels: &[&str]) -> Value {
    let label = |(number, title): (usize, &&str)| {
        json!({
            "id": 500 + number,
            "title": title,
            "color": "#1f75cb",
            "project_id": null,
            "created_at": "2026-01-07T00:03:52.000Z",
            "updated_at": "2026-01-07T00:03:52.000Z",
            "template": false,
            "description": null,
            "type": "GroupLabel",
            "group_id": 7,
        })
    };
    Value::Array(labels.iter().enumerate().map(label).collect())
}
