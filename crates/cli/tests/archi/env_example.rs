//! `.env.example` of this repository: complete, without a secret, and refused as it is.

use std::collections::BTreeMap;
use std::fs;

use archirust::ServiceSettings;
use archirust::config::{Profile, Required, Settings};

use crate::run::{Ended, Place};

type Variables = BTreeMap<String, String>;

fn example() -> Variables {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.env.example")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once('=').unwrap()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The example, filled in as it says.
fn filled(place: &Place) -> Variables {
    fs::create_dir(place.path("state")).unwrap();
    place.set_mode("state", 0o700);
    place.run(&["jwt", "keygen", "--out", "state/jwt.pem"]).is(0);
    let made = |command: &str| {
        let arguments: Vec<&str> = command.split(' ').skip(1).collect();
        place.run(&arguments).is(0).out.trim().to_owned()
    };
    let fill = |(name, value): (String, String)| {
        let value = match value.strip_prefix('<').and_then(|value| value.strip_suffix('>')) {
            None => value,
            Some(command) if command.starts_with("archi ") => made(command),
            Some(path) if path.starts_with('/') => format!("state/{}", path.rsplit('/').next().unwrap()),
            Some(value) => value.to_owned(),
        };
        (name, value)
    };
    example().into_iter().map(fill).collect()
}

fn check(place: &Place, variables: &Variables) -> Ended {
    let output = place.command(&["config", "check"]).envs(variables).output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn it_names_all_that_production_requires() {
    let example = example();
    let required = ServiceSettings::schema().into_iter().filter(|field| match field.required {
        Required::In(profile) => profile == Profile::Production,
        required => required == Required::Always,
    });
    for field in required {
        let name = format!("ARCHI__{}", field.key.replace('.', "__").to_uppercase());
        assert!(example.contains_key(&name), "{name}");
    }
    assert!(example.contains_key("ARCHI__JWT__KEY_FILE") && example["ARCHI_PROFILE"] == "production");
}

#[test]
fn filled_in_it_is_right() {
    let place = Place::new();
    let ended = check(&place, &filled(&place)).is(0);
    assert!(ended.out.contains("rules under production"), "{ended}");
}

#[test]
fn as_it_is_every_secret_and_name_is_refused() {
    let ended = check(&Place::new(), &example()).is(2);
    for key in ["secret_key", "totp.key", "jwt.issuer", "jwt.audience"] {
        assert!(ended.out.lines().any(|line| line.starts_with(&format!("{key} "))), "{key} is accepted: {ended}");
    }
    ended.says("</var/lib/accounts/jwt.pem> does not exist");
}

#[test]
fn each_of_what_is_required_is_missed_alone() {
    let place = Place::new();
    let filled = filled(&place);
    for (name, code) in
        [("ARCHI__SECRET_KEY", 2), ("ARCHI__TOTP__KEY", 2), ("ARCHI__JWT__ISSUER", 2), ("ARCHI__JWT__KEY_FILE", 1)]
    {
        let mut variables = filled.clone();
        assert!(variables.remove(name).is_some(), "{name}");
        check(&place, &variables).is(code);
    }
}
