use proptest::prelude::*;

use super::*;

const ACCEPTED: Accepted = Accepted { memory_kib: 19456, bcrypt_cost: 12 };

fn refusal(text: &str) -> Option<Unusable> {
    Stored::parse(text, ACCEPTED).err()
}

fn argon2(params: &str) -> String {
    format!("$argon2id$v=19${params}$c29tZXNhbHRzb21lc2FsdA$ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y")
}

fn bcrypt(cost: u32) -> String {
    format!("$2b${cost:02}$abcdefghijklmnopqrstuO5BGYa2KEI/jSY0.Ybh5LsPBTGAqeV8e")
}

fn bcrypt_sha256(params: &str) -> String {
    format!("$bcrypt-sha256$v=2,t=2b,{params}$abcdefghijklmnopqrstuO$mHvc0iSsJOuaS5/UwLJMu5PHnGE0TZS")
}

fn pbkdf2(rounds: &str) -> String {
    format!("pbkdf2_sha256${rounds}$AAECAwQFBgcICQoLDA0ODw==$7xdxRO7JQgy8EJPSqLNEqSvFBtDU7JwCjdGfgyTYweY=")
}

#[test]
fn a_hostile_hash_cannot_ask_for_endless_work() {
    for (most, more) in [
        (argon2("m=262144,t=4,p=1"), argon2("m=262145,t=1,p=1")),
        (argon2("m=65536,t=16,p=1"), argon2("m=65536,t=17,p=1")),
        (argon2("m=19456,t=2,p=16"), argon2("m=19456,t=2,p=17")),
        (bcrypt(15), bcrypt(16)),
        (bcrypt_sha256("r=15"), bcrypt_sha256("r=16")),
        (pbkdf2("5000000"), pbkdf2("5000001")),
        (pbkdf2("600000"), pbkdf2("4294967296")),
    ] {
        assert_eq!(refusal(&most), None, "{most}");
        assert_eq!(refusal(&more), Some(Unusable::TooCostly), "{more}");
    }
}

#[test]
fn a_hash_made_with_next_to_no_work_is_refused() {
    for (least, less) in [
        (argon2("m=4096,t=1,p=1"), argon2("m=4095,t=3,p=1")),
        (bcrypt(8), bcrypt(7)),
        (bcrypt_sha256("r=8"), bcrypt_sha256("r=7")),
        (pbkdf2("100000"), pbkdf2("99999")),
        (pbkdf2("100000"), pbkdf2("1")),
        (pbkdf2("100000"), pbkdf2("0")),
    ] {
        assert_eq!(refusal(&least), None, "{least}");
        assert_eq!(refusal(&less), Some(Unusable::TooCheap), "{less}");
    }
}

#[test]
fn what_the_settings_ask_for_is_never_too_cheap() {
    let accepted = Accepted { memory_kib: 64, bcrypt_cost: 4 };
    assert!(Stored::parse(&argon2("m=64,t=1,p=1"), accepted).is_ok());
    assert!(Stored::parse(&argon2("m=63,t=1,p=1"), accepted).is_err());
    assert!(Stored::parse(&bcrypt(4), accepted).is_ok());
}

#[test]
fn what_is_no_password_hash_is_not_read() {
    let long = "a".repeat(100_000);
    for text in [
        "",
        "$",
        "!",
        "correct horse battery staple",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "5e884898da28047151d0e56f8dc6292773603d0d6aabbd62a11ef721d1542d8a",
        "$1$salt$hash",
        "$2x$12$abcdefghijklmnopqrstuO5BGYa2KEI/jSY0.Ybh5LsPBTGAqeV8e",
        "$2$12$abcdefghijklmnopqrstuO5BGYa2KEI/jSY0.Ybh5LsPBTGAqeV8e",
        "$2b$12$abcdefghijklmnopqrstuO5BGYa2KEI/jSY0.Ybh5LsPBTGAqeV8",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA",
        "$argon2id$v=18$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y",
        "$argon2x$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$ISO7kkvFzh19GM8qB7patN3C3Y9HHsjlVTfEZ9T600Y",
        "AAECAwQFBgcICQoLDA0OD0nUnCX1l4RiCfDZLndwq2Thx16UtM5sUJJl7mcXXSo=",
        "AAECAwQFBgcICQoLDA0OD0nUnCX1l4RiCfDZLndwq2Thx16UtM5sUJJl7mcXXSoeAAAA",
        &long,
        &argon2("m=19456,t=2"),
        &argon2("m=19456,t=2,p=1,x=1"),
        &argon2("m=19456,t=0,p=1"),
        &argon2("m=19456,t=2,p=0"),
        &bcrypt_sha256("r="),
        &bcrypt_sha256("12"),
        &bcrypt_sha256("r=012"),
        &pbkdf2("+600000"),
        &pbkdf2(""),
        "pbkdf2_sha256$600000$AAECAwQFBgcICQoLDA0O$7xdxRO7JQgy8EJPSqLNEqSvFBtDU7JwCjdGfgyTYweY=",
        "pbkdf2_sha256$600000$AAECAwQFBgcICQoLDA0ODw==$7xdxRO7JQgy8EJPSqLNEqSvFBtDU7JwCjdGfgyTYweY=$",
        "pbkdf2_sha256$600000$AAECAwQFBgcICQoLDA0ODw==$",
    ] {
        assert_eq!(refusal(text), Some(Unusable::Unreadable), "{text}");
    }
}

#[test]
fn the_name_of_a_pepper_is_read() {
    let Ok(Stored::Argon2(hash)) = Stored::parse(&argon2("m=19456,t=2,p=1,keyid=MjAyNmE"), ACCEPTED) else { panic!() };
    assert_eq!(hash.key_id.as_deref(), Some("2026a"));
    let Ok(Stored::BcryptSha256(hash)) = Stored::parse(&bcrypt_sha256("r=12,keyid=2026a"), ACCEPTED) else { panic!() };
    assert_eq!(hash.key_id.as_deref(), Some("2026a"));
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,120}") {
        let _ = Stored::parse(&text, ACCEPTED);
    }

    #[test]
    fn no_damaged_hash_breaks_the_reader(
        which in 0..4_usize, place in 0..90_usize, with in proptest::char::any(),
    ) {
        let whole = [argon2("m=19456,t=2,p=1"), bcrypt(12), bcrypt_sha256("r=12"), pbkdf2("600000")][which].clone();
        let damaged: String =
            whole.chars().enumerate().map(|(i, c)| if i == place { with } else { c }).collect();
        let _ = Stored::parse(&damaged, ACCEPTED);
        let cut: String = whole.chars().take(place).collect();
        let _ = Stored::parse(&cut, ACCEPTED);
    }
}
