//! Chance that repeats: the same seed gives the same company on every machine.

/// A small generator of pseudo-random numbers (`SplitMix64`), in integers only.
///
/// Nothing secret depends on it. Source: Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", 2014.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// Starts the sequence that `seed` names.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included; `low` when they are in the wrong order.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        let span = high.saturating_sub(low).saturating_add(1);
        low.saturating_add(self.bits() % span)
    }

    /// Whether something of this probability happens.
    pub(super) fn happens(&mut self, percent: u64) -> bool {
        self.bits() % 100 < percent
    }

    /// A positive quantity around `median`, from a quarter of it to four times as much, as skewed
    /// as durations of work are.
    pub(super) fn around(&mut self, median: u64) -> u64 {
        let octave = (median / 4).max(1) << self.between(0, 3);
        self.between(octave, octave * 2)
    }

    /// One of `items`, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX).max(1);
        let place = usize::try_from(self.bits() % count).unwrap_or(0);
        items.get(place).unwrap_or_else(|| unreachable!("nothing is picked from an empty list"))
    }

    /// Twenty bytes, as good as a commit id.
    pub(super) fn sha(&mut self) -> [u8; 20] {
        let mut sha = [0; 20];
        for chunk in sha.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(self.bits().to_be_bytes()) {
                *to = from;
            }
        }
        sha
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence_of_seed_zero_comes_out() {
        let mut chance = Chance::new(0);
        assert_eq!([chance.bits(), chance.bits()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn quantities_stay_within_a_quarter_and_four_times_their_median() {
        let mut chance = Chance::new(1);
        let drawn: Vec<u64> = (0..2_000).map(|_| chance.around(3_600)).collect();
        assert!(drawn.iter().all(|seconds| (900..=14_400).contains(seconds)));
        let below = drawn.iter().filter(|seconds| **seconds < 3_600).count();
        assert!((900..1_100).contains(&below), "{below} of 2000 below the median");
    }
}
