//! Logs within tests: captured on the test's own thread, in the form in which production writes them.
//!
//! ```
//! let logs = archirust_telemetry::testing::capture();
//! tracing::info!(user = "bob", password = "hunter2", "logged in");
//! let event = logs.event("logged in");
//! assert_eq!(event["fields"]["user"], "bob");
//! logs.assert_absent(&["hunter2"]);
//! ```

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use archirust_core::clock::SystemClock;
use archirust_core::config::Profile;
use serde_json::Value;
use tracing::Dispatch;
use tracing::dispatcher::DefaultGuard;
use tracing_subscriber::Registry;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use crate::logs::json_layer;
use crate::redact::Redactor;

/// Captures what the current thread logs from here on, at every level, until the value is dropped.
///
/// Other threads are not captured: give them [`LogCapture::dispatch`].
pub fn capture() -> LogCapture {
    capture_with(Redactor::default())
}

/// The same with a redactor of one's own.
pub fn capture_with(redactor: Redactor) -> LogCapture {
    let buffer = Buffer::default();
    let layer = json_layer(redactor, SystemClock::shared(), "test", Profile::Production, buffer.clone());
    let dispatch = Dispatch::new(Registry::default().with(layer));
    let guard = tracing::dispatcher::set_default(&dispatch);
    LogCapture { buffer, dispatch, _guard: guard }
}

/// What was logged.
#[derive(Debug)]
pub struct LogCapture {
    buffer: Buffer,
    dispatch: Dispatch,
    _guard: DefaultGuard,
}

impl LogCapture {
    /// For other threads and tasks: `tracing::dispatcher::with_default`, or `tracing::instrument::WithSubscriber`.
    pub fn dispatch(&self) -> Dispatch {
        self.dispatch.clone()
    }

    /// All lines, as they were written.
    pub fn text(&self) -> String {
        self.buffer.text()
    }

    /// Every event, in order.
    ///
    /// # Panics
    /// If a line is no JSON.
    pub fn events(&self) -> Vec<Value> {
        let text = self.text();
        let parse = |line| match serde_json::from_str(line) {
            Ok(event) => event,
            Err(error) => fail(&format!("a line of the log is no JSON ({error}): {line}")),
        };
        text.lines().map(parse).collect()
    }

    /// The first event whose message contains `message`.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn event(&self, message: &str) -> Value {
        let found = self
            .events()
            .into_iter()
            .find(|event| event["message"].as_str().is_some_and(|text| text.contains(message)));
        match found {
            Some(event) => event,
            None => fail(&format!("nothing was logged with {message:?}, but:\n{}", self.text())),
        }
    }

    /// Whether any line contains this text.
    pub fn contains(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// Checks that no line contains any of these texts.
    ///
    /// # Panics
    /// If one does.
    #[track_caller]
    pub fn assert_absent(&self, texts: &[&str]) {
        let all = self.text();
        for text in texts {
            if let Some(line) = all.lines().find(|line| line.contains(text)) {
                fail(&format!("{text:?} was logged: {line}"));
            }
        }
    }

    /// Forgets what was logged so far.
    pub fn clear(&self) {
        self.buffer.bytes().clear();
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "assertions of tests")]
fn fail(message: &str) -> ! {
    panic!("{message}")
}

/// Memory to write to.
#[derive(Clone, Debug, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    /// What was written so far; what is no text becomes U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    fn bytes(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Buffer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
