//! Examples, schema and explanation are made from the settings, and true.

mod common;

use archirust_core::config::{Settings, example_env, example_toml, explain, json_schema};
use common::{KEY, OTHER_KEY, ServiceSettings, Site};
use insta::assert_snapshot;

#[test]
fn the_example_of_the_toml_file_shows_every_setting() {
    assert_snapshot!(example_toml::<ServiceSettings>());
}

#[test]
fn the_example_of_the_toml_file_changes_nothing_until_a_line_is_uncommented() {
    let site = Site::new().development().file("archi.toml", example_toml::<ServiceSettings>());
    let with_example = format!("{:?}", site.settings());
    assert_eq!(with_example, format!("{:?}", Site::new().development().settings()));
}

/// A default that is written in another way than its type is read would be found here.
#[test]
fn every_default_in_the_example_of_the_toml_file_is_the_one_that_holds() {
    let example = example_toml::<ServiceSettings>();
    let uncommented: Vec<String> = example
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.is_empty() && !setting.starts_with(' ') && !setting.contains("_file = ") => {
                setting
            }
            _ => line,
        })
        // What has no default is a placeholder, and the database has no password.
        .filter(|line| !line.contains("\"<") && !line.contains("[database]") && !line.starts_with("port ="))
        .map(str::to_owned)
        .collect();
    let site = Site::new().file("archi.toml", uncommented.join("\n")).variable("ARCHI__JWT__KEY", KEY);
    let loaded = site.load().into_result().unwrap();
    let defaults = Site::new().variable("ARCHI__JWT__KEY", KEY).settings();
    assert_eq!(format!("{:?}", loaded.settings), format!("{defaults:?}"));
    let set = ServiceSettings::schema().into_iter().filter(|field| field.default.is_some() && !field.secret);
    for field in set.filter(|field| !field.key.starts_with("database")) {
        assert_ne!(loaded.origins.of(&field.key).to_string(), "default", "{}", field.key);
    }
}

#[test]
fn the_example_of_dotenv_holds_every_variable_and_placeholders_only() {
    let example = example_env::<ServiceSettings>("ARCHI");
    assert_snapshot!(example);
    for field in ServiceSettings::schema() {
        let variable = format!("ARCHI__{}=<", field.key.to_uppercase().replace('.', "__"));
        assert!(example.contains(&variable), "{variable}");
    }
}

#[test]
fn the_example_of_dotenv_is_refused_as_it_is_and_accepted_once_it_is_filled_in() {
    let example = example_env::<ServiceSettings>("ARCHI");
    let site = Site::new().development().file(".env", &example);
    assert_eq!(site.load().problems.len(), 1, "{}", site.problems());
    let filled = example.replace("ARCHI__JWT__KEY=<key>", &format!("ARCHI__JWT__KEY={KEY}"));
    assert!(Site::new().development().file(".env", filled).settings().jwt.key.is_some());
    let all = example.replace("#ARCHI__", "ARCHI__");
    let site = Site::new().development().file(".env", all);
    assert_eq!(site.load().problems.len(), ServiceSettings::schema().len(), "{}", site.problems());
}

#[test]
fn the_json_schema_describes_every_setting() {
    let schema = json_schema::<ServiceSettings>();
    assert_snapshot!(serde_json::to_string_pretty(&schema).unwrap());
}

#[test]
fn the_explanation_shows_every_value_with_its_origin_and_secrets_by_their_length() {
    let site = Site::new()
        .file(
            "archi.toml",
            format!(
                "profile = 'staging'\nname = \"a\\nb\"\n[cache]\nttl = 'soon'\nallowed = ['10.0.0.0/8']\n\
                 [jwt]\nformer_keys = ['{OTHER_KEY}']\n"
            ),
        )
        .variable("ARCHI__JWT__KEY", KEY)
        .variable("ARCHI__CACHE__MAX_BYTES", "1048576");
    let explanation = explain(&site.load());
    let shown = site.without_folder(&explanation.to_string());
    assert!(!shown.contains(KEY) && !shown.contains(OTHER_KEY) && !format!("{explanation:?}").contains(KEY));
    assert_snapshot!(shown);
}
