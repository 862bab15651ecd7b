//! Identifiers: UUIDv7 (RFC 9562, section 5.7), so that keys sort by the time they were made.

use uuid::Builder;
pub use uuid::Uuid;

use crate::clock::Clock;
use crate::random::Random;

/// A new identifier from the system's clock and randomness; later ones of the same process sort after earlier ones.
pub fn new() -> Uuid {
    Uuid::now_v7()
}

/// A new identifier from an injected clock and randomness.
pub fn new_from(clock: &dyn Clock, random: &dyn Random) -> Uuid {
    let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random.bytes()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{ManualClock, Timestamp};
    use crate::random::SequenceRandom;

    #[test]
    fn identifiers_are_version_7_and_sorted_by_time() {
        let (first, second) = (new(), new());
        assert_eq!(first.get_version_num(), 7);
        assert!(first < second);
    }

    #[test]
    fn an_injected_clock_gives_its_time() {
        let clock = ManualClock::at(Timestamp::from_millisecond(1_700_000_000_123).unwrap());
        let id = new_from(&clock, &*SequenceRandom::seeded(1));
        assert_eq!(id.get_version_num(), 7);
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos / 1_000_000), (1_700_000_000, 123));
    }
}
