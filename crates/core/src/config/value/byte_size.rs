//! Amounts of bytes.

use std::fmt;
use std::str::FromStr;

use crate::config::Raw;

use super::{InvalidRange, Malformed, SettingValue, Shape, ValueType, bounds, within};

/// An amount of bytes: `512`, `64 KiB`, `10 MB`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

/// Binary units (IEC 80000-13) and decimal ones.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

impl ByteSize {
    /// So many KiB (1024 bytes).
    pub const fn kib(count: u64) -> Self {
        Self(count << 10)
    }

    /// So many MiB (1024 KiB).
    pub const fn mib(count: u64) -> Self {
        Self(count << 20)
    }

    /// So many GiB (1024 MiB).
    pub const fn gib(count: u64) -> Self {
        Self(count << 30)
    }

    /// The amount in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The amount as a length in memory; more than the machine can address is the most it can.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A whole number and the largest unit in which it is one.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.iter().filter(|(_, bytes)| self.0 != 0 && self.0.is_multiple_of(*bytes));
        let (unit, bytes) = whole.max_by_key(|(_, bytes)| *bytes).unwrap_or(&("B", 1));
        write!(f, "{} {unit}", self.0 / bytes)
    }
}

impl FromStr for ByteSize {
    type Err = InvalidByteSize;

    fn from_str(text: &str) -> Result<Self, InvalidByteSize> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(digits);
        let bytes = match unit.trim_start() {
            "" => 1,
            unit => UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).ok_or(InvalidByteSize)?.1,
        };
        count.parse::<u64>().ok().and_then(|count| count.checked_mul(bytes)).map(Self).ok_or(InvalidByteSize)
    }
}

/// Not an amount of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidByteSize;

impl fmt::Display for InvalidByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an amount of bytes such as 64 KiB, 10 MB or 512")
    }
}

impl std::error::Error for InvalidByteSize {}

impl SettingValue for ByteSize {
    fn value_type() -> ValueType {
        ValueType::text("amount of bytes", "an amount of bytes such as 64 KiB, 10 MB or 512")
            .with_shape(Shape::TextOrInteger)
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        text.parse().map_err(|_| Malformed::value())
    }

    fn from_raw(raw: &Raw) -> Result<Self, Malformed> {
        match raw {
            Raw::Text(text) | Raw::String(text) => Self::from_text(text),
            Raw::Integer(bytes) => u64::try_from(*bytes).map(Self).map_err(|_| Malformed::value()),
            other => Err(Malformed::kind(other)),
        }
    }

    fn to_text(&self) -> String {
        self.to_string()
    }

    fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
        within(self, range)
    }

    fn check_range(range: &str) -> Result<(), InvalidRange> {
        bounds::<Self>(range).map(drop)
    }
}
