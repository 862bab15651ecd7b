//! How the facts are learnt.

use archirust_core::config::Origins;
use archirust_core::hardening::Observed;

use super::facts::PasswordFacts;
use super::{HashShape, PasswordSettings, Scheme};

/// How new passwords will be hashed, by the settings of the section `section` (`password`).
pub fn probe(settings: &PasswordSettings, origins: &Origins, section: &str) -> PasswordFacts {
    let keys: &[&str] = match settings.scheme {
        Scheme::Argon2id => &["argon2.memory", "argon2.passes"],
        Scheme::Bcrypt => &["bcrypt_cost"],
    };
    let shape = shape_of(settings);
    let new_hashes = keys.iter().map(|key| Observed::setting(shape, origins, &format!("{section}.{key}"))).collect();
    PasswordFacts { new_hashes }
}

fn shape_of(settings: &PasswordSettings) -> HashShape {
    match settings.scheme {
        Scheme::Argon2id => HashShape::Argon2id {
            memory_kib: settings.argon2.memory_kib(),
            passes: settings.argon2.passes,
            lanes: settings.argon2.lanes,
        },
        Scheme::Bcrypt => HashShape::Bcrypt { cost: settings.bcrypt_cost },
    }
}
