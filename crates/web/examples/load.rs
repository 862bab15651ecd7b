//! temp
use archirust_core::config::Profile;
use archirust_telemetry::{LogOutput, LogSettings};
use archirust_web::config::WebSettings;
use archirust_web::{StopSignal, WebApp};

#[tokio::main]
async fn main() -> archirust_core::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let log = LogSettings { output: args[1].parse::<LogOutput>().unwrap(), ..LogSettings::default() };
    let _guard = archirust_telemetry::init(&log, Profile::Production, "load")?;
    let mut settings = WebSettings { public_health: true, ..WebSettings::default() };
    settings.rate_limit.enabled = args[2] == "limit";
    if settings.rate_limit.enabled {
        settings.rate_limit.requests = 1_000_000;
        settings.rate_limit.burst = 1_000_000;
    }
    settings.request_span = args[3] == "span";
    let cache = archirust_cache::MemoryCache::shared(
        &archirust_cache::CacheSettings::default(),
        archirust_core::clock::SystemClock::shared(),
    );
    let server = WebApp::new(settings).cache(cache).build()?.bind().await?;
    server.run(StopSignal::system()?).await?;
    Ok(())
}
