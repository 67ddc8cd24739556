//! GitLab's numbers for whoever asks, of any project or group, tiers and range of days.

use super::points::{DayRange, GitlabMetric, Interval, Point, points};
use super::row::DailyRow;
use crate::delivery::{EnvironmentTier, History, InstanceId, ProjectId, Timestamp};
use crate::dora::assessment::environment_days::environment_days;
use crate::dora::explain::{Subject, Unanswered, concerned, project_of_id};
use crate::dora::measuring::Measuring;

/// What GitLab's API is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitlabQuery {
    /// Which of the four.
    pub metric: GitlabMetric,
    /// Tiers as GitLab names them.
    pub tiers: Vec<EnvironmentTier>,
    /// Which days.
    pub range: DayRange,
    /// What one value is made over.
    pub interval: Interval,
}

/// Whose numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitlabSubject {
    /// A project by GitLab's id, and its GitLab where several have one of that id.
    Project {
        /// The project.
        id: ProjectId,
        /// Its GitLab.
        instance: Option<InstanceId>,
    },
    /// A project or a group by its path.
    Named(Subject),
}

/// Answers for a project or a group, whether the policy asks for GitLab's numbers or not.
///
/// - **Input.** The whole history; `goes_on` says before each project whether there is still time.
/// - **Output.** As [`points()`].
/// - **Cost.** Each project of the subject is understood anew.
///
/// # Errors
/// [`Unanswered`].
pub fn gitlab_points(
    measuring: &Measuring,
    history: &History,
    subject: &GitlabSubject,
    query: &GitlabQuery,
    (as_of, goes_on): (Timestamp, &dyn Fn() -> bool),
) -> Result<Vec<Point>, Unanswered> {
    let mut rows: Vec<DailyRow> = Vec::new();
    let concerned = match subject {
        GitlabSubject::Project { id, instance } => project_of_id(history, *id, *instance)?,
        GitlabSubject::Named(subject) => concerned(measuring, history, subject)?,
    };
    for (_, path, own) in concerned {
        if !goes_on() {
            return Err(Unanswered::Late);
        }
        let policy = measuring.policies.resolve(&path);
        let days = environment_days(own, as_of, &policy, &query.tiers);
        rows.extend(days.iter().map(DailyRow::of));
    }
    Ok(points(rows.iter(), query.metric, query.range, query.interval))
}
