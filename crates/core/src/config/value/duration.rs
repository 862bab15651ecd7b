//! Durations: `30s`, `15m`, `1h 30m`, `500ms`, `30d`.

use std::time::Duration;

use jiff::fmt::friendly::{Designator, Spacing, SpanParser, SpanPrinter};
use jiff::{SignedDuration, SpanRelativeTo};

use super::{InvalidRange, Malformed, SettingValue, ValueType, bounds, within};

static PARSER: SpanParser = SpanParser::new();
static PRINTER: SpanPrinter = SpanPrinter::new().designator(Designator::Compact).spacing(Spacing::BetweenUnits);

/// A number always has a unit, since nobody can know which one a bare number means. A day is 24 hours and a week 7 days.
impl SettingValue for Duration {
    fn value_type() -> ValueType {
        ValueType::text("duration", "a duration such as 500ms, 30s, 15m, 1h 30m or 30d")
    }

    fn from_text(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        if text == "0" {
            return Ok(Self::ZERO);
        }
        PARSER
            .parse_span(text)
            .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
            .ok()
            .and_then(|signed: SignedDuration| Self::try_from(signed).ok())
            .ok_or_else(Malformed::value)
    }

    fn to_text(&self) -> String {
        PRINTER.unsigned_duration_to_string(self)
    }

    fn is_within(&self, range: &str) -> Result<bool, InvalidRange> {
        within(self, range)
    }

    fn check_range(range: &str) -> Result<(), InvalidRange> {
        bounds::<Self>(range).map(drop)
    }
}
