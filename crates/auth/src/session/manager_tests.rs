//! What a manager promises, over the embedded store.

use archirust_cache::{CacheSettings, MemoryCache};
use archirust_core::clock::ManualClock;
use archirust_core::random::SystemRandom;

use super::*;
use crate::jwt::{Algorithm, Claims, KeyRing, NoExtra, SigningKey, Verifier};
use crate::session::MemorySessions;

const PASSWORD: Authentication<'static> = Authentication { acr: Acr::Aal1, amr: &["pwd"] };

struct Rig {
    manager: SessionManager,
    store: Arc<MemorySessions>,
    revocations: Revocations,
    verifier: Verifier,
    clock: Arc<ManualClock>,
}

fn rig_with(settings: &SessionSettings) -> Rig {
    let clock = ManualClock::at("2026-11-23T12:00:00Z".parse().unwrap());
    let cache = MemoryCache::shared(&CacheSettings::default(), clock.clone());
    let ring = Arc::new(KeyRing::new(SigningKey::generate(Algorithm::Es256).unwrap()));
    let verifier = Verifier::builder(ring.keys()).issuer("https://a.example").audience(["api"]);
    let verifier = verifier.clock(clock.clone()).build().unwrap();
    let signer = Signer::new(ring, "https://a.example", ["api"]).unwrap();
    let signer = Arc::new(signer.with_sources(clock.clone(), SystemRandom::shared()));
    let revocations = Revocations::new(cache, clock.clone());
    let store = Arc::new(MemorySessions::default());
    let manager = SessionManager::new(
        settings,
        store.clone(),
        signer,
        revocations.clone(),
        clock.clone(),
        SystemRandom::shared(),
    );
    Rig { manager, store, revocations, verifier, clock }
}

fn rig() -> Rig {
    rig_with(&SessionSettings::default())
}

impl Rig {
    async fn begin(&self, user: Uuid) -> Issued {
        self.manager.begin(user, PASSWORD, &Client::default()).await.unwrap()
    }

    fn claims(&self, issued: &Issued) -> Claims<NoExtra> {
        self.verifier.verify(issued.access.expose()).unwrap()
    }

    async fn is_revoked(&self, issued: &Issued) -> bool {
        self.revocations.check(&self.claims(issued)).await.is_err()
    }

    async fn refused(&self, token: &Secret<String>) -> ErrorKind {
        self.manager.refresh(token).await.unwrap_err().kind()
    }
}

