//! What can go wrong, as a client may know it: a stable code, an HTTP and a gRPC status, a safe message.

use std::fmt;

/// The family of a kind: ten, so that a caller can treat many kinds alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Who the caller is and what it may do.
    Auth,
    /// Rules of the application's own domain.
    Business,
    /// The relational database.
    Database,
    /// The identity provider (Keycloak).
    Identity,
    /// Calls to other systems.
    Network,
    /// The things that a service keeps.
    Resource,
    /// The service itself.
    System,
    /// Long-running workflows (Temporal).
    Workflow,
    /// The shape and content of what the caller sent.
    Validation,
    /// Time: deadlines, expiry, rates.
    Time,
}

/// Status codes of gRPC (`google.rpc.Code`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub enum GrpcStatus {
    Cancelled = 1,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

impl GrpcStatus {
    /// The number on the wire.
    pub fn code(self) -> i32 {
        self as i32
    }
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident => $family:ident, $code:literal, $http:literal, $grpc:ident, $retry:ident, $message:literal;)+) => {
        /// What went wrong. The code of a kind never changes; new kinds may come.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl ErrorKind {
            /// Every kind, in the order of the families.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable code that a client may switch on.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The family.
            pub fn family(self) -> Family {
                match self { $(Self::$name => Family::$family),+ }
            }

            /// The HTTP status (RFC 9110, section 15).
            pub fn http_status(self) -> u16 {
                match self { $(Self::$name => $http),+ }
            }

            /// The gRPC status.
            pub fn grpc_status(self) -> GrpcStatus {
                match self { $(Self::$name => GrpcStatus::$grpc),+ }
            }

            /// Whether the same call may succeed later without a change.
            pub fn is_retryable(self) -> bool {
                match self { $(Self::$name => kinds!(@retry $retry)),+ }
            }

            /// A message that is safe to show to anyone.
            pub fn message(self) -> &'static str {
                match self { $(Self::$name => $message),+ }
            }
        }
    };
    (@retry later) => { true };
    (@retry never) => { false };
}

