//! What validation says: codes and words of garde's rules.

use std::borrow::Cow;
use std::fmt::Display;

use garde::i18n::{I18n, InvalidCreditCard, InvalidEmail, InvalidPhoneNumber, InvalidUrl, IpKind};

/// Stands between code and words; garde knows only of words.
pub(super) const SEPARATOR: char = '\u{1f}';

/// An error of a rule of one's own (`#[garde(custom(…))]`), with a code that clients can rely on. Neither may hold the value.
pub fn invalid(code: &'static str, message: impl Display) -> garde::Error {
    garde::Error::new(coded(code, message))
}

fn coded(code: &'static str, message: impl Display) -> Cow<'static, str> {
    format!("{code}{SEPARATOR}{message}").into()
}

/// garde's rules in our words. They hold what the rule says, never what was sent.
pub(super) struct Messages;

impl I18n for Messages {
    fn length_lower_than(&self, min: usize) -> Cow<'static, str> {
        coded("too_short", format_args!("must have a length of at least {min}"))
    }

    fn length_greater_than(&self, max: usize) -> Cow<'static, str> {
        coded("too_long", format_args!("must have a length of at most {max}"))
    }

    fn range_lower_than(&self, min: &dyn Display) -> Cow<'static, str> {
        coded("too_small", format_args!("must be at least {min}"))
    }

    fn range_greater_than(&self, max: &dyn Display) -> Cow<'static, str> {
        coded("too_large", format_args!("must be at most {max}"))
    }

    fn credit_card_invalid(&self, _: InvalidCreditCard) -> Cow<'static, str> {
        coded("invalid_card", "must be the number of a payment card")
    }

    fn pattern_no_match(&self, pattern: &dyn Display) -> Cow<'static, str> {
        coded("wrong_format", format_args!("must match {pattern}"))
    }

    fn contains_missing(&self, pattern: &dyn Display) -> Cow<'static, str> {
        coded("wrong_format", format_args!("must contain {pattern}"))
    }

    fn url_invalid(&self, _: InvalidUrl) -> Cow<'static, str> {
        coded("invalid_url", "must be a URL")
    }

    fn prefix_missing(&self, pattern: &dyn Display) -> Cow<'static, str> {
        coded("wrong_format", format_args!("must begin with {pattern}"))
    }

    fn suffix_missing(&self, pattern: &dyn Display) -> Cow<'static, str> {
        coded("wrong_format", format_args!("must end with {pattern}"))
    }

    fn phone_number_invalid(&self, _: InvalidPhoneNumber) -> Cow<'static, str> {
        coded("invalid_phone", "must be a telephone number")
    }

    fn ip_invalid(&self, kind: IpKind) -> Cow<'static, str> {
        coded("invalid_ip", format_args!("must be an {kind} address"))
    }

    fn matches_field_mismatch(&self, field: &dyn Display) -> Cow<'static, str> {
        coded("mismatch", format_args!("must be the same as {field}"))
    }

    fn email_invalid(&self, reason: InvalidEmail) -> Cow<'static, str> {
        coded("invalid_email", format_args!("must be an e-mail address: {reason}"))
    }

    fn ascii_invalid(&self) -> Cow<'static, str> {
        coded("wrong_format", "must be ASCII")
    }

    fn alphanumeric_invalid(&self) -> Cow<'static, str> {
        coded("wrong_format", "must be letters and digits")
    }

    fn required_not_set(&self) -> Cow<'static, str> {
        coded("required", "is required")
    }
}
