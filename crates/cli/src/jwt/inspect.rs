//! What a token says, for the eye: nothing of it is checked.

use archirust::{Exit, Result, Secret, Timestamp};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use super::unreadable;
use crate::output::{say, visible};

/// Shows header and payload, and never the signature, without which the token is worth nothing.
pub(super) fn run(token: &Secret<String>) -> Result<Exit> {
    say(&describe(token.expose())?)?;
    Ok(Exit::Success)
}

fn describe(token: &str) -> Result<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, _signature] = parts[..] else { return Err(unreadable()) };
    let (header, payload) = (Value::Object(part(header)?), part(payload)?);
    let times: String = ["iat", "nbf", "exp", "auth_time"]
        .iter()
        .filter_map(|name| {
            let time = Timestamp::from_second(payload.get(*name)?.as_i64()?).ok()?;
            Some(format!("\n{name:11}{time}"))
        })
        .collect();
    let payload = Value::Object(payload);
    let text = format!(
        "NOT CHECKED: anybody may have written it (`archi jwt verify`)\n\nheader   {header:#}\n\npayload  {payload:#}"
    );
    let gap = if times.is_empty() { "" } else { "\n" };
    Ok(visible(&format!("{text}{gap}{times}")))
}

fn part(text: &str) -> Result<Map<String, Value>> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| unreadable())?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str) -> String {
        let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        format!("{}.{}.c2lnbmF0dXJl", encode(header), encode(payload))
    }

    #[test]
    fn times_are_shown_as_dates_and_the_signature_not_at_all() {
        let text = describe(&token(r#"{"alg":"ES256"}"#, r#"{"sub":"ada","exp":1700000000,"iat":"x"}"#)).unwrap();
        insta::assert_snapshot!(text, @r#"
        NOT CHECKED: anybody may have written it (`archi jwt verify`)

        header   {
          "alg": "ES256"
        }

        payload  {
          "exp": 1700000000,
          "iat": "x",
          "sub": "ada"
        }

        exp        2023-11-14T22:13:20Z
        "#);
    }

    #[test]
    fn a_token_can_not_steer_the_terminal() {
        let text = describe(&token("{}", "{\"sub\":\"a\u{9b}2J\u{202e}b\"}")).unwrap();
        assert!(text.contains(r"a\u{9b}2J\u{202e}b"), "{text}");
    }

    #[test]
    fn what_is_no_token_is_refused_without_repeating_it() {
        let number = token("1", "2");
        for text in ["hunter2", "a.b", "a.b.c.d", "hunter2.hunter2.hunter2", &number] {
            let error = describe(text).unwrap_err();
            assert!(!format!("{error:?}").contains(text));
        }
    }
}
