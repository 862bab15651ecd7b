//! What handlers ask for: bodies, parameters and callers, each refused with a problem.

mod body;
mod context;
mod explain;
mod json;
mod messages;
mod params;
mod upload;
mod valid;

pub use body::RawBody;
pub(crate) use context::of as context_of;
pub use context::{ClientAddress, UserAgent};
pub use json::Json;
pub use messages::invalid;
pub use params::{Path, Query};
pub use upload::{Part, Upload};
pub use valid::Valid;

pub use crate::auth::{Principal, RecentAuthentication, RequireRole};
