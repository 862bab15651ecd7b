//! What goes wrong around the service gets a clear error, and nothing is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use common::api::text;
use common::service::{SECRET_KEY, set_mode};
use common::{Api, Finished, PASSWORD, Setup};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use serde_json::json;

#[test]
fn a_port_in_use_is_named_with_its_setting() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (key, setting) in [("WEB__BIND", "web.bind"), ("MANAGEMENT__BIND", "management.bind")] {
        let refused = Setup::production().set(key, &address).refused();
        refused.says(&[&address, setting, "in use"]);
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    // The tests may run as root, to whom modes mean nothing: a file is no folder for anybody.
    let setup = Setup::development();
    setup.write("data", "");
    setup.refused().ends_with(2).says(&["data"]);
    assert_eq!(fs::read(setup.path("data")).unwrap(), b"");

    let refused = |path: &str| Setup::production().set("SQL__PATH", path).refused();
    refused("/proc/accounts/accounts.db").ends_with(2).says(&["sql.path", "/proc/accounts", "mkdir"]);
    refused("/proc/accounts.db").says(&["sql.path", "/proc/accounts.db"]);
}

#[tokio::test]
async fn a_damaged_database_is_named_and_left_as_it_is() {
    let setup = Setup::production();
    let database = setup.path("state/accounts.db");
    let service = setup.start();
    Api::new(&service).register("ada@example.org").await.expect(201);
    service.stop();
    let sound = fs::read(&database).unwrap();

    let mut garbled = sound.clone();
    garbled[..4096].fill(0x5a);
    let mut cut = sound.clone();
    cut.truncate(sound.len() / 2 + 100);
    for damaged in [garbled, cut, b"no database at all, and far too short".to_vec()] {
        fs::write(&database, &damaged).unwrap();
        let refused = setup.refused();
        refused.says(&["accounts.db"]).never_shows("ada@example.org");
        assert!(fs::read(&database).unwrap() == damaged, "the file was changed");
    }
    // From the backup everything is there again.
    fs::write(&database, sound).unwrap();
    let service = setup.start();
    Api::new(&service).session("ada@example.org").await;
    service.stop();
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_named_as_locked() {
    let setup = Setup::production().set("SQL__BUSY_TIMEOUT", "100ms");
    let database = setup.path("state/accounts.db");
    let service = setup.start();
    Api::new(&service).register("ada@example.org").await.expect(201);
    service.stop();

    let mut options = ConnectOptions::new(format!("sqlite://{}", database.display()));
    options.max_connections(1).min_connections(1);
    let other = Database::connect(options).await.unwrap();
    other.execute_unprepared("PRAGMA locking_mode = EXCLUSIVE").await.unwrap();
    other.execute_unprepared("UPDATE users SET version = version").await.unwrap();
    setup.refused().says(&["accounts.db", "locked"]);
    other.close().await.unwrap();

    let service = setup.start();
    Api::new(&service).session("ada@example.org").await;
    service.stop();
}

#[test]
fn a_damaged_or_open_key_file_is_named_and_left_as_it_is() {
    let setup = Setup::production();
    let path = setup.path("state/jwt.pem");
    let sound = fs::read_to_string(&path).unwrap();

    setup.write("state/jwt.pem", &sound[..sound.len() / 2]);
    let refused = setup.refused();
    refused.ends_with(2).says(&["state/jwt.pem"]);
    no_line_is_shown(&refused, &sound);
    assert_eq!(fs::read_to_string(&path).unwrap(), sound[..sound.len() / 2]);

    setup.write("state/jwt.pem", &sound);
    for mode in [0o644, 0o640, 0o602] {
        set_mode(&path, mode);
        setup.refused().says(&["state/jwt.pem", &format!("{mode:04o}"), "chmod 600"]);
    }
    set_mode(&path, 0o600);
    setup.start().stop();
}

#[test]
fn a_key_made_in_development_that_is_damaged_is_not_replaced() {
    let setup = Setup::development();
    setup.start().stop();
    for name in ["data/secret.key", "data/totp.key"] {
        let sound = fs::read_to_string(setup.path(name)).unwrap();
        setup.write(name, &sound[..10]);
        setup.refused().ends_with(2).says(&[name]).never_shows(&sound[..10]);
        assert_eq!(fs::read_to_string(setup.path(name)).unwrap(), sound[..10]);
        setup.write(name, &sound);
    }
    setup.start().stop();
}

#[test]
fn half_written_settings_are_named_with_line_and_column_and_without_the_line() {
    let setup = Setup::production();
    setup.write("archi.toml", "[web]\nbehind_https = true\n\n[totp]\nkey = \"k1:kanarienvogel");
    setup.refused().ends_with(2).says(&["archi.toml:5:"]).never_shows("kanarienvogel");
    setup.write("archi.toml", "[totp]\nkey = kanarienvogel\n");
    setup.refused().ends_with(2).says(&["archi.toml:2:7"]).never_shows("kanarienvogel");
    // The settings that can be read are judged all the same.
    let setup = setup.set("JWT__ACCESS_TTL", "2h");
    setup.refused().ends_with(2).says(&["archi.toml:2:7", "jwt.access_ttl"]).never_shows(SECRET_KEY);
}

#[tokio::test]
async fn what_was_answered_survives_a_power_cut() {
    let setup = Setup::production();
    let service = setup.start();
    let api = Api::new(&service);
    for number in 0..5 {
        api.register(&format!("user{number}@example.org")).await.expect(201);
    }
    let session = api.log_in("user0@example.org", PASSWORD).await.expect(200).json();
    let ended = api.session("user0@example.org").await;
    ended.delete("/v1/sessions").await.expect(204);
    let again = api.log_in("user0@example.org", PASSWORD).await.expect(200).json();
    service.kill();

    let service = setup.start();
    let api = Api::new(&service);
    for number in 0..5 {
        api.session(&format!("user{number}@example.org")).await;
    }
    let refresh = async |session| {
        api.post("/v1/sessions/refresh", json!({"refresh_token": text(session, "refresh_token")})).await
    };
    refresh(&again).await.expect(200);
    // What was ended stays ended, its access token too.
    assert_eq!(refresh(&session).await.status, 401);
    api.with_token(text(&session, "access_token")).get("/v1/users/me").await.problem(401, "token_revoked");
    service.stop();
}

#[track_caller]
fn no_line_is_shown(refused: &Finished, pem: &str) {
    for line in pem.lines().filter(|line| !line.starts_with("-----")) {
        refused.never_shows(&line[..line.len().min(16)]);
    }
}

#[test]
fn nothing_that_is_missing_is_made_in_production() {
    let setup = Setup::production();
    fs::remove_dir_all(setup.path("state")).unwrap();
    setup.refused();
    let left: Vec<_> = fs::read_dir(setup.path("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!Path::new(&setup.path("data")).exists());
}
