//! What is said of a command line that is not right. It never repeats what was typed, which may be a secret in the wrong
//! place: what stands on standard error ends up in the logs of whatever started the command.

use archirust::Exit;
use clap::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The longest name of an option that is repeated.
const MAX_OPTION: usize = 24;

/// Says what is not right, or prints the help that was asked for.
pub(crate) fn answer(error: Error) -> Exit {
    let error = discreet(error);
    // Nobody is left to be told if this fails.
    let _ = error.print();
    if error.use_stderr() { Exit::Configuration } else { Exit::Success }
}

/// The error without what was typed.
fn discreet(mut error: Error) -> Error {
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidSubcommand] {
        // An empty value stands for one that is missing.
        if matches!(error.get(kind), Some(ContextValue::String(typed)) if !typed.is_empty()) {
            error.insert(kind, ContextValue::String("…".to_owned()));
        }
    }
    let is_stray = match error.kind() {
        ErrorKind::InvalidSubcommand => true,
        ErrorKind::UnknownArgument => {
            let typed = match error.get(ContextKind::InvalidArg) {
                Some(ContextValue::String(typed)) => typed.clone(),
                _ => String::new(),
            };
            let is_name = is_option_name(&typed);
            if !is_name {
                error.insert(ContextKind::InvalidArg, ContextValue::String("…".to_owned()));
            }
            !is_name
        }
        _ => false,
    };
    // The tips of clap repeat it too.
    error.remove(ContextKind::Suggested);
    if is_stray && error.get(ContextKind::SuggestedSubcommand).is_none() {
        let tip = "what was typed is not repeated here. Secrets are read from standard input or asked for; replace one that was \
                   an argument, since other users could see it and the shell remembers it";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    error
}

/// Whether it is the name of an option, perhaps of another command, and hardly anything else.
fn is_option_name(typed: &str) -> bool {
    typed.len() <= MAX_OPTION
        && typed.strip_prefix("--").is_some_and(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_options_are_told_from_secrets() {
        for name in ["--password", "--json", "--max-age", &format!("--{}", "x".repeat(MAX_OPTION - 2))] {
            assert!(is_option_name(name), "{name}");
        }
        for other in ["hunter", "-p", "-hunter", "--hunter2", "--Hunter", "---BEGIN", "--a b", "--a=b"] {
            assert!(!is_option_name(other), "{other}");
        }
        assert!(!is_option_name(&format!("--{}", "x".repeat(MAX_OPTION - 1))));
    }
}
