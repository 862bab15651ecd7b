//! Public keys, from a file or from where an issuer publishes them.

use std::error::Error as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use archirust::auth::jwt::JwkSet;
use archirust::{Error, Result};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use crate::input::{self, MAX_FILE};
use crate::output::usage;

/// How long an issuer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads the keys. Neither their place nor what is there is repeated in an error.
pub(super) fn read(place: &Path) -> Result<JwkSet> {
    let url = place.to_str().filter(|place| place.contains("://"));
    let text = url.map_or_else(|| input::text("--jwks", place), fetch)?;
    JwkSet::parse(&text).map_err(|error| usage(format!("the keys of --jwks can't be used: the set {error}")))
}

fn fetch(url: &str) -> Result<String> {
    let url = Url::parse(url).map_err(|error| usage(format!("the URL of --jwks is not valid: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(usage("the URL of --jwks holds a credential: keys are public, leave it out"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_local(&url) => {}
        "http" => {
            return Err(usage(
                "the keys of --jwks have to come by https: who can change them on the way can make tokens",
            ));
        }
        _ => return Err(usage("the URL of --jwks is not one of https")),
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::internal("no runtime").with_source(error))?;
    runtime.block_on(async {
        let response = client(&url).map_err(failed)?.get(url).send().await.map_err(failed)?;
        let status = response.status();
        if status.is_redirection() {
            return Err(usage(format!(
                "the URL of --jwks leads elsewhere ({status}): name the place where the keys are"
            )));
        }
        if !status.is_success() {
            return Err(usage(format!("the URL of --jwks answers {status}")));
        }
        body(response).await
    })
}

fn client(url: &Url) -> reqwest::Result<Client> {
    // A name server has no say in what this machine is, and neither has a proxy.
    let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].map(|ip| SocketAddr::new(ip, 0));
    let builder = Client::builder().timeout(PATIENCE).redirect(Policy::none()).resolve_to_addrs("localhost", &here);
    if is_local(url) { builder.no_proxy().build() } else { builder.build() }
}

async fn body(mut response: Response) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > MAX_FILE {
            return Err(usage(format!("the keys of --jwks have more than {MAX_FILE} bytes")));
        }
    }
    String::from_utf8(bytes).map_err(|_| usage("the keys of --jwks are not text"))
}

fn is_local(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

/// What the network did, from the innermost cause, which is the one to mend.
fn failed(error: reqwest::Error) -> Error {
    let error = error.without_url();
    if error.is_timeout() {
        return usage(format!(
            "the keys of --jwks could not be fetched: no whole answer within {} seconds",
            PATIENCE.as_secs()
        ));
    }
    let mut cause = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        cause = inner.to_string();
        source = inner.source();
    }
    usage(format!("the keys of --jwks could not be fetched: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_unprotected_from_this_machine_alone() {
        for url in ["http://localhost:1/x", "http://127.0.0.1/x", "http://127.1.2.3/x", "http://[::1]:1/x"] {
            assert!(is_local(&Url::parse(url).unwrap()), "{url}");
        }
        for url in [
            "http://example.com/x",
            "http://localhost.example.com/x",
            "http://127.0.0.1.example.com/x",
            "http://10.0.0.1/x",
            "http://[::2]/x",
        ] {
            assert!(!is_local(&Url::parse(url).unwrap()), "{url}");
            let refusal = fetch(url).unwrap_err().report().to_string();
            assert!(refusal.contains("have to come by https"), "{refusal}");
        }
    }

    #[test]
    fn a_credential_in_the_url_is_refused_and_not_repeated() {
        for url in
            ["https://hunter2@example.com/x", "https://a:hunter2@example.com/x", "ftp://hunter2/x", "https://[hunter2/"]
        {
            let refusal = format!("{:?}", fetch(url).unwrap_err());
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
    }
}
