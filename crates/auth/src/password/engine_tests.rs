use archirust_core::config::ByteSize;
use archirust_core::random::{SequenceRandom, SystemRandom};

use super::super::config::Argon2Settings;
use super::*;

const KEYS: [&str; 2] =
    ["a:mJ8C0WvEoO1lZqzJ9dG0eQ2Yx5rTtUuN3kS7hPaVbLc=", "b:Vh1sQ7mX2kRz8LbN4cYwT6pJ0dGfUe3aHi9oKqPrStA="];

/// Little work, so that the tests are quick.
fn cheap() -> PasswordSettings {
    PasswordSettings {
        argon2: Argon2Settings { memory: ByteSize::kib(64), passes: 1, lanes: 1 },
        bcrypt_cost: 4,
        ..Default::default()
    }
}

fn bcrypt() -> PasswordSettings {
    PasswordSettings { scheme: Scheme::Bcrypt, ..cheap() }
}

fn pepper(number: usize) -> NamedKey {
    NamedKey::parse(KEYS[number]).unwrap()
}

fn engine(settings: &PasswordSettings) -> Engine {
    Engine::new(settings, SystemRandom::shared()).unwrap()
}

fn hash(settings: &PasswordSettings, password: &str) -> String {
    engine(settings).hash(&Secret::from(password), &mut Memory::default()).unwrap().expose().clone()
}

fn verify(settings: &PasswordSettings, stored: &str, password: &str) -> Verdict {
    engine(settings).verify(Some(stored), &Secret::from(password), &mut Memory::default())
}

#[test]
fn a_hash_verifies_and_its_neighbours_do_not() {
    for settings in [cheap(), bcrypt()] {
        for password in ["a", "correct horse battery staple", "گذرواژه‌ی امن ۱۲", &"x".repeat(500), "with\0nul"]
        {
            let stored = hash(&settings, password);
            assert_eq!(verify(&settings, &stored, password), Verdict::Valid, "{stored}");
            let shorter: String = password.chars().skip(1).collect();
            for other in [&shorter, &format!("{password} "), &password.to_uppercase(), ""] {
                if other != password {
                    assert_eq!(verify(&settings, &stored, other), Verdict::Invalid, "{stored} {other}");
                }
            }
        }
    }
}

#[test]
fn what_is_written_names_scheme_and_cost() {
    let random = || SequenceRandom::seeded(1);
    let text = |settings: &PasswordSettings, password: &str| {
        let engine = Engine::new(settings, random()).unwrap();
        engine.hash(&Secret::from(password), &mut Memory::default()).unwrap().expose().clone()
    };
    let peppered = |settings| PasswordSettings { pepper: Some(pepper(0)), ..settings };
    insta::assert_snapshot!(
        [
            text(&cheap(), "p"),
            text(&peppered(cheap()), "p"),
            text(&bcrypt(), "p"),
            text(&bcrypt(), &"p".repeat(73)),
            text(&peppered(bcrypt()), "p"),
        ]
        .join("\n")
    );
}

#[test]
fn two_hashes_of_one_password_differ() {
    for settings in [cheap(), bcrypt()] {
        assert_ne!(hash(&settings, "the same"), hash(&settings, "the same"));
    }
}

#[test]
fn bcrypt_never_cuts_a_password() {
    let settings = bcrypt();
    for length in [71, 72, 73, 74, 128] {
        let password = "a".repeat(length);
        let stored = hash(&settings, &password);
        assert_eq!(stored.starts_with("$2b$"), length <= 72, "{length}");
        assert_eq!(verify(&settings, &stored, &password), Verdict::Valid);
        for other in [length - 1, length + 1, 72, 73] {
            if other != length {
                assert_eq!(verify(&settings, &stored, &"a".repeat(other)), Verdict::Invalid, "{length} {other}");
            }
        }
    }
}

#[test]
fn the_password_of_a_hash_that_cut_it_elsewhere_is_not_accepted_longer() {
    // passlib: bcrypt of 72 times "a", which is that of any longer run as well.
    let stored = "$2y$08$abcdefghijklmnopqrstuOMuUd21c05ksOHGCpMxRDEhNz6ftsyI.";
    assert_eq!(verify(&bcrypt(), stored, &"a".repeat(72)), Verdict::Valid);
    assert_eq!(verify(&bcrypt(), stored, &"a".repeat(73)), Verdict::Invalid);
}

