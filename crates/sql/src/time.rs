//! A point in time as it is stored.

use archirust_core::Timestamp;
use sea_orm::DeriveValueType;

/// A point in time as it is stored: microseconds since 1970-01-01T00:00:00Z in a 64-bit integer.
///
/// Every engine keeps and compares it the same way. Text would not do: SQLite writes `…:00Z` and `…:00.5Z`, which sort
/// the wrong way round, and MySQL drops the time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct UtcTime(i64);

impl UtcTime {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0
    }
}

/// What is finer than a microsecond is cut off.
impl From<Timestamp> for UtcTime {
    fn from(time: Timestamp) -> Self {
        Self(time.as_microsecond())
    }
}

/// What lies outside of the years −9999 to 9999 becomes the nearest time inside.
impl From<UtcTime> for Timestamp {
    fn from(time: UtcTime) -> Self {
        let nearest = if time.0 < 0 { Self::MIN } else { Self::MAX };
        Self::from_microsecond(time.0).unwrap_or(nearest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_comes_back_to_the_microsecond() {
        let time: Timestamp = "2026-11-23T20:57:00.123456789Z".parse().unwrap();
        let back = Timestamp::from(UtcTime::from(time));
        assert_eq!(back, "2026-11-23T20:57:00.123456Z".parse().unwrap());
        assert_eq!(UtcTime::from(Timestamp::UNIX_EPOCH).micros(), 0);
    }

    #[test]
    fn what_no_calendar_holds_becomes_the_nearest_time() {
        assert_eq!(Timestamp::from(UtcTime(i64::MAX)), Timestamp::MAX);
        assert_eq!(Timestamp::from(UtcTime(i64::MIN)), Timestamp::MIN);
    }

    proptest! {
        #[test]
        fn stored_times_sort_as_times_do(a in -10_000_000_000_000_i64..10_000_000_000_000, b in -10_000_000_000_000_i64..10_000_000_000_000) {
            prop_assert_eq!(Timestamp::from(UtcTime(a)).cmp(&Timestamp::from(UtcTime(b))), UtcTime(a).cmp(&UtcTime(b)));
            prop_assert_eq!(UtcTime::from(Timestamp::from(UtcTime(a))), UtcTime(a));
        }
    }
}
