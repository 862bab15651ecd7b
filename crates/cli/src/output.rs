//! What is said, and where.

use std::io::{self, Write};

use archirust::{Error, ErrorKind, Result};

/// Prints the answer. A reader that goes away (`archi rules | head`) is no error.
pub(crate) fn say(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(ErrorKind::Internal).with_detail("the answer could not be written").with_source(error))
        }
        _ => Ok(()),
    }
}

/// Prints what is wrong, to standard error.
pub(crate) fn complain(text: &str) {
    // Nobody is left to be told if this fails.
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// An error for the person at the terminal: what happened, without the code that programs go by.
pub(crate) fn words(error: &Error) -> String {
    let report = error.report().to_string();
    match error.detail() {
        Some(_) => report.split_once(": ").map_or(report.clone(), |(_, detail)| detail.to_owned()),
        None => error.to_string(),
    }
}

/// An error that the caller can mend: a wrong argument, a file that can't be read.
pub(crate) fn usage(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration).with_detail(detail.into())
}

/// JSON for programs.
pub(crate) fn json(value: &(impl serde::Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string_pretty(value).map_err(|error| Error::internal("the answer has no JSON").with_source(error))
}

/// Text of others for a terminal: what would move the cursor or turn the direction of writing is escaped.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if turns || c.is_control() && c != '\n' {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_can_not_steer_a_terminal() {
        assert_eq!(
            visible("a\u{1b}[2J\u{9b}2J\r\u{7f}\u{202e}\u{2069}b\nگذر"),
            "a\\u{1b}[2J\\u{9b}2J\\u{d}\\u{7f}\\u{202e}\\u{2069}b\nگذر"
        );
    }

    #[test]
    fn an_error_is_told_without_its_code() {
        assert_eq!(words(&usage("the file is gone: make one")), "the file is gone: make one");
        assert_eq!(words(&usage("gone").with_source(io::Error::other("moved"))), "gone: moved");
        assert_eq!(words(&ErrorKind::TokenExpired.into()), Error::from(ErrorKind::TokenExpired).to_string());
    }
}
