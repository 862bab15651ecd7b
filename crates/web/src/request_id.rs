//! The id of a request: made here, or taken from a proxy that is trusted.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use archirust_core::clock::Clock;
use archirust_core::id::Uuid;
use archirust_core::random::Random;
use http::HeaderValue;

/// The longest id that is taken over, in bytes.
const MAX_LENGTH: usize = 64;
/// The shortest: less could not tell requests apart.
const MIN_LENGTH: usize = 8;

/// The id of a request, in its answer (`x-request-id`) and in every log line about it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    text: [u8; MAX_LENGTH],
    length: u8,
}

impl RequestId {
    /// Takes over an id from outside if it is well formed: 8 to 64 of `A-Z a-z 0-9 . _ -`.
    pub(crate) fn accept(header: &[u8]) -> Option<Self> {
        let well_formed = (MIN_LENGTH..=MAX_LENGTH).contains(&header.len())
            && header.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        well_formed.then(|| Self::copy(header))
    }

    fn copy(source: &[u8]) -> Self {
        let mut text = [0; MAX_LENGTH];
        text[..source.len()].copy_from_slice(source);
        // At most 64, by the callers.
        Self { text, length: u8::try_from(source.len()).unwrap_or(0) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        // Only ASCII was taken.
        std::str::from_utf8(&self.text[..usize::from(self.length)]).unwrap_or_default()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        // Visible ASCII only, so this always is a header value.
        HeaderValue::from_bytes(self.as_str().as_bytes()).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
    }
}

impl From<Uuid> for RequestId {
    fn from(id: Uuid) -> Self {
        Self::copy(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes ids. Randomness is taken in blocks: one call of the generator serves many requests. These ids are names, not
/// secrets, so it does no harm that a block waits in memory.
#[derive(Clone)]
pub(crate) struct Ids {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

const BLOCK: usize = 1024;
/// 10 bytes for the id, 8 for the span.
const EACH: usize = 18;

thread_local! {
    static STOCK: RefCell<(usize, [u8; BLOCK])> = const { RefCell::new((BLOCK, [0; BLOCK])) };
}

impl Ids {
    pub(crate) fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// A UUIDv7 and the random bytes for a span id.
    pub(crate) fn next(&self) -> (Uuid, [u8; 8]) {
        let mut fresh = [0; EACH];
        STOCK.with_borrow_mut(|(used, block)| {
            if *used + EACH > BLOCK {
                self.random.fill(block);
                *used = 0;
            }
            fresh.copy_from_slice(&block[*used..*used + EACH]);
            *used += EACH;
        });
        let (mut id, mut span) = ([0; 10], [0; 8]);
        id.copy_from_slice(&fresh[..10]);
        span.copy_from_slice(&fresh[10..]);
        let millis = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        (uuid::Builder::from_unix_timestamp_millis(millis, &id).into_uuid(), span)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use archirust_core::clock::SystemClock;
    use archirust_core::random::SystemRandom;

    use super::*;

    #[test]
    fn only_a_well_formed_id_is_taken_over() {
        for good in ["01890a5d-ac96-774b-bcce-b302099a8057", "12345678", "A.b_c-d9", &"x".repeat(64)] {
            assert_eq!(RequestId::accept(good.as_bytes()).unwrap().as_str(), good);
        }
        for bad in ["", "1234567", &"x".repeat(65), "with space", "line\nbreak1", "quote\"quote", "schlüssel"] {
            assert_eq!(RequestId::accept(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn made_ids_are_version_7_and_never_repeat() {
        let ids = Ids::new(SystemClock::shared(), SystemRandom::shared());
        let made: Vec<_> = (0..1000).map(|_| ids.next()).collect();
        assert!(made.iter().all(|(id, _)| id.get_version_num() == 7));
        assert_eq!(made.iter().map(|(id, _)| id).collect::<HashSet<_>>().len(), 1000);
        assert_eq!(made.iter().map(|(_, span)| span).collect::<HashSet<_>>().len(), 1000);
    }

    #[test]
    fn an_id_is_shown_as_it_is() {
        let id = Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057);
        let id = RequestId::from(id);
        assert_eq!(id.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
        assert_eq!(id.header(), "01890a5d-ac96-774b-bcce-b302099a8057");
    }
}
