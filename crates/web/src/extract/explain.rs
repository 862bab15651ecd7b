//! Turns the errors of serde, which are written for developers and repeat what was sent, into words for clients.
//!
//! Of a message only what the service itself put into it is used: names of members and of allowed values. They stand at
//! fixed places, after everything that came from outside.

use archirust_core::error::FieldError;
use archirust_core::{Error, ErrorKind};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

/// Names are shown up to this many.
const SHOWN_NAMES: usize = 20;
/// The key of a map comes from the client: it is shown to this length in a pointer.
const SHOWN_KEY: usize = 64;

/// Explains why `bytes` are not the JSON of a `T`.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8], error: &serde_json::Error) -> Error {
    if !error.is_data() {
        let place = format!("the body is not valid JSON (line {}, column {})", error.line(), error.column());
        return Error::new(ErrorKind::MalformedRequest).with_message(place);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let Err(located) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
        return Error::new(ErrorKind::InvalidInput);
    };
    let message = located.inner().to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let fault = Fault::of(message);
    Error::invalid([FieldError {
        pointer: pointer(located.path(), &fault),
        code: fault.code.into(),
        message: fault.message,
    }])
}

/// Explains why a query is not a `T`.
pub(super) fn query(path: &Path, message: &str) -> Error {
    let fault = Fault::of(message);
    let pointer = pointer(path, &fault).trim_start_matches('/').to_owned();
    Error::invalid([FieldError { pointer, code: fault.code.into(), message: fault.message }])
}

/// A JSON pointer (RFC 6901) to the value, or to the object that has an unknown member: its name is the client's.
fn pointer(path: &Path, fault: &Fault) -> String {
    let mut keys: Vec<String> = path.iter().filter_map(key).collect();
    match &fault.member {
        Member::Named(name) if keys.last() != Some(name) => keys.push(name.clone()),
        Member::Unknown if keys.len() == path.iter().len() => drop(keys.pop()),
        _ => {}
    }
    keys.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
}

fn key(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } | Segment::Enum { variant: key } => Some(key.chars().take(SHOWN_KEY).collect()),
        Segment::Unknown => None,
    }
}

#[derive(Debug, PartialEq)]
struct Fault {
    code: &'static str,
    message: String,
    member: Member,
}

/// Whether the message speaks of a member of the value that the path leads to.
#[derive(Debug, PartialEq)]
enum Member {
    Itself,
    Named(String),
    Unknown,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), member: Member::Itself }
    }

    fn of(message: &str) -> Self {
        let named =
            |prefix: &str| message.strip_prefix(prefix)?.strip_suffix('`').map(|name| Member::Named(name.into()));
        if let Some(member) = named("missing field `") {
            return Self { member, ..Self::new("required", "is required") };
        }
        if let Some(member) = named("duplicate field `") {
            return Self { member, ..Self::new("repeated", "is there more than once") };
        }
        if message.starts_with("unknown field `") {
            let known = names(message).map_or_else(String::new, |names| format!("; known are {names}"));
            let message = format!("has a member that is not known{known}");
            return Self { member: Member::Unknown, ..Self::new("unknown_member", message) };
        }
        if message.starts_with("unknown variant `") {
            let allowed = names(message).map_or("is not accepted".into(), |names| format!("must be one of {names}"));
            return Self::new("not_allowed", allowed);
        }
        let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected);
        match expected {
            Some(expected) if message.starts_with("invalid type: ") => Self::new("wrong_type", words(expected)),
            Some(expected) if message.starts_with("invalid value: ") => Self::new("not_allowed", words(expected)),
            Some(_) if message.starts_with("invalid length ") => Self::new("wrong_length", "has the wrong length"),
            _ => Self::of_text(message),
        }
    }

    /// Messages of `FromStr`, as parameters bring them.
    fn of_text(message: &str) -> Self {
        let (code, text) = match message {
            "invalid digit found in string" | "cannot parse integer from empty string" => {
                ("wrong_type", "must be a whole number")
            }
            "number too large to fit in target type" => ("too_large", "is too large"),
            "number too small to fit in target type" => ("too_small", "is too small"),
            "provided string was not `true` or `false`" => ("wrong_type", "must be true or false"),
            "invalid float literal" | "cannot parse float from empty string" => ("wrong_type", "must be a number"),
            message if message.starts_with("UUID parsing failed") => ("wrong_type", "must be a UUID"),
            _ => ("invalid", "is not valid"),
        };
        Self::new(code, text)
    }
}

/// The names at the end of `…, expected one of `a`, `b``, as serde writes them from what the type knows.
fn names(message: &str) -> Option<String> {
    let (_, list) = message.rsplit_once("`, expected ")?;
    let list = list.strip_prefix("one of ").unwrap_or(list);
    let names: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    let mut text = names.iter().take(SHOWN_NAMES).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN_NAMES {
        text.push_str(", …");
    }
    (!names.is_empty()).then_some(text)
}

/// What serde expected, in words of JSON. What is not known here may be the name of a Rust type, and is not shown.
fn words(expected: &str) -> &'static str {
    match expected {
        "a string" | "a borrowed string" | "str" | "string" => "must be a string",
        "a boolean" | "bool" => "must be true or false",
        "i8" => "must be a whole number from -128 to 127",
        "u8" => "must be a whole number from 0 to 255",
        "i16" => "must be a whole number from -32768 to 32767",
        "u16" => "must be a whole number from 0 to 65535",
        "i32" => "must be a whole number from -2147483648 to 2147483647",
        "u32" => "must be a whole number from 0 to 4294967295",
        "i64" | "i128" | "isize" => "must be a whole number",
        "u64" | "u128" | "usize" => "must be a whole number, 0 or more",
        "a nonzero u8" | "a nonzero u16" | "a nonzero u32" | "a nonzero u64" | "a nonzero usize" => {
            "must be a whole number, 1 or more"
        }
        "f32" | "f64" => "must be a number",
        "a character" | "char" => "must be one character",
        "unit" | "null" => "must be null",
        "a map" => "must be an object",
        "a sequence" => "must be a list",
        other if other.starts_with("struct ") => "must be an object",
        other if other.starts_with("a tuple") || other.starts_with("an array") || other.starts_with("tuple ") => {
            "must be a list"
        }
        other if other.contains("UUID") => "must be a UUID",
        _ => "is not of the expected type",
    }
}

#[cfg(test)]
mod tests;
