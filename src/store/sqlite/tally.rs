//! Counting: each thing once, for ever.

use rusqlite::{Connection, params};

use super::load::each;
use crate::delivery::{
    Counted, InstanceId, LifetimeSeries, ProjectId, ProjectKey, ProjectTotals, Tally, Totals,
};
use crate::store::rows::{
    Bound, Cells, SeriesColumns, odd, section, thing_from_text, thing_to_text,
};

const TALLY: &str = include_str!("sql/tally.sql");

/// Adds each tally whose thing was not counted before. Within a transaction.
pub(in crate::store) fn count(conn: &Connection, tallies: &[Tally]) -> rusqlite::Result<()> {
    let mut count = conn.prepare_cached(section(TALLY, "count"))?;
    let mut add = conn.prepare_cached(section(TALLY, "add"))?;
    for Tally { project, thing, series, observed } in tallies {
        let (instance, number) = (project.instance.get(), Bound(&project.project));
        if count.execute(params![instance, number, thing_to_text(thing)])? == 0 {
            continue;
        }
        let columns = SeriesColumns::of(series);
        add.execute(params![
            instance,
            number,
            columns.series,
            columns.service,
            columns.environment,
            columns.tier,
            columns.status,
            columns.kind,
            columns.severity,
            columns.clock,
            // A counter has no buckets.
            observed.map_or(-1, |observed| i64::from(observed.bucket)),
            Bound(&observed.map_or(0, |observed| observed.seconds)),
        ])?;
    }
    Ok(())
}

/// Everything counted so far, and what it adds up to.
pub(in crate::store) fn totals(conn: &Connection) -> rusqlite::Result<(Totals, Counted)> {
    let counted = Counted::read(|take| {
        each(conn, section(TALLY, "counted"), [], |row| {
            let project = project(&mut Cells::from(row, 0))?;
            let thing = thing_from_text(row.get_ref(2)?.as_str()?).ok_or_else(|| odd(2))?;
            take(project, &thing);
            Ok(())
        })
    })?;
    let mut totals = Totals::default();
    each(conn, section(TALLY, "totals"), [], |row| {
        let project = project(&mut Cells::from(row, 0))?;
        let series = read_series(row)?;
        let total = totals.0.entry(project).or_default().of_mut(series);
        let mut cells = Cells::from(row, 11);
        let (count, seconds): (u64, u64) = (cells.take()?, cells.take()?);
        total.count += count;
        total.sum_seconds += seconds;
        // −1 for a counter.
        if let Ok(bucket) = usize::try_from(row.get::<_, i64>(10)?) {
            if total.buckets.len() <= bucket {
                total.buckets.resize(bucket + 1, 0);
            }
            if let Some(place) = total.buckets.get_mut(bucket) {
                *place += count;
            }
        }
        Ok(())
    })?;
    totals.0.values_mut().for_each(ProjectTotals::shrink);
    Ok((totals, counted))
}

fn project(cells: &mut Cells<'_, '_>) -> rusqlite::Result<ProjectKey> {
    let instance = InstanceId::new(cells.take()?);
    let project: ProjectId = cells.take()?;
    Ok(ProjectKey { instance, project })
}

fn read_series(row: &rusqlite::Row<'_>) -> rusqlite::Result<LifetimeSeries> {
    let text = |index| -> rusqlite::Result<&str> { Ok(row.get_ref(index)?.as_str()?) };
    let columns = SeriesColumns {
        series: text(2)?,
        service: text(3)?,
        environment: text(4)?,
        tier: text(5)?,
        status: text(6)?,
        kind: text(7)?,
        severity: text(8)?,
        clock: text(9)?,
    };
    columns.read().ok_or_else(|| odd(2))
}
