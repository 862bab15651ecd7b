//! HOTP (RFC 4226) and TOTP (RFC 6238).

use std::fmt;

use archirust_core::config::SettingEnum;
use archirust_core::{Secret, Timestamp};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::secret::TotpSecret;

/// Seconds of a step (RFC 6238, section 5.2).
pub const PERIOD: i64 = 30;

/// The most steps that a code may be early or late.
const MAX_WINDOW: u8 = 1;

/// The hash function of the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SettingEnum)]
pub enum Algorithm {
    /// HMAC-SHA-1, which every authenticator app knows.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Algorithm {
    /// As it is written in an `otpauth` address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    pub(super) fn secret_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }
}

/// How many digits a code has. A code of any other length is wrong, whatever its digits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digits {
    /// 6.
    Six,
    /// 8.
    Eight,
}

impl Digits {
    /// 6 or 8.
    pub fn of(count: u8) -> Option<Self> {
        match count {
            6 => Some(Self::Six),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    /// How many they are.
    pub fn count(self) -> u8 {
        match self {
            Self::Six => 6,
            Self::Eight => 8,
        }
    }
}

/// A user's enrolment: the secret, and what was agreed on with it. Algorithm and digits are fixed from then on.
#[derive(Clone, PartialEq, Eq)]
pub struct Totp {
    pub(super) secret: TotpSecret,
    pub(super) algorithm: Algorithm,
    pub(super) digits: Digits,
}

impl Totp {
    /// An enrolment with this secret.
    pub fn new(secret: TotpSecret, algorithm: Algorithm, digits: Digits) -> Self {
        Self { secret, algorithm, digits }
    }

    /// The secret, for those who can't scan a picture.
    pub fn secret(&self) -> &TotpSecret {
        &self.secret
    }

    /// The hash function.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The digits.
    pub fn digits(&self) -> Digits {
        self.digits
    }

    /// The code of a moment; `None` before 1970.
    pub fn code_at(&self, at: Timestamp) -> Option<Secret<String>> {
        u64::try_from(step_of(at)).ok().map(|step| Secret::new(self.code(step).to_string()))
    }

    /// Whether `code` is right at `at`, or up to `window` steps (at most one) before or after. Gives the step that it belongs
    /// to: store it, and hand it in as `last_step` the next time. A code of that step or an earlier one is not accepted
    /// again (RFC 6238, section 5.2).
    ///
    /// Blanks between the digits are ignored, and Persian and Arabic digits are digits.
    #[must_use = "the step that is returned has to be stored, or the code could be used again"]
    pub fn verify(&self, code: &Secret<String>, at: Timestamp, window: u8, last_step: Option<i64>) -> Option<i64> {
        let presented = plain_digits(code.expose());
        let (now, window) = (step_of(at), i64::from(window.min(MAX_WINDOW)));
        let mut accepted = None;
        // All steps are compared, so that time does not tell which of them it was.
        for step in (now - window)..=(now + window) {
            let Ok(counter) = u64::try_from(step) else { continue };
            let right = verify_slices_are_equal(self.code(counter).as_bytes(), presented.as_bytes()).is_ok();
            if right && last_step.is_none_or(|last| step > last) {
                accepted = Some(step);
            }
        }
        accepted
    }

    /// RFC 4226, section 5.3.
    fn code(&self, counter: u64) -> Zeroizing<String> {
        let key = hmac::Key::new(self.algorithm.hmac(), self.secret.expose());
        let tag = hmac::sign(&key, &counter.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 0xf);
        let number = u32::from_be_bytes([tag[offset] & 0x7f, tag[offset + 1], tag[offset + 2], tag[offset + 3]]);
        let digits = self.digits.count();
        let code = number % 10_u32.pow(u32::from(digits));
        Zeroizing::new(format!("{code:0width$}", width = usize::from(digits)))
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp").field("algorithm", &self.algorithm).field("digits", &self.digits).finish_non_exhaustive()
    }
}

fn step_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(PERIOD)
}

/// The code as ASCII digits; anything else in it stays, and makes it wrong.
fn plain_digits(code: &str) -> Zeroizing<String> {
    let digit = |c: char| match c {
        '\u{660}'..='\u{669}' => char::from_digit(u32::from(c) - 0x660, 10).unwrap_or(c),
        '\u{6f0}'..='\u{6f9}' => char::from_digit(u32::from(c) - 0x6f0, 10).unwrap_or(c),
        c => c,
    };
    // Room for the longest code from the start; what is longer is wrong anyway, and cut.
    let mut plain = Zeroizing::new(String::with_capacity(64));
    plain.extend(code.chars().filter(|c| *c != ' ').take(16).map(digit));
    plain
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
