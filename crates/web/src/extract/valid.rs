use archirust_core::Error;
use archirust_core::error::FieldError;
use axum::extract::{FromRequest, FromRequestParts, Request};
use garde::Validate;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::messages::{Messages, SEPARATOR};
use super::{Json, Path, Query};
use crate::problem::ApiError;

/// Another extractor whose value is checked by its garde rules: `Valid(Json(body)): Valid<Json<Register>>`. What does not
/// hold is answered with 422, all of it at once, each with a pointer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Valid<E>(pub E);

impl<S, T> FromRequest<S> for Valid<Json<T>>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context: Default>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Json(value) = Json::from_request(request, state).await?;
        check(&value, Place::Body)?;
        Ok(Self(Json(value)))
    }
}

impl<S, T> FromRequestParts<S> for Valid<Query<T>>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context: Default>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(value) = Query::from_request_parts(parts, state).await?;
        check(&value, Place::Parameters)?;
        Ok(Self(Query(value)))
    }
}

impl<S, T> FromRequestParts<S> for Valid<Path<T>>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context: Default> + Send,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(value) = Path::from_request_parts(parts, state).await?;
        check(&value, Place::Parameters)?;
        Ok(Self(Path(value)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Body,
    Parameters,
}

fn check<T: Validate<Context: Default>>(value: &T, place: Place) -> Result<(), ApiError> {
    let Err(report) = garde::i18n::with_i18n(Messages, || value.validate()) else { return Ok(()) };
    let fields = report.iter().map(|(path, error)| {
        let (code, message) = error.message().split_once(SEPARATOR).unwrap_or(("invalid", error.message()));
        let pointer = pointer(&path.to_string());
        FieldError {
            pointer: if place == Place::Body { pointer } else { pointer.trim_start_matches('/').to_owned() },
            code: code.to_owned().into(),
            message: message.to_owned(),
        }
    });
    Err(Error::invalid(fields).into())
}

/// garde writes `a.b[0].c` for `/a/b/0/c`.
fn pointer(path: &str) -> String {
    path.split(['.', '[', ']']).filter(|key| !key.is_empty()).map(|key| format!("/{key}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::invalid;

    #[derive(Validate)]
    struct Register {
        #[garde(email)]
        email: String,
        #[garde(length(chars, min = 3, max = 5))]
        name: String,
        #[garde(range(min = 1, max = 9))]
        age: u8,
        #[garde(dive)]
        tags: Vec<Tag>,
        #[garde(custom(even))]
        number: u8,
        #[garde(required)]
        country: Option<String>,
    }

    #[derive(Validate)]
    struct Tag {
        #[garde(ascii, length(min = 2))]
        label: String,
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "garde passes a reference")]
    fn even(number: &u8, (): &()) -> garde::Result {
        if number.is_multiple_of(2) { Ok(()) } else { Err(invalid("odd", "must be even")) }
    }

    fn told(register: &Register, place: Place) -> Vec<String> {
        let error = check(register, place).unwrap_err();
        error.error().fields().iter().map(|f| format!("{} {}: {}", f.pointer, f.code, f.message)).collect()
    }

    #[test]
    fn all_that_does_not_hold_is_told_at_once_without_the_values() {
        let tag = |label: &str| Tag { label: label.into() };
        let register = Register {
            email: "hunter2".into(),
            name: "hunter2".into(),
            age: 10,
            tags: vec![tag("ok"), tag("ü")],
            number: 3,
            country: None,
        };
        let told = told(&register, Place::Body).join("\n");
        assert!(!told.contains("hunter2"));
        insta::assert_snapshot!(told);
    }

    #[test]
    fn the_limits_themselves_hold() {
        let register = |name: &str, age| Register {
            email: "a@example.org".into(),
            name: name.into(),
            age,
            tags: Vec::new(),
            number: 2,
            country: Some("x".into()),
        };
        for (name, age) in [("abc", 1), ("äbcde", 9)] {
            assert!(check(&register(name, age), Place::Body).is_ok(), "{name} {age}");
        }
        assert_eq!(
            told(&register("ab", 0), Place::Parameters),
            ["age too_small: must be at least 1", "name too_short: must have a length of at least 3",]
        );
    }
}