#[test]
fn hashes_of_other_programs_verify() {
    let default = PasswordSettings::default();
    // Made by passlib 1.7.4 and argon2-cffi.
    for stored in [
        "$2b$08$abcdefghijklmnopqrstuO5BGYa2KEI/jSY0.Ybh5LsPBTGAqeV8e",
        "$bcrypt-sha256$v=2,t=2b,r=8$abcdefghijklmnopqrstuO$mHvc0iSsJOuaS5/UwLJMu5PHnGE0TZS",
        "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2GD4NRwQ0xNKr8dydaBZrX2kSAUyeP0HBN+v2a6toOs",
        "$argon2d$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$iVxHg63ai+cg7nsw37E1tBGv+nCY98rrjSE7zFD2tgM",
    ] {
        assert_eq!(verify(&default, stored, "correct horse battery staple"), Verdict::ValidButRehash, "{stored}");
        assert_eq!(verify(&default, stored, "correct horse battery stable"), Verdict::Invalid, "{stored}");
    }
    let stored = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y";
    assert_eq!(verify(&default, stored, "correct horse battery staple"), Verdict::Valid);
    let stored = "$bcrypt-sha256$v=2,t=2b,r=8$abcdefghijklmnopqrstuO$25s9CVd9lfuV1lh6SSAss6s41U4.JK.";
    assert_eq!(verify(&default, stored, "گذرواژه‌ی امن ۱۲"), Verdict::ValidButRehash);
    let stored = "$bcrypt-sha256$v=2,t=2b,r=8$abcdefghijklmnopqrstuO$5M655S2d.uy1diSUwDsBHcgfsJ5D/xa";
    assert_eq!(verify(&default, stored, &"a".repeat(73)), Verdict::ValidButRehash);
}

#[test]
fn hashes_of_archipy_verify_and_are_replaced() {
    for (password, stored) in [
        ("correct horse battery staple", "AAECAwQFBgcICQoLDA0OD0nUnCX1l4RiCfDZLndwq2Thx16UtM5sUJJl7mcXXSoe"),
        ("گذرواژه‌ی امن ۱۲", "EBESExQVFhcYGRobHB0eHwdHhKC3ZohD8kjpcMiRhCWIux0drPzSo3/nK8PDdwM7"),
        (
            "correct horse battery staple",
            "pbkdf2_sha256$600000$AAECAwQFBgcICQoLDA0ODw==$7xdxRO7JQgy8EJPSqLNEqSvFBtDU7JwCjdGfgyTYweY=",
        ),
        (
            "گذرواژه‌ی امن ۱۲",
            "pbkdf2_sha256$600000$EBESExQVFhcYGRobHB0eHw==$ge9WGLPPJ7Eq3vKsz7wYot3egibS5j03JR9V0MLaqkE=",
        ),
    ] {
        for settings in [cheap(), bcrypt(), PasswordSettings { pepper: Some(pepper(0)), ..cheap() }] {
            assert_eq!(verify(&settings, stored, password), Verdict::ValidButRehash);
            assert_eq!(verify(&settings, stored, "correct horse battery stable"), Verdict::Invalid);
        }
    }
}

#[test]
fn one_round_of_pbkdf2_is_refused() {
    // PBKDF2-HMAC-SHA256("password", 16 zero bytes, 1 round): what ArchiPy accepts.
    let mut output = [0; 32];
    let salt = [0; 16];
    aws_lc_rs::pbkdf2::derive(
        aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA256,
        std::num::NonZeroU32::MIN,
        &salt,
        b"password",
        &mut output,
    );
    let base64 = data_encoding::BASE64;
    let stored = format!("pbkdf2_sha256$1${}${}", base64.encode(&salt), base64.encode(&output));
    assert_eq!(verify(&cheap(), &stored, "password"), Verdict::Invalid);
}

