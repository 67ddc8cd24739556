//! What tells the values of one family apart that stand at the same place.

use crate::dora::statistics::{Quantiles, Stat};
use crate::exposition::family::Number;

/// The labels of one line besides its place.
pub(super) type Labels = Vec<(&'static str, &'static str)>;

/// The lines of a family that stand at the same place.
///
/// Names are asked for once a family, values a million times a scorecard; so the two are apart.
pub(super) trait Variants {
    /// What a value is known by.
    type Variant: Copy;

    /// All of them, in the order of their lines.
    fn each(&self) -> impl Iterator<Item = Self::Variant>;

    /// The further labels of one.
    fn labels(&self, variant: Self::Variant) -> Labels;
}

/// One line, without further labels.
pub(super) struct Single;

impl Variants for Single {
    type Variant = ();

    fn each(&self) -> impl Iterator<Item = ()> {
        std::iter::once(())
    }

    fn labels(&self, (): ()) -> Labels {
        Vec::new()
    }
}

/// One line per quantile.
pub(super) struct Stats;

impl Variants for Stats {
    type Variant = Stat;

    fn each(&self) -> impl Iterator<Item = Stat> {
        Stat::ALL.into_iter()
    }

    fn labels(&self, stat: Stat) -> Labels {
        vec![("stat", stat.as_str())]
    }
}

/// One line per value of a label, known by its place among them.
pub(super) struct Numbered<const N: usize>(pub(super) &'static str, pub(super) [&'static str; N]);

impl<const N: usize> Variants for Numbered<N> {
    type Variant = usize;

    fn each(&self) -> impl Iterator<Item = usize> {
        0..N
    }

    fn labels(&self, at: usize) -> Labels {
        self.1.get(at).map(|value| (self.0, *value)).into_iter().collect()
    }
}

/// One line per quantile of each of the others.
pub(super) struct StatsOf<T>(pub(super) T);

impl<T: Variants> Variants for StatsOf<T> {
    type Variant = (T::Variant, Stat);

    fn each(&self) -> impl Iterator<Item = Self::Variant> {
        self.0.each().flat_map(|variant| Stat::ALL.map(|stat| (variant, stat)))
    }

    fn labels(&self, (variant, stat): Self::Variant) -> Labels {
        [self.0.labels(variant), Stats.labels(stat)].concat()
    }
}

/// One of three quantiles, where there are samples.
pub(super) fn measured(quantiles: Option<&Quantiles>, stat: Stat) -> Option<Number> {
    quantiles.and_then(|quantiles| Number::measured(quantiles.get(stat)))
}
