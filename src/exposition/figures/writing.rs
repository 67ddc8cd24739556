//! Figures onto the sheet: family by family, all scopes of a kind in each.

use std::collections::BTreeMap;

use super::variants::{Single, Stats, Variants};
use super::{Shown, ShownTime, ShownWindow, Visitor, walk};
use crate::delivery::Timestamp;
use crate::dora::metric::work_categories::CategoryFigures;
use crate::dora::policy::PromotionPair;
use crate::dora::scorecard::{Figures, PromotionFigures, TierFigures, WindowFigures};
use crate::dora::statistics::Stat;
use crate::exposition::catalog::Scope;
use crate::exposition::catalog::figures::Figure;
use crate::exposition::family::Number;
use crate::exposition::limits::Kept;
use crate::exposition::sheet::{Layouts, Line, Place, Sheet};

/// Writes all figures of all scopes.
pub(in crate::exposition) fn write(sheet: &mut Sheet, kept: &Kept<'_>, time: &ShownTime) {
    let projects: Vec<_> = kept.projects.iter().flat_map(Shown::streams).collect();
    let groups: Vec<_> = kept.groups.iter().map(Shown::pool).collect();
    let teams: Vec<_> = kept.teams.iter().map(Shown::pool).collect();
    for (scope, shown) in
        [(Scope::Project, &projects), (Scope::Group, &groups), (Scope::Team, &teams)]
    {
        let (as_of, windows) = (time.as_of, &time.windows);
        walk(&mut Table { sheet, scope, shown, as_of, windows });
    }
}

/// Writes everything of one kind of scope.
struct Table<'a> {
    sheet: &'a mut Sheet,
    scope: Scope,
    shown: &'a [Shown<'a>],
    as_of: Timestamp,
    windows: &'a [ShownWindow],
}

impl<'a> Table<'a> {
    /// Begins the family of this scope, if it has one.
    fn open<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        windows: &'a [ShownWindow],
    ) -> Option<Layouts<'a>> {
        let metric = figure.of(self.scope)?;
        self.sheet.open(metric);
        Some(Layouts::new(metric, lines(variants, windows)))
    }
}

/// Every variant; where there are windows, every one of them with every variant.
fn lines<'a, V: Variants>(variants: &V, windows: &'a [ShownWindow]) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let shown = windows.iter().map(|window| Some(("window", window.label.as_str())));
    let shown = shown.chain(windows.is_empty().then_some(None));
    for window in shown {
        let labels = variants.each().map(|variant| variants.labels(variant));
        lines.extend(labels.map(|labels| ("", labels.into_iter().chain(window).collect())));
    }
    lines
}

/// Every window and quantile of one pair of tiers.
fn promotion_lines<'a>(pair: &'a PromotionPair, windows: &'a [ShownWindow]) -> Vec<Line<'a>> {
    let tiers = [("from", pair.from.as_str()), ("to", pair.to.as_str())];
    let with_tiers =
        |(suffix, labels): Line<'a>| (suffix, labels.into_iter().chain(tiers).collect());
    lines(&Stats, windows).into_iter().map(with_tiers).collect()
}

