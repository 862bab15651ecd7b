//! Names of issuers, audiences and subjects.

use archirust_core::{Error, ErrorKind, Result};

/// The longest name, in bytes (OpenID Connect Core, section 2, has it for `sub`).
pub(crate) const MAX_NAME_BYTES: usize = 255;

/// Parts of values that stand where a name should.
const PLACEHOLDERS: [&str; 9] =
    ["changeme", "change-me", "change_me", "placeholder", "replace", "todo", "your-", "your_", "fixme"];

/// Why a name can't be one; nothing if it can.
pub(crate) fn flaw(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is empty")
    } else if name.len() > MAX_NAME_BYTES {
        Some("has more than 255 bytes")
    } else if name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        Some("holds white space or control characters")
    } else {
        None
    }
}

/// Why a name can't be that of a real issuer or audience: a flaw, or a placeholder.
pub(crate) fn configured_flaw(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let stands_in = name.starts_with(['<', '{', '$', '[', '%']) || PLACEHOLDERS.iter().any(|word| lower.contains(word));
    flaw(name).or(stands_in.then_some("is a placeholder"))
}

/// Checks the name of an issuer or audience, `what` being its key.
///
/// # Errors
/// `Configuration`.
pub(crate) fn check_configured(what: &str, name: &str) -> Result<()> {
    match configured_flaw(name) {
        None => Ok(()),
        Some(flaw) => Err(Error::new(ErrorKind::Configuration).with_detail(format!(
            "{what} {flaw}: set it to the name of this service, such as https://accounts.example.org"
        ))),
    }
}

/// Checks names for `aud`: at least one, each sound.
///
/// # Errors
/// `Configuration`.
pub(crate) fn audience(names: impl IntoIterator<Item = impl Into<String>>) -> Result<Vec<String>> {
    let names: Vec<String> = names.into_iter().map(Into::into).collect();
    if names.is_empty() {
        check_configured("the audience", "")?;
    }
    for name in &names {
        check_configured("the audience", name)?;
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_visible() {
        for good in ["a", "https://accounts.example", "urn:x:y", "گذر", &"n".repeat(MAX_NAME_BYTES)] {
            assert_eq!(configured_flaw(good), None, "{good}");
        }
        for bad in ["", " ", "a b", "a\n", "\u{a0}", "a\u{7f}", &"n".repeat(MAX_NAME_BYTES + 1)] {
            assert!(flaw(bad).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn placeholders_are_no_issuer() {
        for bad in [
            "<issuer>",
            "${ISSUER}",
            "{{ issuer }}",
            "CHANGEME",
            "https://your-domain.com",
            "your_audience",
            "todo",
            "%ISS%",
            "[iss]",
        ] {
            assert!(configured_flaw(bad).is_some(), "{bad}");
        }
        // As a subject they harm nobody.
        assert_eq!(flaw("changeme"), None);
        let error = check_configured("jwt.issuer", "changeme").unwrap_err();
        insta::assert_snapshot!(error.report(), @"configuration: jwt.issuer is a placeholder: set it to the name of this service, such as https://accounts.example.org");
    }
}
