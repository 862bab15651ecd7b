use archirust_core::config::{SettingEnum, Settings};

/// A tuple.
#[derive(Settings)]
struct Tuple(u32);

/// Without documentation of the setting.
#[derive(Settings)]
struct Undocumented {
    port: u16,
}

/// Required, though it can't be left out.
#[derive(Settings)]
struct NotOptional {
    /// The port.
    #[setting(required = "production")]
    port: u16,
}

/// A profile that does not exist.
#[derive(Settings)]
struct UnknownProfile {
    /// The port.
    #[setting(required = "live")]
    port: Option<u16>,
}

/// Required, and with a default.
#[derive(Settings)]
struct NeverMissing {
    /// The port.
    #[setting(required = "production", default = 1)]
    port: Option<u16>,
}

/// A section with a default.
#[derive(Settings)]
struct SectionWithDefault {
    #[setting(nested, default = "x")]
    inner: u16,
}

/// A name that no variable can have.
#[derive(Settings)]
struct BadName {
    /// The port.
    #[setting(rename = "the-port")]
    port: u16,
}

/// An argument that does not exist.
#[derive(Settings)]
struct Misspelt {
    /// The port.
    #[setting(defualt = 1)]
    port: u16,
}

/// Names with fields.
#[derive(SettingEnum)]
enum WithFields {
    One(u32),
}

/// Two of one name.
#[derive(SettingEnum)]
enum Twins {
    One,
    #[setting(rename = "one")]
    Other,
}

fn main() {}
