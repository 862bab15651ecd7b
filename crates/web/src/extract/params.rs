use archirust_core::{Error, ErrorKind};
use axum::extract::FromRequestParts;
use axum::extract::rejection::PathRejection;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::explain;
use crate::problem::ApiError;

/// The query of a request. What is wrong is told with the name of the parameter, and no value back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(query))
            .map(Self)
            .map_err(|error| explain::query(error.path(), &error.inner().to_string()).into())
    }
}

/// The parameters of a path. A path whose parameters can't be read leads nowhere: 404.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            // Its text repeats the value: it is not even logged.
            Err(PathRejection::FailedToDeserializePathParams(_)) => Err(ErrorKind::NotFound.into()),
            Err(_) => Err(Error::internal("the handler asks for parameters that its route does not have").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read by serde")]
    struct Page {
        page_size: u8,
        after: Option<String>,
        #[serde(default)]
        deleted: bool,
    }

    async fn explained(query: &str) -> String {
        let (mut parts, ()) = Request::builder().uri(format!("/?{query}")).body(()).unwrap().into_parts();
        match Query::<Page>::from_request_parts(&mut parts, &()).await {
            Ok(Query(page)) => format!("{page:?}"),
            Err(error) => {
                let field = &error.error().fields()[0];
                format!("{} {:?} {}: {}", error.error().kind().http_status(), field.pointer, field.code, field.message)
            }
        }
    }

    #[tokio::test]
    async fn a_parameter_that_is_wrong_is_named() {
        let mut table = String::new();
        for query in [
            "page_size=20&after=abc",
            "",
            "page_size=hunter2",
            "page_size=",
            "page_size=300",
            "page_size=-1",
            "page_size=1&page_size=2",
            "page_size=1&deleted=hunter2",
            "page_size=1&unknown=hunter2",
            "page_size=%ff",
        ] {
            table += &format!("{query}\n    {}\n", explained(query).await);
        }
        insta::assert_snapshot!(table);
    }
}
