//! `archi config`

use std::fs;
use std::path::Path;

use archirust::ServiceSettings;
use archirust::config::{FieldInfo, Profile, Required, Settings};
use serde_json::Value;

use crate::run::{Place, files};

fn schema() -> Vec<FieldInfo> {
    ServiceSettings::schema()
}

fn variable(key: &str) -> String {
    format!("ARCHI__{}", key.replace('.', "__").to_uppercase())
}

#[test]
fn production_with_nothing_set_is_every_problem_with_its_remedy() {
    let ended = Place::new().run(&["config", "check", "--profile", "production"]).is(2);
    let required = schema().into_iter().filter(|field| matches!(field.required, Required::In(Profile::Production)));
    let mut count = 0;
    for field in required {
        count += 1;
        let problem = format!("{} is missing", field.key);
        let place = ended
            .out
            .lines()
            .position(|line| line.starts_with(&problem))
            .unwrap_or_else(|| panic!("{problem}: {ended}"));
        let remedy = ended.out.lines().nth(place + 1).unwrap();
        assert!(remedy.starts_with(&format!("  set {}", variable(&field.key))), "{remedy}");
    }
    assert!(count >= 3, "{count}");
    // The key of tokens is a file: no setting is missing, and yet a start would fail.
    ended.says("data/jwt.pem does not exist").says("archi jwt keygen --out data/jwt.pem").says("fail ARCHI-CFG-005");
}

#[test]
fn no_profile_means_production() {
    let place = Place::new();
    let asked = place.run(&["config", "check", "--profile", "production"]);
    let silent = place.run(&["config", "check"]);
    assert_eq!((silent.code, silent.out), (asked.code, asked.out));
}

#[test]
fn settings_that_are_right_pass_in_every_profile() {
    for profile in ["development", "staging", "production"] {
        let ended = Place::production().run(&["config", "check", "--profile", profile]).is(0);
        assert_eq!(ended.err, "");
        assert!(ended.out.contains(&format!(" rules under {profile}: ")) && !ended.out.contains("  fail "), "{ended}");
    }
}

#[test]
fn looking_leaves_nothing_behind() {
    let place = Place::new();
    for profile in ["development", "production"] {
        for command in ["check", "explain"] {
            place.run(&["config", command, "--profile", profile]);
        }
    }
    assert!(files(&place.path("")).is_empty());
}

#[test]
fn a_wrong_value_is_named_with_its_place_and_what_is_accepted() {
    let place = Place::production();
    let settings = place.read("archi.toml");
    place.write(
        "archi.toml",
        &format!("{settings}access_ttl = \"61m\"\n[web]\nbnid = \"127.0.0.1:80\"\n[web.limits]\nmax_body = true\n"),
    );
    let ended = place.run(&["config", "check"]).is(2);
    let problems: Vec<&str> = ended.out.split("\n\n").take(3).collect();
    insta::assert_snapshot!(problems.join("\n\n"), @"
    jwt.access_ttl is out of range (archi.toml:4); accepted is a duration such as 500ms, 30s, 15m, 1h 30m or 30d, from 1s to 60m
      set ARCHI__JWT__ACCESS_TTL, or access_ttl in [jwt] of archi.toml

    web.bnid is not a setting (archi.toml:6)
      did you mean web.bind?

    web.limits.max_body is a boolean, which is not its type (archi.toml:8); accepted is an amount of bytes such as 64 KiB, 10 MB or 512, from 1 KiB to 1 GiB
      set ARCHI__WEB__LIMITS__MAX_BODY, or max_body in [web.limits] of archi.toml
    ");
}

#[test]
fn a_key_that_can_not_be_used_is_found_before_the_start() {
    let place = Place::production();
    let whole = place.read("jwt.pem");
    place.write("jwt.pem", &whole[..whole.len() / 2]);
    place.run(&["config", "check"]).is(2).says("key file jwt.pem is truncated, damaged or not a key");
    place.run(&["config", "explain"]).is(2);
    place.write("jwt.pem", &whole);
    place.run(&["config", "check"]).is(0);
    place.set_mode("jwt.pem", 0o644);
    place.run(&["config", "check"]).is(2).says("chmod 600 jwt.pem");
    fs::remove_file(place.path("jwt.pem")).unwrap();
    place.run(&["config", "check"]).is(1).says("jwt.pem does not exist");
    // In development a start makes it.
    place.run(&["config", "check", "--profile", "development"]).is(0);
}

#[test]
fn sections_of_the_application_are_left_to_its_own_program_and_slips_are_not() {
    let place = Place::production().with("ARCHI__ACCOUNTS__REGISTRATION", "false");
    let settings = place.read("archi.toml");
    place.write(
        "archi.toml",
        &format!("basket_size = 3\n{settings}[accounts]\nissuer = \"Shop\"\n[accounts.mail]\nfrom = \"x\"\n"),
    );
    let ended = place.run(&["config", "check"]).is(0);
    insta::assert_snapshot!(ended.err, @"not looked at, since only the program of the service knows it: ARCHI__ACCOUNTS__REGISTRATION, accounts, basket_size (see its own `config check`)");
    place.run(&["config", "explain"]).is(0).says("not looked at").never_says("Shop");

    for (line, suggestion) in [("[webb]\ndocs = true\n", "web"), ("[web]\ndcs = true\n", "web.docs")] {
        place.write("archi.toml", &format!("{settings}{line}"));
        place.run(&["config", "check"]).is(2).says(&format!("did you mean {suggestion}?"));
    }
    place.write("archi.toml", &settings);
    for (slip, suggestion) in [
        ("ARCHI__SQL__PTH", "ARCHI__SQL__PATH"),
        ("ARCHI__SQLL__PATH", "ARCHI__SQL__PATH"),
        ("ARCHI_JWT_ISSUER", "ARCHI__JWT__ISSUER"),
        ("ARCHI_PROFIL", "ARCHI_PROFILE"),
    ] {
        let mut command = place.command(&["config", "check"]);
        let output = command.env(slip, "hunter2canary").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(2), "{slip}: {text}");
        assert!(text.contains(&format!("did you mean {suggestion}?")) && !text.contains("hunter2canary"), "{text}");
    }
}