#[test]
fn a_hash_of_less_cost_is_replaced_and_one_of_more_is_kept() {
    let argon2 = |kib, passes, lanes| PasswordSettings {
        argon2: Argon2Settings { memory: ByteSize::kib(kib), passes, lanes },
        ..cheap()
    };
    let current = argon2(4096, 2, 2);
    for (made_with, verdict) in [
        (argon2(4096, 2, 2), Verdict::Valid),
        (argon2(4104, 2, 2), Verdict::Valid),
        (argon2(4096, 3, 2), Verdict::Valid),
        (argon2(4096, 2, 3), Verdict::Valid),
        (argon2(4096, 1, 2), Verdict::ValidButRehash),
        (argon2(8192, 1, 2), Verdict::ValidButRehash),
        (argon2(4096, 2, 1), Verdict::ValidButRehash),
    ] {
        assert_eq!(verify(&current, &hash(&made_with, "password"), "password"), verdict, "{:?}", made_with.argon2);
    }
    let more = argon2(4104, 2, 2);
    assert_eq!(verify(&more, &hash(&current, "password"), "password"), Verdict::ValidButRehash);

    let bcrypt = |bcrypt_cost| PasswordSettings { bcrypt_cost, ..bcrypt() };
    for password in ["password", &"a".repeat(80)] {
        let stored = hash(&bcrypt(8), password);
        assert_eq!(verify(&bcrypt(7), &stored, password), Verdict::Valid);
        assert_eq!(verify(&bcrypt(8), &stored, password), Verdict::Valid);
        assert_eq!(verify(&bcrypt(9), &stored, password), Verdict::ValidButRehash);
        assert_eq!(verify(&cheap(), &stored, password), Verdict::ValidButRehash);
    }
    assert_eq!(verify(&bcrypt(4), &hash(&current, "password"), "password"), Verdict::ValidButRehash);
}

#[test]
fn a_short_salt_or_output_is_replaced() {
    let text = |salt: &[u8], output_bytes: usize| {
        let params = Params::new(4096, 1, 1, Some(output_bytes)).unwrap();
        let argon2 = argon2_with(Algorithm::Argon2id, Version::V0x13, params, None).unwrap();
        let mut output = vec![0; output_bytes];
        run_argon2(&argon2, b"password", salt, &mut output, &mut Memory::default()).unwrap();
        format!("$argon2id$v=19$m=4096,t=1,p=1${}${}", BASE64_NOPAD.encode(salt), BASE64_NOPAD.encode(&output))
    };
    assert_eq!(verify(&cheap(), &text(&[1; 16], 32), "password"), Verdict::Valid);
    assert_eq!(verify(&cheap(), &text(&[1; 15], 32), "password"), Verdict::ValidButRehash);
    assert_eq!(verify(&cheap(), &text(&[1; 16], 31), "password"), Verdict::ValidButRehash);
}

#[test]
fn a_pepper_is_needed_and_an_old_one_is_replaced() {
    for base in [cheap(), bcrypt()] {
        let with = |current: Option<usize>, old: &[usize]| PasswordSettings {
            pepper: current.map(pepper),
            old_peppers: old.iter().map(|&number| pepper(number)).collect(),
            ..base.clone()
        };
        let stored = hash(&with(Some(0), &[]), "password");
        assert_eq!(verify(&with(Some(0), &[]), &stored, "password"), Verdict::Valid);
        assert_eq!(verify(&with(Some(0), &[1]), &stored, "password"), Verdict::Valid);
        assert_eq!(verify(&with(Some(1), &[0]), &stored, "password"), Verdict::ValidButRehash);
        assert_eq!(verify(&with(None, &[0]), &stored, "password"), Verdict::ValidButRehash);
        assert_eq!(verify(&with(Some(1), &[]), &stored, "password"), Verdict::Invalid);
        assert_eq!(verify(&with(None, &[]), &stored, "password"), Verdict::Invalid);
        // The name alone does not do: another key under it is another pepper.
        let renamed = NamedKey::parse(&KEYS[1].replacen('b', "a", 1)).unwrap();
        let forged = PasswordSettings { pepper: Some(renamed), ..base.clone() };
        assert_eq!(verify(&forged, &stored, "password"), Verdict::Invalid);
        // A hash without pepper is taken over.
        assert_eq!(verify(&with(Some(0), &[]), &hash(&base, "password"), "password"), Verdict::ValidButRehash);
    }
}

