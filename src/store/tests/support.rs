//! A store in a private folder, and entries to put into it.

use tempfile::TempDir;

use crate::delivery::register::{Earliest, Furthest, Greatest};
use crate::delivery::{
    Deployment, DeploymentId, DeploymentStatus, Environment, EnvironmentName, Fact, FactBody,
    InstanceId, ProjectId, ProjectKey, Timestamp,
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

pub(crate) fn open(folder: &TempDir) -> Store {
    Store::open(&settings(folder)).unwrap()
}

pub(crate) fn fresh() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
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

pub(crate) fn environment(name: &str, at: i64) -> FactBody {
    FactBody::Environment(Environment {
        seen_at: Earliest::at(Timestamp::from_second(at)),
        ..Environment::new(EnvironmentName::new(name).unwrap())
    })
}
