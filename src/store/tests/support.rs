//! A store in a private folder, and entries to put into it.

use tempfile::TempDir;

use crate::delivery::register::{Earliest, Furthest, Greatest};
use crate::delivery::{
    Deployment, DeploymentId, DeploymentStatus, EnvironmentName, Fact, FactBody, InstanceId,
    ProjectId, ProjectKey, Timestamp,
};
use crate::record::{Channel, Content, DeliveryKey, Entry, Kind, Record};
use crate::store::{Reserve, Store, StoreSettings};

/// Noon of a day in 2026.
pub(crate) const NOON: i64 = 1_780_000_000;

/// A folder that keeps no reserve, so that tests need no free disk.
pub(crate) fn settings(folder: &TempDir) -> StoreSettings {
    let reserve = Reserve { exhausted_below_bytes: 0, low_below_bytes: 0, ballast_bytes: 0 };
    StoreSettings { directory: folder.path().join("data"), reserve }
}

/// A folder in memory where the machine has one: most tests are not about the disk's speed.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(crate) fn open(folder: &TempDir) -> Store {
    Store::open(&settings(folder)).unwrap()
}

pub(crate) fn fresh() -> (TempDir, Store) {
    let folder = folder();
    let store = open(&folder);
    (folder, store)
}

pub(crate) fn project(number: u64) -> ProjectKey {
    ProjectKey { instance: InstanceId::new(1), project: ProjectId::new(number).unwrap() }
}

pub(crate) fn record(json: &str) -> Record {
    Record {
        instance: InstanceId::new(1),
        channel: Channel::Webhook,
        kind: Kind::new("deployment"),
        json: json.as_bytes().into(),
    }
}

/// An entry of project 1 with these facts, received at noon.
pub(crate) fn entry(key: &str, facts: Vec<FactBody>) -> Entry {
    let facts = facts.into_iter().map(|body| Fact { project: project(1), body }).collect();
    Entry {
        source: InstanceId::new(1),
        key: DeliveryKey::new(key.as_bytes()),
        received_ms: NOON * 1_000,
        content: Content::Projected { record: record(key), facts },
    }
}

pub(crate) fn success(id: u64, at: i64) -> FactBody {
    let at = Timestamp::from_second(at);
    FactBody::Deployment(Deployment {
        environment: Greatest(Some(EnvironmentName::new("production").unwrap())),
        status: Furthest::at(at, DeploymentStatus::Success),
        succeeded_at: Earliest::at(at),
        ..Deployment::new(DeploymentId::new(id).unwrap())
    })
}

/// One entry for each fact, received at noon.
pub(crate) fn entries(facts: &[Fact]) -> Vec<Entry> {
    let numbered = facts.iter().enumerate();
    let entries = numbered.map(|(number, fact)| {
        let mut entry = entry(&number.to_string(), Vec::new());
        if let Content::Projected { facts, .. } = &mut entry.content {
            facts.push(fact.clone());
        }
        entry
    });
    entries.collect()
}

/// The same entry with these facts of another project.
pub(crate) fn on(number: u64, mut entry: Entry, bodies: Vec<FactBody>) -> Entry {
    let all = bodies.into_iter().map(|body| Fact { project: project(number), body });
    if let Content::Projected { facts, .. } = &mut entry.content {
        facts.extend(all);
    }
    entry
}
