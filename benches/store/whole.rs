//! The store itself: deployment hooks of 1,000 projects, three facts each.

use std::path::Path;

use gitlab_dora_exporter::delivery::register::{Earliest, Furthest, Greatest, Newest};
use gitlab_dora_exporter::delivery::{
    BranchName, CommitSha, Deployment, DeploymentId, DeploymentStatus, Environment,
    EnvironmentName, EnvironmentTier, Fact, FactBody, InstanceId, JobId, Project, ProjectId,
    ProjectKey, ProjectPath, RefName, Timestamp,
};
use gitlab_dora_exporter::record::{Channel, Content, DeliveryKey, Entry, Kind, Record};
use gitlab_dora_exporter::store::{Store, StoreSettings};

use super::{RECORD_BYTES, Random, heading, measure, row, timed};

const PROJECTS: u64 = 1_000;

/// Noon of a day in 2026.
const NOON: i64 = 1_780_000_000;

/// Prints commits of whole entries, and what one costs beside the fsync where there is none.
pub(crate) fn table(directory: &Path) {
    heading("Store::commit, 3-fact deployments, 1,000 projects", "entries/s");
    let folder = tempfile::tempdir_in(directory).unwrap();
    let store = Store::open(&StoreSettings::new(folder.path().join("data"))).unwrap();
    let mut hooks = Hooks { random: Random(2), sent: 0 };
    row("new entries", |size| {
        measure(size, || {
            let batch = hooks.batch(size);
            assert_eq!(store.commit(&batch, 1).unwrap().outcomes.len(), size);
        })
    });
    let again = hooks.batch(256);
    store.commit(&again, 1).unwrap();
    row("duplicates", |size| {
        measure(size, || {
            assert!(store.commit(&again[..size], 1).unwrap().changed.is_empty());
        })
    });
    row("making the entries (part of both)", |size| {
        measure(size, || {
            assert_eq!(hooks.batch(size).len(), size);
        })
    });
}

/// Prints how fast a start reads facts back; the rate falls with their number, if it does.
pub(crate) fn loads(directory: &Path) {
    println!("\n{:<44}{:>12}{:>12}", "Store::load", "facts", "seconds");
    let folder = tempfile::tempdir_in(directory).unwrap();
    let store = Store::open(&StoreSettings::new(folder.path().join("data"))).unwrap();
    let mut hooks = Hooks { random: Random(3), sent: 0 };
    for deployments in [100_000_u64, 1_000_000] {
        while hooks.sent < 3 * deployments {
            // Only the last of three reports: two of three would be merged away.
            let batch: Vec<_> = (0..4_096)
                .map(|_| {
                    hooks.sent += 2;
                    hooks.entry()
                })
                .collect();
            store.commit(&batch, 1).unwrap();
        }
        let mut facts = 0_u64;
        let seconds = timed(|| {
            store.load(Timestamp::from_second(NOON - 86_400), &mut |_| facts += 1).unwrap();
        });
        println!("{:<44}{facts:>12}{seconds:>12.2}", "into a counter");
    }
}

/// Deployments that are created, run and succeed, one after another, spread over projects.
struct Hooks {
    random: Random,
    sent: u64,
}

impl Hooks {
    fn batch(&mut self, size: usize) -> Vec<Entry> {
        (0..size).map(|_| self.entry()).collect()
    }

    fn entry(&mut self) -> Entry {
        self.sent += 1;
        let id = self.sent.div_ceil(3);
        let status = match self.sent % 3 {
            1 => DeploymentStatus::Created,
            2 => DeploymentStatus::Running,
            _ => DeploymentStatus::Success,
        };
        let number = id.wrapping_mul(7_919) % PROJECTS + 1;
        let instance = InstanceId::new(1);
        let project = ProjectKey { instance, project: ProjectId::new(number).unwrap() };
        let at = Timestamp::from_second(NOON + i64::try_from(self.sent / 100).unwrap());
        let mut json = vec![b' '; RECORD_BYTES];
        let text = format!("{{\"deployment_id\":{id},\"n\":{}}}", self.sent);
        json[..text.len()].copy_from_slice(text.as_bytes());
        let bodies = [the_project(number, at), environment(at), deployment(id, status, at)];
        Entry {
            source: instance,
            key: DeliveryKey::new(&self.random.key()),
            received_ms: at.as_second() * 1_000,
            content: Content::Projected {
                record: Record {
                    instance,
                    channel: Channel::Webhook,
                    kind: Kind::new("deployment"),
                    json: json.into(),
                },
                facts: bodies.map(|body| Fact { project, body }).into(),
            },
        }
    }
}

fn the_project(number: u64, at: Timestamp) -> FactBody {
    let path = ProjectPath::new(&format!("group-{}/project-{number}", number % 30)).unwrap();
    FactBody::Project(Project {
        path: Newest::at(at, path),
        default_branch: Newest::at(at, BranchName::new("main").unwrap()),
        deleted: Newest::default(),
    })
}

fn environment(at: Timestamp) -> FactBody {
    FactBody::Environment(Environment {
        tier: Newest::at(at, EnvironmentTier::Production),
        seen_at: Earliest::at(at),
        ..Environment::new(EnvironmentName::new("production").unwrap())
    })
}

fn deployment(id: u64, status: DeploymentStatus, at: Timestamp) -> FactBody {
    let mut sha = [1; 20];
    sha[..8].copy_from_slice(&id.to_le_bytes());
    FactBody::Deployment(Deployment {
        environment: Greatest(Some(EnvironmentName::new("production").unwrap())),
        sha: Greatest(Some(CommitSha::from_bytes(&sha).unwrap())),
        ref_name: Greatest(Some(RefName::new("main").unwrap())),
        job: Greatest(Some(JobId::new(id).unwrap())),
        status: Furthest::at(at, status),
        ..Deployment::new(DeploymentId::new(id).unwrap())
    })
}
