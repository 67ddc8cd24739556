//! Loading what measuring can need, in one consistent view.
//!
//! A fact is given when it was heard of at or after its project's floor, or is still open. The
//! floor is `since`, or earlier: 30 days before the oldest of the newest successes that the
//! project's environments had before `since`, so that what the next deployment delivers is known
//! however long an environment stood still. Environments of GitLab's tier `development` do not
//! lower the floor: review apps are deployed once and would pull in everything; their newest
//! success is given all the same. What belongs to a given merge request or issue (commits, reviews,
//! transitions) is given whatever its age, and so are all projects and environments.

use std::collections::BTreeMap;

use rusqlite::{Connection, Params, Row as SqlRow, params};
use rustc_hash::FxHashMap;

use crate::delivery::{
    DeploymentId, EnvironmentName, EnvironmentTier, Fact, ProjectKey, Timestamp,
};
use crate::store::rows::{Bound, Cells, TABLES, deployments, head, section};

const SUCCESSES: &str = section(include_str!("sql/reader.sql"), "successes");

/// How far before an environment's newest success its project's facts are loaded: what was pushed,
/// merged or rolled back while that deployment was on its way.
const REACH_BACK_SECONDS: u64 = 30 * 86_400;

/// Gives every fact that measuring from `since` on can need to `sink`; some come twice.
pub(in crate::store) fn load(
    conn: &Connection,
    since: Timestamp,
    sink: &mut dyn FnMut(Fact),
) -> rusqlite::Result<()> {
    let successes = newest_successes(conn, since)?;
    let floors = Floors::new(since, &successes);
    for table in TABLES {
        each(conn, table.load, [floors.lowest], |row| {
            let (project, reach) = head(row)?;
            if reach >= floors.of(project) {
                sink(table.read(row, 0)?.0);
            }
            Ok(())
        })?;
        let Some(complete) = table.complete else { continue };
        each(conn, complete, [floors.lowest, floors.since], |row| {
            let (project, reach) = head(row)?;
            let own: i64 = row.get(3)?;
            let floor = floors.of(project);
            if reach >= floor && own < floor {
                sink(table.read(row, 1)?.0);
            }
            Ok(())
        })?;
    }
    give_each(conn, &successes, sink)
}

/// Calls `take` for every row of a statement.
pub(in crate::store) fn each(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    mut take: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

/// Where each project's load begins, in seconds since the epoch.
#[derive(Debug)]
struct Floors {
    since: i64,
    lowest: i64,
    earlier: FxHashMap<ProjectKey, i64>,
}

impl Floors {
    fn new(since: Timestamp, successes: &Successes) -> Self {
        let earlier: FxHashMap<ProjectKey, i64> = successes
            .iter()
            .filter_map(|(project, places)| {
                let oldest = places.values().filter(|success| success.lowers_floor);
                let oldest = oldest.map(|success| success.at).min()?;
                Some((*project, oldest.minus(REACH_BACK_SECONDS).as_second()))
            })
            .collect();
        let since = since.as_second();
        let lowest = earlier.values().copied().chain([since]).min().unwrap_or(since);
        Self { since, lowest, earlier }
    }

    fn of(&self, project: ProjectKey) -> i64 {
        self.earlier.get(&project).map_or(self.since, |floor| self.since.min(*floor))
    }
}

/// Each environment's newest success before `since`.
type Successes = FxHashMap<ProjectKey, BTreeMap<EnvironmentName, Success>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Success {
    at: Timestamp,
    id: DeploymentId,
    lowers_floor: bool,
}

fn newest_successes(conn: &Connection, since: Timestamp) -> rusqlite::Result<Successes> {
    let mut found = Successes::default();
    each(conn, SUCCESSES, [since.as_second()], |row| {
        let (project, at) = head(row)?;
        let mut cells = Cells::from(row, 3);
        let (id, name) = (cells.take()?, cells.take()?);
        let tier: Option<EnvironmentTier> = cells.take()?;
        let success = Success {
            at: Timestamp::from_second(at),
            id,
            lowers_floor: tier != Some(EnvironmentTier::Development),
        };
        let newest = found.entry(project).or_default().entry(name).or_insert(success);
        *newest = success.max(*newest);
        Ok(())
    })?;
    Ok(found)
}

fn give_each(
    conn: &Connection,
    successes: &Successes,
    sink: &mut dyn FnMut(Fact),
) -> rusqlite::Result<()> {
    let table = deployments();
    for (project, places) in successes {
        for success in places.values().filter(|success| !success.lowers_floor) {
            let key = params![project.instance.get(), Bound(&project.project), Bound(&success.id)];
            each(conn, table.get, key, |row| {
                sink(table.read(row, 0)?.0);
                Ok(())
            })?;
        }
    }
    Ok(())
}
