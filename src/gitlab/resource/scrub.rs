//! From one element of a page to what may be kept of it.

use sha2::{Digest, Sha256};

use super::Resource;
use super::allow_list::fields_of;
use crate::delivery::{CommitSha, Iid, InstanceId, ProjectId};
use crate::gitlab::derive::Gathered;
use crate::gitlab::filter::{Fault, Walk, find};
use crate::gitlab::pseudonym::Pseudonyms;
use crate::gitlab::scanner::Scanner;
use crate::record::{Channel, DeliveryKey, Kind, Record, Unread};

/// What a key of ours begins with, so that none is mistaken for a delivery's id.
const KEY_PREFIX: &[u8] = b"api:";

/// What a resource belongs to, which it does not always tell itself.
#[derive(Debug, Clone, Copy)]
pub struct Within<'a> {
    /// The project that was asked about.
    pub project: ProjectId,
    /// The merge request whose commits or notes they are.
    pub merge_request: Option<Iid>,
    /// The issue to which it happened.
    pub issue: Option<Iid>,
    /// The branch whose line the commits are.
    pub branch: Option<&'a str>,
    /// The commit whose diff it is.
    pub commit: Option<CommitSha>,
}

impl Within<'_> {
    /// Something that belongs to a project and nothing narrower.
    #[must_use]
    pub const fn project(project: ProjectId) -> Self {
        Self { project, merge_request: None, issue: None, branch: None, commit: None }
    }
}

/// The elements of a page, each as it stands there; `None` when the page is no list of JSON.
#[must_use]
pub fn elements(page: &str) -> Option<Vec<&str>> {
    let mut scanner = Scanner::new(page);
    if scanner.peek() != Some(b'[') {
        return None;
    }
    let mut found = Vec::new();
    let mut has_next = scanner.first_element();
    while has_next {
        found.push(scanner.raw().ok()?);
        has_next = scanner.next_element().ok()?;
    }
    scanner.end().ok()?;
    Some(found)
}

/// Keeps of one resource what the [allow-list](super::allow_list) names, behind what it is within.
///
/// # Errors
/// [`Unread`] when it is no JSON object, or one that is looked into names a key twice.
pub fn scrub_resource(
    instance: InstanceId,
    (resource, within): (Resource, Within<'_>),
    body: &str,
    pseudonyms: &Pseudonyms,
) -> Result<Record, Unread> {
    let mut walk = Walk::new(Gathered::new(instance, pseudonyms), body);
    if let Err(fault) = read(&mut walk, resource, within) {
        let position = walk.scanner.position().min(body.len());
        return Err(Unread {
            digest: Sha256::digest(body).into(),
            size_bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
            position: u64::try_from(position).unwrap_or(u64::MAX),
            why: match fault {
                Fault::DuplicateKey => "a key occurs twice in one object",
                Fault::NotJson => "not a JSON object",
            },
        });
    }
    Ok(Record {
        instance,
        channel: Channel::Api,
        kind: Kind::new(resource.as_str()),
        json: walk.out.into_boxed_slice(),
    })
}

fn read(walk: &mut Walk<'_, '_>, resource: Resource, within: Within<'_>) -> Result<(), Fault> {
    if walk.scanner.peek() != Some(b'{') {
        return Err(Fault::NotJson);
    }
    let fields = fields_of(resource);
    let mut keys = walk.begin();
    place(&mut walk.out, within);
    if matches!(resource, Resource::Commit | Resource::MergeRequestCommit) {
        // A commit is an object of its own, with what its texts say inside it.
        walk.member(0, find(fields, "commit"), "commit")?;
    } else {
        let mut has_next = walk.scanner.first_member();
        while has_next {
            let (key, _) = walk.scanner.key()?;
            walk.member(0, find(fields, &key), &key)?;
            walk.note(&mut keys, key)?;
            has_next = walk.scanner.next_member()?;
        }
        walk.gathered.end_document(&mut walk.out, 0);
    }
    walk.end(&keys);
    Ok(walk.scanner.end()?)
}

/// Writes what the resource is within.
fn place(out: &mut Vec<u8>, within: Within<'_>) {
    out.extend_from_slice(format!("\"project_id\":{}", within.project).as_bytes());
    if let Some(iid) = within.merge_request {
        out.extend_from_slice(format!(",\"merge_request\":{iid}").as_bytes());
    }
    if let Some(iid) = within.issue {
        out.extend_from_slice(format!(",\"issue\":{iid}").as_bytes());
    }
    if let Some(commit) = within.commit {
        out.extend_from_slice(format!(",\"diff_of\":\"{commit}\"").as_bytes());
    }
    if let Some(branch) = within.branch {
        let text = serde_json::Value::from(branch).to_string();
        out.extend_from_slice(format!(",\"branch\":{text}").as_bytes());
    }
}

/// The name under which this state of a resource counts once: read again unchanged it is a
/// duplicate, changed it is another statement.
#[must_use]
pub fn identity(record: &Record) -> DeliveryKey {
    let mut digest = Sha256::new();
    digest.update(record.kind.as_str().as_bytes());
    digest.update([0]);
    digest.update(&record.json);
    DeliveryKey::new(&[KEY_PREFIX, digest.finalize().as_slice()].concat())
}
