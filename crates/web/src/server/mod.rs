//! The server: listeners, connections, and the way it stops.

mod activity;
mod connection;
mod descriptors;
mod io;
mod listener;
mod run;
mod service;
mod stop;

pub(crate) use connection::Terms;
pub(crate) use listener::Listener;
pub use run::{Server, Stopped};
pub use stop::{StopHandle, StopSignal};
