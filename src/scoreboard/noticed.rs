//! What was noticed of the data so far: a count that only grows while this process lives.

use std::collections::BTreeMap;

use crate::delivery::ProjectKey;

/// Adds up, over all projects, what each measure finds beyond the one before.
///
/// What is found falls again when it is mended or becomes due; a counter must not.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    found: BTreeMap<ProjectKey, u64>,
    total: u64,
}

impl Noticed {
    /// Takes in what a project shows now; says whether that is more than before.
    pub(super) fn notice(&mut self, project: ProjectKey, found: u64) -> bool {
        // Most projects show nothing, and take no room.
        let known = match found {
            0 => self.found.remove(&project),
            _ => self.found.insert(project, found),
        };
        let known = known.unwrap_or(0);
        self.total = self.total.saturating_add(found.saturating_sub(known));
        found > known
    }

    /// Everything noticed so far.
    pub(super) fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{InstanceId, ProjectId};

    #[test]
    fn what_is_found_again_counts_once_and_what_is_mended_takes_nothing_away() {
        let project = |number| ProjectKey {
            instance: InstanceId::new(1),
            project: ProjectId::new(number).unwrap(),
        };
        let mut noticed = Noticed::default();
        assert!(noticed.notice(project(1), 2));
        assert!(!noticed.notice(project(1), 2));
        assert!(!noticed.notice(project(1), 1));
        assert!(noticed.notice(project(2), 1));
        assert_eq!(noticed.total(), 3);
        assert!(noticed.notice(project(1), 2));
        assert_eq!(noticed.total(), 4);
    }
}
