//! What is logged: levels by target.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

/// Panics are logged under this target, whatever the filter says.
pub(crate) const PANIC_TARGET: &str = "panic";

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Reads a filter. Stricter than [`EnvFilter`], which takes a mistyped level for the name of a target and then logs nothing.
///
/// # Errors
/// What is wrong, in words that follow the key; they name the number of the part, never what it says.
pub(crate) fn parse(text: &str) -> Result<EnvFilter, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return Err(format!("is empty; the levels are {}", LEVELS.join(", ")));
    }
    let mut filter = EnvFilter::default();
    for (number, part) in (1..).zip(parts) {
        filter = filter.add_directive(directive(part).map_err(|why| format!("is wrong in part {number}: {why}"))?);
    }
    if let Ok(panics) = format!("{PANIC_TARGET}=error").parse() {
        filter = filter.add_directive(panics);
    }
    Ok(filter)
}

fn directive(part: &str) -> Result<Directive, String> {
    let (target, level) = match part.rsplit_once('=') {
        Some((target, level)) if !level.contains(']') => (Some(target), level),
        _ => (None, part),
    };
    let is_level = LEVELS.iter().any(|known| level.eq_ignore_ascii_case(known));
    let of_span = target.is_none() && part.contains('[');
    if !is_level && !of_span {
        let wanted = if target.is_some() { "a level" } else { "a level, or `target=level`" };
        return Err(format!("expected {wanted}; the levels are {}", LEVELS.join(", ")));
    }
    if target == Some("") {
        return Err("the target before `=` is missing".to_owned());
    }
    part.parse().map_err(|_| "expected a level or `target=level`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_targets_are_read() {
        for text in [
            "info",
            "INFO",
            "off",
            "info,sqlx=warn",
            " info , accounts::http=debug ",
            "warn,[request]=debug",
            "warn,x[s{k=1}]=trace",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_mistyped_level_is_refused_and_not_taken_for_a_target() {
        let message = |text: &str| format!("{text:?} {}", parse(text).map(|_| ()).unwrap_err());
        let messages = ["inof", "info,sqlx=wran", " , ", "=info", "info,x[{=debug"].map(message);
        insta::assert_snapshot!(messages.join("\n"));
    }

    #[test]
    fn panics_pass_every_filter() {
        assert!(parse("accounts=debug").unwrap().to_string().contains("panic=error"));
        assert!(parse("off").unwrap().to_string().contains("panic=error"));
    }
}
