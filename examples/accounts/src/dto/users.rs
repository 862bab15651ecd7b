//! Users.

use archirust::Secret;
use archirust::id::Uuid;
use archirust::web::extract::invalid;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest address that mail can be sent to (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_EMAIL: usize = 254;

/// A new account.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    /// The e-mail address, which is also the name to log in with.
    #[garde(email, length(max = MAX_EMAIL))]
    #[schema(format = Email, max_length = 254, example = "ada@example.org")]
    pub(crate) email: String,
    /// At least 12 characters that nobody would guess.
    #[garde(skip)]
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 128, write_only)]
    pub(crate) password: Secret<String>,
    /// How the user is called.
    #[garde(custom(is_display_name))]
    #[schema(min_length = 1, max_length = 100, example = "Ada Lovelace")]
    pub(crate) display_name: String,
}

/// Changes of one's own account. What is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateUser {
    /// How the user is called.
    #[garde(inner(custom(is_display_name)))]
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) display_name: Option<String>,
}

/// A new password.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    /// The password that holds now.
    #[garde(skip)]
    #[schema(value_type = String, format = Password, write_only)]
    pub(crate) current_password: Secret<String>,
    /// At least 12 characters that nobody would guess.
    #[garde(skip)]
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 128, write_only)]
    pub(crate) new_password: Secret<String>,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserAnswer {
    /// The identifier.
    pub(crate) id: Uuid,
    /// The e-mail address.
    pub(crate) email: String,
    /// How the user is called.
    pub(crate) display_name: String,
    /// What the user may do: `user` or `admin`.
    pub(crate) role: &'static str,
    /// When the account was made (RFC 3339).
    pub(crate) created_at: String,
    /// When it was last changed (RFC 3339).
    pub(crate) updated_at: String,
}

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserList {
    /// The users.
    pub(crate) items: Vec<UserAnswer>,
    /// The cursor of the next page, to be sent as `after`; null on the last one.
    pub(crate) next: Option<String>,
}

fn is_display_name(name: &str, (): &()) -> garde::Result {
    let length = name.trim().chars().count();
    match length {
        0 => Err(invalid("too_short", "must not be empty")),
        101.. => Err(invalid("too_long", "must have at most 100 characters")),
        _ if name.chars().any(char::is_control) => Err(invalid("wrong_format", "must not hold control characters")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_to_a_hundred_characters_and_no_control_characters() {
        for name in ["A", "Ada Lovelace", "محمد", &"x".repeat(100)] {
            assert!(is_display_name(name, &()).is_ok(), "{name}");
        }
        for name in ["", "  ", &"x".repeat(101), "Ada\nroot", "Ada\u{1b}[31m"] {
            assert!(is_display_name(name, &()).is_err(), "{name}");
        }
    }
}