impl Visitor for Table<'_> {
    fn as_of(&self) -> Timestamp {
        self.as_of
    }

    fn in_windows<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&WindowFigures, V::Variant) -> Option<Number>,
    ) {
        let Some(mut layouts) = self.open(figure, variants, self.windows) else { return };
        for (shown, tier) in each_tier(self.shown) {
            let windows = self.windows.iter().map(|window| tier.windows.get(window.index));
            let values = windows.flat_map(|figures| {
                let value = &value;
                let value = move |variant| figures.and_then(|figures| value(figures, variant));
                variants.each().map(value)
            });
            self.sheet.lines(layouts.at(place(shown, Some(tier))), &shown.label, values);
        }
    }

    fn by_category<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&CategoryFigures, V::Variant) -> Option<Number>,
    ) {
        let Some(mut layouts) = self.open(figure, variants, self.windows) else { return };
        for (shown, tier, at, kind) in each_category(self.shown) {
            let values = self.windows.iter().flat_map(|window| {
                let value = &value;
                let figures = tier.windows.get(window.index);
                let figures = figures.and_then(|figures| figures.categories.get(at));
                let value = move |variant| figures.and_then(|own| value(own, variant));
                variants.each().map(value)
            });
            let place = Place { category: Some(&kind.name), ..place(shown, Some(tier)) };
            self.sheet.lines(layouts.at(place), &shown.label, values);
        }
    }

    fn of_tiers(
        &mut self,
        figure: &'static Figure,
        value: impl Fn(&TierFigures) -> Option<Number>,
    ) {
        let Some(mut layouts) = self.open(figure, &Single, &[]) else { return };
        for (shown, tier) in each_tier(self.shown) {
            let values = std::iter::once(value(tier));
            self.sheet.lines(layouts.at(place(shown, Some(tier))), &shown.label, values);
        }
    }

    fn untiered_in_windows<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&Figures, usize, V::Variant) -> Option<Number>,
    ) {
        let Some(mut layouts) = self.open(figure, variants, self.windows) else { return };
        for shown in self.shown {
            let values = self.windows.iter().flat_map(|window| {
                let value = &value;
                let value = move |variant| value(shown.figures, window.index, variant);
                variants.each().map(value)
            });
            self.sheet.lines(layouts.at(place(shown, None)), &shown.label, values);
        }
    }

    fn of_promotions(
        &mut self,
        figure: &'static Figure,
        value: impl Fn(&PromotionFigures, usize, Stat) -> Option<Number>,
    ) {
        let Some(metric) = figure.of(self.scope) else { return };
        // Pairs are few: the operator names them.
        let mut layouts: BTreeMap<&PromotionPair, Layouts<'_>> = BTreeMap::new();
        self.sheet.open(metric);
        let each = self.shown.iter().flat_map(|shown| {
            shown.figures.value_stream.promotions.iter().map(move |own| (shown, own))
        });
        for (shown, own) in each {
            let layouts = layouts
                .entry(&own.pair)
                .or_insert_with(|| Layouts::new(metric, promotion_lines(&own.pair, self.windows)));
            let values = self.windows.iter().flat_map(|window| {
                let value = &value;
                Stats.each().map(move |stat| value(own, window.index, stat))
            });
            self.sheet.lines(layouts.at(place(shown, None)), &shown.label, values);
        }
    }

    fn untiered<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&Figures, V::Variant) -> Option<Number>,
    ) {
        let Some(mut layouts) = self.open(figure, variants, &[]) else { return };
        // What has neither tiers nor windows belongs to the project as a whole.
        for shown in self.shown.iter().filter(|shown| shown.service.is_none()) {
            let values = variants.each().map(|variant| value(shown.figures, variant));
            self.sheet.lines(layouts.at(place(shown, None)), &shown.label, values);
        }
    }
}

fn each_tier<'a>(shown: &'a [Shown<'a>]) -> impl Iterator<Item = (&'a Shown<'a>, &'a TierFigures)> {
    shown.iter().flat_map(|shown| shown.tiers.iter().map(move |tier| (shown, *tier)))
}

/// Every kind of work of every tier, with its place among them; windows have the same ones.
fn each_category<'a>(
    shown: &'a [Shown<'a>],
) -> impl Iterator<Item = (&'a Shown<'a>, &'a TierFigures, usize, &'a CategoryFigures)> {
    each_tier(shown).flat_map(|(shown, tier)| {
        let kinds = tier.windows.first().map_or(&[][..], |figures| &figures.categories);
        kinds.iter().enumerate().map(move |(at, kind)| (shown, tier, at, kind))
    })
}

fn place<'a>(shown: &'a Shown<'_>, tier: Option<&'a TierFigures>) -> Place<'a> {
    let tier = tier.map(|tier| tier.tier.as_str());
    Place { tier, gitlab: shown.gitlab, service: shown.service, category: None }
}
