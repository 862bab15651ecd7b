//! Completes the description of the API (OpenAPI 3.1): what no handler has to write because it is the same for all.

use archirust_core::{Error, Result};
use bytes::Bytes;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, Info, OpenApi, PathItem, Ref, RefOr, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{Problem, ProblemField};

const BEARER: &str = "bearer";
const PROBLEM: &str = "Problem";

/// Adds the bearer scheme and the problem answers to every operation. One that names its own security keeps it: a public
/// operation says `security(())`.
pub(crate) fn complete(mut openapi: OpenApi, info: Info) -> OpenApi {
    // What the routers bring is that of the library which makes them.
    openapi.info = info;
    let components = openapi.components.get_or_insert_with(Components::new);
    components.security_schemes.insert(
        BEARER.to_owned(),
        RefOr::T(SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build())),
    );
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.insert(ProblemField::name().into_owned(), ProblemField::schema());
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    let problem = ResponseBuilder::new()
        .description("What went wrong (RFC 9457)")
        .content("application/problem+json", content)
        .build();
    components.responses.insert(PROBLEM.to_owned(), RefOr::T(problem));
    for item in openapi.paths.paths.values_mut() {
        operations(item).for_each(complete_operation);
    }
    openapi
}

/// As JSON.
///
/// # Errors
/// `Internal` if the description can't be written, a defect of a schema.
pub(crate) fn to_json(openapi: &OpenApi) -> Result<Bytes> {
    let json =
        serde_json::to_vec(openapi).map_err(|error| Error::internal("the API description").with_source(error))?;
    Ok(json.into())
}

fn complete_operation(operation: &mut Operation) {
    let security =
        operation.security.get_or_insert_with(|| vec![SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, [])]);
    let is_public = security.iter().any(|requirement| *requirement == SecurityRequirement::default());
    let takes_input = operation.request_body.is_some() || operation.parameters.is_some();
    let mut statuses = vec!["429", "default"];
    if !is_public {
        statuses.extend(["401", "403"]);
    }
    if takes_input {
        statuses.extend(["400", "422"]);
    }
    if operation.request_body.is_some() {
        statuses.extend(["413", "415"]);
    }
    for status in statuses {
        let responses = &mut operation.responses.responses;
        if !responses.contains_key(status) {
            responses.insert(status.to_owned(), RefOr::Ref(Ref::from_response_name(PROBLEM)));
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
    ]
    .into_iter()
    .flatten()
}
