//! Where the rows of one answer gather, project by project.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::answer::{Absence, LeftOut, Measure, Row};
use super::measured::{Measured, StreamPlace};
use super::rule::Rule;
use super::thing::{Detail, Thing};
use crate::delivery::{EnvironmentName, EnvironmentTier, ProjectHistory, Timestamp};
use crate::dora::assessment::fates::Fate;
use crate::dora::assessment::{Assessment, TierAssessment};
use crate::dora::policy::Policy;
use crate::dora::samples::{Samples, TierSamples};
use crate::dora::window::Window;

/// How much is told of what was left out under one rule, where all of it would be a flood: enough
/// to see what lies next to the window.
const FEW: usize = 10;
/// How much is told of what was left out in all: a screen can be scrolled, a million lines cannot.
const MOST: usize = 500;

/// One project, and what is asked of it.
pub(super) struct Asked<'a> {
    pub(super) measured: &'a Measured<'a>,
    /// The stream of deployments that is read.
    pub(super) stream: StreamPlace,
    pub(super) window: Option<Window>,
    pub(super) tier: Option<&'a EnvironmentTier>,
}

impl Asked<'_> {
    /// What was understood of the stream.
    pub(super) fn assessment(&self) -> &Assessment {
        self.measured.stream(self.stream).0
    }

    /// The samples of the stream.
    pub(super) fn samples(&self) -> &Samples {
        self.measured.stream(self.stream).1
    }

    /// The tier that is asked about, and its samples; `None` where it is not known.
    pub(super) fn tier(&self) -> Option<(&TierAssessment, &TierSamples)> {
        self.measured.tier(self.stream, self.tier?)
    }

    /// What became of everything merged, in that tier.
    pub(super) fn fates(&self) -> &[Fate] {
        self.tier.map_or(&[], |tier| self.measured.fates(self.stream, tier))
    }

    /// The instant of measure.
    pub(super) fn as_of(&self) -> Timestamp {
        self.measured.as_of
    }

    /// What is known of the project.
    pub(super) fn history(&self) -> &ProjectHistory {
        &self.measured.history
    }

    /// The policy of the project.
    pub(super) fn policy(&self) -> &Policy {
        &self.measured.policy
    }

    /// Whether an instant is in the window; all are where there is none.
    pub(super) fn is_inside(&self, at: Timestamp) -> bool {
        self.window.is_none_or(|window| window.contains(at, self.as_of()))
    }

    /// The tier of an environment.
    pub(super) fn tier_of(&self, name: &EnvironmentName) -> EnvironmentTier {
        let from_gitlab = self.history().environment_named(name).and_then(|own| own.tier.value());
        self.policy().tier(name, from_gitlab)
    }
}

/// The rows of an answer.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Place of the project whose rows are being drawn.
    pub(super) project: usize,
    rows: Vec<Row>,
    left_out: Vec<LeftOut>,
    missing: Option<Absence>,
    has_basis: bool,
}

impl Sheet {
    /// Says that the project has what the value rests on, or why it has not. One project that has
    /// it is enough for a series.
    pub(super) fn rests_on<T>(&mut self, basis: Option<&T>, absence: Absence) {
        self.has_basis |= basis.is_some();
        self.missing = Some(absence);
    }

    /// Why no project has what the value rests on.
    pub(super) fn missing(&self) -> Option<Absence> {
        self.missing.filter(|_| !self.has_basis)
    }

    /// Adds something that counts.
    pub(super) fn row(&mut self, thing: Thing, at: Timestamp, measure: Measure, more: Vec<Detail>) {
        let project = self.project;
        self.rows.push(Row { project, thing, at, measure, details: more });
    }

    /// Adds something that does not count.
    pub(super) fn leave_out(
        &mut self,
        thing: Thing,
        at: Option<Timestamp>,
        rule: Rule,
        more: Vec<Detail>,
    ) {
        let project = self.project;
        self.left_out.push(LeftOut { project, thing, at, rule, details: more });
    }

    /// All rows, and what of the left out is told, newest first, with how much more there is.
    pub(super) fn finish(mut self) -> (Vec<Row>, Vec<LeftOut>, u64) {
        self.rows.sort_by_key(|row| (Reverse(row.at), row.project));
        self.left_out.sort_by_key(|out| (Reverse(out.at), out.project));
        let all = self.left_out.len();
        let mut told: BTreeMap<(usize, Rule), usize> = BTreeMap::new();
        self.left_out.retain(|out| {
            let told = told.entry((out.project, out.rule)).or_default();
            *told += 1;
            *told <= FEW || !out.rule.is_common()
        });
        self.left_out.truncate(MOST);
        let more = all - self.left_out.len();
        (self.rows, self.left_out, u64::try_from(more).unwrap_or(u64::MAX))
    }
}

impl Rule {
    /// Whether it leaves out most of what a project ever did.
    const fn is_common(self) -> bool {
        matches!(self, Self::BeforeWindow | Self::OtherTier | Self::Baseline | Self::Closed)
    }
}
