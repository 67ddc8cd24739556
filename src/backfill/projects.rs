//! Which projects there are to read.

use super::query::Ask;
use super::report::{Failed, Report, Stopped, Unread};
use super::run::Backfill;
use crate::delivery::{ProjectPath, Timestamp};
use crate::gitlab::resource::{ProjectRow, Resource, Within, elements, project_row};
use crate::record::Entry;
use crate::rest::RestError;

impl Backfill {
    /// The projects that an answer names and that may be read. With a report they are read themselves
    /// as well, page by page. With an instant the list comes by activity, the latest first, and ends
    /// there.
    pub(super) async fn projects(
        &self,
        (ask, active_after): (&Ask, Option<Timestamp>),
        mut report: Option<&mut Report>,
    ) -> Result<Vec<ProjectRow>, Stopped> {
        let (path, query) = ask.parts();
        let client = &self.parts.client;
        let mut found = Vec::new();
        if ask.is_one {
            let answer = client.get(&path, &query).await.map_err(refused)?;
            let text = String::from_utf8_lossy(answer.body()).into_owned();
            self.take(&[&text], &mut found, report.as_deref_mut()).await?;
            return Ok(found);
        }
        let mut pages = client.pages(&path, &query);
        while let Some(body) = pages.next().await.map_err(refused)? {
            let text = String::from_utf8_lossy(&body).into_owned();
            let Some(elements) = elements(&text) else {
                let list = "projects".to_owned();
                let unread = Unread { project: None, list, why: Failed::NoList };
                self.note(report.unwrap_or(&mut Report::default()), unread);
                return Ok(found);
            };
            self.take(&elements, &mut found, report.as_deref_mut()).await?;
            if is_over(&found, active_after) {
                break;
            }
        }
        Ok(found)
    }

    /// Takes the projects of a page that may be read.
    async fn take(
        &self,
        elements: &[&str],
        found: &mut Vec<ProjectRow>,
        report: Option<&mut Report>,
    ) -> Result<(), Stopped> {
        let reader = self.reader();
        let rows = elements.iter().filter_map(|text| Some((project_row(text)?, text)));
        let allowed: Vec<(ProjectRow, &&str)> =
            rows.filter(|(row, _)| self.may_read(&row.path)).collect();
        let entries: Vec<Entry> = allowed
            .iter()
            .filter_map(|(row, text)| {
                reader.alone(Resource::Project, Within::project(row.id), text)
            })
            .collect();
        found.extend(allowed.into_iter().map(|(row, _)| row));
        match report {
            Some(report) => self.keep(entries, report).await,
            None => Ok(()),
        }
    }

    fn may_read(&self, path: &ProjectPath) -> bool {
        let allowed = &self.parts.terms.load().projects;
        allowed.is_empty() || allowed.is_match(path.as_str())
    }
}

/// Whether a list by activity has passed the instant that was asked for: a GitLab that does not know the
/// filter goes on.
fn is_over(found: &[ProjectRow], active_after: Option<Timestamp>) -> bool {
    let last = found.last().and_then(|row| row.last_activity_at);
    last.zip(active_after).is_some_and(|(last, after)| last < after)
}

/// The list of projects stands for all of GitLab: what it does not give, nobody will.
fn refused(error: RestError) -> Stopped {
    match error {
        RestError::Transport(_) | RestError::GitLab { .. } | RestError::Limited { .. } => {
            Stopped::Unreachable(error)
        }
        error => Stopped::Refused(error),
    }
}
