//! What the stack costs, beside what one would write by hand.
//!
//! | module | holds |
//! |---|---|
//! | [`twin`] | a hand-written service with what any production service has; program `twin` |
//! | [`compare`] | the reference service and its twin, measured in turns |

pub mod compare;
pub mod twin;