/// The reference service, as it lies in the repository.
#[test]
fn the_settings_of_the_reference_service_are_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/accounts");
    let place = Place::new();
    let directory = folder.to_str().unwrap();
    let ended = place.run(&["config", "check", "--directory", directory]).is(0);
    assert!(ended.out.contains("rules under development"), "{ended}");
    let explained = place.run(&["config", "explain", "--directory", directory]).is(0);
    let origin = format!("{directory}/archi.toml:");
    assert!(explained.out.lines().any(|line| line.starts_with("jwt.issuer ") && line.contains(&origin)), "{explained}");
}

#[test]
fn every_effective_value_is_explained_with_its_origin() {
    let place = Place::production();
    place.write("archi.staging.toml", "[web]\nbind = \"127.0.0.1:9000\"\n[log]\nlevel = \"debug\"\n");
    place.write("pepper", &place.run(&["secret", "generate", "--named", "p1", "--bytes", "48"]).is(0).out);
    let place = place
        .with("ARCHI__LOG__LEVEL", "warn")
        .with("ARCHI__PASSWORD__PEPPER_FILE", "pepper")
        .with("ARCHI_PROFILE", "staging");
    let ended = place.run(&["config", "explain"]).is(0);
    let rows: Vec<&str> = ended.out.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    let keys: Vec<String> = schema().into_iter().map(|field| field.key).collect();
    assert_eq!(rows[0], "profile");
    assert_eq!(rows[1..], keys);
    let chosen =
        ["profile", "secret_key", "log.level", "web.bind", "web.docs", "jwt.issuer", "password.pepper", "totp.key"];
    let chosen: Vec<String> = ended
        .out
        .lines()
        .filter(|line| chosen.contains(&line.split_whitespace().next().unwrap()))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    insta::assert_snapshot!(chosen.join("\n"), @"
    profile staging variable ARCHI_PROFILE
    secret_key [secret, 32 bytes] variable ARCHI__SECRET_KEY
    log.level warn variable ARCHI__LOG__LEVEL
    web.bind 127.0.0.1:9000 archi.staging.toml:2
    web.docs false default
    jwt.issuer https://accounts.example.org archi.toml:2
    password.pepper [secret, p1, 48 bytes] file pepper, named by variable ARCHI__PASSWORD__PEPPER_FILE
    totp.key [secret, k1, 32 bytes] variable ARCHI__TOTP__KEY
    ");

    let ended = place.run(&["config", "explain", "--profile", "production"]).is(0);
    assert!(ended.out.lines().next().unwrap().ends_with("as asked for"), "{ended}");
}

#[test]
fn a_value_with_a_problem_is_marked() {
    let ended = Place::new().with("ARCHI__SECRET_KEY", "hunter2canary").run(&["config", "explain"]).is(2);
    let row = ended.out.lines().find(|line| line.starts_with("secret_key ")).unwrap();
    assert!(row.contains("- (!)"), "{row}");
    ended.says("`archi config check` says what").never_says("hunter2canary");
}

#[test]
fn a_folder_without_settings_is_pointed_out_and_one_that_is_missing_refused() {
    let place = Place::new();
    let ended = place.run(&["config", "check", "--profile", "development"]).is(0);
    assert_eq!(ended.err, "there is no archi.toml: only variables and defaults are looked at\n");
    for directory in ["missing", "archi.toml"] {
        place.write("archi.toml", "");
        place
            .run(&["config", "check", "--directory", directory])
            .is(2)
            .says("the folder of --directory does not exist");
    }
}

#[test]
fn files_that_can_not_be_read_are_problems() {
    let place = Place::new();
    for (text, said) in [
        ("[jwt\nissuer = 1", "archi.toml:1:5 can't be read"),
        ("a = 1\na = 2", "archi.toml:2"),
        ("x\u{0}", "archi.toml:1"),
    ] {
        place.write("archi.toml", text);
        place.run(&["config", "check"]).is(2).says(said);
    }
    fs::write(place.path("archi.toml"), [0xff]).unwrap();
    place.run(&["config", "check"]).is(2).says("archi.toml is not UTF-8 text");
    fs::remove_file(place.path("archi.toml")).unwrap();
    fs::create_dir(place.path("archi.toml")).unwrap();
    place.run(&["config", "check"]).is(2).says("archi.toml is not a regular file");
}

#[test]
fn the_example_changes_nothing_and_names_every_setting() {
    let place = Place::new();
    let before = place.run(&["config", "check"]).is(2);
    let example = place.run(&["config", "example"]).is(0).out;
    place.write("archi.toml", &example);
    let after = place.run(&["config", "check"]).is(2);
    assert_eq!(after.out, before.out);
    for field in schema() {
        let name = field.split_key().1;
        assert!(
            example.contains(&format!("\n#{name} = ")) || example.contains(&format!("\n#{name}_file = ")),
            "{}",
            field.key
        );
    }
}

#[test]
fn the_example_of_variables_names_every_setting_and_none_is_accepted_as_it_is() {
    let place = Place::new();
    let example = place.run(&["config", "example", "--env"]).is(0).out;
    for field in schema() {
        assert!(example.contains(&format!("{}=", variable(&field.key))), "{}", field.key);
    }
    place.write("archi.toml", "profile = \"development\"\n");
    place.write(".env", &example);
    let ended = place.run(&["config", "check"]).is(2);
    for field in schema().iter().filter(|field| field.required != Required::Never) {
        assert!(ended.out.contains(&format!("{} ", field.key)), "{} is accepted: {ended}", field.key);
    }
}

#[test]
fn the_schema_knows_every_section() {
    let schema: Value = serde_json::from_str(&Place::new().run(&["config", "schema"]).is(0).out).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for section in ["log", "web", "management", "jwt", "session", "password", "totp", "throttle", "sql", "cache"] {
        assert!(schema["properties"][section].is_object(), "{section}");
    }
}

#[test]
fn programs_get_json() {
    let place = Place::new();
    let json = |place: &Place, code: i32| -> Value {
        serde_json::from_str(&place.run(&["config", "check", "--json"]).is(code).out).unwrap()
    };
    let answer = json(&place, 2);
    let keys: Vec<&str> =
        answer["problems"].as_array().unwrap().iter().map(|problem| problem["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["jwt.issuer", "secret_key", "totp.key"]);
    assert_eq!(answer["problems"][1]["rule"], "ARCHI-CFG-005");
    assert_eq!(answer["report"]["holds"], false);

    let place = Place::production().with("ARCHI__SHOP__SIZE", "3");
    let answer = json(&place, 0);
    assert_eq!(
        (&answer["problems"], &answer["obstacles"]),
        (&Value::from([0; 0].to_vec()), &Value::from([0; 0].to_vec()))
    );
    assert_eq!(answer["foreign"], Value::from(vec!["ARCHI__SHOP__SIZE"]));
    place.write("jwt.pem", "");
    assert!(json(&place, 2)["obstacles"][0].as_str().unwrap().contains("jwt.pem is truncated"));
}
