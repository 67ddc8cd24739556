//! How far GitLab's API was read, so that nothing is asked for twice.

use rusqlite::{Connection, OptionalExtension as _, Params, params};

use super::rows::section;
use super::{Store, StoreError};
use crate::delivery::{Iid, InstanceId, ProjectId, Timestamp};

const SET_META: &str = section(include_str!("sqlite/sql/writer.sql"), "set_meta");
const GET_META: &str = section(include_str!("sqlite/sql/writer.sql"), "get_meta");
const BOOKMARK: &str = include_str!("sqlite/sql/bookmark.sql");
const ALL: &str = section(BOOKMARK, "all");
const OF_PROJECT: &str = section(BOOKMARK, "of_project");
const ABSORBED: &str = section(BOOKMARK, "absorbed");
const ABSORB: &str = section(BOOKMARK, "absorb");
const PUT: &str = section(BOOKMARK, "put");
const IS_READ: &str = section(BOOKMARK, "is_read");
const SET_READ: &str = section(BOOKMARK, "set_read");

/// A span of time of which every row of one resource of one project is durable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bookmark {
    /// The project.
    pub project: ProjectId,
    /// The resource, by the reader's name for it.
    pub resource: String,
    /// Its begin.
    pub since: Timestamp,
    /// Its end: rows from here on were not read yet.
    pub until: Timestamp,
}

impl Store {
    /// Every span read of one GitLab, by project, resource and begin; they may overlap.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn bookmarks(&self, instance: InstanceId) -> Result<Vec<Bookmark>, StoreError> {
        self.read(|conn| read(conn, ALL, params![instance.get()]))
    }

    /// Every span read of one project, by resource and begin.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn bookmarks_of(
        &self,
        instance: InstanceId,
        project: ProjectId,
    ) -> Result<Vec<Bookmark>, StoreError> {
        let number = i64::try_from(project.get()).unwrap_or(i64::MAX);
        self.read(|conn| read(conn, OF_PROJECT, params![instance.get(), number]))
    }

    /// Notes that a span was read, and with it all that hangs on these merge requests; later spans
    /// that it touches become one with it. Call it once the rows are durable, never before.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn set_bookmark(
        &self,
        instance: InstanceId,
        bookmark: &Bookmark,
        merge_requests: &[Iid],
    ) -> Result<(), StoreError> {
        let set = |step: &Connection| {
            for iid in merge_requests {
                let key = merge_request(instance, bookmark.project, *iid);
                step.prepare_cached(SET_READ)?.execute(key)?;
            }
            put(step, instance, bookmark)
        };
        self.write(|writer| writer.transaction(|step, _| set(step)))
    }

    /// Notes that the past of a GitLab was read once, to the end.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn set_past_read(&self, instance: InstanceId) -> Result<(), StoreError> {
        let set = |step: &Connection| {
            step.prepare_cached(SET_META)?.execute(params![past_read(instance), 1]).map(|_| ())
        };
        self.write(|writer| writer.transaction(|step, _| set(step)))
    }

    /// Whether the past of a GitLab was ever read to the end.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn is_past_read(&self, instance: InstanceId) -> Result<bool, StoreError> {
        let known: Option<i64> = self.read(|conn| {
            let mut statement = conn.prepare_cached(GET_META)?;
            statement.query_row([past_read(instance)], |row| row.get(0)).optional()
        })?;
        Ok(known.is_some())
    }

    /// Notes that all that hangs on a merge request was read after it had merged. Call it once that
    /// is durable.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn set_merge_request_read(
        &self,
        instance: InstanceId,
        project: ProjectId,
        iid: Iid,
    ) -> Result<(), StoreError> {
        let key = merge_request(instance, project, iid);
        let set = |step: &Connection| step.prepare_cached(SET_READ)?.execute(key).map(|_| ());
        self.write(|writer| writer.transaction(|step, _| set(step)))
    }

    /// Whether all that hangs on a merge request was read after it had merged.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn is_merge_request_read(
        &self,
        instance: InstanceId,
        project: ProjectId,
        iid: Iid,
    ) -> Result<bool, StoreError> {
        let key = merge_request(instance, project, iid);
        self.read(|conn| conn.prepare_cached(IS_READ)?.query_row(key, |row| row.get(0)))
    }
}

/// The name of the note about it.
fn past_read(instance: InstanceId) -> String {
    format!("past_read_{}", instance.get())
}

fn merge_request(instance: InstanceId, project: ProjectId, iid: Iid) -> (u32, i64, i64) {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    (instance.get(), signed(project.get()), signed(iid.get()))
}

fn read(conn: &Connection, sql: &str, of: impl Params) -> rusqlite::Result<Vec<Bookmark>> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(of)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        // A number that is no project's was written by another program.
        let Ok(project) = ProjectId::new(row.get::<_, i64>(0)?.unsigned_abs()) else { continue };
        all.push(Bookmark {
            project,
            resource: row.get(1)?,
            since: Timestamp::from_second(row.get(2)?),
            until: Timestamp::from_second(row.get(3)?),
        });
    }
    Ok(all)
}

