//! What a script can go by.

use std::fs::OpenOptions;
use std::io;
use std::process::Stdio;

use archirust::clock::{Clock, SystemClock};
use serde_json::Value;

use crate::jwt::Signed;
use crate::run::{Ended, Place};

fn check(place: &Place) -> Ended {
    place.run(&["config", "check"])
}

/// A place in which one rule does not hold: the file of a secret is open to others.
fn failing() -> Place {
    let place = Place::production();
    place.write("throttle.key", &place.run(&["secret", "generate"]).is(0).out);
    place.set_mode("throttle.key", 0o644);
    place.with("ARCHI__THROTTLE__KEY_FILE", "throttle.key")
}

fn fingerprint(place: &Place, rule: &str) -> String {
    let report: Value = serde_json::from_str(&place.run(&["config", "check", "--json"]).out).unwrap();
    let findings = report["report"]["findings"].as_array().unwrap();
    let finding =
        findings.iter().find(|finding| finding["rule"]["id"] == rule && finding["outcome"] == "fail").unwrap();
    finding["fingerprint"].as_str().unwrap().to_owned()
}

fn waiver(place: &Place, fingerprint: &str, created: &str, expires: &str) {
    place.write(
        "archi.waivers.toml",
        &format!(
            "[[waiver]]\nrule = \"ARCHI-CFG-013\"\ntarget = \"settings\"\nfingerprint = \"{fingerprint}\"\n\
             reason = \"the volume has no modes until it is moved\"\nowner = \"ada\"\napproved_by = \"grace\"\n\
             created = \"{created}\"\nexpires = \"{expires}\"\n"
        ),
    );
}

#[test]
fn nought_is_well() {
    check(&Place::production()).is(0);
    let signed = Signed::new();
    signed.verify(&signed.token).is(0);
    signed.place.run(&["rules"]).is(0);
}

#[test]
fn one_is_a_rule_that_does_not_hold_or_something_that_is_not_valid() {
    check(&failing()).is(1).says("fail ARCHI-CFG-013").says("chmod 600 throttle.key");
    let signed = Signed::new();
    signed.verify("a.b.c").is(1).says("not valid");
    signed.place.pipe(&["password", "score"], "password").is(1);
}

#[test]
fn two_is_wrong_settings_or_a_wrong_command_line_or_wrong_input() {
    check(&Place::new()).is(2);
    // Wrong settings weigh more than a rule.
    check(&failing().with("ARCHI__WEB__BIND", "x")).is(2).says("fail ARCHI-CFG-013");
    let place = Place::new();
    place.run(&["config", "chekc"]).is(2);
    place.run(&["rules", "JWT-999"]).is(2);
    place.pipe(&["jwt", "inspect"], "no token").is(2);
}

#[test]
fn three_is_a_rule_that_could_not_be_judged() {
    let place = Place::production();
    let settings = place.read("archi.toml");
    place.write("archi.toml", &format!("{settings}[web.tls]\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\n"));
    check(&place).is(3).says("unknown ARCHI-CFG-013").says("the mode of tls.key");
}

#[test]
fn four_is_waivers_that_are_not_valid_or_over() {
    let place = failing();
    let fingerprint = fingerprint(&place, "ARCHI-CFG-013");
    let today = SystemClock::new().now().to_string()[..10].to_owned();
    waiver(&place, &fingerprint, &today, &today);
    check(&place).is(0).says("waived");
    waiver(&place, &fingerprint, "2020-01-01", "2020-02-01");
    check(&place).is(4).says("expired on 2020-02-01");
    waiver(&place, &fingerprint, "2020-01-01", "2029-02-01");
    check(&place).is(4).says("lasts longer than the 180 days");
    place.write("archi.waivers.toml", "[[waiver]]\nrule = ");
    check(&place).is(4).says("the waivers are not valid");
}

/// `archi rules | head -1`
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::new();
    for arguments in [&["rules"][..], &["config", "example"], &["secret", "generate"], &["--help"]] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output =
            place.command(arguments).stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let output = output.wait_with_output().unwrap();
        assert_eq!((output.status.code(), &output.stderr[..]), (Some(0), &b""[..]), "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_can_not_be_written_is_an_error() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let command =
        Place::new().command(&["secret", "generate"]).stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).spawn();
    let output = command.unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("error: the answer could not be written"));
}
