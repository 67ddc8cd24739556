//! A GitLab in this process, as its API is documented and as it behaves: a table of resources as
//! plain JSON, paging in both ways, filters that are ignored in silence, hooks, and faults by order.

mod hooks;
mod lists;
mod sender;
mod wire;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use gitlab_dora_exporter::delivery::Timestamp;
use serde_json::{Value, json};

pub(crate) use hooks::Kept;
pub(crate) use wire::{Delivery as Travel, Listener, Reply, Seen, Taken, converse, respond, take};

/// The token that is accepted.
pub(crate) const API_TOKEN: &str = "glpat-canary-of-the-tests";

/// The host of its own configuration, in links: not the one by which it is reached.
const LINK_HOST: &str = "https://gitlab.internal.example";

/// A running GitLab.
pub(crate) struct FakeGitlab {
    listener: Listener,
    world: Arc<Mutex<World>>,
}

/// Everything that it holds.
#[derive(Debug)]
pub(crate) struct World {
    /// Lists by their path below `/api/v4`, without encoding: `projects/7/deployments`.
    pub(crate) lists: BTreeMap<String, Vec<Value>>,
    /// Single things by their path.
    pub(crate) things: BTreeMap<String, Value>,
    /// What `GET /version` says.
    pub(crate) version: String,
    /// Scopes of the token.
    pub(crate) scopes: Vec<&'static str>,
    /// Answers by the beginning of a path: 403, 404, whatever the path.
    pub(crate) refused: BTreeMap<String, u16>,
    /// Hooks, and the secrets that they were given.
    pub(crate) hooks: Vec<Kept>,
    /// What time it is for disabled hooks.
    pub(crate) now: Timestamp,
    /// Most rows in a page.
    pub(crate) page_limit: usize,
    faults: VecDeque<(String, Fault)>,
    seen: Vec<Seen>,
    next_id: u64,
}

/// What goes wrong once.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This is answered instead.
    Instead(Reply),
    /// The right answer with these headers in place of its own of these names.
    With(Vec<(&'static str, String)>),
    /// The right answer, badly delivered.
    Badly(Travel),
}

impl FakeGitlab {
    /// A GitLab 19.4 without anything in it.
    pub(crate) async fn start() -> Self {
        let world = Arc::new(Mutex::new(World::new()));
        let answering = Arc::clone(&world);
        let listener = Listener::start(move |seen| answering.lock().unwrap().answer(&seen)).await;
        Self { listener, world }
    }

    /// Where it is, with a path prefix of its own.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/gitlab", self.listener.address)
    }

    /// What it holds, to be changed.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Puts a list under a path.
    pub(crate) fn put(&self, path: &str, rows: Vec<Value>) {
        self.world().lists.insert(path.to_owned(), rows);
    }

    /// Puts one thing under a path.
    pub(crate) fn put_one(&self, path: &str, thing: Value) {
        self.world().things.insert(path.to_owned(), thing);
    }

    /// Refuses everything whose path begins so.
    pub(crate) fn refuse(&self, path: &str, status: u16) {
        self.world().refused.insert(path.to_owned(), status);
    }

    /// Lets the next request whose path holds `part` go wrong; several faults happen in turn.
    pub(crate) fn fault(&self, part: &str, fault: Fault) {
        self.world().faults.push_back((part.to_owned(), fault));
    }

    /// Requests so far, and forgets them.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.world().seen)
    }

    /// How many requests came since they were last taken.
    pub(crate) fn seen(&self) -> usize {
        self.world().seen.len()
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.listener.connections()
    }
}

impl World {
    fn new() -> Self {
        Self {
            lists: BTreeMap::new(),
            things: BTreeMap::new(),
            version: "19.4.0-ee".to_owned(),
            scopes: vec!["api"],
            refused: BTreeMap::new(),
            hooks: Vec::new(),
            now: super::NOON,
            page_limit: 100,
            faults: VecDeque::new(),
            seen: Vec::new(),
            next_id: 100,
        }
    }

    /// The targets of the requests so far that hold `part`.
    pub(crate) fn seen_below(&self, part: &str) -> Vec<String> {
        let targets = self.seen.iter().map(|seen| seen.target.clone());
        targets.filter(|target| target.contains(part)).collect()
    }

    /// Whether it is at least this version.
    pub(crate) fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let mut parts = self.version.split('.').map(|part| part.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (major, minor)
    }