kinds! {
    /// No credential, or one that could not be read.
    Unauthenticated => Auth, "unauthenticated", 401, Unauthenticated, never, "authentication is required";
    /// A wrong user name, password or code; never says which.
    InvalidCredentials => Auth, "invalid_credentials", 401, Unauthenticated, never, "the credentials are not valid";
    /// A token that is malformed, forged or meant for someone else.
    InvalidToken => Auth, "invalid_token", 401, Unauthenticated, never, "the token is not valid";
    /// A token whose time is over.
    TokenExpired => Auth, "token_expired", 401, Unauthenticated, never, "the token has expired";
    /// A token or session that was ended before its time.
    TokenRevoked => Auth, "token_revoked", 401, Unauthenticated, never, "the token has been revoked";
    /// The password was right; a second factor is needed.
    SecondFactorRequired => Auth, "second_factor_required", 401, Unauthenticated, never, "a second factor is required";
    /// The session is too old for this action (RFC 9470).
    ReauthenticationRequired => Auth, "insufficient_user_authentication", 401, Unauthenticated, never, "a recent authentication is required";
    /// Known, but not allowed.
    PermissionDenied => Auth, "permission_denied", 403, PermissionDenied, never, "this is not allowed";
    /// A browser sent the request from another site.
    CrossSiteRequest => Auth, "cross_site_request", 403, PermissionDenied, never, "requests from another site are refused";
    /// The account may not be used.
    AccountDisabled => Auth, "account_disabled", 403, PermissionDenied, never, "the account is disabled";

    /// The state of things does not allow the action.
    InvalidState => Business, "invalid_state", 409, FailedPrecondition, never, "the current state does not allow this";
    /// A condition that the caller named does not hold (`If-Match`).
    PreconditionFailed => Business, "precondition_failed", 412, FailedPrecondition, never, "a precondition does not hold";
    /// The caller has used up what it may use.
    QuotaExceeded => Business, "quota_exceeded", 403, ResourceExhausted, never, "the quota is used up";

    /// The database refused or dropped the connection.
    DatabaseUnavailable => Database, "database_unavailable", 503, Unavailable, later, "the service is not available for the moment";
    /// No connection became free in time.
    PoolExhausted => Database, "pool_exhausted", 503, Unavailable, later, "the service is busy";
    /// Concurrent transactions collided.
    Serialization => Database, "serialization_failure", 409, Aborted, later, "the action collided with another one";
    /// Two transactions waited for each other.
    Deadlock => Database, "deadlock", 409, Aborted, later, "the action collided with another one";
    /// A row that others refer to, or that refers to nothing.
    ForeignKey => Database, "foreign_key_violation", 409, FailedPrecondition, never, "other data depends on this";
    /// A value that the database does not allow.
    CheckViolation => Database, "check_violation", 422, InvalidArgument, never, "a value is not allowed";
    /// The database is read-only for the moment.
    ReadOnly => Database, "read_only", 503, Unavailable, later, "the service accepts no changes for the moment";
    /// Any other failure of a query.
    Database => Database, "database_error", 500, Internal, never, "an internal error occurred";

    /// The identity provider can't be reached.
    IdentityUnavailable => Identity, "identity_unavailable", 503, Unavailable, later, "login is not available for the moment";
    /// The identity provider refused what it was asked.
    IdentityRejected => Identity, "identity_rejected", 502, FailedPrecondition, never, "the identity provider refused the request";

    /// Another system can't be reached.
    ConnectionFailed => Network, "connection_failed", 503, Unavailable, later, "the service is not available for the moment";
    /// The certificate or the handshake of another system is not acceptable.
    TlsFailed => Network, "tls_failed", 502, Unavailable, never, "the service is not available for the moment";
    /// Another system answered with a failure.
    UpstreamFailed => Network, "upstream_failed", 502, Unavailable, later, "another service failed";

    /// There is no such thing.
    NotFound => Resource, "not_found", 404, NotFound, never, "there is no such resource";
    /// There is one already; the field says which value collides.
    AlreadyExists => Resource, "already_exists", 409, AlreadyExists, never, "the resource exists already";
    /// It was changed since the caller read it.
    VersionConflict => Resource, "version_conflict", 409, Aborted, never, "the resource was changed by someone else";
    /// Someone else holds it.
    Locked => Resource, "locked", 423, Aborted, later, "the resource is in use";
    /// It was here and is not any more.
    Gone => Resource, "gone", 410, NotFound, never, "the resource is gone";
    /// No room is left.
    StorageFull => Resource, "storage_full", 507, ResourceExhausted, later, "no space is left";

    /// A defect of the service.
    Internal => System, "internal", 500, Internal, never, "an internal error occurred";
    /// The settings do not allow it to run.
    Configuration => System, "configuration", 500, FailedPrecondition, never, "the service is not configured for this";
    /// Starting, stopping or out of order.
    Unavailable => System, "unavailable", 503, Unavailable, later, "the service is not available for the moment";
    /// More work than can be taken.
    Overloaded => System, "overloaded", 503, ResourceExhausted, later, "the service is busy";
    /// Not built.
    NotImplemented => System, "not_implemented", 501, Unimplemented, never, "this is not implemented";

    /// A workflow failed.
    WorkflowFailed => Workflow, "workflow_failed", 500, Internal, never, "the process failed";
    /// The workflow engine can't be reached.
    WorkflowUnavailable => Workflow, "workflow_unavailable", 503, Unavailable, later, "the service is not available for the moment";

    /// Well formed, but with values that are not allowed; the fields say which.
    InvalidInput => Validation, "invalid_input", 422, InvalidArgument, never, "some values are not valid";
    /// Not readable at all.
    MalformedRequest => Validation, "malformed_request", 400, InvalidArgument, never, "the request could not be read";
    /// A pagination cursor that this service did not make.
    InvalidCursor => Validation, "invalid_cursor", 400, InvalidArgument, never, "the cursor is not valid";
    /// The path exists, the method does not.
    MethodNotAllowed => Validation, "method_not_allowed", 405, Unimplemented, never, "the method is not allowed here";
    /// No representation that the caller accepts.
    NotAcceptable => Validation, "not_acceptable", 406, InvalidArgument, never, "no acceptable representation";
    /// A body larger than allowed.
    PayloadTooLarge => Validation, "payload_too_large", 413, OutOfRange, never, "the request is too large";
    /// A path or query larger than allowed.
    UriTooLong => Validation, "uri_too_long", 414, OutOfRange, never, "the address is too long";
    /// A content type that is not taken.
    UnsupportedMediaType => Validation, "unsupported_media_type", 415, InvalidArgument, never, "the content type is not supported";
    /// Headers larger than allowed.
    HeadersTooLarge => Validation, "headers_too_large", 431, OutOfRange, never, "the headers are too large";

    /// The caller took too long to send its request.
    RequestTimeout => Time, "request_timeout", 408, DeadlineExceeded, later, "the request took too long to arrive";
    /// The answer took too long to make.
    DeadlineExceeded => Time, "deadline_exceeded", 503, DeadlineExceeded, later, "the answer took too long";
    /// Another system took too long.
    UpstreamTimeout => Time, "upstream_timeout", 504, DeadlineExceeded, later, "another service took too long";
    /// Too many calls; `retry_after` says when the next one is taken.
    RateLimited => Time, "rate_limited", 429, ResourceExhausted, later, "too many requests";
    /// The caller went away.
    Cancelled => Time, "cancelled", 499, Cancelled, later, "the request was cancelled";
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}
