use std::fmt;
use std::str::FromStr;

use http::{HeaderValue, Uri};

/// The origin of a site (RFC 6454): scheme, host and port. Never `*` and never `null`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// As browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header(&self) -> HeaderValue {
        // It was a URI, so it is visible ASCII.
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("null"))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(InvalidOrigin);
        };
        let host = authority.host().to_ascii_lowercase();
        // `http` gives the path `/` to a URI without one.
        let bare = text.len() == scheme.len() + "://".len() + authority.as_str().len();
        if !bare || authority.as_str().contains('@') || host.contains('*') || host.is_empty() {
            return Err(InvalidOrigin);
        }
        // Browsers leave the default port out.
        let default = if scheme == "https" { 443 } else { 80 };
        Ok(Self(match authority.port_u16() {
            Some(port) if port != default => format!("{scheme}://{host}:{port}"),
            None if authority.as_str().len() > host.len() => return Err(InvalidOrigin),
            _ => format!("{scheme}://{host}"),
        }))
    }
}

archirust_core::setting_from_str!(Origin, "origin", "the origin of a site, as https://app.example.org, without a path");

/// Not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrigin;

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not the origin of a site, as https://app.example.org, without a path")
    }
}

impl std::error::Error for InvalidOrigin {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_send_it() {
        for (text, origin) in [
            ("https://app.example.org", "https://app.example.org"),
            ("https://App.Example.org", "https://app.example.org"),
            ("https://app.example.org:443", "https://app.example.org"),
            ("http://localhost:80", "http://localhost"),
            ("http://localhost:443", "http://localhost:443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), origin, "{text}");
        }
    }

    #[test]
    fn wildcards_paths_and_other_schemes_are_no_origins() {
        for text in [
            "*",
            "null",
            "",
            "app.example.org",
            "//app.example.org",
            "https://",
            "https://*",
            "https://*.example.org",
            "https://app.example.org/",
            "https://app.example.org/path",
            "https://app.example.org?query",
            "https://user@app.example.org",
            "https://app.example.org:",
            "https://app.example.org:99999",
            "file:///etc/passwd",
            "ftp://app.example.org",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        }
    }
}
