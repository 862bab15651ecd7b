use archirust_core::{Error, ErrorKind, Result};
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, HeaderName, PROXY_AUTHORIZATION};

/// Headers that hold credentials.
const CREDENTIALS: [HeaderName; 4] = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, HeaderName::from_static("x-api-key")];

/// The bearer token of a request (RFC 6750, section 2.1); `None` if there is no such credential.
///
/// # Errors
/// `MalformedRequest` for two of them, where the reader and a proxy could take different ones; `InvalidToken` for what can't
/// be a token.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Error::new(ErrorKind::MalformedRequest).with_message("there is more than one authorization header"));
    }
    let text = value.to_str().map_err(|_| not_a_token())?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = token.trim_start_matches(' ');
    let is_token =
        !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    if is_token { Ok(Some(token)) } else { Err(not_a_token()) }
}

/// Keeps credentials out of `Debug` of headers, and out of the compression tables of HTTP/2.
pub(crate) fn mark_credentials(headers: &mut HeaderMap) {
    for name in &CREDENTIALS {
        if let Some(value) = headers.get_mut(name) {
            value.set_sensitive(true);
        }
    }
}

fn not_a_token() -> Error {
    Error::new(ErrorKind::InvalidToken).with_detail("the authorization header holds no bearer token")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(values: &[&[u8]]) -> Result<Option<String>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        bearer(&headers).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn a_token_is_read_as_the_standard_says() {
        for value in ["Bearer abc.def-_~+/=", "bearer abc.def-_~+/=", "BEARER  abc.def-_~+/="] {
            assert_eq!(of(&[value.as_bytes()]).unwrap().as_deref(), Some("abc.def-_~+/="), "{value}");
        }
    }

    #[test]
    fn other_credentials_are_none() {
        assert_eq!(of(&[]).unwrap(), None);
        assert_eq!(of(&[b"Basic dXNlcjpwYXNz"]).unwrap(), None);
        assert_eq!(of(&[b"abc.def.ghi"]).unwrap(), None);
    }

    #[test]
    fn what_cannot_be_a_token_is_refused() {
        for value in [&b"Bearer"[..], b"Bearer ", b"Bearer a b", b"Bearer \"abc\"", b"Bearer a,b", b"Bearer \xff"] {
            assert_eq!(of(&[value]).unwrap_err().kind(), ErrorKind::InvalidToken, "{value:?}");
        }
        assert_eq!(of(&[b"Bearer a", b"Bearer b"]).unwrap_err().kind(), ErrorKind::MalformedRequest);
    }

    #[test]
    fn credentials_are_not_shown() {
        let mut headers = HeaderMap::new();
        for name in &CREDENTIALS {
            headers.insert(name, HeaderValue::from_static("hunter2"));
        }
        headers.insert("accept", HeaderValue::from_static("shown"));
        mark_credentials(&mut headers);
        let shown = format!("{headers:?}");
        assert!(!shown.contains("hunter2") && shown.contains("shown"), "{shown}");
    }
}
