//! How sure it is who the user is.

use std::fmt;

use archirust_core::{ErrorKind, Result};

use crate::jwt::Claims;

/// The authentication context class (`acr`) of a session, by the assurance levels of NIST SP 800-63B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Acr {
    /// One factor.
    Aal1,
    /// Two factors.
    Aal2,
}

impl Acr {
    /// As it stands in a token and in a store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Aal1, Self::Aal2].into_iter().find(|acr| acr.name() == name)
    }
}

impl fmt::Display for Acr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<E> Claims<E> {
    /// Demands that the user proved who they are at least this surely (RFC 9470). A class that is not known here is none.
    ///
    /// # Errors
    /// `ReauthenticationRequired`.
    pub fn authenticated_with(&self, least: Acr) -> Result<()> {
        let known = self.acr.as_deref().and_then(Acr::from_name);
        if known.is_some_and(|acr| acr >= least) { Ok(()) } else { Err(ErrorKind::ReauthenticationRequired.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for acr in [Acr::Aal1, Acr::Aal2] {
            assert_eq!(Acr::from_name(acr.name()), Some(acr));
        }
        assert_eq!(Acr::from_name("aal3"), None);
        assert!(Acr::Aal1 < Acr::Aal2);
    }
}
