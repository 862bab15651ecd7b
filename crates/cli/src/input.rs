//! Secrets from standard input or a prompt: an argument would be seen by every user of the machine, and kept in the
//! history of the shell.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use archirust::auth::password::HashShape;
use archirust::{Result, Secret};
use zeroize::Zeroizing;

use crate::output::usage;

/// The longest secret, in bytes.
const MAX_SECRET: u64 = 64 * 1024;

/// The largest file, in bytes.
pub(crate) const MAX_FILE: u64 = 256 * 1024;

/// Reads one secret: asks for it at a terminal, without showing it, and otherwise takes standard input up to its end. One
/// line break at the end does not count.
pub(crate) fn secret(what: &str) -> Result<Secret<String>> {
    if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password(format!("{what}: "))
            .map(Zeroizing::new)
            .map_err(|error| usage(format!("the {what} could not be read: {error}")))?;
        return checked(what, &typed);
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(8 * 1024));
    io::stdin()
        .lock()
        .take(MAX_SECRET + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| usage(format!("the {what} could not be read from standard input: {error}")))?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| usage(format!("the {what} on standard input is not UTF-8 text")))?;
    checked(what, text)
}

/// Reads one secret twice from a prompt, so that a slip of the finger is noticed; once from standard input.
pub(crate) fn new_secret(what: &str) -> Result<Secret<String>> {
    let first = secret(what)?;
    if io::stdin().is_terminal() && secret(&format!("{what} again"))? != first {
        return Err(usage(format!("the {what} was not typed twice alike")));
    }
    Ok(first)
}

/// Reads the file that an option names. It is not repeated: what was typed may be the content itself.
pub(crate) fn text(option: &str, path: &Path) -> Result<String> {
    let unreadable = |error: io::Error| usage(format!("the file of {option} could not be read: {error}"));
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(usage(format!("the file of {option} has more than {MAX_FILE} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| usage(format!("the file of {option} is not text")))
}

/// The name of a file on the command line, and not what should be in one.
pub(crate) fn file_name(text: &str) -> std::result::Result<PathBuf, String> {
    if text.is_empty() || text.contains(['\n', '\r', '\0']) || HashShape::of(text).is_password_hash() {
        return Err("it is not the name of a file: put the content into a file that only you can read".to_owned());
    }
    Ok(PathBuf::from(text))
}

fn checked(what: &str, text: &str) -> Result<Secret<String>> {
    if text.len() as u64 > MAX_SECRET {
        return Err(usage(format!("the {what} has more than {MAX_SECRET} bytes")));
    }
    let line = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    if line.is_empty() {
        return Err(usage(format!(
            "the {what} is empty: pass it on standard input, or type it at the prompt of a terminal"
        )));
    }
    Ok(Secret::from(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_does_not_count() {
        for (text, secret) in [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a ")] {
            assert_eq!(checked("password", text).unwrap().expose(), secret);
        }
    }

    #[test]
    fn nothing_is_not_a_secret_and_neither_is_a_whole_file() {
        assert!(checked("password", "").is_err());
        assert!(checked("password", "\n").is_err());
        assert!(checked("password", &"x".repeat(MAX_SECRET as usize + 1)).is_err());
        assert!(checked("password", &"x".repeat(MAX_SECRET as usize)).is_ok());
    }

    #[test]
    fn what_should_be_in_a_file_is_not_its_name() {
        let hash = "$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m";
        for content in ["", hash, "-----BEGIN PRIVATE KEY-----\nMIG", "a\rb"] {
            let refusal = file_name(content).unwrap_err();
            assert!(content.is_empty() || !refusal.contains(content), "{refusal}");
        }
        for name in ["key.pem", "/run/secrets/key", "a b", "$HOME", "-"] {
            assert_eq!(file_name(name), Ok(PathBuf::from(name)));
        }
    }
}
