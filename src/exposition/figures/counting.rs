//! How many series figures will be, before they are written: limits need to know.

use super::variants::{Stats, Variants};
use super::{ShownTime, ShownWindow, Visitor, walk};
use crate::delivery::{ServiceName, Timestamp};
use crate::dora::metric::work_categories::CategoryFigures;
use crate::dora::scorecard::{
    Figures, PromotionFigures, ServiceFigures, TierFigures, WindowFigures,
};
use crate::dora::statistics::Stat;
use crate::exposition::catalog::Scope;
use crate::exposition::catalog::figures::Figure;
use crate::exposition::family::Number;

/// How many series [`write()`](super::write()) makes of the `figures` of one project, group or team.
pub(in crate::exposition) fn count(scope: Scope, figures: &Figures, time: &ShownTime) -> u64 {
    counted((scope, None), figures, time)
}

/// How many it makes of those of one service of a project.
pub(in crate::exposition) fn count_service(own: &ServiceFigures, time: &ShownTime) -> u64 {
    counted((Scope::Project, Some(&own.name)), &own.figures, time)
}

fn counted(
    (scope, service): (Scope, Option<&ServiceName>),
    figures: &Figures,
    time: &ShownTime,
) -> u64 {
    let (as_of, windows) = (time.as_of, &time.windows);
    let mut counter = Counter { scope, service, figures, as_of, windows, series: 0 };
    walk(&mut counter);
    counter.series
}

/// Counts the values that are there.
struct Counter<'a> {
    scope: Scope,
    service: Option<&'a ServiceName>,
    figures: &'a Figures,
    as_of: Timestamp,
    windows: &'a [ShownWindow],
    series: u64,
}

impl Counter<'_> {
    fn add(&mut self, figure: &'static Figure, values: impl Iterator<Item = Option<Number>>) {
        if figure.of(self.scope).is_none() {
            return;
        }
        self.series += values.map(|value| u64::from(value.is_some())).sum::<u64>();
    }
}

impl Visitor for Counter<'_> {
    fn as_of(&self) -> Timestamp {
        self.as_of
    }

    fn in_windows<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&WindowFigures, V::Variant) -> Option<Number>,
    ) {
        for tier in &self.figures.tiers {
            let windows = self.windows.iter().filter_map(|window| tier.windows.get(window.index));
            for figures in windows {
                self.add(figure, variants.each().map(|variant| value(figures, variant)));
            }
        }
    }

    fn by_category<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&CategoryFigures, V::Variant) -> Option<Number>,
    ) {
        for tier in &self.figures.tiers {
            let windows = self.windows.iter().filter_map(|window| tier.windows.get(window.index));
            for figures in windows.flat_map(|figures| &figures.categories) {
                self.add(figure, variants.each().map(|variant| value(figures, variant)));
            }
        }
    }

    fn of_tiers(
        &mut self,
        figure: &'static Figure,
        value: impl Fn(&TierFigures) -> Option<Number>,
    ) {
        self.add(figure, self.figures.tiers.iter().map(value));
    }

    fn untiered_in_windows<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&Figures, usize, V::Variant) -> Option<Number>,
    ) {
        for window in self.windows {
            let (figures, index) = (self.figures, window.index);
            self.add(figure, variants.each().map(|variant| value(figures, index, variant)));
        }
    }

    fn of_promotions(
        &mut self,
        figure: &'static Figure,
        value: impl Fn(&PromotionFigures, usize, Stat) -> Option<Number>,
    ) {
        for promotion in &self.figures.value_stream.promotions {
            for window in self.windows {
                self.add(figure, Stats.each().map(|stat| value(promotion, window.index, stat)));
            }
        }
    }

    fn untiered<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&Figures, V::Variant) -> Option<Number>,
    ) {
        if self.service.is_some() {
            return;
        }
        let figures = self.figures;
        self.add(figure, variants.each().map(|variant| value(figures, variant)));
    }
}
