//! The trial of the rotation, and the rule over it.

use std::sync::Arc;

use archirust_auth::jwt::RotationTrial;
use archirust_auth::session::{MemorySessions, SessionSettings};
use archirust_core::hardening::{Observed, Source};

use crate::caches::{Step, broken, deciding};
use crate::support::Service;

const WHOLE: RotationTrial = RotationTrial {
    used_token_refused: true,
    family_revoked: true,
    access_tokens_revoked: true,
    ended_session_refused: true,
};

#[tokio::test]
async fn our_rotation_holds_and_the_trial_leaves_no_session() {
    let mut service = Service::new();
    service.manager = service.manager.clone().on_reuse(|_| panic!("a trial is no theft"));
    let observed = service.manager.probe().await;
    assert_eq!(observed.value(), Some(&WHOLE));
    assert!(matches!(observed, Observed::Seen(_, Source::Attempt { .. })));
    assert_eq!(service.store.purge(time_max(), time_max(), time_max()).await.unwrap(), 0);
}

fn time_max() -> archirust_core::Timestamp {
    archirust_core::Timestamp::from_second(4_000_000_000).unwrap()
}

#[tokio::test]
async fn without_a_cache_nothing_is_known() {
    let service = Service::with(SessionSettings::default(), Arc::new(MemorySessions::default()), |_| broken());
    assert!(matches!(service.manager.probe().await, Observed::NotSeen(_)));
}

#[tokio::test]
async fn a_cache_that_forgets_revocations_is_found_out() {
    let forgetful = |inner| deciding(inner, |_| Step::Forget);
    let service = Service::with(SessionSettings::default(), Arc::new(MemorySessions::default()), forgetful);
    let observed = service.manager.probe().await;
    assert_eq!(observed.value(), Some(&RotationTrial { access_tokens_revoked: false, ..WHOLE }));
}
