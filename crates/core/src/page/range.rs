//! Ranges in a query string: `10..20` (both ends belong to it), `10..`, `..20`, `>10`, `>=10,<20`, `15`.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Decimal;
use crate::clock::Timestamp;
use crate::error::{Error, Result};

/// A value that a [`Range`] can bound.
pub trait RangeValue: Ord + fmt::Display + Sized {
    /// What is accepted, for people: `a whole number`.
    const EXPECTED: &'static str;

    /// Reads one bound.
    fn read(text: &str) -> Option<Self>;
}

impl RangeValue for i64 {
    const EXPECTED: &'static str = "a whole number";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl RangeValue for Decimal {
    const EXPECTED: &'static str = "a decimal number";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl RangeValue for Date {
    const EXPECTED: &'static str = "a date as 2026-01-31";

    fn read(text: &str) -> Option<Self> {
        // The parser would take a date with a time as well, and drop the time.
        text.parse().ok().filter(|date: &Self| date.to_string() == text)
    }
}

impl RangeValue for Timestamp {
    const EXPECTED: &'static str = "a time as 2026-01-31T12:00:00Z";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Values between two bounds, each inclusive, exclusive or open. The lower one is never above the upper one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range<T> {
    lower: Bound<T>,
    upper: Bound<T>,
}

/// A range that was refused, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidRange {
    /// Not a range of this type; holds what is accepted.
    Malformed(&'static str),
    /// The lower bound is above the upper one, or nothing lies between them.
    Empty,
}

impl InvalidRange {
    fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Empty => "empty_range",
        }
    }
}

impl fmt::Display for InvalidRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(expected) => {
                write!(f, "expected {expected}, or a range of them: a..b, a.., ..b, >a, >=a, <b, <=b or >=a,<b")
            }
            Self::Empty => f.write_str("the lower bound must not be above the upper one"),
        }
    }
}

impl std::error::Error for InvalidRange {}

impl<T: RangeValue> Range<T> {
    /// A range between two bounds.
    ///
    /// # Errors
    /// [`InvalidRange::Empty`] when no value can lie in it.
    pub fn new(lower: Bound<T>, upper: Bound<T>) -> Result<Self, InvalidRange> {
        let in_order = match (&lower, &upper) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => true,
            (Bound::Included(a), Bound::Included(b)) => a <= b,
            (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a < b,
        };
        if in_order { Ok(Self { lower, upper }) } else { Err(InvalidRange::Empty) }
    }

    /// Reads the range of the parameter `name`.
    ///
    /// # Errors
    /// `InvalidInput` that names the parameter and what is accepted.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        text.parse().map_err(|error: InvalidRange| Error::invalid([]).with_field(name, error.code(), error.to_string()))
    }

    /// The lower bound.
    pub fn lower(&self) -> Bound<&T> {
        self.lower.as_ref()
    }

    /// The upper bound.
    pub fn upper(&self) -> Bound<&T> {
        self.upper.as_ref()
    }

    /// Whether the value lies in the range.
    pub fn contains(&self, value: &T) -> bool {
        (self.lower(), self.upper()).contains(value)
    }
}

impl<T: RangeValue> FromStr for Range<T> {
    type Err = InvalidRange;

    fn from_str(text: &str) -> Result<Self, InvalidRange> {
        let malformed = InvalidRange::Malformed(T::EXPECTED);
        let read = |text: &str| T::read(text).ok_or(malformed);
        let end = |text: &str| match text {
            "" | "*" => Ok(Bound::Unbounded),
            _ => read(text).map(Bound::Included),
        };
        let (mut lower, mut upper) = (Bound::Unbounded, Bound::Unbounded);
        if text.starts_with(['<', '>']) {
            for part in text.split(',') {
                let (side, bound) = if let Some(rest) = part.strip_prefix(">=") {
                    (&mut lower, Bound::Included(read(rest)?))
                } else if let Some(rest) = part.strip_prefix('>') {
                    (&mut lower, Bound::Excluded(read(rest)?))
                } else if let Some(rest) = part.strip_prefix("<=") {
                    (&mut upper, Bound::Included(read(rest)?))
                } else if let Some(rest) = part.strip_prefix('<') {
                    (&mut upper, Bound::Excluded(read(rest)?))
                } else {
                    return Err(malformed);
                };
                if !matches!(side, Bound::Unbounded) {
                    return Err(malformed);
                }
                *side = bound;
            }
        } else if let Some((from, to)) = text.split_once("..") {
            (lower, upper) = (end(from)?, end(to)?);
        } else {
            (lower, upper) = (Bound::Included(read(text)?), Bound::Included(read(text)?));
        }
        if matches!((&lower, &upper), (Bound::Unbounded, Bound::Unbounded)) {
            return Err(malformed);
        }
        Self::new(lower, upper)
    }
}

