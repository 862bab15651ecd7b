//! What must hold of passwords: ARCHI-PWD-001, 002 and 003.

use archirust_core::hardening::{Remedy, Rule, RuleInfo, Severity, Verdict};

use super::HashShape;
use super::facts::{PasswordFacts, StoredHashes, StoredPasswordFacts};

/// The rules over the settings, for the gate.
pub static RULES: &[Rule<PasswordFacts>] = &[Rule {
    info: RuleInfo {
        id: "ARCHI-PWD-003",
        title: "new passwords are hashed with enough work",
        severity: Severity::High,
        why: "with a stolen table every password can be tried at the speed of one hash",
        check: "Argon2id meets one of the OWASP pairs (19 MiB and 2 passes, 46 MiB and 1 …), bcrypt has a cost of 12 or more",
        remedy: "raise the cost",
        checklist: &["PWD.b"],
        references: &["ASVS 11.4.2", "OWASP Password Storage Cheat Sheet", "RFC 9106"],
        waivable: true,
    },
    judge: |facts| {
        facts
            .new_hashes
            .iter()
            .map(|shape| shape.judge(|shape| shape.costs_enough(), |shape| format!("new hashes are {shape}")))
            .reduce(Verdict::and)
            .unwrap_or_else(|| Verdict::Unknown("the settings were not looked at".to_owned()))
    },
    remedy: |facts| {
        let bcrypt = facts.new_hashes.iter().any(|shape| matches!(shape.value(), Some(HashShape::Bcrypt { .. })));
        Remedy::new(if bcrypt {
            "set password.bcrypt_cost to 12 or more, or password.scheme to argon2id"
        } else {
            "set password.argon2.memory to 19 MiB and password.argon2.passes to 2, or more"
        })
    },
}];

/// The rules over what is stored, for the audit.
pub static STORED_RULES: &[Rule<StoredPasswordFacts>] = &[
    Rule {
        info: RuleInfo {
            id: "ARCHI-PWD-001",
            title: "stored passwords are hashed with a password hash",
            severity: Severity::Critical,
            why: "plain text and fast hashes give every password away with the table",
            check: "every stored hash is Argon2, bcrypt, scrypt or PBKDF2, and no two are the same",
            remedy: "hash with Argon2id; wrap old digests at once and replace them at the next login",
            checklist: &["PWD.a"],
            references: &["ASVS 11.4.2", "NIST SP 800-63B 3.1.1.2"],
            waivable: true,
        },
        judge: |facts| {
            let holds = |hashes: &StoredHashes| {
                hashes.shapes.keys().all(|shape| shape.is_password_hash()) && hashes.repeated == Some(0)
            };
            let verdict = facts.hashes.judge(holds, distribution);
            match (verdict, facts.hashes.value()) {
                (_, Some(hashes)) if hashes.total() == 0 => nothing_stored(),
                (Verdict::Fail(_), Some(hashes)) if hashes.repeated.is_none() && all_password_hashes(hashes) => {
                    Verdict::Unknown("whether hashes repeat, as they do without a salt, was not asked".to_owned())
                }
                (verdict, _) => verdict,
            }
        },
        remedy: |_| {
            Remedy::new(
                "hash with archirust_auth::password::Hasher; passwords that were stored otherwise must be hashed at once \
                 (Argon2id of the old digest) or reset",
            )
        },
    },
    Rule {
        info: RuleInfo {
            id: "ARCHI-PWD-002",
            title: "stored passwords were hashed with enough work",
            severity: Severity::High,
            why: "with a stolen table every password can be tried at the speed of one hash",
            check: "bcrypt cost 12 or more, Argon2id and scrypt as OWASP has them, PBKDF2-SHA256 600,000 rounds or more",
            remedy: "hash again at the next login; reset what nobody logs in to",
            checklist: &["PWD.b"],
            references: &["ASVS 11.4.2", "OWASP Password Storage Cheat Sheet"],
            waivable: true,
        },
        judge: |facts| match facts.hashes.value() {
            Some(hashes) if hashes.total() == 0 => nothing_stored(),
            _ => facts.hashes.judge(|hashes| hashes.shapes.keys().all(|shape| shape.costs_enough()), distribution),
        },
        remedy: |_| {
            Remedy::new(
                "store a new hash whenever verification answers ValidButRehash, and reset the passwords of accounts that \
                 have not been used since",
            )
        },
    },
];

fn all_password_hashes(hashes: &StoredHashes) -> bool {
    hashes.shapes.keys().all(|shape| shape.is_password_hash())
}

fn nothing_stored() -> Verdict {
    Verdict::NotApplicable("no password is stored".to_owned())
}

/// `3 % bcrypt cost=10, 97 % argon2id …`, the weak first.
fn distribution(hashes: &StoredHashes) -> String {
    let total = hashes.total().max(1);
    let mut shapes: Vec<(&HashShape, &u64)> = hashes.shapes.iter().collect();
    shapes.sort_by_key(|(shape, _)| (shape.is_password_hash(), shape.costs_enough()));
    let mut parts: Vec<String> = shapes
        .into_iter()
        .map(|(shape, &count)| format!("{count} of {total} ({} %) {shape}", (count * 100).div_ceil(total)))
        .collect();
    if let Some(repeated) = hashes.repeated.filter(|&repeated| repeated > 0) {
        parts.push(format!("{repeated} the same as another"));
    }
    parts.join(", ")
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
