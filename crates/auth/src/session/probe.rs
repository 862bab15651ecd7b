//! Tries out what becomes of refresh tokens.

use std::sync::Arc;

use archirust_core::hardening::{Observed, Source};
use archirust_core::{ErrorKind, Result, id};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

use super::{Acr, Authentication, Client, Issued, MemorySessions, SessionManager};
use crate::jwt::RotationTrial;

impl SessionManager {
    /// Tries out, for ARCHI-JWT-012, that a used refresh token ends its session and its access tokens, and that an ended
    /// session gives nothing any more. The sessions of the trial are made up and live in memory; the signer and the cache of
    /// revocations are the real ones. That a store lets one of several concurrent uses win is proven by its conformance
    /// suite.
    pub async fn probe(&self) -> Observed<RotationTrial> {
        let trial = self.over(Arc::new(MemorySessions::default()));
        // Nothing of it belongs into the log: no user, no thief.
        match trial.run().with_subscriber(NoSubscriber::default()).await {
            Ok(Some(trial)) => Observed::Seen(
                trial,
                Source::Attempt {
                    attempt: "refresh tokens used twice, and after the end of their session".to_owned(),
                    control: "a fresh one was accepted".to_owned(),
                },
            ),
            Ok(None) => Observed::not_seen("a fresh refresh token was refused too"),
            Err(error) => Observed::not_seen(format!("refresh tokens could not be tried: {}", error.report())),
        }
    }

    async fn run(&self) -> Result<Option<RotationTrial>> {
        let first = self.trial_session().await?;
        let Some(second) = accepted(self.refresh(&first.refresh).await)? else { return Ok(None) };
        let used_token_refused = accepted(self.refresh(&first.refresh).await)?.is_none();
        let family_revoked = accepted(self.refresh(&second.refresh).await)?.is_none();
        let access_tokens_revoked = self.revocations.is_session_revoked(first.session.id).await?;

        let ended = self.trial_session().await?;
        self.end(ended.session.user_id, ended.session.id).await?;
        let ended_session_refused = accepted(self.refresh(&ended.refresh).await)?.is_none();
        Ok(Some(RotationTrial { used_token_refused, family_revoked, access_tokens_revoked, ended_session_refused }))
    }

    async fn trial_session(&self) -> Result<Issued> {
        let how = Authentication { acr: Acr::Aal1, amr: &["pwd"] };
        self.begin(id::new(), how, &Client::default()).await
    }
}

/// What was issued, or `None` if the token was refused; any other failure says nothing of the token.
fn accepted(result: Result<Issued>) -> Result<Option<Issued>> {
    match result {
        Ok(issued) => Ok(Some(issued)),
        Err(error) if matches!(error.kind(), ErrorKind::TokenRevoked | ErrorKind::InvalidToken) => Ok(None),
        Err(error) => Err(error),
    }
}
