//! What the stack costs, beside what one would write by hand.
//!
//! | module | holds |
//! |---|---|
//! | [`twin`] | a hand-written service with what any production service has; program `twin` |
//! | [`compare`] | the reference service and its twin, measured in turns |
//! | [`logging`] | log lines and those of `tracing-subscriber`, measured in turns; program `logging` |

pub mod compare;
pub mod logging;
pub mod twin;
