//! How a setting is called in each source.

/// How a setting is called in each source: `cache.max_bytes`, `ARCHI__CACHE__MAX_BYTES`, `max_bytes` in `[cache]`.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    prefix: String,
    base: String,
}

impl Names {
    pub(crate) fn new(prefix: &str, base: &str) -> Self {
        Self { prefix: prefix.to_owned(), base: base.to_owned() }
    }

    pub(crate) fn with_base(self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self }
    }

    /// `ARCHI_`, which starts every variable of the application.
    pub(crate) fn single_prefix(&self) -> String {
        format!("{}_", self.prefix)
    }

    /// `ARCHI__`, which starts the variables of settings.
    pub(crate) fn variable_prefix(&self) -> String {
        format!("{}__", self.prefix)
    }

    /// The variable of a key.
    pub(crate) fn variable(&self, key: &str) -> String {
        format!("{}{}", self.variable_prefix(), key.replace('.', "__").to_uppercase())
    }

    /// The variable that chooses the profile.
    pub(crate) fn profile_variable(&self) -> String {
        format!("{}_PROFILE", self.prefix)
    }

    /// `archi.toml`
    pub(crate) fn base_file(&self) -> String {
        format!("{}.toml", self.base)
    }

    /// `archi.production.toml`
    pub(crate) fn profile_file(&self, profile: super::Profile) -> String {
        format!("{}.{profile}.toml", self.base)
    }

    /// The ways to choose the profile, for a remedy.
    pub(crate) fn ways_to_set_profile(&self) -> String {
        format!("{}, or profile at the top of {}", self.profile_variable(), self.base_file())
    }

    /// The ways to set a key, for a remedy. A secret belongs into no file that is committed, so TOML is not named for one.
    pub(crate) fn ways_to_set(&self, key: &str, secret: bool) -> String {
        let variable = self.variable(key);
        if secret {
            return format!("{variable} or {variable}_FILE");
        }
        match key.rsplit_once('.') {
            Some((section, name)) => format!("{variable}, or {name} in [{section}] of {}", self.base_file()),
            None => format!("{variable}, or {key} at the top of {}", self.base_file()),
        }
    }
}
