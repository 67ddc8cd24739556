//! Facts touched lately, as they are in the database: spares reading them again before a merge.

use rustc_hash::FxHashMap;

use crate::delivery::{
    BranchName, EnvironmentName, FactBody, FactKey, ProjectKey, ProjectPath, RefName,
};

/// Facts per generation; two generations are held, some 8 MiB at most. A deployment is heard of
/// three times within minutes, its project and environment all day.
const GENERATION: usize = 8_192;

/// Longest name of a fact that is held: GitLab's own limit. A longer one cannot fill the memory.
const LONGEST_NAME_BYTES: usize = 255;

/// A stored fact, and the newest instant at which it was heard of.
#[derive(Debug, Clone)]
pub(in crate::store) struct Stored {
    pub(in crate::store) body: FactBody,
    pub(in crate::store) last_at: i64,
}

/// A fact's place in the store.
pub(in crate::store) type Place = (FactKey, ProjectKey);

/// Facts touched lately, in two generations: the older is dropped when the younger is full.
#[derive(Debug, Default)]
pub(in crate::store) struct Hot {
    young: FxHashMap<Place, Stored>,
    old: FxHashMap<Place, Stored>,
}

impl Hot {
    pub(in crate::store) fn get(&self, place: &Place) -> Option<&Stored> {
        self.young.get(place).or_else(|| self.old.get(place))
    }

    /// Holds a fact as it was committed.
    pub(in crate::store) fn put(&mut self, place: Place, stored: Stored) {
        if !is_worth_holding(&stored.body) {
            return;
        }
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(place, stored);
    }

    /// Forgets everything: after a purge, or when a commit's outcome is unknown.
    pub(in crate::store) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

/// Only what is heard of again and again, and is small.
fn is_worth_holding(body: &FactBody) -> bool {
    let short = |text: Option<&str>| text.is_none_or(|text| text.len() <= LONGEST_NAME_BYTES);
    match body {
        FactBody::Project(fact) => {
            short(fact.path.value().map(ProjectPath::as_str))
                && short(fact.default_branch.value().map(BranchName::as_str))
        }
        FactBody::Environment(fact) => short(Some(fact.name.as_str())),
        FactBody::Deployment(fact) => {
            short(fact.environment.0.as_ref().map(EnvironmentName::as_str))
                && short(fact.ref_name.0.as_ref().map(RefName::as_str))
        }
        FactBody::Pipeline(fact) => short(fact.ref_name.0.as_ref().map(RefName::as_str)),
        FactBody::PipelineStage(fact) => short(Some(fact.stage.as_str())),
        _ => false,
    }
}
