//! `archi password`

use crate::run::Place;

const PASSWORD: &str = "plum-Tractor 9 orbit";

#[test]
fn a_password_verifies_against_its_hash_and_no_other_does() {
    let place = Place::new();
    let hash = place.pipe(&["password", "hash"], PASSWORD).is(0).never_says(PASSWORD).out;
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    place.write("hash", &hash);
    let verify = ["password", "verify", "--hash", "hash"];
    assert_eq!(place.pipe(&verify, PASSWORD).is(0).out, "valid\n");
    assert_eq!(place.pipe(&verify, format!("{PASSWORD}\n")).is(0).out, "valid\n");
    assert_eq!(place.pipe(&verify, "plum-Tractor 9 orbiu").is(1).out, "not valid\n");
    assert_eq!(place.pipe(&verify, format!(" {PASSWORD}")).is(1).out, "not valid\n");
    assert_ne!(place.pipe(&["password", "hash"], PASSWORD).is(0).out, hash, "every hash has its own salt");
}

#[test]
fn a_hash_of_an_older_form_is_verified_and_said_to_be_weaker() {
    let place = Place::new();
    for hash in [
        "pbkdf2_sha256$600000$AAECAwQFBgcICQoLDA0ODw==$7xdxRO7JQgy8EJPSqLNEqSvFBtDU7JwCjdGfgyTYweY=",
        "AAECAwQFBgcICQoLDA0OD0nUnCX1l4RiCfDZLndwq2Thx16UtM5sUJJl7mcXXSoe",
    ] {
        place.write("hash", hash);
        let verify = ["password", "verify", "--hash", "hash"];
        place.pipe(&verify, "correct horse battery staple").is(0).says("valid, and weaker than a new hash");
        place.pipe(&verify, "correct horse battery stapler").is(1).says("not valid\n");
    }
}

#[test]
fn a_file_without_a_hash_is_an_error_and_not_repeated() {
    let place = Place::new();
    let verify = ["password", "verify", "--hash", "hash"];
    place.pipe(&verify, PASSWORD).is(2).says("the file of --hash could not be read: No such file");
    for content in ["", "hunter2canary", "$argon2id$hunter2canary", "5f4dcc3b5aa765d61d8327deb882cf99"] {
        place.write("hash", content);
        let ended = place.pipe(&verify, PASSWORD).is(2).says("does not hold a hash of a known form");
        if !content.is_empty() {
            ended.never_says(content);
        }
    }
    // The hash itself in place of its file.
    let hash = place.pipe(&["password", "hash"], PASSWORD).is(0).out;
    let ended = place.pipe(&["password", "verify", "--hash", hash.trim()], PASSWORD).is(2);
    ended.says("not the name of a file").never_says(hash.trim());
}

#[test]
fn a_password_is_rated_as_the_default_policy_does() {
    let place = Place::new();
    let strong = place.pipe(&["password", "score"], PASSWORD).is(0).out;
    assert!(strong.starts_with("score 4 of 4, about 10^"), "{strong}");
    assert_eq!(strong.lines().count(), 1, "{strong}");
    for (password, about, code) in [
        ("password", "", "too_short"),
        ("correct horse battery staple", "", "common"),
        ("trewqtrewqtrewq", "", "guessable"),
        ("ada.lovelace@example.org", "ada.lovelace@example.org", "personal"),
    ] {
        let ended = place.pipe(&["password", "score", "--about", about], password).is(1);
        ended.says(&format!("\n{code}: ")).never_says("trewq").never_says("staple");
    }
}

#[test]
fn a_generated_password_passes_the_policy() {
    let place = Place::new();
    for (arguments, length) in [(&[][..], 20), (&["--length", "12"], 12), (&["--length", "128"], 128)] {
        let password = place.run(&[&["password", "generate"], arguments].concat()).is(0).out;
        assert_eq!(password.trim().len(), length);
        place.pipe(&["password", "score"], &password).is(0);
    }
    for length in ["11", "129", "x"] {
        place.run(&["password", "generate", "--length", length]).is(2).says("12 to 128 characters");
    }
}
