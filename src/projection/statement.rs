//! What one record says, while it is being put together.

use crate::delivery::register::Newest;
use crate::delivery::{
    Fact, FactBody, LabelName, LabelSet, Project, ProjectId, ProjectKey, Timestamp,
};
use crate::gitlab::hook::{Label, List, Part, ProjectPart, Said};
use crate::record::Record;

/// Why a record gives no fact.
#[derive(Debug)]
pub(super) enum Silence {
    /// It says nothing that is measured.
    Irrelevant(&'static str),
    /// It cannot be understood: the JSON path, and what is wrong there.
    Unreadable(String),
}

/// The facts of one record, all of one project.
#[derive(Debug)]
pub(super) struct Statement {
    project: ProjectKey,
    facts: Vec<Fact>,
}

impl Statement {
    /// Opens the statement with what the hook says of the project itself, as of `at`.
    ///
    /// The project is `project.id`, else the first of `others` that is said.
    pub(super) fn of(
        record: &Record,
        project: Part<ProjectPart>,
        others: &[Said<ProjectId>],
        at: Timestamp,
    ) -> Result<Self, Silence> {
        let part = project.0.unwrap_or_default();
        let id = part.id.value().or_else(|| others.iter().find_map(|other| other.value()));
        let project = id.ok_or_else(|| missing("project.id"))?;
        let mut statement = Self::about(record, project);
        let path = dated(at, part.path_with_namespace);
        let default_branch = dated(at, part.default_branch);
        if path.0.is_some() || default_branch.0.is_some() {
            let fact = Project { path, default_branch, deleted: Newest::default() };
            statement.say(FactBody::Project(fact));
        }
        Ok(statement)
    }

    /// Opens a statement about `project`.
    pub(super) fn about(record: &Record, project: ProjectId) -> Self {
        let project = ProjectKey { instance: record.instance, project };
        Self { project, facts: Vec::new() }
    }

    /// The number of the project it is about.
    pub(super) const fn project(&self) -> ProjectId {
        self.project.project
    }

    /// Adds a fact.
    pub(super) fn say(&mut self, body: FactBody) {
        self.facts.push(Fact { project: self.project, body });
    }

    /// Everything said.
    pub(super) fn end(self) -> Vec<Fact> {
        self.facts
    }
}

/// Reads a record as `T`.
pub(super) fn read<'a, T: serde::Deserialize<'a>>(record: &'a Record) -> Result<T, Silence> {
    crate::gitlab::hook::read(record)
        .ok_or_else(|| Silence::Unreadable("the record is no JSON object".to_owned()))
}

/// The value of a field without which nothing can be said.
pub(super) fn need<T>(said: Said<T>, path: &'static str) -> Result<T, Silence> {
    said.value().ok_or_else(|| missing(path))
}

/// A part without which nothing can be said.
pub(super) fn need_part<T>(part: Part<T>, path: &'static str) -> Result<T, Silence> {
    part.0.ok_or_else(|| missing(path))
}

fn missing(path: &'static str) -> Silence {
    Silence::Unreadable(format!("{path}: missing, or not what it should be"))
}

/// An event time, or before every instant when none was told.
pub(super) fn or_undated(at: Said<Timestamp>) -> Timestamp {
    at.value().unwrap_or(Timestamp::UNDATED)
}

/// A value as of `at`.
pub(super) fn dated<T>(at: Timestamp, said: Said<T>) -> Newest<T> {
    Newest(said.value().map(|value| (at, value)))
}

/// A value that may be taken away, as of `at`.
pub(super) fn dated_nullable<T>(at: Timestamp, said: Said<T>) -> Newest<Option<T>> {
    Newest(said.nullable().map(|value| (at, value)))
}

/// The labels as of `at`: the object's own, else those beside it.
pub(super) fn labels(at: Timestamp, own: List<Label>, beside: List<Label>) -> Newest<LabelSet> {
    let said = own.0.or(beside.0);
    let set = said.map(|labels| {
        let names: Vec<LabelName> =
            labels.into_iter().filter_map(|label| label.title.value()).collect();
        (at, LabelSet::new(names))
    });
    Newest(set)
}
