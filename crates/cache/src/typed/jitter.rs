//! Times to live that are not all over at once.

use std::time::Duration;

use archirust_core::random::Random;

use crate::key::MIN_TTL;

/// How much shorter a time to live may turn out, by chance: values that were loaded together are not all loaded again
/// together. It never gets longer, so nothing is older than promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jitter(u8);

impl Jitter {
    /// None: the time to live is exact.
    pub const NONE: Self = Self(0);

    /// Up to this part of the time to live, in percent; more than 100 is 100.
    pub const fn percent(percent: u8) -> Self {
        Self(if percent > 100 { 100 } else { percent })
    }

    pub(super) fn shorten(self, ttl: Duration, random: &dyn Random) -> Duration {
        let chance = u128::from(u32::from_le_bytes(random.bytes()));
        let cut = ttl.as_nanos() * u128::from(self.0) * chance / (100 * u128::from(u32::MAX));
        // At most the whole of it, which fits.
        let cut = Duration::from_nanos(u64::try_from(cut).unwrap_or(u64::MAX));
        ttl.saturating_sub(cut).max(MIN_TTL)
    }
}

/// Ten percent.
impl Default for Jitter {
    fn default() -> Self {
        Self::percent(10)
    }
}

#[cfg(test)]
mod tests {
    use archirust_core::random::SequenceRandom;

    use super::*;
    use crate::key::MAX_TTL;

    /// A die that always falls the same.
    struct Always(u8);

    impl Random for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn jitter_shortens_from_nothing_to_its_percentage() {
        let hour = Duration::from_secs(3600);
        assert_eq!(Jitter::default().shorten(hour, &Always(0)), hour);
        assert_eq!(Jitter::default().shorten(hour, &Always(0xff)), hour * 9 / 10);
        assert_eq!(Jitter::NONE.shorten(hour, &Always(0xff)), hour);
        assert_eq!(Jitter::percent(100).shorten(hour, &Always(0xff)), MIN_TTL);
        assert_eq!(Jitter::percent(255), Jitter::percent(100));
        assert_eq!(Jitter::percent(50).shorten(MAX_TTL, &Always(0xff)), MAX_TTL / 2);
    }

    #[test]
    fn jitter_spreads() {
        let random = SequenceRandom::seeded(1);
        let hour = Duration::from_secs(3600);
        let ttls: Vec<_> = (0..1000).map(|_| Jitter::percent(20).shorten(hour, &*random).as_secs()).collect();
        let in_tenth = |tenth: u64| ttls.iter().filter(|ttl| (**ttl - 2880) / 72 == tenth).count();
        for tenth in 0..10 {
            assert!(in_tenth(tenth) > 50, "{tenth}: {}", in_tenth(tenth));
        }
    }
}
