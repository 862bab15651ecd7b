//! How a secret comes into an authenticator app: an `otpauth` address, usually as a picture.

use archirust_core::{Error, ErrorKind, Result, Secret};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::code::{PERIOD, Totp};

/// Width and height of the picture in pixels, at least.
const PICTURE_PIXELS: u32 = 240;

impl Totp {
    /// The address that authenticator apps read (Key Uri Format): `otpauth://totp/Issuer:account?secret=…`. It holds the
    /// secret. `issuer` is the name of the service, `account` that of the user in it.
    pub fn uri(&self, issuer: &str, account: &str) -> Secret<String> {
        let (issuer, account) = (escaped(issuer), escaped(account));
        let secret = self.secret.to_base32();
        Secret::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm={}&digits={}&period={PERIOD}",
            secret.expose(),
            self.algorithm.name(),
            self.digits.count(),
        ))
    }

    /// The address as a QR code: an SVG element of black squares, without script, style or link, so that it may stand in a
    /// page or be an image under the strictest content security policy. It holds the secret: never cache it.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if issuer and account are too long for a QR code.
    pub fn qr_svg(&self, issuer: &str, account: &str) -> Result<Secret<String>> {
        let uri = self.uri(issuer, account);
        let code = QrCode::with_error_correction_level(uri.expose(), EcLevel::M).map_err(|_| {
            Error::new(ErrorKind::InvalidInput).with_detail("issuer and account are too long for a QR code")
        })?;
        let picture = Secret::new(
            code.render::<svg::Color<'_>>().min_dimensions(PICTURE_PIXELS, PICTURE_PIXELS).quiet_zone(true).build(),
        );
        // Inside of a page the XML declaration would be an error.
        let element = picture.expose().find("<svg").and_then(|start| picture.expose().get(start..)).unwrap_or_default();
        Ok(Secret::from(element))
    }
}

/// Percent-encodes everything but unreserved characters (RFC 3986, section 2.3): also the colon, which would end the issuer.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::{Algorithm, Digits, TotpSecret};
    use super::*;

    fn totp() -> Totp {
        let secret = TotpSecret::new(b"12345678901234567890".to_vec()).unwrap();
        Totp::new(secret, Algorithm::Sha256, Digits::Eight)
    }

    #[test]
    fn the_address_says_all_that_was_agreed_on() {
        assert_eq!(
            totp().uri("Example Bank", "alice@example.com").expose(),
            "otpauth://totp/Example%20Bank:alice%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Example%20Bank&algorithm=SHA256&digits=8&period=30"
        );
    }

    #[test]
    fn a_name_can_not_break_out_of_its_place() {
        let uri = totp().uri("a:b/c?d=e&f#g", "x&secret=AAAA\n<>\"é");
        assert!(
            uri.expose().starts_with(
                "otpauth://totp/a%3Ab%2Fc%3Fd%3De%26f%23g:x%26secret%3DAAAA%0A%3C%3E%22%C3%A9?secret=GEZD"
            )
        );
        let parsed = url::Url::parse(uri.expose()).unwrap();
        let pairs: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
        assert_eq!(pairs.len(), 5);
        assert_eq!(pairs[1], ("issuer".to_owned(), "a:b/c?d=e&f#g".to_owned()));
    }

    #[test]
    fn the_picture_is_harmless_in_a_page() {
        let picture = totp().qr_svg("Example <script>alert(1)</script>", "alice@example.com").unwrap();
        let text = picture.expose();
        assert!(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
        assert!(text.ends_with("</svg>"));
        for word in ["script", "style", "href", "onload", "<?", "<!", "foreignObject", "url(", "alert"] {
            assert!(!text.contains(word), "{word}");
        }
        // Three elements, and nothing but numbers and path letters in them.
        assert_eq!(text.matches('<').count(), 4);
    }

    #[test]
    fn names_that_do_not_fit_are_refused() {
        let error = totp().qr_svg("Example", &"a".repeat(3000)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}
