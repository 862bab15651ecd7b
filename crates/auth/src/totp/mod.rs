//! One-time codes from an authenticator app (TOTP, RFC 6238), and the recovery codes for the day it is lost.
//!
//! ```
//! use archirust_auth::totp::{SecondFactors, TotpSettings};
//! use archirust_auth::NamedKey;
//! use archirust_core::{Secret, clock::SystemClock, random::SystemRandom};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = NamedKey::parse("2026a:mJ8C0WvEoO1lZqzJ9dG0eQ2Yx5rTtUuN3kS7hPaVbLc=")?;
//! let settings = TotpSettings { key: Some(key), ..Default::default() };
//! let factors = SecondFactors::new(&settings, SystemRandom::shared(), SystemClock::shared())?;
//!
//! // Enrolment: show the QR code, store the sealed secret, and believe in it when a first code has come back.
//! let totp = factors.enrol();
//! let picture = totp.qr_svg("Example", "alice@example.com")?;
//! let stored = factors.seal(&totp, "user-1")?;
//!
//! // Login: store the step that is returned, and hand it in the next time.
//! let totp = factors.open(&stored, "user-1")?.totp;
//! let last_step = None;
//! let accepted = factors.verify(&totp, &Secret::from("123456"), last_step);
//! # Ok(()) }
//! ```
//!
//! # What the caller does
//!
//! * **Ask the [throttle](crate::throttle) first**: six digits are a million possibilities, three of which are right at a
//!   time, so a hundred thousand free guesses would find one.
//! * **Store the accepted step with a condition**, `UPDATE … SET last_step = $new WHERE id = $id AND (last_step IS NULL OR
//!   last_step < $new)`, and let the login in only if that changed a row: two requests with one code may arrive together.
//! * **Delete a recovery code with a condition**, `DELETE … WHERE id = $id AND hash = $hash`, for the same reason.

mod code;
mod config;
mod factors;
mod recovery;
mod seal;
mod secret;
mod uri;

pub use code::{Algorithm, Digits, PERIOD, Totp};
pub use config::TotpSettings;
pub use factors::{Opened, SecondFactors};
pub use recovery::RecoveryCodes;
pub use secret::{MIN_SECRET_BYTES, TotpSecret};
