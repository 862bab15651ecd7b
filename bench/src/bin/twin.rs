//! The hand-written service. It is told by `TWIN_DATABASE` (a path), `TWIN_PUBLIC_KEY` (the path of a PEM), `TWIN_ISSUER`,
//! `TWIN_AUDIENCE` and `TWIN_LISTEN` (an address), logs to standard output and runs until it is ended.

use std::error::Error;
use std::path::Path;

use archirust_bench::twin::{Metrics, Twin, Verifier, connect, router};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().json().flatten_event(true).init();
    let verifier = Verifier::new(
        &std::fs::read(setting("TWIN_PUBLIC_KEY")?)?,
        &setting("TWIN_ISSUER")?,
        &setting("TWIN_AUDIENCE")?,
    )?;
    let pool = connect(Path::new(&setting("TWIN_DATABASE")?)).await?;
    let listener = TcpListener::bind(setting("TWIN_LISTEN")?).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let service = router(Twin { verifier, pool, metrics: Metrics::default() });
    axum::serve(listener, service).await?;
    Ok(())
}

fn setting(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("{name} must be set"))
}
