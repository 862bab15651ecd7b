//! What handlers ask for: bodies, parameters and callers, each refused with a problem.

mod body;
mod context;
mod explain;
mod json;
mod messages;
mod params;
mod valid;

pub use body::RawBody;
pub use context::{ClientAddress, UserAgent};
pub use json::Json;
pub use messages::invalid;
pub use params::{Path, Query};
pub use valid::Valid;
