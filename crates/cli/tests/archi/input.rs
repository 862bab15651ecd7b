//! What comes in by standard input, and what is said of a command line that is not right.

use std::process::Stdio;

use crate::jwt::verify;
use crate::run::Place;

/// The commands that read a secret.
fn readers(place: &Place) -> Vec<Vec<&'static str>> {
    place.write("hash", "pbkdf2_sha256$600000$AAECAwQFBgcICQoLDA0ODw==$7xdxRO7JQgy8EJPSqLNEqSvFBtDU7JwCjdGfgyTYweY=");
    place.write("jwks.json", &place.run(&["jwt", "keygen", "--out", "key.pem"]).is(0).out);
    vec![
        vec!["password", "hash"],
        vec!["password", "verify", "--hash", "hash"],
        vec!["password", "score"],
        vec!["jwt", "inspect"],
        verify("jwks.json"),
    ]
}

#[test]
fn without_a_terminal_and_without_input_there_is_an_error_and_no_wait() {
    let place = Place::new();
    for reader in readers(&place) {
        for input in ["", "\n", "\r\n"] {
            let ended = place.pipe(&reader, input).is(2).says("is empty: pass it on standard input");
            assert_eq!(ended.out, "");
        }
        let output = place.command(&reader).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{reader:?}");
    }
}

#[test]
fn input_that_is_no_secret_is_an_error_and_not_repeated() {
    let place = Place::new();
    for reader in readers(&place) {
        place.pipe(&reader, b"canary\xff\xfe").is(2).says("not UTF-8 text").never_says("canary");
        place.pipe(&reader, "canary".repeat(64 * 1024)).is(2).says("has more than 65536 bytes").never_says("canary");
    }
}

#[test]
fn a_secret_that_was_typed_as_an_argument_is_not_repeated() {
    let place = Place::new();
    for reader in readers(&place) {
        for typed in ["hunter2canary", "--hunter2canary", "-xhunter2canary", "-hunter2canary=x", "--key=hunter2canary"]
        {
            let arguments = [&reader[..], &[typed]].concat();
            let ended = place.pipe(&arguments, "x").never_says("hunter2canary");
            // `-h` is help, whatever follows.
            assert!(ended.code == 2 || typed.starts_with("-h"), "{ended}");
        }
    }
    for group in ["password", "jwt", "secret", "config"] {
        place.run(&[group, "hunter2canary"]).is(2).never_says("hunter2canary");
    }
    for arguments in [
        &["secret", "generate", "--bytes", "hunter2canary"][..],
        &["secret", "generate", "--named", "hunter2 canary"],
        &["jwt", "sign", "--ttl", "hunter2canary"],
        &["jwt", "keygen", "--algorithm", "hunter2canary"],
        &["config", "check", "--profile", "hunter2canary"],
        &["config", "check", "--directory", "hunter2canary"],
        &["rules", "x", "hunter2canary"],
    ] {
        place.run(arguments).is(2).never_says("hunter2canary").never_says("hunter2 canary");
    }
}

#[test]
fn what_is_said_of_a_wrong_command_line_helps() {
    let place = Place::new();
    let said = |arguments: &[&str]| place.run(arguments).is(2).err;
    insta::assert_snapshot!(said(&["password", "hash", "hunter2"]), @"
    error: unexpected argument '…' found

      tip: what was typed is not repeated here. Secrets are read from standard input or asked for; replace one that was an argument, since other users could see it and the shell remembers it

    Usage: archi password hash

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["pasword"]), @"
    error: unrecognized subcommand '…'

      tip: a similar subcommand exists: 'password'

    Usage: archi <COMMAND>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["jwt", "verify", "--audiance", "x"]), @"
    error: unexpected argument '--audiance' found

      tip: a similar argument exists: '--audience'

    Usage: archi jwt verify --jwks <FILE|URL> --issuer <NAME> --audience <NAME>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["config", "explain", "--json"]), @"
    error: unexpected argument '--json' found

    Usage: archi config explain [OPTIONS]

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["jwt", "keygen"]), @"
    error: the following required arguments were not provided:
      --out <FILE>

    Usage: archi jwt keygen --out <FILE>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["jwt", "keygen", "--out"]), @"
    error: a value is required for '--out <FILE>' but none was supplied

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["config", "check", "--profile", "prod"]), @"
    error: invalid value '…' for '--profile <PROFILE>': is not a profile; the profiles are development, staging, production

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(said(&["secret", "generate", "--bytes", "16"]), @"
    error: invalid value '…' for '--bytes <NUMBER>': a secret has 32 to 1024 bytes

    For more information, try '--help'.
    ");
}
