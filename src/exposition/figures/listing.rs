//! Figures as a list of values, each with its name and labels: for programs that read no exposition.

use super::variants::{Stats, Variants};
use super::{ShownTime, ShownWindow, Visitor, walk};
use crate::delivery::Timestamp;
use crate::dora::metric::work_categories::CategoryFigures;
use crate::dora::scorecard::{
    Figures, PromotionFigures, ServiceFigures, TierFigures, WindowFigures,
};
use crate::dora::statistics::Stat;
use crate::dora::window::Window;
use crate::exposition::catalog::figures::Figure;
use crate::exposition::catalog::{Metric, Scope};
use crate::exposition::family::Number;

/// One value of a project, group or team.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The family it belongs to.
    pub metric: &'static Metric,
    /// Its labels, without that of the project, group or team.
    pub labels: Vec<(&'static str, String)>,
    /// What `/metrics` shows of it.
    pub value: f64,
}

/// Every value that `/metrics` shows of `figures` as of an instant, limits aside, in the order of its
/// families.
#[must_use]
pub fn list(figures: &Figures, scope: Scope, as_of: Timestamp, windows: &[Window]) -> Vec<Listed> {
    listed((scope, None), figures, as_of, windows)
}

/// Every value that it shows of one service of a project.
#[must_use]
pub fn list_service(own: &ServiceFigures, as_of: Timestamp, windows: &[Window]) -> Vec<Listed> {
    listed((Scope::Project, Some(own.name.as_str())), &own.figures, as_of, windows)
}

fn listed(
    (scope, service): (Scope, Option<&str>),
    figures: &Figures,
    as_of: Timestamp,
    windows: &[Window],
) -> Vec<Listed> {
    let ShownTime { as_of, windows } = ShownTime::new(as_of, windows);
    let mut tiers: Vec<&TierFigures> = figures.tiers.iter().collect();
    tiers.sort_by_key(|tier| tier.tier.as_str());
    let (windows, listed) = (windows.as_slice(), Vec::new());
    let mut list = List { figures, tiers, scope, service, as_of, windows, listed };
    walk(&mut list);
    list.listed
}

struct List<'a> {
    figures: &'a Figures,
    tiers: Vec<&'a TierFigures>,
    scope: Scope,
    service: Option<&'a str>,
    as_of: Timestamp,
    windows: &'a [ShownWindow],
    listed: Vec<Listed>,
}

impl List<'_> {
    fn add<V: Variants>(
        &mut self,
        figure: &'static Figure,
        place: [Option<(&'static str, &str)>; 3],
        variants: &V,
        value: impl Fn(V::Variant) -> Option<Number>,
    ) {
        let Some(metric) = figure.of(self.scope) else { return };
        for variant in variants.each() {
            let Some(number) = value(variant) else { continue };
            let service = self.service.map(|name| (SERVICE, name));
            let place =
                place.into_iter().chain([service]).flatten().chain(variants.labels(variant));
            let mut labels: Vec<(&'static str, String)> =
                place.map(|(name, value)| (name, value.to_owned())).collect();
            labels.sort_unstable();
            let value = number.as_real();
            self.listed.push(Listed { metric, labels, value });
        }
    }
}

const TIER: &str = "environment_tier";
const WINDOW: &str = "window";
const CATEGORY: &str = "category";
const SERVICE: &str = "service";

impl Visitor for List<'_> {
    fn as_of(&self) -> Timestamp {
        self.as_of
    }

    fn in_windows<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&WindowFigures, V::Variant) -> Option<Number>,
    ) {
        for tier in self.tiers.clone() {
            for window in self.windows {
                let own = tier.windows.get(window.index);
                let place =
                    [Some((TIER, tier.tier.as_str())), Some((WINDOW, &*window.label)), None];
                self.add(figure, place, variants, |variant| value(own?, variant));
            }
        }
    }

    fn by_category<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&CategoryFigures, V::Variant) -> Option<Number>,
    ) {
        for tier in self.tiers.clone() {
            let windows = self
                .windows
                .iter()
                .filter_map(|window| Some((&*window.label, tier.windows.get(window.index)?)));
            for (window, own) in windows.flat_map(|(window, own)| {
                own.categories.iter().map(move |category| (window, category))
            }) {
                let place = [
                    Some((TIER, tier.tier.as_str())),
                    Some((WINDOW, window)),
                    Some((CATEGORY, &*own.name)),
                ];
                self.add(figure, place, variants, |variant| value(own, variant));
            }
        }
    }

    fn of_tiers(
        &mut self,
        figure: &'static Figure,
        value: impl Fn(&TierFigures) -> Option<Number>,
    ) {
        for tier in self.tiers.clone() {
            let place = [Some((TIER, tier.tier.as_str())), None, None];
            self.add(figure, place, &super::variants::Single, |()| value(tier));
        }
    }

    fn untiered_in_windows<V: Variants>(
        &mut self,
        figure: &'static Figure,
        variants: &V,
        value: impl Fn(&Figures, usize, V::Variant) -> Option<Number>,
    ) {
        let figures = self.figures;
        for window in self.windows {
            let place = [Some((WINDOW, &*window.label)), None, None];
            self.add(figure, place, variants, |variant| value(figures, window.index, variant));
        }
    }

    fn of_promotions(
        &mut self,
        figure: &'static Figure,
        value: impl Fn(&PromotionFigures, usize, Stat) -> Option<Number>,
    ) {
        let figures = self.figures;
        for own in &figures.value_stream.promotions {
            for window in self.windows {
                let place = [
                    Some(("from", own.pair.from.as_str())),
                    Some(("to", own.pair.to.as_str())),
                    Some((WINDOW, &*window.label)),
                ];
                self.add(figure, place, &Stats, |stat| value(own, window.index, stat));
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
        self.add(figure, [None, None, None], variants, |variant| value(figures, variant));
    }
}
