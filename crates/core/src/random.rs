//! Randomness, injected.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::rand::{SecureRandom, SystemRandom as AwsLcRandom};

/// A source of random bytes fit for keys.
pub trait Random: Send + Sync + 'static {
    /// Fills `buffer` with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Random {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// The cryptographic generator of aws-lc, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl SystemRandom {
    /// The generator, ready to be shared.
    pub fn shared() -> Arc<dyn Random> {
        Arc::new(Self)
    }
}

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        // aws-lc aborts the process itself when the system has no entropy; the error is for other back ends.
        #[expect(clippy::expect_used, reason = "without randomness no key is safe: stopping is the only right answer")]
        AwsLcRandom::new().fill(buffer).expect("the system has no randomness");
    }
}

/// A reproducible sequence, for tests only: never a source of keys.
#[derive(Debug, Default)]
pub struct SequenceRandom {
    next: AtomicU64,
}

impl SequenceRandom {
    /// A sequence that starts at `seed`.
    pub fn seeded(seed: u64) -> Arc<dyn Random> {
        Arc::new(Self { next: AtomicU64::new(seed) })
    }
}

impl Random for SequenceRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            // splitmix64: spreads neighbouring counters over all bits.
            let mut z = self.next.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_gives_other_bytes_each_time() {
        let random = SystemRandom::shared();
        assert_ne!(random.bytes::<32>(), random.bytes::<32>());
    }

    #[test]
    fn a_seed_gives_the_same_sequence() {
        assert_eq!(SequenceRandom::seeded(7).bytes::<20>(), SequenceRandom::seeded(7).bytes::<20>());
        assert_ne!(SequenceRandom::seeded(7).bytes::<20>(), SequenceRandom::seeded(8).bytes::<20>());
    }
}