    fn answer(&mut self, seen: &Seen) -> Reply {
        self.seen.push(seen.clone());
        let fault = self
            .faults
            .iter()
            .position(|(part, _)| seen.target.contains(part.as_str()))
            .and_then(|place| self.faults.remove(place));
        let right = |world: &mut Self| world.right(seen);
        match fault.map(|(_, fault)| fault) {
            None => right(self),
            Some(Fault::Instead(reply)) => reply,
            Some(Fault::With(headers)) => {
                let mut reply = right(self);
                let named: BTreeSet<_> = headers.iter().map(|(name, _)| *name).collect();
                reply.headers.retain(|(name, _)| !named.contains(name.as_str()));
                headers.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value))
            }
            Some(Fault::Badly(delivery)) => Reply { delivery, ..right(self) },
        }
    }

    /// What a GitLab in order answers.
    fn right(&mut self, seen: &Seen) -> Reply {
        let Some(encoded) = seen.target.strip_prefix("/gitlab/api/v4/") else {
            return refusal(404, "404 Not Found");
        };
        if seen.headers.get("authorization").map(String::as_str)
            != Some(&format!("Bearer {API_TOKEN}"))
        {
            return refusal(401, "401 Unauthorized");
        }
        let parts: Vec<String> = encoded.split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let path = parts.join("/");
        if let Some(status) =
            self.refused.iter().find(|(start, _)| path.starts_with(start.as_str())).map(|(_, s)| *s)
        {
            return refusal(status, &format!("{status} Forbidden"));
        }
        if seen.method != "GET" && !self.scopes.contains(&"api") {
            let body = json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": "api",
            });
            return Reply::json(403, &body);
        }
        if parts.contains(&"hooks") {
            return self.hook_answer(seen, &parts);
        }
        match (seen.method.as_str(), parts.as_slice()) {
            ("GET", ["metadata"]) if !self.is_at_least(15, 2) => refusal(404, "404 Not Found"),
            ("GET", ["metadata" | "version"]) => {
                Reply::json(200, &json!({"version": self.version, "revision": "abc"}))
            }
            ("GET", ["personal_access_tokens", "self"]) => self.own_token(),
            ("GET", [.., "dora", "metrics"]) => self.dora(seen, &path),
            ("GET", _) => self.read(seen, &parts),
            _ => refusal(405, "405 Not Allowed"),
        }
    }

    fn own_token(&self) -> Reply {
        let given = self.things.get("personal_access_tokens/self").cloned();
        let own = given.unwrap_or_else(|| {
            json!({"id": 1, "name": "dora", "active": true, "revoked": false,
                   "scopes": self.scopes, "expires_at": "2027-01-31"})
        });
        Reply::json(200, &own)
    }

    /// What was put under the path, the metric and the interval; without Ultimate it is refused.
    fn dora(&self, seen: &Seen, path: &str) -> Reply {
        let asked = |name| seen.parameter(name).unwrap_or_default();
        let key = format!("{path}:{}:{}", asked("metric"), asked("interval"));
        match self.things.get(&key) {
            Some(points) => Reply::json(200, points),
            None => refusal(401, "You do not have permission to access dora metrics."),
        }
    }

    fn read(&self, seen: &Seen, parts: &[&str]) -> Reply {
        let path = parts.join("/");
        if let Some(thing) = self.things.get(&path) {
            return Reply::json(200, thing);
        }
        if let Some(rows) = self.lists.get(&path) {
            return lists::page(rows, seen, parts, self.page_limit);
        }
        match self.one(parts) {
            Some(row) => Reply::json(200, row),
            None => refusal(404, "404 Not Found"),
        }
    }

    /// One row of a list, by its number within the project, its own number or its path.
    fn one(&self, parts: &[&str]) -> Option<&Value> {
        let (own, list) = parts.split_last()?;
        let listed = self.lists.get(&list.join("/"))?;
        let is = |row: &Value, key: &str| match &row[key] {
            Value::Number(number) => number.to_string() == *own,
            Value::String(text) => text == own,
            _ => false,
        };
        let by = |key| listed.iter().find(|row| is(row, key));
        let keys: &[&str] = if ["merge_requests", "issues"].contains(list.last()?) {
            &["iid"]
        } else {
            &["id", "path_with_namespace", "full_path", "tag_name"]
        };
        keys.iter().find_map(|key| by(key))
    }

    fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

/// An answer of GitLab's that says no.
pub(crate) fn refusal(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message}))
}

fn decoded(part: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = std::str::from_utf8(after.get(..2).unwrap_or_default()).ok();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}
