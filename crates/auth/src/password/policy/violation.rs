//! Reasons that a person can use.

use std::borrow::Cow;
use std::fmt;

use archirust_core::Error;
use archirust_core::error::FieldError;

/// One reason not to accept a password. Never holds anything of the password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// Too few characters.
    TooShort {
        /// The fewest.
        min: u32,
    },
    /// Too many characters.
    TooLong {
        /// The most.
        max: u32,
    },
    /// A character that is not meant to be typed.
    ControlCharacter,
    /// One of the first that anybody would try.
    Common,
    /// Little more than the user's own name or address, or the name of the service.
    Personal,
    /// Guessed too soon.
    Guessable {
        /// What to do better.
        advice: String,
    },
    /// The user has had it before.
    Reused,
}

impl Violation {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacter => "control_character",
            Self::Common => "common",
            Self::Personal => "personal",
            Self::Guessable { .. } => "guessable",
            Self::Reused => "reused",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { min } => {
                write!(f, "use at least {min} characters; a few words together are easy to remember")
            }
            Self::TooLong { max } => write!(f, "use at most {max} characters"),
            Self::ControlCharacter => f.write_str("use characters that can be typed: no tabs, line breaks or the like"),
            Self::Common => f.write_str("this password is one of those that are tried first; choose another"),
            Self::Personal => {
                f.write_str("this password is little more than your name, address or the name of this service")
            }
            Self::Guessable { advice } => write!(f, "this password can be guessed: {advice}"),
            Self::Reused => f.write_str("you have used this password before; choose another"),
        }
    }
}

/// The violations as an error of the field at `pointer` (a JSON pointer: `/password`).
pub fn into_error(pointer: &str, violations: Vec<Violation>) -> Error {
    Error::invalid(violations.iter().map(|violation| FieldError {
        pointer: pointer.to_owned(),
        code: Cow::Borrowed(violation.code()),
        message: violation.to_string(),
    }))
}
