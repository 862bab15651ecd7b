//! Whether the service is alive, and whether it is ready: what it depends on answers.

use std::sync::Arc;
use std::time::Duration;

use archirust_core::Result;
use async_trait::async_trait;
use futures_util::future::{BoxFuture, join_all};
use serde::Serialize;
use tokio::time::{Instant, timeout};

/// Something that the service can't work without. The same check serves the start, `/readyz` and the command line.
#[async_trait]
pub trait HealthCheck: Send + Sync + 'static {
    /// What it is called: `database`. It is shown; never put a host name or anything secret into it.
    fn name(&self) -> &str;

    /// Asks it. Cheap: one round trip, without a lock.
    ///
    /// # Errors
    /// Why it can't be used. The code of the error is shown, the rest goes to the log.
    async fn check(&self) -> Result<()>;
}

/// A check from a function: `health_check("database", move || { let pool = pool.clone(); async move { pool.ping().await } })`.
pub fn health_check<F, R>(name: &'static str, check: F) -> impl HealthCheck
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<()>> + Send + 'static,
{
    Function { name, check: Box::new(move || Box::pin(check())) }
}

struct Function {
    name: &'static str,
    check: Box<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>,
}

#[async_trait]
impl HealthCheck for Function {
    fn name(&self) -> &str {
        self.name
    }

    async fn check(&self) -> Result<()> {
        (self.check)().await
    }
}

/// What `/readyz` answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Readiness {
    /// `ready`, `not_ready`, `starting` or `stopping`.
    pub status: &'static str,
    /// Each dependency.
    pub checks: Vec<CheckResult>,
}

/// How one dependency is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckResult {
    /// Its name.
    pub name: String,
    /// `up` or `down`.
    pub status: &'static str,
    /// How long it took to say so, in milliseconds.
    pub latency_ms: u64,
    /// The code of the error, or `timeout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

impl CheckResult {
    /// Whether it can be used.
    pub fn is_up(&self) -> bool {
        self.code.is_none()
    }
}

/// Asks all at once, each with its own time-out.
pub async fn check_all(checks: &[Arc<dyn HealthCheck>], patience: Duration) -> Vec<CheckResult> {
    join_all(checks.iter().map(|check| ask(&**check, patience))).await
}

async fn ask(check: &dyn HealthCheck, patience: Duration) -> CheckResult {
    let started = Instant::now();
    let code = match timeout(patience, check.check()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            let name = check.name();
            tracing::warn!(target: "archirust::web", check = name, error = %error.report(), "a dependency is down");
            Some(error.kind().code())
        }
        Err(_) => {
            tracing::warn!(target: "archirust::web", check = check.name(), "a dependency does not answer in time");
            Some("timeout")
        }
    };
    CheckResult {
        name: check.name().to_owned(),
        status: if code.is_none() { "up" } else { "down" },
        latency_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        code,
    }
}

#[cfg(test)]
mod tests {
    use archirust_core::{Error, ErrorKind};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_check_has_its_own_time_and_tells_a_code_only() {
        let checks: Vec<Arc<dyn HealthCheck>> = vec![
            Arc::new(health_check("database", || async { Ok(()) })),
            Arc::new(health_check("cache", || async {
                Err(Error::new(ErrorKind::ConnectionFailed).with_detail("redis://user:hunter2@host"))
            })),
            Arc::new(health_check("queue", std::future::pending)),
            Arc::new(health_check("slow", || async {
                tokio::time::sleep(Duration::from_millis(1999)).await;
                Ok(())
            })),
        ];
        let results = check_all(&checks, Duration::from_secs(2)).await;
        let told = serde_json::to_string(&results).unwrap();
        assert!(!told.contains("hunter2"));
        let told: Vec<_> = results.iter().map(|r| (r.name.as_str(), r.status, r.latency_ms, r.code)).collect();
        assert_eq!(
            told,
            [
                ("database", "up", 0, None),
                ("cache", "down", 0, Some("connection_failed")),
                ("queue", "down", 2000, Some("timeout")),
                ("slow", "up", 1999, None),
            ]
        );
    }
}
