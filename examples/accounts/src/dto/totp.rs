//! The second factor.

use archirust::Secret;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{hand_out, hand_out_all};

/// What an authenticator app needs. It is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Enrolment {
    /// The secret in base32, for those who type it.
    #[serde(serialize_with = "hand_out")]
    #[schema(value_type = String)]
    pub(crate) secret: Secret<String>,
    /// The same as a link that authenticator apps open.
    #[serde(serialize_with = "hand_out")]
    #[schema(value_type = String, format = "uri")]
    pub(crate) otpauth_uri: Secret<String>,
    /// The link as a QR code (SVG).
    #[serde(serialize_with = "hand_out")]
    #[schema(value_type = String)]
    pub(crate) qr_svg: Secret<String>,
}

/// A code of the authenticator app.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirm {
    /// The code that the app shows.
    #[garde(skip)]
    #[schema(value_type = String, write_only, example = "123456")]
    pub(crate) code: Secret<String>,
}

/// Codes for the day on which the authenticator app is lost. They are shown once, and each is good for one login.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// The codes.
    #[serde(serialize_with = "hand_out_all")]
    #[schema(value_type = Vec<String>)]
    pub(crate) recovery_codes: Vec<Secret<String>>,
}
