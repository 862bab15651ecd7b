//! A service that can be started, again and again, with the same settings.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Server;

/// A program, its settings and where it answers.
#[derive(Clone, Debug)]
pub struct Program {
    name: String,
    path: PathBuf,
    folder: PathBuf,
    settings: Vec<(String, String)>,
    address: SocketAddr,
    ready: &'static str,
}

impl Program {
    /// The program at `path`, to be run in `folder`. It is up when it answers `ready` on `address`.
    pub fn new(path: &Path, folder: &Path, address: SocketAddr, ready: &'static str) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, path: path.to_owned(), folder: folder.to_owned(), settings: Vec::new(), address, ready }
    }

    /// With one more environment variable.
    #[must_use]
    pub fn with(mut self, variable: &str, value: impl ToString) -> Self {
        self.settings.push((variable.to_owned(), value.to_string()));
        self
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts it. Its log goes to a file in its folder.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(&self) -> Result<Server, String> {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.folder).env_clear();
        command.envs(self.settings.iter().map(|(variable, value)| (variable, value)));
        Server::start(command, self.address, self.ready, &self.folder.join(format!("{}.log", self.name)))
    }
}

/// Free addresses on the loopback interface.
///
/// # Errors
/// When there is none.
pub fn free_addresses<const N: usize>() -> Result<[SocketAddr; N], String> {
    // All are held until all are known, or the same one would be given twice.
    let mut held = Vec::with_capacity(N);
    let mut addresses = [SocketAddr::from(([127, 0, 0, 1], 0)); N];
    for address in &mut addresses {
        let listener = TcpListener::bind(*address).map_err(|error| format!("no free port: {error}"))?;
        *address = listener.local_addr().map_err(|error| error.to_string())?;
        held.push(listener);
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_addresses_differ_and_can_be_bound() {
        let addresses = free_addresses::<3>().unwrap();
        let listeners: Vec<_> = addresses.iter().map(|address| TcpListener::bind(address).unwrap()).collect();
        assert_eq!(listeners.len(), 3);
    }
}
