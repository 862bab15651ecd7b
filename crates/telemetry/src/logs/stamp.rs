//! Timestamps (RFC 3339, microseconds, UTC).

use std::cell::RefCell;

use archirust_core::Timestamp;

thread_local! {
    /// The second that was written last, and its text.
    static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// Appends a timestamp: `2026-11-23T21:13:13.000042Z`.
pub(super) fn push(out: &mut String, at: Timestamp) {
    let micros = at.as_microsecond();
    let (second, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let cached = SECOND.try_with(|cell| {
        let Ok(mut cached) = cell.try_borrow_mut() else { return false };
        if cached.0 != second {
            *cached = (second, text_of(second));
        }
        out.push_str(&cached.1);
        true
    });
    if !cached.unwrap_or(false) {
        out.push_str(&text_of(second));
    }
    out.push('.');
    let mut divisor = 100_000;
    while divisor > 0 {
        let digit = u8::try_from(fraction / divisor % 10).unwrap_or(0);
        out.push(char::from(b'0' + digit));
        divisor /= 10;
    }
    out.push('Z');
}

fn text_of(second: i64) -> String {
    let text = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
    text.trim_end_matches('Z').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(micros: i64) -> String {
        let mut out = String::new();
        push(&mut out, Timestamp::from_microsecond(micros).unwrap());
        out
    }

    #[test]
    fn seconds_and_microseconds_are_those_of_the_clock() {
        assert_eq!(written(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(written(1_700_000_000_000_042), "2023-11-14T22:13:20.000042Z");
        assert_eq!(written(1_700_000_000_999_999), "2023-11-14T22:13:20.999999Z");
        assert_eq!(written(1_700_000_001_000_000), "2023-11-14T22:13:21.000000Z");
        assert_eq!(written(1_700_000_000_123_456), "2023-11-14T22:13:20.123456Z");
        assert_eq!(written(-1), "1969-12-31T23:59:59.999999Z");
    }
}
