//! What was heard of each project.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::load::each;
use crate::delivery::{Contact, InstanceId, ProjectKey};
use crate::store::rows::{Bound, Cells, section};

const CONTACT: &str = include_str!("sql/contact.sql");

/// Every project that was heard of.
pub(in crate::store) fn contacts(
    conn: &Connection,
) -> rusqlite::Result<BTreeMap<ProjectKey, Contact>> {
    let mut all: BTreeMap<ProjectKey, Contact> = BTreeMap::new();
    each(conn, section(CONTACT, "kinds"), [], |row| {
        let contact = all.entry(project(&mut Cells::from(row, 0))?).or_default();
        let mut cells = Cells::from(row, 3);
        contact.remember_kind(row.get_ref(2)?.as_str()?, cells.take()?, cells.take()?);
        Ok(())
    })?;
    each(conn, section(CONTACT, "weeks"), [], |row| {
        let contact = all.entry(project(&mut Cells::from(row, 0))?).or_default();
        contact.remember_week(row.get(2)?, Cells::from(row, 3).take()?);
        Ok(())
    })?;
    Ok(all)
}

/// Keeps what was heard of a project, in place of what was kept before. Within a transaction.
pub(in crate::store) fn keep_contact(
    conn: &Connection,
    project: ProjectKey,
    contact: &Contact,
) -> rusqlite::Result<()> {
    let (instance, number) = (project.instance.get(), Bound(&project.project));
    let mut keep = conn.prepare_cached(section(CONTACT, "keep_kind"))?;
    for own in contact.kinds() {
        keep.execute(params![
            instance,
            number,
            own.kind,
            Bound(&own.last),
            Bound(&own.deliveries)
        ])?;
    }
    let mut keep = conn.prepare_cached(section(CONTACT, "keep_week"))?;
    for (week, seconds) in contact.weeks() {
        keep.execute(params![instance, number, week, Bound(&seconds)])?;
    }
    let oldest = contact.weeks().map(|(week, _)| week).min();
    let mut forget = conn.prepare_cached(section(CONTACT, "forget_weeks"))?;
    forget.execute(params![instance, number, oldest.unwrap_or(0)])?;
    Ok(())
}

fn project(cells: &mut Cells<'_, '_>) -> rusqlite::Result<ProjectKey> {
    Ok(ProjectKey { instance: InstanceId::new(cells.take()?), project: cells.take()? })
}
