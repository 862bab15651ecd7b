//! No secret of a variable, a file or standard input is in what `archi` says.

use archirust::ServiceSettings;
use archirust::config::Settings;

use crate::jwt::{Signed, verify};
use crate::run::Place;

/// Weak, strong, named, with a terminal's escape, of another type.
const CANARIES: [&str; 5] = [
    "canary-17-changeme",
    "Y2FuYXJ5LTE3LWNhbmFyeS0xNy1rNzN4UTlmVjJtUnRaOA==",
    "k1:Y2FuYXJ5LTE3LWNhbmFyeS0xNy1rNzN4UTlmVjJtUnRaOA==",
    "canary-17\u{1b}[2J,canary-17",
    "17.17",
];

const LOOKS: [&[&str]; 3] = [&["config", "check"], &["config", "check", "--json"], &["config", "explain"]];

fn secrets() -> Vec<String> {
    ServiceSettings::schema().into_iter().filter(|field| field.secret).map(|field| field.key).collect()
}

fn name(key: &str) -> String {
    format!("ARCHI__{}", key.replace('.', "__").to_uppercase())
}

fn shows_nothing(place: &Place, canary: &str) {
    for look in LOOKS {
        for profile in ["development", "production"] {
            let ended = place.run(&[look, &["--profile", profile]].concat());
            ended.never_says(canary).never_says(canary.trim_start_matches("k1:"));
        }
    }
}

#[test]
fn secrets_of_variables_are_never_shown() {
    let keys = secrets();
    assert!(keys.contains(&"secret_key".to_owned()) && keys.len() >= 5, "{keys:?}");
    for canary in CANARIES {
        let place = keys.iter().fold(Place::new(), |place, key| place.with(&name(key), canary));
        shows_nothing(&place, canary);
    }
}

#[test]
fn secrets_of_files_are_never_shown() {
    for canary in CANARIES {
        let place =
            secrets().iter().fold(Place::new(), |place, key| place.with(&format!("{}_FILE", name(key)), "secret"));
        place.write("secret", canary);
        shows_nothing(&place, canary);
    }
}

#[test]
fn secrets_of_settings_files_are_never_shown() {
    for canary in CANARIES {
        let place = Place::new();
        let env: String = secrets().iter().map(|key| format!("{}='{canary}'\n", name(key))).collect();
        place.write(".env", &env);
        shows_nothing(&place, canary);

        let place = Place::new();
        place.write(
            "archi.toml",
            &format!("secret_key = {canary:?}\n[totp]\nkey = {canary:?}\n[jwt]\nsecret = [{canary:?}]\n"),
        );
        shows_nothing(&place, canary);
        // Not even where the file is broken, or the name of the setting is.
        place.write("archi.toml", &format!("secret_key = {canary}\n"));
        shows_nothing(&place, canary);
        place.write(
            "archi.toml",
            &format!("secret_kee = {canary:?}\n[totp]\nkay = {canary:?}\n[unknown]\nx = {canary:?}\n"),
        );
        shows_nothing(&place, canary);
    }
}

#[test]
fn a_slip_in_a_name_does_not_show_the_value() {
    let canary = "canary-17-changeme";
    let place = secrets().iter().fold(Place::new(), |place, key| place.with(&format!("{}X", name(key)), canary));
    shows_nothing(&place.with("ARCHI_SECRET_KEY", canary).with("ARCHI_PROFILE_", canary), canary);
}

/// A value that is refused may be a secret in the wrong place.
#[test]
fn a_value_that_is_refused_is_not_repeated_by_the_check() {
    let canary = "canary 17\tchangeme";
    // Text is accepted, and what a path leads to is told.
    let is_typed = |accepted: &str| !accepted.contains("text") && !accepted.contains("path of a file");
    let typed = ServiceSettings::schema().into_iter().filter(|field| is_typed(&field.value_type.accepted));
    let place = typed.fold(Place::new(), |place, field| place.with(&name(&field.key), canary));
    let ended = place.run(&["config", "check"]).is(2);
    assert!(ended.out.matches("(variable ARCHI__").count() > 40, "{ended}");
    ended.never_says("canary");
}

#[test]
fn a_strong_secret_that_is_right_is_never_shown() {
    let place = Place::production();
    let key = place.read("jwt.pem");
    let secret = place.run(&["secret", "generate"]).is(0).out.trim().to_owned();
    let place = place.with("ARCHI__THROTTLE__KEY", &secret);
    for look in LOOKS {
        let ended = place.run(look).is(0).never_says(&secret);
        let body: Vec<&str> = key.lines().filter(|line| !line.starts_with("-----")).collect();
        assert!(body.iter().all(|line| !ended.out.contains(line)), "{ended}");
    }
}

#[test]
fn keys_and_tokens_are_never_shown() {
    let signed = Signed::new();
    let pem = signed.place.read("key.pem");
    let private: Vec<&str> = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let (token, signature) = (&signed.token, signed.token.rsplit('.').next().unwrap());
    let hidden = |ended: crate::run::Ended| {
        let ended = ended.never_says(signature);
        assert!(private.iter().all(|line| !ended.out.contains(line) && !ended.err.contains(line)), "{ended}");
    };
    hidden(signed.verify(token));
    hidden(signed.place.pipe(&["jwt", "inspect"], token));
    hidden(signed.place.pipe(&["jwt", "inspect"], format!("{token}.")));
    hidden(signed.place.pipe(&["jwt", "inspect"], &pem));
    hidden(signed.place.pipe(&verify("key.pem"), token));
    hidden(signed.place.pipe(&verify("missing"), token));
    hidden(signed.place.run(&["jwt", "keygen", "--out", "key.pem"]));
    // The key itself in place of its file.
    hidden(signed.place.run(&["jwt", "sign", "--issuer", "a", "--audience", "a", "--subject", "a", "--key", &pem]));
    hidden(signed.place.run(&[
        "jwt",
        "sign",
        "--issuer",
        "a",
        "--audience",
        "a",
        "--subject",
        "a",
        &format!("--key={pem}"),
    ]));
    hidden(signed.place.run(&["jwt", "inspect", token]));
}

#[test]
fn passwords_are_never_shown() {
    let place = Place::new();
    let password = "canary Plum 17 tractor";
    place.write("hash", &place.pipe(&["password", "hash"], password).is(0).never_says("canary").out);
    for command in [&["password", "score"][..], &["password", "verify", "--hash", "hash"], &["jwt", "inspect"]] {
        place.pipe(command, password).never_says("canary");
        place.pipe(command, format!("{password}!")).never_says("canary");
    }
    place.run(&["password", "hash", password]).is(2).never_says("canary");
}
