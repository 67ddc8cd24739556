//! Hooks: kept, listed without their secrets, logged, resent, and disabled when they fail.

use gitlab_dora_exporter::delivery::Timestamp;
use gitlab_dora_exporter::proof::SigningToken;
use serde_json::{Map, Value, json};

use super::wire::{Reply, Seen};
use super::{World, lists, refusal};

/// What may be switched on and off in a hook.
const EVENTS: [&str; 21] = [
    "push_events",
    "tag_push_events",
    "merge_requests_events",
    "issues_events",
    "confidential_issues_events",
    "note_events",
    "confidential_note_events",
    "job_events",
    "pipeline_events",
    "deployment_events",
    "releases_events",
    "feature_flag_events",
    "milestone_events",
    "emoji_events",
    "vulnerability_events",
    "resource_access_token_events",
    "wiki_page_events",
    "repository_update_events",
    "member_events",
    "subgroup_events",
    "project_events",
];
/// Failures that cost nothing.
const FREE_FAILURES: u32 = 3;
/// The failure that disables for good.
const LAST_FAILURE: u32 = 40;

/// One hook.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// Where it belongs: `projects/7`, `groups/3`, or nothing for the instance.
    pub(crate) owner: String,
    /// What GitLab shows of it.
    pub(crate) shown: Map<String, Value>,
    /// Its secret token.
    pub(crate) token: Option<String>,
    /// Its signing token.
    pub(crate) signing_token: Option<String>,
    failures: u32,
    disabled_until: Option<Timestamp>,
}

impl Kept {
    /// One of its settings as a switch.
    pub(crate) fn is_on(&self, event: &str) -> bool {
        self.shown.get(event) == Some(&json!(true))
    }

    /// A hook that sends everything to `url`, signed.
    pub(super) fn sending(owner: &str, id: u64, url: &str, signing_token: &str) -> Self {
        let mut shown: Map<_, _> =
            EVENTS.iter().map(|event| ((*event).to_owned(), json!(true))).collect();
        shown.insert("id".to_owned(), json!(id));
        shown.insert("url".to_owned(), json!(url));
        Self {
            owner: owner.to_owned(),
            shown,
            token: None,
            signing_token: Some(signing_token.to_owned()),
            failures: 0,
            disabled_until: None,
        }
    }

    /// Whether GitLab sends to it at all.
    pub(super) fn is_executable(&self, now: Timestamp) -> bool {
        self.failures < LAST_FAILURE && self.disabled_until.is_none_or(|until| until <= now)
    }

    /// A delivery to it was answered by a 2xx or 3xx.
    pub(super) fn succeeds(&mut self) {
        (self.failures, self.disabled_until) = (0, None);
    }

    /// A delivery to it failed.
    pub(crate) fn fails(&mut self, at: Timestamp) {
        self.failures += 1;
        if self.failures > FREE_FAILURES {
            let doublings = (self.failures - FREE_FAILURES - 1).min(11);
            let seconds = (60_u64 << doublings).min(86_400);
            self.disabled_until = Some(at.plus(seconds));
        }
    }

    fn view(&self, now: Timestamp, knows_signing: bool) -> Value {
        let mut view = self.shown.clone();
        let disabled = self.disabled_until.filter(|until| *until > now);
        let status = match disabled {
            _ if self.failures >= LAST_FAILURE => "disabled",
            Some(_) => "temporarily_disabled",
            None => "executable",
        };
        let until = disabled
            .map(|until| jiff::Timestamp::from_second(until.as_second()).unwrap().to_string());
        view.insert("alert_status".to_owned(), json!(status));
        view.insert("disabled_until".to_owned(), json!(until));
        view.insert("token_present".to_owned(), json!(self.token.is_some()));
        if knows_signing {
            let present = self.signing_token.is_some();
            view.insert("signing_token_present".to_owned(), json!(present));
        }
        Value::Object(view)
    }

    /// Takes what a request says; what it does not mention stays.
    fn take(&mut self, body: &Value, knows_signing: bool) -> Result<(), &'static str> {
        let url = body["url"].as_str().ok_or("url is missing")?;
        // GitLab forgets secrets when a hook points elsewhere.
        if self.shown.get("url").is_some_and(|old| old != url) {
            (self.token, self.signing_token) = (None, None);
        }
        self.shown.insert("url".to_owned(), json!(url));
        for key in EVENTS.into_iter().chain(["name", "description", "enable_ssl_verification"]) {
            if let Some(value) = body.get(key) {
                self.shown.insert(key.to_owned(), value.clone());
            }
        }
        if let Some(token) = body["token"].as_str() {
            self.token = Some(token.to_owned()).filter(|token| !token.is_empty());
        }
        if let Some(token) = body["signing_token"].as_str().filter(|_| knows_signing) {
            SigningToken::parse(token).map_err(|_| "signing_token is invalid")?;
            self.signing_token = Some(token.to_owned());
        }
        Ok(())
    }
}

