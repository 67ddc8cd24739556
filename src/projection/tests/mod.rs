//! What each kind of hook means, by example, and what holds for all of them.

mod changes;
mod corpus;
mod deployments;
mod images;
mod incidents;
mod jobs;
mod planned;
mod resources;
mod rest;

use super::{Projection, project};
use crate::delivery::{CommitSha, Fact, FactBody, Iid, Timestamp};
use crate::gitlab::fixtures::{record, scrubbed};
use crate::gitlab::timestamp;

/// The facts of a fixture.
fn facts(name: &str) -> Vec<Fact> {
    match project(&record(name)) {
        Projection::Facts(facts) => facts,
        other => panic!("{name}: {other:?}"),
    }
}

/// What a fixture says, without saying of which project.
fn bodies(name: &str) -> Vec<FactBody> {
    facts(name).into_iter().map(|fact| fact.body).collect()
}

/// What a body says, given as JSON.
fn projection(body: &serde_json::Value) -> Projection {
    project(&scrubbed(body.to_string().as_bytes()).unwrap())
}

/// Why a body cannot be understood.
fn unreadable(body: &serde_json::Value) -> String {
    match projection(body) {
        Projection::Unreadable(why) => why,
        other => panic!("{other:?}"),
    }
}

fn at(text: &str) -> Timestamp {
    timestamp::read(text).unwrap()
}

fn iid(number: u64) -> Iid {
    Iid::new(number).unwrap()
}

/// The commit at `pointer` of a fixture as GitLab sends it.
fn sha(name: &str, pointer: &str) -> CommitSha {
    let body: serde_json::Value =
        serde_json::from_slice(&crate::gitlab::fixtures::fixture(name)).unwrap();
    CommitSha::from_hex(body.pointer(pointer).unwrap().as_str().unwrap()).unwrap()
}

/// Takes the one fact of a kind out of a fixture's facts.
macro_rules! only {
    ($name:expr, $kind:ident) => {{
        let mut found = $crate::projection::tests::bodies($name).into_iter().filter_map(|body| {
            if let $crate::delivery::FactBody::$kind(fact) = body { Some(fact) } else { None }
        });
        let fact = found.next().unwrap_or_else(|| panic!("{}: no such fact", $name));
        assert!(found.next().is_none(), "{}: more than one", $name);
        fact
    }};
}
use only;
