//! A flood of logins, at a steady rate, bounded in number and time.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use uuid::Uuid;

/// Logins under way at once. Beyond it the flood waits, as a botnet of this size would.
const UNDER_WAY: usize = 128;
/// The first of the addresses that are set aside for benchmarks (RFC 2544, C.2.2): 198.18.0.0.
const CLIENTS: u32 = Ipv4Addr::new(198, 18, 0, 0).to_bits();

/// Logins of unknown users, each from an address of its own: the throttle stops none of them, and each costs the service a
/// hash. The service must trust the loopback address to name clients (`x-forwarded-for`).
#[derive(Clone, Copy, Debug)]
pub struct Flood {
    /// Logins per second.
    pub rate: u32,
    /// How long it lasts.
    pub time: Duration,
}

/// How the logins of a flood were answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FloodOutcome {
    /// How often each status was answered.
    pub statuses: BTreeMap<u16, u64>,
    /// Requests without an answer.
    pub broken: u64,
}

impl Flood {
    /// Sends the logins to `url` and waits for the last answer.
    pub async fn run(self, client: &Client, url: &str) -> FloodOutcome {
        let mut ticks = interval(Duration::from_secs(1) / self.rate.max(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let places = Arc::new(Semaphore::new(UNDER_WAY));
        let end = Instant::now() + self.time;
        let mut answers = JoinSet::new();
        let mut client_address = CLIENTS;
        while Instant::now() < end {
            ticks.tick().await;
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
            let email = format!("{}@flood.example", Uuid::new_v4());
            let body = serde_json::json!({ "email": email, "password": Uuid::new_v4().to_string() });
            let request =
                client.post(url).header("x-forwarded-for", Ipv4Addr::from_bits(client_address).to_string()).json(&body);
            client_address = client_address.wrapping_add(1);
            answers.spawn(async move {
                let _place = place;
                request.send().await.map(|answer| answer.status().as_u16()).ok()
            });
        }
        let mut outcome = FloodOutcome::default();
        for status in answers.join_all().await {
            match status {
                Some(status) => *outcome.statuses.entry(status).or_default() += 1,
                None => outcome.broken += 1,
            }
        }
        outcome
    }
}

impl fmt::Display for FloodOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.statuses.iter().map(|(status, count)| format!("{count} × {status}")).collect();
        f.write_str(&counts.join(", "))?;
        if self.broken > 0 { write!(f, ", {} without an answer", self.broken) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_login_is_counted_by_its_answer() {
        let service = axum::Router::new()
            .route("/v1/sessions", axum::routing::post(|| async { axum::http::StatusCode::UNAUTHORIZED }));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/v1/sessions", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, service).await });
        let flood = Flood { rate: 200, time: Duration::from_millis(300) };
        let outcome = flood.run(&Client::new(), &url).await;
        let count = outcome.statuses[&401];
        assert!((1..=62).contains(&count), "a steady rate, not as fast as it goes: {count}");
        assert_eq!(outcome, FloodOutcome { statuses: BTreeMap::from([(401, count)]), broken: 0 });
        assert_eq!(outcome.to_string(), format!("{count} × 401"));
    }
}
