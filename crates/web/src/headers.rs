//! The headers that every answer gets, made once (OWASP Secure Headers Project).

use archirust_core::{Error, ErrorKind, Result};
use http::HeaderMap;
use http::header::{self, Entry, HeaderName, HeaderValue};

/// Two years, as browsers' preload lists ask for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Features of the browser that an API never needs.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
                           microphone=(), midi=(), payment=(), usb=()";

/// Headers for every answer; one that an answer already has is left as it is.
#[derive(Clone, Debug)]
pub(crate) struct SecureHeaders {
    each: Box<[(HeaderName, HeaderValue)]>,
    always_https: bool,
}

impl SecureHeaders {
    /// # Errors
    /// `Configuration` if the policy can't be the value of a header.
    pub(crate) fn new(content_security_policy: &str, always_https: bool) -> Result<Self> {
        let policy = HeaderValue::from_str(content_security_policy).map_err(|_| {
            Error::new(ErrorKind::Configuration)
                .with_message("web.content_security_policy can't be sent: it must be one line of printable ASCII")
        })?;
        let fixed = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
        Ok(Self {
            each: Box::new([
                (header::CONTENT_SECURITY_POLICY, policy),
                fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                fixed(header::X_FRAME_OPTIONS, "DENY"),
                fixed(header::REFERRER_POLICY, "no-referrer"),
                fixed(HeaderName::from_static("permissions-policy"), PERMISSIONS),
                fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
                fixed(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
                fixed(header::CACHE_CONTROL, "no-store"),
            ]),
            always_https,
        })
    }

    /// Adds what is missing. `https`: whether this request came by HTTPS; without it browsers ignore the promise.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap, https: bool) {
        // Room at once, for these and for what the edge adds.
        headers.reserve(self.each.len() + 4);
        for (name, value) in &self.each {
            if let Entry::Vacant(entry) = headers.entry(name) {
                entry.insert(value.clone());
            }
        }
        if https || self.always_https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_what_it_says_itself() {
        let secure = SecureHeaders::new("default-src 'none'", false).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
        secure.add_to(&mut headers, false);
        assert_eq!(headers[header::CACHE_CONTROL], "max-age=60");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers.get_all(header::CACHE_CONTROL).iter().count(), 1);
    }

    #[test]
    fn https_is_promised_only_over_https() {
        for (always, this, promised) in
            [(false, false, false), (true, false, true), (false, true, true), (true, true, true)]
        {
            let mut headers = HeaderMap::new();
            SecureHeaders::new("x", always).unwrap().add_to(&mut headers, this);
            assert_eq!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY), promised, "{always} {this}");
        }
    }

    #[test]
    fn a_policy_that_cannot_be_sent_names_its_key() {
        let error = SecureHeaders::new("a\nb", false).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.message().contains("web.content_security_policy"));
    }
}
