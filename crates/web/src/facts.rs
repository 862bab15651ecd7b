//! What can be known of the public listener.

use archirust_core::hardening::Observed;

/// What can be known of the public listener.
#[derive(Clone, Debug)]
pub struct WebFacts {
    /// Paths that lead somewhere and must not: repositories, environments, consoles, figures.
    pub exposed: Observed<Vec<String>>,
    /// What an answer to a failure told of its cause. What was looked for is named, never shown.
    pub told: Observed<Vec<&'static str>>,
}