fn put(conn: &Connection, instance: InstanceId, own: &Bookmark) -> rusqlite::Result<()> {
    let key = |until: i64| {
        let project = i64::try_from(own.project.get()).unwrap_or(i64::MAX);
        (instance.get(), project, own.resource.as_str(), own.since.as_second(), until)
    };
    let touched = |until: i64| -> rusqlite::Result<i64> {
        let (instance, project, resource, since, until) = key(until);
        let all = params![instance, project, resource, since, until];
        conn.prepare_cached(ABSORBED)?.query_row(all, |row| row.get(0))
    };
    let mut until = own.until.as_second();
    // A span that is absorbed may reach to the next one.
    loop {
        let further = touched(until)?;
        if further == until {
            break;
        }
        until = further;
    }
    let (instance, project, resource, since, until) = key(until);
    let all = params![instance, project, resource, since, until];
    conn.prepare_cached(ABSORB)?.execute(all)?;
    conn.prepare_cached(PUT)?.execute(all)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Channel, Content, DeliveryKey};
    use crate::store::StoredContent;
    use crate::store::tests::support::{entry, folder, fresh, open};

    const MAIN: InstanceId = InstanceId::new(1);

    fn span(project: u64, resource: &str, since: i64, until: i64) -> Bookmark {
        Bookmark {
            project: ProjectId::new(project).unwrap(),
            resource: resource.to_owned(),
            since: Timestamp::from_second(since),
            until: Timestamp::from_second(until),
        }
    }

    #[test]
    fn spans_grow_join_and_never_shrink() {
        let (_folder, store) = fresh();
        let set = |bookmark: &Bookmark| store.set_bookmark(MAIN, bookmark, &[]).unwrap();
        set(&span(7, "issues", 500, 600));
        set(&span(7, "issues", 100, 200));
        set(&span(7, "issues", 100, 150));
        assert_eq!(
            store.bookmarks(MAIN).unwrap(),
            [span(7, "issues", 100, 200), span(7, "issues", 500, 600)]
        );
        set(&span(7, "issues", 590, 700));
        // It reaches the second, which reaches the third.
        set(&span(7, "issues", 100, 510));
        assert_eq!(store.bookmarks(MAIN).unwrap(), [span(7, "issues", 100, 700)]);
    }

    #[test]
    fn they_are_told_apart_and_outlive_the_process() {
        let folder = folder();
        let store = open(&folder);
        let all = [span(7, "deployments", 1, 2), span(7, "issues", 1, 3), span(8, "issues", 1, 4)];
        for bookmark in &all {
            store.set_bookmark(MAIN, bookmark, &[Iid::new(4).unwrap()]).unwrap();
        }
        drop(store);
        let store = open(&folder);
        assert_eq!(store.bookmarks(MAIN).unwrap(), all);
        assert_eq!(store.bookmarks(InstanceId::new(2)).unwrap(), []);
        let own = |number| store.bookmarks_of(MAIN, ProjectId::new(number).unwrap()).unwrap();
        assert_eq!((own(7).as_slice(), own(9)), (&all[..2], Vec::new()));
        let is_read = |instance, project, iid| {
            let (project, iid) = (ProjectId::new(project).unwrap(), Iid::new(iid).unwrap());
            store.is_merge_request_read(instance, project, iid).unwrap()
        };
        assert!(is_read(MAIN, 7, 4) && is_read(MAIN, 8, 4));
        assert!(!is_read(MAIN, 7, 5) && !is_read(MAIN, 9, 4));
        assert!(!is_read(InstanceId::new(2), 7, 4));
        store.set_past_read(MAIN).unwrap();
        let past = [MAIN, InstanceId::new(11)].map(|own| store.is_past_read(own).unwrap());
        assert_eq!(past, [true, false]);
    }

    #[test]
    fn what_was_asked_for_is_kept_whole_and_is_not_heard() {
        let (_folder, store) = fresh();
        let mut asked = entry("asked", Vec::new());
        asked.key = DeliveryKey::new(b"api:1");
        if let Content::Projected { record, .. } = &mut asked.content {
            record.channel = Channel::Api;
        }
        store.commit(&[asked, entry("told", Vec::new())], 1).unwrap();
        let channels: Vec<Channel> = store
            .scan(None, 9)
            .unwrap()
            .into_iter()
            .map(|stored| match stored.content {
                StoredContent::Projected(record) if stored.intact => record.channel,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(channels, [Channel::Api, Channel::Webhook]);
        let heard: Vec<u64> = store.heard().unwrap().iter().map(|kind| kind.deliveries).collect();
        assert_eq!(heard, [1]);
    }
}
