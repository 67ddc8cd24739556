//! The sheet that families are written on, and the layouts of their lines.

use std::ops::Range;

use super::catalog::Metric;
use super::family::Number;
use super::text::{self, Template};

/// A usual line has 140 bytes; room that is not written to costs nothing and is given back.
const LINE_BYTES: usize = 160;

/// Families written one after the other in the text format.
///
/// Lines of samples are the same in both formats, so the other format is made from the same sheet
/// by changing the heads.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    text: Vec<u8>,
    series: u64,
    heads: Vec<(&'static Metric, Range<usize>)>,
}

impl Sheet {
    /// An empty sheet that writes into `reused`, keeping its room, with room for `series` lines.
    pub(super) fn reusing(mut reused: Vec<u8>, series: u64) -> Self {
        reused.clear();
        reused.reserve(usize::try_from(series).unwrap_or(0).saturating_mul(LINE_BYTES));
        Self { text: reused, ..Self::default() }
    }

    /// Begins a family; if no line follows, its head is taken back.
    pub(super) fn open(&mut self, metric: &'static Metric) {
        self.close();
        let start = self.text.len();
        text::write_head(&mut self.text, &metric.head());
        self.heads.push((metric, start..self.text.len()));
    }

    /// Ends the last family.
    pub(super) fn close(&mut self) {
        if let Some((_, head)) = self.heads.pop_if(|(_, head)| head.end == self.text.len()) {
            self.text.truncate(head.start);
        }
    }

    /// Writes one line of the family; `scope` is the escaped name of a project, group or team.
    #[inline]
    pub(super) fn line(&mut self, template: &Template, scope: &[u8], value: Number) {
        template.write_line(&mut self.text, scope, value);
        self.series += 1;
    }

    /// Writes a line for each template that has a value; `values` go with `templates`, one by one.
    #[inline]
    pub(super) fn lines(
        &mut self,
        templates: &[Template],
        scope: &[u8],
        values: impl Iterator<Item = Option<Number>>,
    ) {
        for (template, value) in templates.iter().zip(values) {
            if let Some(value) = value {
                self.line(template, scope, value);
            }
        }
    }

    /// How many lines were written.
    pub(super) const fn series(&self) -> u64 {
        self.series
    }

    /// How many bytes the text has.
    pub(super) const fn length(&self) -> usize {
        self.text.len()
    }

    /// Everything, in the text format.
    pub(super) fn into_text(self) -> Vec<u8> {
        self.text
    }

    /// Every family with its head and its lines, both in the text format.
    pub(super) fn families(&self) -> impl Iterator<Item = (&'static Metric, &[u8], &[u8])> {
        let starts = self.heads.iter().skip(1).map(|(_, head)| head.start);
        let ends = starts.chain([self.text.len()]);
        self.heads.iter().zip(ends).map(|((metric, head), end)| {
            let part = |range: Range<usize>| self.text.get(range).unwrap_or_default();
            (*metric, part(head.clone()), part(head.end..end))
        })
    }
}

/// What one line of a family says besides whose it is: suffix of the name, and fixed labels.
pub(super) type Line<'a> = (&'static str, Vec<(&'static str, &'a str)>);

/// Where a line stands: the labels that many scopes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) tier: Option<&'a str>,
    pub(super) gitlab: Option<&'a str>,
    pub(super) service: Option<&'a str>,
    pub(super) category: Option<&'a str>,
}

/// The templates of one family, laid out once for each place.
pub(super) struct Layouts<'a> {
    metric: &'static Metric,
    lines: Vec<Line<'a>>,
    made: Vec<(Place<'a>, Vec<Template>)>,
}

impl<'a> Layouts<'a> {
    pub(super) const fn new(metric: &'static Metric, lines: Vec<Line<'a>>) -> Self {
        Self { metric, lines, made: Vec::new() }
    }

    /// The templates of all lines at `place`, in the order of the lines.
    pub(super) fn at(&mut self, place: Place<'a>) -> &[Template] {
        // Places are few: tiers, services and kinds of work are named by the operator, installations
        // too.
        let known = self.made.iter().position(|(made, _)| *made == place);
        let at = known.unwrap_or_else(|| {
            self.made.push((place, self.lay_out(place)));
            self.made.len() - 1
        });
        self.made.get(at).map(|(_, templates)| templates.as_slice()).unwrap_or_default()
    }

    fn lay_out(&self, place: Place<'a>) -> Vec<Template> {
        let shared = place.tier.map(|tier| ("environment_tier", tier));
        let shared = shared.into_iter().chain(place.gitlab.map(|name| ("gitlab", name)));
        let shared = shared.chain(place.service.map(|name| ("service", name)));
        let shared = shared.chain(place.category.map(|name| ("category", name)));
        let scope = self.metric.scope.label();
        self.lines
            .iter()
            .map(|(suffix, labels)| {
                let labels = labels.iter().copied().chain(shared.clone()).collect();
                Template::new(self.metric.name, suffix, labels, scope)
            })
            .collect()
    }
}