#[test]
fn one_name_is_never_that_of_two_peppers() {
    let settings = PasswordSettings { pepper: Some(pepper(0)), old_peppers: vec![pepper(0)], ..cheap() };
    let error = Engine::new(&settings, SystemRandom::shared()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[test]
fn a_password_is_the_same_on_every_keyboard() {
    for settings in [cheap(), bcrypt()] {
        let stored = hash(&settings, "caf\u{e9} \u{67e}");
        assert_eq!(verify(&settings, &stored, "cafe\u{301} \u{fb56}"), Verdict::Valid);
        assert_eq!(verify(&settings, &stored, "cafe \u{67e}"), Verdict::Invalid);
    }
    // Made elsewhere of what was typed, which is not the NFKC form: accepted, and replaced.
    let raw = "cafe\u{301}";
    let stored = bcrypt_parts(raw.as_bytes(), 8, [7; 16]).unwrap().to_string();
    assert_eq!(verify(&bcrypt(), &stored, raw), Verdict::ValidButRehash);
    assert_eq!(verify(&bcrypt(), &stored, "caf\u{e9}"), Verdict::Invalid);
}

#[test]
fn nothing_verifies_against_nothing() {
    for settings in [cheap(), bcrypt()] {
        let engine = engine(&settings);
        for stored in [None, Some(""), Some("password"), Some("$argon2id$"), Some("$2b$12$")] {
            for password in ["", "password"] {
                let verdict = engine.verify(stored, &Secret::from(password), &mut Memory::default());
                assert_eq!(verdict, Verdict::Invalid, "{stored:?}");
            }
        }
    }
}

#[test]
fn empty_and_endless_passwords_are_not_hashed() {
    for settings in [cheap(), bcrypt()] {
        let engine = engine(&settings);
        let hash = |length: usize| engine.hash(&Secret::new("a".repeat(length)), &mut Memory::default());
        assert_eq!(hash(0).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(hash(MAX_PASSWORD_BYTES + 1).unwrap_err().kind(), ErrorKind::InvalidInput);
        let stored = hash(MAX_PASSWORD_BYTES).unwrap();
        assert_eq!(verify(&settings, stored.expose(), &"a".repeat(MAX_PASSWORD_BYTES)), Verdict::Valid);
        assert_eq!(verify(&settings, stored.expose(), &"a".repeat(MAX_PASSWORD_BYTES + 1)), Verdict::Invalid);
        // An empty password can't get in, not even where one was hashed.
        let empty = bcrypt_parts(b"", 8, [7; 16]).unwrap().to_string();
        assert_eq!(verify(&settings, &empty, ""), Verdict::Invalid);
    }
}

#[test]
fn an_unknown_user_costs_what_a_known_one_costs() {
    // Work is told by the memory that Argon2 has asked for, not by a stopwatch.
    let settings =
        PasswordSettings { argon2: Argon2Settings { memory: ByteSize::kib(4096), passes: 1, lanes: 1 }, ..cheap() };
    let engine = engine(&settings);
    let used = |stored: Option<&str>, password: &str| {
        let mut memory = Memory::default();
        assert_eq!(engine.verify(stored, &Secret::from(password), &mut memory), Verdict::Invalid);
        format!("{memory:?}")
    };
    let stored = hash(&settings, "password");
    for password in ["wrong", "", &"a".repeat(MAX_PASSWORD_BYTES + 1)] {
        assert_eq!(used(Some(&stored), password), "Memory(4096 KiB)");
        assert_eq!(used(None, password), "Memory(4096 KiB)");
        assert_eq!(used(Some("broken"), password), "Memory(4096 KiB)");
    }
}

#[test]
fn a_costlier_hash_of_the_past_leaves_no_memory_behind() {
    let costly =
        PasswordSettings { argon2: Argon2Settings { memory: ByteSize::kib(8192), passes: 1, lanes: 1 }, ..cheap() };
    let stored = hash(&costly, "password");
    let mut memory = Memory::default();
    assert_eq!(engine(&cheap()).verify(Some(&stored), &Secret::from("password"), &mut memory), Verdict::Valid);
    assert_eq!(format!("{memory:?}"), "Memory(0 KiB)");
}

#[test]
fn an_engine_shows_no_key() {
    let settings = PasswordSettings { pepper: Some(pepper(0)), ..cheap() };
    assert_eq!(format!("{:?}", engine(&settings)), "Engine { scheme: Argon2id, .. }");
    assert!(!format!("{settings:?}").contains("mJ8C0"));
}
