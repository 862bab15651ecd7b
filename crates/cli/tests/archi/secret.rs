//! `archi secret`

use archirust::auth::NamedKey;
use archirust::secret::StrongKey;

use crate::run::Place;

#[test]
fn every_form_is_one_that_settings_accept() {
    let place = Place::new();
    for encoding in ["base64", "base64url", "hex"] {
        for bytes in ["32", "33", "64"] {
            let out = place.run(&["secret", "generate", "--encoding", encoding, "--bytes", bytes]).is(0).out;
            let key = StrongKey::parse(out.strip_suffix('\n').unwrap()).unwrap();
            assert_eq!(key.expose().len().to_string(), bytes);
        }
    }
    let out = place.run(&["secret", "generate"]).is(0).out;
    assert_eq!(StrongKey::parse(out.trim()).unwrap().expose().len(), 32);
}

#[test]
fn no_secret_comes_twice() {
    let place = Place::new();
    let [first, second] = [(); 2].map(|()| place.run(&["secret", "generate"]).is(0).out);
    assert_ne!(first, second);
}

#[test]
fn a_key_that_is_rotated_has_a_name() {
    let out = Place::new().run(&["secret", "generate", "--named", "2026a"]).is(0).out;
    let key = NamedKey::parse(out.trim()).unwrap();
    assert_eq!((key.name(), key.expose().len()), ("2026a", 32));
}

#[test]
fn what_settings_would_refuse_is_not_made() {
    let place = Place::new();
    for (option, value, reason) in [
        ("--bytes", "31", "a secret has 32 to 1024 bytes"),
        ("--bytes", "1025", "a secret has 32 to 1024 bytes"),
        ("--bytes", "-1", "Usage"),
        ("--bytes", "many", "a secret has 32 to 1024 bytes"),
        ("--encoding", "rot13", "possible values: base64, base64url, hex"),
        ("--named", "a b", "letters, digits, dots, hyphens or underscores"),
        ("--named", "123456789", "1 to 8"),
        ("--named", "a:b", "a colon"),
        ("--named", "", "1 to 8"),
    ] {
        let ended = place.run(&["secret", "generate", option, value]).is(2).says(reason);
        assert_eq!(ended.out, "", "{option} {value}");
    }
    assert_eq!(place.run(&["secret", "generate", "--bytes", "1024", "--encoding", "hex"]).is(0).out.trim().len(), 2048);
}
