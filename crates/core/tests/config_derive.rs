//! What the derives promise.

use std::path::PathBuf;
use std::time::Duration;

use archirust_core::config::{ByteSize, Conflict, Required, SettingEnum, SettingValue, Settings};
use archirust_core::secret::StrongKey;
use ipnet::IpNet;

/// TLS of the listener.
#[derive(Clone, Debug, Settings)]
struct TlsSettings {
    /// The certificate chain.
    certificate: Option<PathBuf>,
}

/// Where entries are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SettingEnum)]
enum Engine {
    /// In this process.
    Memory,
    /// In a Redis cluster.
    RedisCluster,
    /// By another name.
    #[setting(rename = "ES256")]
    Es,
}

/// Settings of the cache.
#[derive(Clone, Debug, Settings)]
#[settings(validate = ttl_suits_size)]
struct CacheSettings {
    /// Bytes that the memory engine may hold.
    #[setting(default = "64 MiB", range = "1 MiB..=64 GiB")]
    max_bytes: ByteSize,
    /// How long an entry lives.
    ///
    /// A second paragraph.
    #[setting(default = "15m", range = "1s..=60m")]
    ttl: Duration,
    /// Entries.
    #[setting(default = -5)]
    offset: i32,
    /// Ratio.
    #[setting(default = 0.5, range = "0..=1")]
    ratio: f64,
    /// Encrypts what is stored.
    #[setting(required = "production")]
    key: Option<StrongKey>,
    /// Who may connect.
    #[setting(default = "[]")]
    allowed: Vec<IpNet>,
    /// The kind of engine.
    #[setting(default = "memory", rename = "type")]
    engine: Engine,
    /// A name.
    #[setting(default = "cache", validate = not_blank)]
    name: String,
    /// A title.
    #[setting(validate = not_blank)]
    title: Option<String>,
    #[setting(nested)]
    tls: TlsSettings,
    /// TLS of the other side.
    #[setting(nested)]
    peer: Option<TlsSettings>,
}

fn not_blank(text: &str) -> Result<(), &'static str> {
    if text.trim().is_empty() { Err("is blank") } else { Ok(()) }
}

fn ttl_suits_size(settings: &CacheSettings) -> Vec<Conflict> {
    if settings.ttl.is_zero() { vec![Conflict::new("ttl", "is nothing")] } else { Vec::new() }
}

/// Something without a default.
#[derive(Settings)]
#[expect(dead_code, reason = "only its schema is of interest")]
struct Mandatory {
    /// The port.
    port: u16,
}

/// A section above it has none either, and is still a struct of settings.
#[derive(Settings)]
#[expect(dead_code, reason = "only its schema is of interest")]
struct Outer {
    #[setting(nested)]
    inner: Mandatory,
}

#[test]
fn defaults_are_those_of_the_attributes() {
    let cache = CacheSettings::default();
    assert_eq!(cache.max_bytes, ByteSize::mib(64));
    assert_eq!(cache.ttl, Duration::from_secs(15 * 60));
    assert_eq!((cache.offset, cache.ratio), (-5, 0.5));
    assert_eq!((cache.engine, cache.name.as_str()), (Engine::Memory, "cache"));
    assert!(cache.key.is_none() && cache.title.is_none() && cache.allowed.is_empty());
    assert!(cache.tls.certificate.is_none() && cache.peer.is_none());
}

#[test]
fn the_schema_tells_every_field_with_its_documentation() {
    let schema = CacheSettings::schema();
    let keys: Vec<&str> = schema.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "max_bytes",
            "ttl",
            "offset",
            "ratio",
            "key",
            "allowed",
            "type",
            "name",
            "title",
            "tls.certificate",
            "peer.certificate",
        ]
    );
    assert_eq!(schema[1].doc, "How long an entry lives.\n\nA second paragraph.");
    assert_eq!(schema[1].range, Some("1s..=60m"));
    assert!(schema[4].secret && !schema[3].secret);
    assert_eq!(schema[4].required, Required::In(archirust_core::config::Profile::Production));
    assert_eq!(schema[6].declared, ("CacheSettings", "engine"));
    assert_eq!(Outer::schema()[0].required, Required::Always);

    let sections: Vec<(String, &str, bool)> =
        CacheSettings::sections().into_iter().map(|s| (s.key, s.doc, s.optional)).collect();
    assert_eq!(
        sections,
        [
            (String::new(), "Settings of the cache.", false),
            ("tls".to_owned(), "TLS of the listener.", false),
            ("peer".to_owned(), "TLS of the other side.", true),
        ]
    );
}

#[test]
fn names_of_variants_are_read_in_kebab_and_snake_case_and_written_in_kebab_case() {
    assert_eq!(Engine::from_text("redis-cluster"), Ok(Engine::RedisCluster));
    assert_eq!(Engine::from_text("redis_cluster"), Ok(Engine::RedisCluster));
    assert_eq!(Engine::from_text("ES256"), Ok(Engine::Es));
    assert!(Engine::from_text("RedisCluster").is_err() && Engine::from_text("es256").is_err());
    assert_eq!(Engine::RedisCluster.to_text(), "redis-cluster");
    assert_eq!(Engine::value_type().accepted, "one of memory, redis-cluster, ES256");
    assert_eq!(Engine::value_type().variants[0].doc, "In this process.");
}

/// Settings of a service.
#[derive(Clone, Debug, Settings)]
struct Service {
    #[setting(flatten)]
    base: Base,
    /// How many.
    #[setting(default = 3)]
    count: u32,
}

/// What every service has.
#[derive(Clone, Debug, Settings)]
struct Base {
    #[setting(nested)]
    cache: CacheSettings,
}

#[test]
fn a_flattened_struct_adds_its_settings_to_the_section_it_stands_in() {
    let keys: Vec<String> = Service::schema().into_iter().map(|field| field.key).collect();
    assert!(keys.contains(&"cache.max_bytes".to_owned()) && keys.contains(&"count".to_owned()));
    let sections: Vec<String> = Service::sections().into_iter().map(|section| section.key).collect();
    assert_eq!(sections, ["", "cache", "cache.tls", "cache.peer"]);
    let service = Service::default();
    assert_eq!((service.count, service.base.cache.max_bytes), (3, ByteSize::mib(64)));
}
