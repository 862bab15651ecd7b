//! The reference service and its hand-written twin, measured in turns on the loopback address.
//!
//! What is compared is the processor time of the server per request: requests per second move with whatever else runs
//! on the machine, the time that a request costs does not.

mod accounts;
mod flood;
mod jwk;
mod measure;
mod process;
mod program;
mod stats;
mod wrk;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub use accounts::{Account, Accounts};
pub use flood::{Flood, FloodOutcome};
pub use jwk::{pem, public_key_pem};
pub use measure::{Load, Starts, beside_a_flood, in_turns, mebibytes};
pub use process::{Server, Usage};
pub use program::{Program, free_addresses};
pub use stats::{Series, Table};
pub use wrk::{Wrk, WrkReport};

/// Writes a new file that only its owner can read.
///
/// # Errors
/// When it exists or can't be written.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
