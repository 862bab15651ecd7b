//! The suite of the session store over the embedded engine.

use std::sync::Arc;

use archirust_auth::session::{MemorySessions, SessionStore, conformance};

#[tokio::test(flavor = "multi_thread")]
async fn sessions_in_memory_keep_every_promise() {
    conformance::all(|| async { Arc::new(MemorySessions::default()) as Arc<dyn SessionStore> }).await;
}