#[tokio::test]
async fn a_session_says_in_its_tokens_who_when_and_how() {
    let rig = rig();
    let user = id::new();
    let both = Authentication { acr: Acr::Aal2, amr: &["pwd", "otp"] };
    let issued = rig.manager.begin(user, both, &Client::default()).await.unwrap();
    let claims = rig.claims(&issued);
    assert_eq!((claims.sub, claims.sid), (user.to_string(), Some(issued.session.id)));
    assert_eq!((claims.acr.as_deref(), claims.amr), (Some("aal2"), vec!["pwd".to_owned(), "otp".to_owned()]));
    assert_eq!(claims.auth_time, Some(rig.clock.now()));
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_keeps_the_time_of_the_login() {
    let rig = rig();
    let first = rig.begin(id::new()).await;
    rig.clock.advance(Duration::from_secs(600));
    let second = rig.manager.refresh(&first.refresh).await.unwrap();
    assert_ne!(second.refresh, first.refresh);
    assert_eq!(second.session.id, first.session.id);
    assert_eq!(second.session.last_used_at, rig.clock.now());
    assert_eq!(rig.claims(&second).auth_time, Some(first.session.authenticated_at));
    rig.manager.refresh(&second.refresh).await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_used_twice_ends_its_session_and_all_its_tokens() {
    let rig = rig();
    let first = rig.begin(id::new()).await;
    let second = rig.manager.refresh(&first.refresh).await.unwrap();
    assert_eq!(rig.refused(&first.refresh).await, ErrorKind::TokenRevoked);
    assert_eq!(rig.refused(&second.refresh).await, ErrorKind::TokenRevoked);
    assert!(rig.is_revoked(&second).await);
}

#[tokio::test]
async fn of_two_uses_at_once_one_wins_and_the_session_ends() {
    let rig = Arc::new(rig());
    let first = rig.begin(id::new()).await;
    let (a, b) = tokio::join!(rig.manager.refresh(&first.refresh), rig.manager.refresh(&first.refresh));
    assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert!(rig.store.find(first.session.id).await.unwrap().unwrap().ended_at.is_some());
}

#[tokio::test]
async fn a_made_up_token_ends_nobody_s_session() {
    let rig = rig();
    let issued = rig.begin(id::new()).await;
    let forged = RefreshToken::first(issued.session.id, &*SystemRandom::shared()).text();
    let of_nobody = RefreshToken::first(id::new(), &*SystemRandom::shared()).text();
    for token in [forged, of_nobody, Secret::from("x"), Secret::from("")] {
        assert_eq!(rig.refused(&token).await, ErrorKind::InvalidToken);
    }
    rig.manager.refresh(&issued.refresh).await.unwrap();
}

#[tokio::test]
async fn a_session_ends_by_silence_and_not_a_moment_before() {
    let rig = rig();
    let issued = rig.begin(id::new()).await;
    rig.clock.advance(Duration::from_secs(24 * 3600));
    let issued = rig.manager.refresh(&issued.refresh).await.unwrap();
    rig.clock.advance(Duration::from_secs(24 * 3600) + Duration::from_micros(1));
    assert!(rig.manager.of_user(issued.session.user_id).await.unwrap().is_empty());
    assert_eq!(rig.refused(&issued.refresh).await, ErrorKind::TokenExpired);
    assert_eq!(rig.refused(&issued.refresh).await, ErrorKind::TokenRevoked);
}

#[tokio::test]
async fn a_session_ends_at_its_age_however_much_it_is_used() {
    let day = Duration::from_secs(24 * 3600);
    let rig = rig_with(&SessionSettings { max_lifetime: 2 * day, ..Default::default() });
    let mut issued = rig.begin(id::new()).await;
    for _ in 0..2 {
        rig.clock.advance(day);
        issued = rig.manager.refresh(&issued.refresh).await.unwrap();
    }
    rig.clock.advance(Duration::from_micros(1));
    assert_eq!(rig.refused(&issued.refresh).await, ErrorKind::TokenExpired);
}

#[tokio::test]
async fn a_user_ends_own_sessions_and_no_one_else_s() {
    let rig = rig();
    let (user, other) = (id::new(), id::new());
    let (mine, theirs) = (rig.begin(user).await, rig.begin(other).await);
    let refused = rig.manager.end(user, theirs.session.id).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound);
    rig.manager.end(user, mine.session.id).await.unwrap();
    assert!(rig.is_revoked(&mine).await && !rig.is_revoked(&theirs).await);
    assert_eq!(rig.manager.end(user, mine.session.id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn all_but_the_current_session_end() {
    let rig = rig();
    let user = id::new();
    let (current, second, third) = (rig.begin(user).await, rig.begin(user).await, rig.begin(user).await);
    assert_eq!(rig.manager.end_all(user, Some(current.session.id)).await.unwrap(), 2);
    assert!(rig.is_revoked(&second).await && rig.is_revoked(&third).await && !rig.is_revoked(&current).await);
    let left = rig.manager.of_user(user).await.unwrap();
    assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [current.session.id]);
}

#[tokio::test]
async fn one_session_too_many_ends_the_one_that_was_longest_silent() {
    let rig = rig_with(&SessionSettings { max_per_user: 2, ..Default::default() });
    let user = id::new();
    let old = rig.begin(user).await;
    rig.clock.advance(Duration::from_secs(1));
    let silent = rig.begin(user).await;
    rig.clock.advance(Duration::from_secs(1));
    let old = rig.manager.refresh(&old.refresh).await.unwrap();
    let new = rig.begin(user).await;
    assert!(rig.is_revoked(&silent).await);
    assert!(!rig.is_revoked(&old).await && !rig.is_revoked(&new).await);
}

#[tokio::test]
async fn a_restart_does_not_bring_an_ended_session_back() {
    let before = rig();
    let issued = before.begin(id::new()).await;
    before.manager.end(issued.session.user_id, issued.session.id).await.unwrap();
    // Another process with an empty cache, over the same store.
    let after = rig();
    let manager = SessionManager { store: before.store.clone(), ..after.manager };
    manager.resume().await.unwrap();
    assert!(after.revocations.check(&before.claims(&issued)).await.is_err());
}

#[tokio::test]
async fn what_is_over_is_purged_when_no_token_of_it_can_live() {
    let rig = rig();
    let issued = rig.begin(id::new()).await;
    rig.manager.end(issued.session.user_id, issued.session.id).await.unwrap();
    rig.clock.advance(LONGEST_ACCEPTED);
    assert_eq!(rig.manager.purge().await.unwrap(), 0);
    rig.clock.advance(Duration::from_micros(1));
    assert_eq!(rig.manager.purge().await.unwrap(), 1);
}

#[test]
fn the_name_of_a_program_is_kept_short_and_clean() {
    assert_eq!(cleaned("curl/8\r\nforged: 1"), "curl/8forged: 1");
    assert_eq!(cleaned(&"x".repeat(201)).len(), 200);
}
