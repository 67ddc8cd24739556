//! The table `pipeline_jobs`: all jobs of a pipeline in one cell.

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use serde::{Deserialize, Serialize};

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::register::{Earliest, Greatest};
use crate::delivery::{
    EnvironmentName, EnvironmentTier, Job, JobId, JobName, Jobs, PipelineJobs, Timestamp,
};

row!(PipelineJobs { pipeline; sha, ref_name, jobs });

impl Register for Jobs {
    fn bind(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
        slots.put(self)
    }

    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self> {
        cells.take()
    }

    fn heard_at(&self) -> Option<Timestamp> {
        self.as_slice().iter().map(|job| job.finished_at).max()
    }
}

/// The cell, as JSON. This form is stored: it may be added to, never changed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Cell {
    /// Id, name, finish, and the seconds from start to finish where the start is known.
    jobs: Vec<(u64, String, i64, Option<i64>)>,
    /// Id, environment and tier of the few that deploy somewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    to: Vec<(u64, Option<String>, Option<String>)>,
}

impl Column for Jobs {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        let mut cell = Cell::default();
        for job in self.as_slice() {
            let finish = job.finished_at.as_second();
            // Wrapping, so that every pair of instants is read back as it was.
            let ran = job.started_at.0.map(|start| finish.wrapping_sub(start.as_second()));
            cell.jobs.push((job.id.get(), job.name.as_str().to_owned(), finish, ran));
            let environment = job.environment.0.as_ref().map(|name| name.as_str().to_owned());
            let tier = job.tier.0.as_ref().map(|tier| tier.as_str().to_owned());
            if environment.is_some() || tier.is_some() {
                cell.to.push((job.id.get(), environment, tier));
            }
        }
        let text = serde_json::to_string(&cell).unwrap_or_default();
        ToSqlOutput::Owned(Value::from(text))
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        let Cell { jobs, to } = serde_json::from_str(cell.as_str().ok()?).ok()?;
        let mut to = to.into_iter().peekable();
        let mut read = Vec::with_capacity(jobs.len());
        for (id, name, finish, ran) in jobs {
            let place = to.next_if(|(job, ..)| *job == id);
            let (environment, tier) = place.map_or((None, None), |(_, name, tier)| (name, tier));
            let started_at = ran.map(|ran| Timestamp::from_second(finish.wrapping_sub(ran)));
            let environment = environment.map(|name| EnvironmentName::new(&name)).transpose();
            let tier = tier.map(|tier| EnvironmentTier::from_policy(&tier)).transpose();
            read.push(Job {
                id: JobId::new(id).ok()?,
                name: JobName::new(&name).ok()?,
                started_at: Earliest(started_at),
                finished_at: Timestamp::from_second(finish),
                environment: Greatest(environment.ok()?),
                tier: Greatest(tier.ok()?),
            });
        }
        Some(Self::new(read))
    }
}
