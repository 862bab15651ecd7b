//! The whole server, from the outside.

mod access_log;
mod bodies;
mod cross_site;
mod docs;
mod health;
mod identity;
mod limits;
mod problems;
mod support;
