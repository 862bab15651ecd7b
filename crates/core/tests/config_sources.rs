//! Which source wins, and what each value remembers of its origin.

mod common;

use std::time::Duration;

use archirust_core::Secret;
use archirust_core::config::{ByteSize, Loader, Origin, Profile};
use common::{Engine, KEY, OTHER_KEY, ServiceSettings, Site};

#[test]
fn without_any_source_the_defaults_hold() {
    let settings = Site::new().development().settings();
    assert_eq!((settings.name.as_str(), settings.cache.max_bytes), ("accounts", ByteSize::mib(64)));
    assert_eq!((settings.cache.ttl, settings.cache.engine), (Duration::from_secs(900), Engine::Memory));
    assert!(settings.jwt.key.is_none() && settings.database.is_none() && settings.cache.allowed.is_empty());
}

#[test]
fn later_sources_win_and_each_value_keeps_its_origin() {
    let base =
        "profile = 'development'\nname = 'base'\n[cache]\nttl = '1m'\nshards = 1\nmax_bytes = '2 MiB'\nsample = 1\n";
    let site = Site::new()
        .file("archi.toml", base)
        .file("archi.development.toml", "[cache]\nttl = '2m'\nshards = 2\nmax_bytes = '3 MiB'\n")
        .file(".env", "# comment\nARCHI__CACHE__TTL=3m\nARCHI__CACHE__SHARDS=8\n")
        .variable("ARCHI__CACHE__TTL", "4m");
    let loaded = site.load().into_result().unwrap();
    let cache = &loaded.settings.cache;
    assert_eq!((loaded.settings.name.as_str(), cache.ttl, cache.shards), ("base", Duration::from_secs(240), 8));
    assert_eq!((cache.max_bytes, cache.sample), (ByteSize::mib(3), 1.0));

    let origin = |key: &str| site.without_folder(&loaded.origins.of(key).to_string());
    assert_eq!(origin("name"), "…/archi.toml:2");
    assert_eq!(origin("cache.max_bytes"), "…/archi.development.toml:4");
    assert_eq!(origin("cache.shards"), "…/.env:3");
    assert_eq!(origin("cache.ttl"), "variable ARCHI__CACHE__TTL");
    assert_eq!(origin("cache.engine"), "default");
    assert_eq!(origin("profile"), "…/archi.toml:1");
}

#[test]
fn the_profile_is_production_unless_file_or_variable_say_otherwise_and_the_variable_wins() {
    assert_eq!(Site::new().load().profile, Profile::Production);
    let staging = || Site::new().file("archi.toml", "profile = 'staging'");
    assert_eq!(staging().load().profile, Profile::Staging);
    assert_eq!(staging().development().load().profile, Profile::Development);
    let overridden = staging().development();
    assert_eq!(overridden.loader().profile(Profile::Production).load::<ServiceSettings>().profile, Profile::Production);
}

#[test]
fn only_the_file_of_the_chosen_profile_is_read() {
    let site =
        Site::new().file("archi.production.toml", "name = 'live'").file("archi.development.toml", "name = 'here'");
    assert_eq!(site.development().settings().name, "here");
}

#[test]
fn dotenv_is_read_in_development_only() {
    let site = |profile: &str| Site::new().file(".env", "ARCHI__NAME=dotenv").variable("ARCHI_PROFILE", profile);
    assert_eq!(site("development").settings().name, "dotenv");
    assert_eq!(site("staging").settings().name, "accounts");
    let production = site("production").variable("ARCHI__JWT__KEY", KEY);
    assert_eq!(production.settings().name, "accounts");
}

#[test]
fn lists_are_arrays_in_toml_and_separated_by_commas_in_variables() {
    let nets = |site: Site| {
        site.development().settings().cache.allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        nets(Site::new().file("archi.toml", "[cache]\nallowed = ['10.0.0.0/8', 'fd00::/8']")),
        "10.0.0.0/8 fd00::/8"
    );
    assert_eq!(nets(Site::new().variable("ARCHI__CACHE__ALLOWED", "10.0.0.0/8, fd00::/8")), "10.0.0.0/8 fd00::/8");
    assert_eq!(nets(Site::new().variable("ARCHI__CACHE__ALLOWED", "['10.0.0.0/8']")), "10.0.0.0/8");
    assert_eq!(nets(Site::new().variable("ARCHI__CACHE__ALLOWED", "")), "");
}

#[test]
fn a_value_comes_from_the_file_that_a_variable_names_without_its_newline() {
    for end in ["", "\n", "\r\n"] {
        let site = Site::new().file("secrets/key", format!("{KEY}{end}"));
        let path = site.path("secrets/key");
        let site = site.variable("ARCHI__JWT__KEY_FILE", path.to_str().unwrap());
        let loaded = site.load().into_result().unwrap();
        assert_eq!(loaded.settings.jwt.key, Some(archirust_core::secret::StrongKey::parse(KEY).unwrap()));
        let named_by = Box::new(Origin::Variable("ARCHI__JWT__KEY_FILE".into()));
        assert_eq!(loaded.origins.of("jwt.key"), Origin::SecretFile { path, named_by });
    }
}

