//! The checklist as code. **Probes collect, rules judge**: a probe fills a plain struct of *facts*, every field
//! [`Observed`]; a [`Rule`] is its metadata and two pure functions, facts → verdict and facts → remedy.
//!
//! The same rules serve four times: as defaults, as the start-up gate, in the audit and in the documentation.

mod facts;
mod finding;
mod gate;
mod report;
mod rule;
mod waiver;

#[cfg(test)]
mod tests;

pub use facts::{Observed, Source};
pub use finding::{Evidence, Finding, Outcome, Verdict};
pub use gate::Gate;
pub use report::{Report, WaiverNote};
pub use rule::{Remedy, Rule, RuleInfo, Severity};
pub use waiver::{Waiver, WaiverError, WaiverFile};
