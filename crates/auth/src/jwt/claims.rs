//! Claims of an access token (RFC 7519, section 4.1; RFC 9068, section 2.2).

use std::fmt;
use std::time::Duration;

use archirust_core::id::Uuid;
use archirust_core::{Error, ErrorKind, Result, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::compact::invalid;
use super::{json, names};

/// The claims that this crate writes and checks. Extra claims can't have these names.
pub const REGISTERED_CLAIMS: [&str; 12] =
    ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "sid", "auth_time", "acr", "amr"];

/// How far a time of authentication may lie ahead of this machine's clock: a minute.
const AUTH_TIME_SKEW_NANOS: i128 = 60_000_000_000;

/// No claims of one's own. Any that a token has are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoExtra {}

/// What a verified access token says. `E` is what the service adds, such as `scope` and `roles`.
///
/// `Debug` shows the `jti` alone, which is what may be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims<E = NoExtra> {
    /// Who issued it.
    pub iss: String,
    /// Whom it is about: the user, or the client that acts for itself.
    pub sub: String,
    /// For whom it is.
    pub aud: Vec<String>,
    /// From when on it is not accepted.
    pub exp: Timestamp,
    /// Before when it is not accepted.
    pub nbf: Timestamp,
    /// When it was issued.
    pub iat: Timestamp,
    /// Its identifier, a UUIDv7: what is logged and revoked.
    pub jti: Uuid,
    /// The OAuth client that asked for it.
    pub client_id: Option<String>,
    /// The session that it belongs to; when that ends, so does the token.
    pub sid: Option<Uuid>,
    /// When the user last proved who they are.
    pub auth_time: Option<Timestamp>,
    /// How sure that was (see [`session::Acr`](crate::session::Acr)).
    pub acr: Option<String>,
    /// By what means (RFC 8176): `pwd`, `otp`.
    pub amr: Vec<String>,
    /// The claims of the service.
    pub extra: E,
}

impl<E> Claims<E> {
    /// Demands that the user proved who they are at most `max_age` ago (RFC 9470; OpenID Connect Core, section 3.1.2.1).
    ///
    /// # Errors
    /// `ReauthenticationRequired`: longer ago, not known, or in the future by more than a minute.
    pub fn authenticated_within(&self, max_age: Duration, now: Timestamp) -> Result<()> {
        let max_age = i128::try_from(max_age.as_nanos()).unwrap_or(i128::MAX);
        let recent = self.auth_time.is_some_and(|at| {
            let age = now.duration_since(at).as_nanos();
            (-AUTH_TIME_SKEW_NANOS..=max_age).contains(&age)
        });
        if recent { Ok(()) } else { Err(ErrorKind::ReauthenticationRequired.into()) }
    }

    pub(crate) fn is_for(&self, audience: &[String]) -> bool {
        self.aud.iter().any(|name| audience.contains(name))
    }
}

impl<E: DeserializeOwned> Claims<E> {
    /// Reads a payload whose signature is verified. Every claim that must be there is, and is of its type; whether the token
    /// is for us and still good is not looked at.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self> {
        let members =
            json::object(payload).ok_or_else(|| invalid("the payload is not a JSON object without repeated names"))?;
        let mut members = Members(members);
        Ok(Self {
            iss: members.name("iss")?.ok_or_else(|| invalid("iss is missing"))?,
            sub: members.name("sub")?.ok_or_else(|| invalid("sub is missing"))?,
            aud: members.audience()?,
            exp: members.time("exp")?.ok_or_else(|| invalid("exp is missing"))?,
            nbf: members.time("nbf")?.ok_or_else(|| invalid("nbf is missing"))?,
            iat: members.time("iat")?.ok_or_else(|| invalid("iat is missing"))?,
            jti: members
                .uuid("jti")?
                .filter(|jti| jti.get_version_num() == 7)
                .ok_or_else(|| invalid("jti is missing or not a UUIDv7"))?,
            client_id: members.name("client_id")?,
            sid: members.uuid("sid")?,
            auth_time: members.time("auth_time")?,
            acr: members.name("acr")?,
            amr: members.texts("amr")?.unwrap_or_default(),
            extra: serde_json::from_value(Value::Object(members.0))
                .map_err(|_| invalid("the extra claims are not those that are expected"))?,
        })
    }
}

impl<E> fmt::Debug for Claims<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claims(jti: {})", self.jti)
    }
}

/// The members of a payload, taken out one by one; what is left is extra.
struct Members(Map<String, Value>);

impl Members {
    /// Whole seconds since 1970. RFC 7519 would allow fractions; nobody needs them, and readers disagree on them.
    fn time(&mut self, claim: &str) -> Result<Option<Timestamp>> {
        let Some(value) = self.0.remove(claim) else { return Ok(None) };
        let seconds = value.as_i64().ok_or_else(|| invalid("a time is not a whole number"))?;
        Timestamp::from_second(seconds).map(Some).map_err(|_| invalid("a time is out of range"))
    }

    fn name(&mut self, claim: &str) -> Result<Option<String>> {
        match self.0.remove(claim) {
            None => Ok(None),
            Some(Value::String(name)) if names::flaw(&name).is_none() => Ok(Some(name)),
            Some(_) => Err(invalid("a name is not a text without white space")),
        }
    }

    fn uuid(&mut self, claim: &str) -> Result<Option<Uuid>> {
        let Some(text) = self.name(claim)? else { return Ok(None) };
        // One spelling for each: braces, a URN or capitals would be another token with the same identifier.
        let uuid = Uuid::try_parse(&text).ok().filter(|uuid| uuid.hyphenated().to_string() == text);
        uuid.map(Some).ok_or_else(|| invalid("an identifier is not a UUID"))
    }

    fn audience(&mut self) -> Result<Vec<String>> {
        if matches!(self.0.get("aud"), Some(Value::String(_))) {
            return Ok(self.name("aud")?.into_iter().collect());
        }
        self.texts("aud")?.ok_or_else(|| invalid("aud is missing"))
    }

    fn texts(&mut self, claim: &str) -> Result<Option<Vec<String>>> {
        let Some(value) = self.0.remove(claim) else { return Ok(None) };
        let wrong = || invalid("a list is not one of texts");
        let Value::Array(items) = value else { return Err(wrong()) };
        let texts = items.into_iter().map(|item| match item {
            Value::String(text) => Ok(text),
            _ => Err(wrong()),
        });
        texts.collect::<Result<_>>().map(Some)
    }
}

/// The claims of the service, as members that leave the registered ones alone.
///
/// # Errors
/// `Internal`: `extra` is no JSON object, or has a member with a registered name.
pub(crate) fn extra_members<E: Serialize>(extra: &E) -> Result<Map<String, Value>> {
    let value =
        serde_json::to_value(extra).map_err(|error| Error::internal("extra claims have no JSON").with_source(error))?;
    let Value::Object(members) = value else {
        return Err(Error::internal("extra claims are a JSON object: use a struct or a map"));
    };
    if let Some(name) = REGISTERED_CLAIMS.iter().find(|name| members.contains_key(**name)) {
        return Err(Error::internal(format!(
            "an extra claim must not be named {name}: it would overwrite the registered one"
        )));
    }
    Ok(members)
}
