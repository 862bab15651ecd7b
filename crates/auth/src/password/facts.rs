//! What can be known of how passwords are kept.

use std::collections::BTreeMap;

use archirust_core::hardening::Observed;

use super::HashShape;

/// How new passwords will be hashed.
#[derive(Clone, Debug)]
pub struct PasswordFacts {
    /// The scheme with its cost, by the settings that decide it.
    pub new_hashes: Vec<Observed<HashShape>>,
}

/// How passwords are stored already.
#[derive(Clone, Debug)]
pub struct StoredPasswordFacts {
    /// Every stored hash, counted by scheme and cost.
    pub hashes: Observed<StoredHashes>,
}

/// Stored hashes, counted. Holds no salt and no hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredHashes {
    /// How many there are of each shape.
    pub shapes: BTreeMap<HashShape, u64>,
    /// How many are the same as another: with a salt none is. `None` if it was not asked.
    pub repeated: Option<u64>,
}

impl StoredHashes {
    /// Counts `count` hashes that begin with `prefix`: all that comes before the salt is enough, and of a text without scheme
    /// the whole of it.
    pub fn add(&mut self, prefix: &str, count: u64) {
        *self.shapes.entry(HashShape::of(prefix)).or_default() += count;
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.shapes.values().sum()
    }
}

impl<'a> FromIterator<&'a str> for StoredHashes {
    /// Counts whole hashes, and those that are the same as another.
    fn from_iter<I: IntoIterator<Item = &'a str>>(hashes: I) -> Self {
        let mut counted = Self::default();
        let mut seen = std::collections::HashSet::new();
        let mut repeated = 0;
        for hash in hashes {
            counted.add(hash, 1);
            repeated += u64::from(!seen.insert(hash));
        }
        counted.repeated = Some(repeated);
        counted
    }
}