impl World {
    pub(super) fn hook_answer(&mut self, seen: &Seen, parts: &[&str]) -> Reply {
        let place = parts.iter().position(|part| *part == "hooks").unwrap();
        let owner = parts[..place].join("/");
        match (seen.method.as_str(), &parts[place + 1..]) {
            ("GET", []) => self.hook_list(seen, &owner),
            ("POST", []) => self.make_hook(seen, owner),
            ("GET", [id, "events"]) => self.hook_log(seen, &owner, id),
            ("POST", [_, "events", _, "resend"]) => {
                Reply::json(201, &json!({"response_status": 200}))
            }
            (method, [id]) => self.one_hook(method, seen, &owner, id),
            _ => refusal(404, "404 Not Found"),
        }
    }

    fn hook_list(&self, seen: &Seen, owner: &str) -> Reply {
        let knows_signing = self.is_at_least(19, 0);
        let here = self.hooks.iter().filter(|hook| hook.owner == owner);
        let rows: Vec<_> = here.map(|hook| hook.view(self.now, knows_signing)).collect();
        lists::page(&rows, seen, &["hooks"], self.page_limit)
    }

    fn make_hook(&mut self, seen: &Seen, owner: String) -> Reply {
        let knows_signing = self.is_at_least(19, 0);
        let id = self.fresh_id();
        let mut shown: Map<_, _> = EVENTS
            .iter()
            .map(|event| ((*event).to_owned(), json!(*event == "push_events")))
            .collect();
        shown.insert("id".to_owned(), json!(id));
        shown.insert("enable_ssl_verification".to_owned(), json!(true));
        let mut hook = Kept {
            owner,
            shown,
            token: None,
            signing_token: None,
            failures: 0,
            disabled_until: None,
        };
        let body = seen.body.clone().unwrap_or_default();
        if let Err(mistake) = hook.take(&body, knows_signing) {
            return refusal(400, mistake);
        }
        let reply = Reply::json(201, &hook.view(self.now, knows_signing));
        self.hooks.push(hook);
        reply
    }

    fn one_hook(&mut self, method: &str, seen: &Seen, owner: &str, id: &str) -> Reply {
        let (now, knows_signing) = (self.now, self.is_at_least(19, 0));
        let is_it =
            |hook: &Kept| hook.owner == owner && hook.shown["id"].as_u64() == id.parse().ok();
        let Some(place) = self.hooks.iter().position(is_it) else {
            return refusal(404, "404 Not Found");
        };
        match method {
            "GET" => Reply::json(200, &self.hooks[place].view(now, knows_signing)),
            "DELETE" => {
                self.hooks.remove(place);
                Reply::json(204, &Value::Null)
            }
            "PUT" => {
                let body = seen.body.clone().unwrap_or_default();
                match self.hooks[place].take(&body, knows_signing) {
                    Ok(()) => Reply::json(200, &self.hooks[place].view(now, knows_signing)),
                    Err(mistake) => refusal(400, mistake),
                }
            }
            _ => refusal(405, "405 Not Allowed"),
        }
    }

    /// The log of a hook, newest first, from the list that a test put there.
    fn hook_log(&self, seen: &Seen, owner: &str, id: &str) -> Reply {
        let rows = self.lists.get(&format!("{owner}/hooks/{id}/events"));
        if !self.is_at_least(17, 3) {
            return refusal(404, "404 Not Found");
        }
        let status = seen.parameter("status");
        let fits = |row: &&Value| {
            let said = row["response_status"].as_str().unwrap_or_default();
            match status {
                None => true,
                Some("successful") => said.starts_with('2'),
                Some("client_failure") => said.starts_with('4'),
                Some("server_failure") => said.starts_with('5') || said == "internal error",
                Some(code) => said == code,
            }
        };
        let kept: Vec<_> = rows.into_iter().flatten().filter(fits).cloned().collect();
        lists::page(&kept, seen, &["events"], self.page_limit)
    }
}
