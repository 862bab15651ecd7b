//! W3C Trace Context, level 2: the `traceparent` header.

use std::fmt;

/// The trace that a request belongs to, and this service's span in it.
///
/// `Display` is the value of a `traceparent` header for calls that this request makes to other services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    parent_id: Option<[u8; 8]>,
    flags: u8,
}

/// The trace is recorded by the caller.
const SAMPLED: u8 = 0b01;
/// The trace id was made of random bytes.
const RANDOM: u8 = 0b10;

impl TraceContext {
    /// A new trace. An id of zero, which the standard forbids, is mended.
    pub(crate) fn start(mut trace_id: [u8; 16], span_id: [u8; 8]) -> Self {
        if trace_id == [0; 16] {
            trace_id[15] = 1;
        }
        Self { trace_id, span_id: non_zero(span_id), parent_id: None, flags: RANDOM }
    }

    /// Reads a `traceparent` header and continues its trace with a span of our own (section 3.2). `None` if it is not well
    /// formed: the trace then starts here (section 4.2).
    pub(crate) fn continue_from(header: &[u8], span_id: [u8; 8]) -> Option<Self> {
        let [v0, v1, b'-', rest @ ..] = header else { return None };
        let version = byte(*v0, *v1)?;
        // `ff` is forbidden; a later version may add fields after the ones that are known here.
        let known_length = rest.len() == 52 || (version > 0 && rest.get(52) == Some(&b'-'));
        if version == 0xff || !known_length || rest[32] != b'-' || rest[49] != b'-' {
            return None;
        }
        let trace_id = bytes::<16>(&rest[..32])?;
        let parent_id = bytes::<8>(&rest[33..49])?;
        let flags = byte(rest[50], rest[51])?;
        if trace_id == [0; 16] || parent_id == [0; 8] {
            return None;
        }
        let flags = flags & (SAMPLED | RANDOM);
        Some(Self { trace_id, span_id: non_zero(span_id), parent_id: Some(parent_id), flags })
    }

    /// The id of the whole trace, as 32 hex digits.
    pub fn trace_id(&self) -> impl fmt::Display + '_ {
        Hex(&self.trace_id)
    }

    /// The id of this service's part, as 16 hex digits.
    pub fn span_id(&self) -> impl fmt::Display + '_ {
        Hex(&self.span_id)
    }

    /// The id of the caller's part, if the caller sent one.
    pub fn parent_id(&self) -> Option<impl fmt::Display + '_> {
        self.parent_id.as_ref().map(|id| Hex(id))
    }

    /// Whether the caller records this trace.
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{}", self.trace_id(), self.span_id(), Hex(&[self.flags]))
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        // At most 16 bytes come in, and all digits are ASCII.
        f.write_str(std::str::from_utf8(&text[..self.0.len() * 2]).unwrap_or_default())
    }
}

fn non_zero(mut id: [u8; 8]) -> [u8; 8] {
    if id == [0; 8] {
        id[7] = 1;
    }
    id
}

fn bytes<const N: usize>(hex: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    for (out, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        *out = byte(pair[0], pair[1])?;
    }
    Some(bytes)
}

fn byte(high: u8, low: u8) -> Option<u8> {
    Some(digit(high)? << 4 | digit(low)?)
}

/// Lower case only (section 3.2.2).
fn digit(hex: u8) -> Option<u8> {
    match hex {
        b'0'..=b'9' => Some(hex - b'0'),
        b'a'..=b'f' => Some(hex - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPAN: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_example_of_the_standard_is_continued() {
        let trace = TraceContext::continue_from(EXAMPLE.as_bytes(), SPAN).unwrap();
        assert_eq!(trace.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(trace.parent_id().unwrap().to_string(), "00f067aa0ba902b7");
        assert!(trace.is_sampled());
        assert_eq!(trace.to_string(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0102030405060708-01");
    }

    #[test]
    fn what_is_not_well_formed_is_not_continued() {
        for header in [
            "",
            "00",
            "00-",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceContext::continue_from(header.as_bytes(), SPAN), None, "{header}");
        }
    }

    #[test]
    fn a_later_version_may_say_more() {
        for header in [
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like",
        ] {
            assert!(TraceContext::continue_from(header.as_bytes(), SPAN).is_some(), "{header}");
        }
    }

    #[test]
    fn a_new_trace_is_marked_as_random_and_never_zero() {
        let trace = TraceContext::start([0; 16], [0; 8]);
        assert_eq!(trace.to_string(), "00-00000000000000000000000000000001-0000000000000001-02");
        assert!(!trace.is_sampled() && trace.parent_id().is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(header in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = TraceContext::continue_from(&header, SPAN);
        }

        #[test]
        fn what_is_sent_can_be_continued(trace in any::<[u8; 16]>(), span in any::<[u8; 8]>()) {
            let sent = TraceContext::start(trace, span);
            let received = TraceContext::continue_from(sent.to_string().as_bytes(), SPAN).unwrap();
            prop_assert_eq!(received.trace_id().to_string(), sent.trace_id().to_string());
            prop_assert_eq!(received.parent_id().unwrap().to_string(), sent.span_id().to_string());
        }
    }
}
