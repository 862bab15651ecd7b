//! What a newcomer reads first.

use crate::run::Place;

const COMMANDS: [&[&str]; 17] = [
    &[],
    &["rules"],
    &["config"],
    &["config", "check"],
    &["config", "explain"],
    &["config", "example"],
    &["config", "schema"],
    &["secret"],
    &["secret", "generate"],
    &["jwt"],
    &["jwt", "keygen"],
    &["jwt", "inspect"],
    &["jwt", "sign"],
    &["jwt", "verify"],
    &["password"],
    &["password", "score"],
    &["password", "verify"],
];

#[test]
fn every_command_says_what_it_does() {
    let place = Place::new();
    let help = COMMANDS.map(|command| {
        let arguments = [command, &["--help"]].concat();
        let ended = place.run(&arguments).is(0);
        assert_eq!(ended.err, "");
        format!("$ archi {}\n{}", arguments.join(" "), ended.out)
    });
    insta::assert_snapshot!(help.join("\n"));
}

#[test]
fn without_a_command_there_is_help_and_an_error() {
    let place = Place::new();
    for group in [&[][..], &["config"], &["secret"], &["jwt"], &["password"]] {
        let ended = place.run(group).is(2).says("Usage: archi");
        assert_eq!(ended.out, "", "help that nobody asked for is no answer");
    }
}

/// The only argument without a name is the id of a rule: a secret has no place on the command line.
#[test]
fn no_command_takes_a_secret_as_an_argument() {
    let place = Place::new();
    for command in COMMANDS {
        let help = place.run(&[command, &["--help"]].concat()).is(0).out;
        let usage = help.lines().find(|line| line.starts_with("Usage:")).unwrap();
        let words: Vec<&str> = usage.split_whitespace().collect();
        let nameless: Vec<&str> = (1..words.len())
            .filter(|&place| words[place].starts_with(['[', '<']) && !words[place - 1].starts_with("--"))
            .map(|place| words[place])
            .filter(|word| !["[OPTIONS]", "<COMMAND>"].contains(word))
            .collect();
        assert_eq!(nameless, if command == ["rules"] { vec!["[ID]"] } else { Vec::new() }, "{usage}");
        for option in ["--password", "--secret", "--token"] {
            assert!(!help.contains(option), "{option} of {command:?}");
        }
    }
}

#[test]
fn it_says_its_version() {
    let version = Place::new().run(&["--version"]).is(0).out;
    assert_eq!(version, format!("archi {}\n", env!("CARGO_PKG_VERSION")));
}