impl<T: RangeValue> fmt::Display for Range<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comma =
            if matches!((&self.lower, &self.upper), (Bound::Unbounded, _) | (_, Bound::Unbounded)) { "" } else { "," };
        match &self.lower {
            Bound::Included(value) => write!(f, ">={value}")?,
            Bound::Excluded(value) => write!(f, ">{value}")?,
            Bound::Unbounded => {}
        }
        f.write_str(comma)?;
        match &self.upper {
            Bound::Included(value) => write!(f, "<={value}"),
            Bound::Excluded(value) => write!(f, "<{value}"),
            Bound::Unbounded => Ok(()),
        }
    }
}

impl<'de, T: RangeValue> Deserialize<'de> for Range<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: InvalidRange| de::Error::custom(error))
    }
}

/// As text, so that a struct of filters can bind a cursor.
impl<T: RangeValue> Serialize for Range<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(text: &str) -> Result<Range<i64>, InvalidRange> {
        text.parse()
    }

    fn members(text: &str) -> Vec<i64> {
        let range = whole(text).unwrap();
        (0..=6).filter(|n| range.contains(n)).collect()
    }

    #[test]
    fn each_form_holds_what_it_says() {
        assert_eq!(members("2..4"), [2, 3, 4]);
        assert_eq!(members("5.."), [5, 6]);
        assert_eq!(members("..1"), [0, 1]);
        assert_eq!(members("*..1"), [0, 1]);
        assert_eq!(members("5..*"), [5, 6]);
        assert_eq!(members("3"), [3]);
        assert_eq!(members(">4"), [5, 6]);
        assert_eq!(members(">=4"), [4, 5, 6]);
        assert_eq!(members("<2"), [0, 1]);
        assert_eq!(members("<=2"), [0, 1, 2]);
        assert_eq!(members(">=2,<4"), [2, 3]);
        assert_eq!(members("<=4,>2"), [3, 4]);
    }

    #[test]
    fn bounds_must_be_in_order_and_leave_room() {
        assert!(whole("3..3").is_ok());
        assert!(whole(">3,<4").is_ok());
        for text in ["4..3", ">3,<3", ">=3,<3", ">3,<=3", ">=4,<=3"] {
            assert_eq!(whole(text), Err(InvalidRange::Empty), "{text}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "..", "*..*", "*", "a", "1..b", "1..2..3", ">", ">1,>2", "<1,<2", ">1,2", ">1,", "1,2", "=1"] {
            assert_eq!(whole(text), Err(InvalidRange::Malformed("a whole number")), "{text}");
        }
    }

    #[test]
    fn dates_times_and_decimals_have_ranges_too() {
        assert!("2026-01-01..2026-01-31".parse::<Range<Date>>().is_ok());
        assert!("2026-01-31..2026-01-01".parse::<Range<Date>>().is_err());
        assert!("2026-01-01T10:00:00Z..".parse::<Range<Date>>().is_err());
        let time: Range<Timestamp> = ">=2026-01-01T00:00:00.5Z,<2026-01-01T02:00:00+01:00".parse().unwrap();
        let members = |text: &str| time.contains(&text.parse().unwrap());
        assert!(!members("2026-01-01T00:00:00.4Z") && members("2026-01-01T00:00:00.5Z"));
        assert!(members("2026-01-01T00:59:59Z") && !members("2026-01-01T01:00:00Z"));
        assert!("2026-01-01..".parse::<Range<Timestamp>>().is_err());
        let price: Range<Decimal> = "9.50..10".parse().unwrap();
        assert!(price.contains(&"9.5".parse().unwrap()) && !price.contains(&"10.01".parse().unwrap()));
    }

    #[test]
    fn the_error_names_the_field_and_not_the_value() {
        let error = Range::<i64>::parse("age", "hunter2").unwrap_err();
        insta::assert_json_snapshot!(error.fields(), @r#"
        [
          {
            "pointer": "age",
            "code": "malformed",
            "message": "expected a whole number, or a range of them: a..b, a.., ..b, >a, >=a, <b, <=b or >=a,<b"
          }
        ]
        "#);
        assert_eq!(Range::<i64>::parse("age", "2..1").unwrap_err().fields()[0].code, "empty_range");
    }

    proptest! {
        #[test]
        fn a_range_reads_back_as_it_was_written(a in any::<i64>(), b in any::<i64>(), kinds in 0..9_u8) {
            let bound = |n, kind| match kind { 0 => Bound::Included(n), 1 => Bound::Excluded(n), _ => Bound::Unbounded };
            if let Ok(range) = Range::new(bound(a, kinds % 3), bound(b, kinds / 3)) && kinds != 8 {
                let json = serde_json::to_string(&range).unwrap();
                prop_assert_eq!(serde_json::from_str::<Range<i64>>(&json).unwrap(), range);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = text.parse::<Range<Timestamp>>();
            let _ = text.parse::<Range<Decimal>>();
            let _ = text.parse::<Range<Date>>();
        }
    }
}
