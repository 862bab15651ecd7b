use std::time::Duration;

use archirust_core::config::{Conflict, Settings};

use super::Origin;

/// Which other sites' pages may call the service from a browser (CORS). Closed by default.
#[derive(Clone, Debug, Settings)]
#[settings(validate = conflict)]
pub struct CorsSettings {
    /// The sites that may, as `https://app.example.org`. They may also send requests that change something.
    #[setting(default = "[]")]
    pub origins: Vec<Origin>,
    /// Whether the pages of any site may read answers to requests without credentials: for public data only.
    #[setting(default = false)]
    pub any_origin: bool,
    /// Whether browsers may send cookies along, from the listed sites only.
    #[setting(default = false)]
    pub credentials: bool,
    /// Methods that pages may use.
    #[setting(default = "GET, POST, PUT, PATCH, DELETE")]
    pub methods: Vec<String>,
    /// Headers that pages may send.
    #[setting(default = "authorization, content-type, if-match, traceparent")]
    pub headers: Vec<String>,
    /// Headers of an answer that pages may read.
    #[setting(default = "etag, retry-after, x-request-id")]
    pub exposed_headers: Vec<String>,
    /// How long a browser may remember what is allowed.
    #[setting(default = "10m", range = "0s..=2h")]
    pub max_age: Duration,
}

/// What is allowed, in a form in which "any site, with credentials" can't be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorsPolicy {
    /// No other site.
    Closed,
    /// Any site, and never with credentials.
    AnyOrigin,
    /// These sites.
    Origins {
        /// The sites.
        origins: Vec<Origin>,
        /// Whether with cookies.
        credentials: bool,
    },
}

impl CorsSettings {
    /// The policy.
    ///
    /// # Errors
    /// The conflict, if any site would be let in together with credentials or beside a list.
    pub fn policy(&self) -> Result<CorsPolicy, Conflict> {
        match conflict(self) {
            Some(conflict) => Err(conflict),
            None if self.any_origin => Ok(CorsPolicy::AnyOrigin),
            None if self.origins.is_empty() => Ok(CorsPolicy::Closed),
            None => Ok(CorsPolicy::Origins { origins: self.origins.clone(), credentials: self.credentials }),
        }
    }
}

fn conflict(cors: &CorsSettings) -> Option<Conflict> {
    if cors.any_origin && cors.credentials {
        return Some(Conflict::new(
            "credentials",
            "can't be true together with any_origin: every site could act in the name of your users; list the sites in \
             origins",
        ));
    }
    if cors.any_origin && !cors.origins.is_empty() {
        return Some(Conflict::new("any_origin", "can't be true together with a list of origins: choose one"));
    }
    if cors.credentials && cors.origins.is_empty() {
        return Some(Conflict::new("credentials", "can't be true without a list of origins"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(any_origin: bool, credentials: bool, origins: &[&str]) -> CorsSettings {
        let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
        CorsSettings { origins, any_origin, credentials, ..CorsSettings::default() }
    }

    #[test]
    fn it_is_closed_by_default() {
        assert_eq!(CorsSettings::default().policy(), Ok(CorsPolicy::Closed));
    }

    #[test]
    fn any_site_with_credentials_cannot_be_built() {
        let site = ["https://app.example.org"];
        assert_eq!(settings(true, true, &[]).policy().unwrap_err().name, "credentials");
        assert_eq!(settings(true, true, &site).policy().unwrap_err().name, "credentials");
        assert_eq!(settings(true, false, &site).policy().unwrap_err().name, "any_origin");
        assert_eq!(settings(false, true, &[]).policy().unwrap_err().name, "credentials");
        assert_eq!(settings(true, false, &[]).policy(), Ok(CorsPolicy::AnyOrigin));
        for credentials in [false, true] {
            let CorsPolicy::Origins { origins, credentials: kept } =
                settings(false, credentials, &site).policy().unwrap()
            else {
                panic!("a list of sites")
            };
            assert_eq!((origins.len(), kept), (1, credentials));
        }
    }
}
