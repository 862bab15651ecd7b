//! Typed settings from layered sources, every value with its origin.

mod origin;
mod profile;

pub use origin::{Origin, Origins};
pub use profile::{Profile, UnknownProfile};
