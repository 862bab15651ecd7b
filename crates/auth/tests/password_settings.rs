//! The settings of passwords, second factors and throttle: all are read, and what is refused is refused by name.

use std::path::Path;
use std::time::Duration;

use archirust_auth::password::{PasswordSettings, Scheme};
use archirust_auth::throttle::ThrottleSettings;
use archirust_auth::totp::TotpSettings;
use archirust_core::config::{ByteSize, Loader, Profile, Settings};
use archirust_core::testing::assert_all_settings_are_read;

#[derive(Clone, Debug, Settings)]
struct All {
    #[setting(nested)]
    password: PasswordSettings,
    #[setting(nested)]
    totp: TotpSettings,
    #[setting(nested)]
    throttle: ThrottleSettings,
}

const KEY: &str = "mJ8C0WvEoO1lZqzJ9dG0eQ2Yx5rTtUuN3kS7hPaVbLc=";

fn loader(profile: Profile, variables: &[(&str, &str)]) -> Loader {
    let variables = variables.iter().map(|(name, value)| (format!("ARCHI__{name}"), (*value).to_owned()));
    Loader::new("ARCHI").directory("/nonexistent").profile(profile).environment(variables)
}

#[test]
fn every_setting_is_read() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_all_settings_are_read::<PasswordSettings>([source.join("password")]);
    assert_all_settings_are_read::<TotpSettings>([source.join("totp")]);
    assert_all_settings_are_read::<ThrottleSettings>([source.join("throttle")]);
}

#[test]
fn development_needs_none_and_production_the_key_of_second_factors() {
    assert!(loader(Profile::Development, &[]).load::<All>().into_result().is_ok());
    let missing = loader(Profile::Production, &[]).load::<All>();
    assert_eq!(missing.problems.iter().map(|problem| problem.key.as_str()).collect::<Vec<_>>(), ["totp.key"]);
}

#[test]
fn settings_arrive_where_they_are_used() {
    let (new, old) = (format!("b:{KEY}"), format!("a:{KEY}"));
    let loaded = loader(
        Profile::Production,
        &[
            ("PASSWORD__SCHEME", "bcrypt"),
            ("PASSWORD__ARGON2__MEMORY", "46 MiB"),
            ("PASSWORD__THREADS", "3"),
            ("PASSWORD__PEPPER", &new),
            ("PASSWORD__OLD_PEPPERS", &old),
            ("TOTP__KEY", &new),
            ("TOTP__DIGITS", "8"),
            ("THROTTLE__ACCOUNT_DELAY", "2s"),
        ],
    );
    let settings = loaded.load::<All>().into_result().unwrap().settings;
    assert_eq!((settings.password.scheme, settings.password.thread_count()), (Scheme::Bcrypt, 3));
    assert_eq!(settings.password.argon2.memory, ByteSize::mib(46));
    assert_eq!(settings.password.pepper.unwrap().name(), "b");
    assert_eq!(settings.password.old_peppers[0].name(), "a");
    assert_eq!((settings.totp.key.unwrap().name(), settings.totp.digits), ("b", 8));
    assert_eq!(settings.throttle.account_delay, Duration::from_secs(2));
}

#[test]
fn what_is_refused_is_named_and_no_key_is_shown() {
    let twice = format!("b:{KEY}");
    let loading = loader(
        Profile::Production,
        &[
            ("PASSWORD__ARGON2__MEMORY", "63 KiB"),
            ("PASSWORD__BCRYPT_COST", "16"),
            ("PASSWORD__PEPPER", &twice),
            ("PASSWORD__OLD_PEPPERS", "b:kanarienvogel"),
            ("PASSWORD__POLICY__MIN_LENGTH", "7"),
            ("TOTP__KEY", KEY),
            ("TOTP__DIGITS", "7"),
            ("TOTP__WINDOW", "2"),
            ("THROTTLE__ACCOUNT_DELAY", "1m"),
            ("THROTTLE__ACCOUNT_MAX_DELAY", "59s"),
        ],
    )
    .load::<All>();
    let mut problems: Vec<String> =
        loading.problems.iter().map(|problem| format!("{} {}", problem.key, problem.what())).collect();
    problems.sort();
    let text = problems.join("\n");
    assert!(!text.contains("kanarienvogel") && !text.contains(&KEY[..8]));
    insta::assert_snapshot!(text);
}
