use std::sync::Arc;
use std::time::Duration;

use archirust_core::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use super::Current;
use super::files::{Content, Files};

/// Looks for a new certificate from time to time, and at once on `SIGHUP`.
pub(crate) struct Reloader {
    files: Files,
    content: Content,
    current: Arc<Current>,
    every: Duration,
    /// The last trouble that was reported: the same is not reported at each look.
    reported: Option<String>,
}

impl Reloader {
    pub(super) fn new(files: Files, content: Content, current: Arc<Current>, every: Duration) -> Self {
        Self { files, content, current, every, reported: None }
    }

    /// Watches until the server ends.
    pub(crate) async fn watch(mut self) {
        let mut hangup = signal(SignalKind::hangup()).ok();
        let mut ticks = interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = next(&mut hangup) => self.reported = None,
            }
            // Two small files: the thread is back before it is missed.
            self.look();
        }
    }

    /// Takes a new certificate if there is a good one. A bad one is reported, and the old one stays.
    pub(super) fn look(&mut self) {
        match self.reload() {
            Ok(false) => {}
            Ok(true) => {
                self.reported = None;
                tracing::info!(
                    target: "archirust::web",
                    file = %self.files.certificate.display(),
                    "a new certificate is in use"
                );
            }
            Err(error) => {
                let report = error.message().to_owned();
                if self.reported.as_ref() != Some(&report) {
                    tracing::error!(
                        target: "archirust::web",
                        error = %report,
                        cause = %error.report(),
                        "the new certificate can't be used, the old one stays"
                    );
                    self.reported = Some(report);
                }
            }
        }
    }

    fn reload(&mut self) -> Result<bool> {
        let content = self.files.read()?;
        if content == self.content {
            return Ok(false);
        }
        // Of a pair that is being replaced, one file is still the old one: then it fits at the next look.
        let certified = self.files.load(&content)?;
        self.current.0.store(Arc::new(certified));
        self.content = content;
        Ok(true)
    }
}

async fn next(signal: &mut Option<Signal>) {
    if let Some(signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    std::future::pending().await
}