#[test]
fn toml_and_dotenv_name_files_beside_themselves() {
    let site = Site::new()
        .development()
        .file("archi.toml", "[jwt]\nkey_file = 'keys/jwt'\n[database]\nhost = 'db'")
        .file(".env", "ARCHI__DATABASE__PASSWORD_FILE=keys/db")
        .file("keys/jwt", KEY)
        .file("keys/db", "p@ss/w:rd#\n");
    let loaded = site.load().into_result().unwrap();
    assert_eq!(loaded.settings.database.unwrap().password, Secret::from("p@ss/w:rd#"));
    let origin = site.without_folder(&loaded.origins.of("jwt.key").to_string());
    assert_eq!(origin, "file …/keys/jwt, named by …/archi.toml:2");
}

#[test]
fn a_later_source_replaces_value_by_file_and_file_by_value() {
    let file = Site::new()
        .file("archi.toml", format!("[jwt]\nkey = '{OTHER_KEY}'"))
        .file("archi.production.toml", "[jwt]\nkey_file = 'key'")
        .file("key", KEY);
    assert_eq!(file.settings().jwt.key.unwrap().expose()[0], 0x3b);
    // The file that is not used any more need not be there.
    let value = Site::new().file("archi.toml", "[jwt]\nkey_file = 'missing'").variable("ARCHI__JWT__KEY", KEY);
    assert_eq!(value.settings().jwt.key.unwrap().expose()[0], 0x3b);
}

#[test]
fn a_section_that_may_be_left_out_is_there_with_its_first_key_or_its_header() {
    let site =
        Site::new().development().variable("ARCHI__DATABASE__HOST", "db").variable("ARCHI__DATABASE__PASSWORD", "x");
    let database = site.settings().database.unwrap();
    assert_eq!((database.host.as_str(), database.port), ("db", 5432));
    let header = Site::new().development().file("archi.toml", "[database]\n");
    assert!(header.problems().contains("database.host is missing"));
}

#[test]
fn prefix_names_of_files_and_path_are_chosen_by_the_application() {
    let site = Site::new().file("shop.toml", "name = 'shop'").file("other.toml", "name = 'other'");
    let loader = || Loader::new("SHOP").directory(site.folder.path()).profile(Profile::Staging);
    let name = |loader: Loader| loader.load::<ServiceSettings>().into_result().unwrap().settings.name;
    assert_eq!(name(loader()), "shop");
    assert_eq!(name(loader().base_name("other")), "other");
    assert_eq!(name(loader().file(site.path("other.toml"))), "other");
    assert_eq!(
        name(loader().environment([("SHOP__NAME".into(), "var".into()), ("ARCHI__NAME".into(), "no".into())])),
        "var"
    );
    assert_eq!(name(loader().environment([("PATH".into(), "x".into())])), "shop");
}

#[test]
fn a_variable_that_is_given_twice_has_its_last_value() {
    let site = Site::new().development().variable("ARCHI__NAME", "first").variable("ARCHI__NAME", "second");
    assert_eq!(site.settings().name, "second");
}

#[test]
fn files_of_a_parent_folder_are_not_read() {
    let site = Site::new().development().file("archi.toml", "name = 'parent'").file("below/x", "");
    let loading = site.loader().directory(site.path("below")).load::<ServiceSettings>();
    assert_eq!(loading.into_result().unwrap().settings.name, "accounts");
}

#[test]
fn settings_never_show_their_secrets_in_debug_output() {
    let site = Site::new()
        .file("archi.toml", format!("[jwt]\nformer_keys = ['{OTHER_KEY}']\n"))
        .variable("ARCHI__JWT__KEY", KEY)
        .variable("ARCHI__DATABASE__HOST", "db")
        .variable("ARCHI__DATABASE__PASSWORD", "hunter2");
    let loading = site.load();
    let shown = format!("{loading:?} {loading:#?} {:?}", site.load().into_result().unwrap());
    for secret in [KEY, OTHER_KEY, "hunter2"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("[secret]"));
}

#[test]
fn the_environment_stays_out_of_the_debug_output_of_a_loader() {
    let loader = Site::new().variable("ARCHI__JWT__KEY", KEY).loader().arguments([KEY.to_owned()]);
    assert!(!format!("{loader:?}").contains(KEY));
}

#[test]
fn loading_takes_a_few_milliseconds_at_most() {
    let site = Site::new()
        .development()
        .file("archi.toml", "[cache]\nttl = '1m'\n")
        .file(".env", format!("ARCHI__JWT__KEY={KEY}\n"));
    let fastest = (0..20)
        .map(|_| {
            let start = std::time::Instant::now();
            assert!(site.load().problems.is_empty());
            start.elapsed()
        })
        .min();
    assert!(fastest < Some(Duration::from_millis(10)), "{fastest:?}");
}
