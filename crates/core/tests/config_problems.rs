//! Every problem at once, each with key, origin, what is accepted and what to do, and none with a value.

mod common;

use archirust_core::config::{ConfigErrors, ProblemKind};
use archirust_core::{Error, ErrorKind};
use common::{KEY, OTHER_KEY, ServiceSettings, Site};
use insta::assert_snapshot;

#[test]
fn all_kinds_of_problems_are_told_at_once_and_sorted() {
    let site = Site::new()
        .file(
            "archi.toml",
            "nmae = 'x'\n\
             [cache]\n\
             ttl = '2h'\n\
             max_bytes = '10 parsecs'\n\
             engine = 'memroy'\n\
             shards = 3\n\
             compress = 'yes'\n\
             allowed = ['10.0.0.0/8', 'everywhere']\n\
             sample = 1.5\n\
             [cahce]\n\
             ttl = '1m'\n\
             [jwt]\n\
             kay_file = 'key'\n\
             [database]\n\
             host = 5\n\
             port = 0\n",
        )
        .variable("ARCHI__CACHE__TLL", "1m")
        .variable("ARCHI__WHATEVER__ELSE__THERE_IS", "1m");
    assert_snapshot!(site.problems());
}

#[test]
fn no_profile_is_production_and_misses_its_secrets_with_their_rule() {
    assert_snapshot!(Site::new().problems(), @"
    jwt.key is missing; accepted is at least 32 random bytes in hex, base64 or base64url, as of `openssl rand -base64 32` [ARCHI-CFG-005]
      set ARCHI__JWT__KEY or ARCHI__JWT__KEY_FILE
    ");
    assert_snapshot!(Site::new().development().problems(), @"");
    assert_snapshot!(Site::new().variable("ARCHI_PROFILE", "staging").problems(), @"");
}

#[test]
fn an_unknown_profile_is_a_problem_and_counts_as_production() {
    let site = Site::new().variable("ARCHI_PROFILE", "develop");
    assert!(!site.problems().contains("develop "));
    assert_snapshot!(site.problems(), @"
    jwt.key is missing; accepted is at least 32 random bytes in hex, base64 or base64url, as of `openssl rand -base64 32` [ARCHI-CFG-005]
      set ARCHI__JWT__KEY or ARCHI__JWT__KEY_FILE
    profile is unknown (variable ARCHI_PROFILE); accepted is one of development, staging, production
      set ARCHI_PROFILE, or profile at the top of archi.toml
    ");
    let file = Site::new().file("archi.toml", "profile = 'Production'").variable("ARCHI__JWT__KEY", KEY);
    assert_snapshot!(file.problems(), @"
    profile is unknown (…/archi.toml:1); accepted is one of development, staging, production
      set ARCHI_PROFILE, or profile at the top of archi.toml
    ");
    let number = Site::new().file("archi.toml", "profile = 3").variable("ARCHI__JWT__KEY", KEY);
    assert_eq!(number.load().problems.len(), 1);
    let empty = Site::new().variable("ARCHI_PROFILE", "").variable("ARCHI__JWT__KEY", KEY);
    assert_eq!(empty.load().problems.len(), 1);
}

#[test]
fn the_profile_is_chosen_by_the_main_file_or_the_variable_only() {
    let site = Site::new()
        .development()
        .file("archi.development.toml", "profile = 'staging'")
        .file(".env", "ARCHI_PROFILE=production");
    assert_snapshot!(site.problems(), @"
    profile can't be chosen here (…/archi.development.toml:1)
      set ARCHI_PROFILE, or profile at the top of archi.toml
    profile can't be chosen here (…/.env:1)
      set ARCHI_PROFILE, or profile at the top of archi.toml
    ");
    let same = Site::new().development().file(".env", "ARCHI_PROFILE=development");
    assert_snapshot!(same.problems(), @"");
}

#[test]
fn weak_and_malformed_secrets_carry_their_rules_and_never_show() {
    let cases = [
        ("", "ARCHI-CFG-006"),
        ("changeme", "ARCHI-CFG-007"),
        ("8bytekey", "ARCHI-CFG-007"),
        ("hunter2-hunter2-hunter2-hunter2", "ARCHI-CFG-007"),
        (&KEY[..41], "ARCHI-CFG-007"),
    ];
    for (value, rule) in cases {
        let loading = Site::new().variable("ARCHI__JWT__KEY", value).load();
        assert_eq!(loading.problems.len(), 1, "{value}");
        assert_eq!(loading.problems[0].rule, Some(rule), "{value}");
        let shown = format!("{} {:?} {loading:?}", loading.problems[0], loading.problems[0]);
        assert!(value.is_empty() || !shown.contains(value), "{shown}");
    }
    let site = Site::new().development().file("archi.toml", "[database]\nhost = 'db'\npassword = 12345678\n");
    assert_snapshot!(site.problems(), @"
    database.password is an integer, which is not its type (…/archi.toml:3); accepted is a secret that is neither empty nor a placeholder [ARCHI-CFG-006]
      set ARCHI__DATABASE__PASSWORD or ARCHI__DATABASE__PASSWORD_FILE
    ");
    let site = Site::new().development().file("archi.toml", "[database]\nhost = 'db'\npassword = '${DB_PASSWORD}'\n");
    assert_snapshot!(site.problems(), @"
    database.password is a placeholder (…/archi.toml:3); accepted is a secret that is neither empty nor a placeholder [ARCHI-CFG-006]
      set ARCHI__DATABASE__PASSWORD or ARCHI__DATABASE__PASSWORD_FILE
    ");
}

#[test]
fn one_weak_key_in_a_list_is_named_by_its_place() {
    let site = Site::new().development().variable("ARCHI__JWT__FORMER_KEYS", format!("{KEY},changeme,{OTHER_KEY}"));
    assert_snapshot!(site.problems(), @"
    jwt.former_keys entry 2 has 8 bytes after decoding, at least 32 are needed, is a placeholder, is made of words (variable ARCHI__JWT__FORMER_KEYS); accepted is a list, each entry at least 32 random bytes in hex, base64 or base64url, as of `openssl rand -base64 32` [ARCHI-CFG-007]
      set ARCHI__JWT__FORMER_KEYS or ARCHI__JWT__FORMER_KEYS_FILE
    ");
}

#[test]
fn value_and_file_in_one_source_contradict_each_other() {
    let toml = Site::new()
        .development()
        .file("archi.toml", format!("[jwt]\nkey = '{KEY}'\nkey_file = 'key'\n"))
        .file("key", KEY);
    assert_snapshot!(toml.problems(), @"
    jwt.key is given as a value (…/archi.toml:2) and as a file (…/archi.toml:3)
      keep one of the two
    ");
    let variables = Site::new().development().variable("ARCHI__JWT__KEY_FILE", "key").variable("ARCHI__JWT__KEY", KEY);
    assert_snapshot!(variables.problems(), @"
    jwt.key is given as a value (variable ARCHI__JWT__KEY) and as a file (variable ARCHI__JWT__KEY_FILE)
      keep one of the two
    ");
    // The environment and .env are variables both.
    let both = Site::new()
        .development()
        .file(".env", format!("ARCHI__JWT__KEY={KEY}\n"))
        .variable("ARCHI__JWT__KEY_FILE", "key");
    assert_snapshot!(both.problems(), @"
    jwt.key is given as a value (…/.env:1) and as a file (variable ARCHI__JWT__KEY_FILE)
      keep one of the two
    ");
}

#[test]
fn files_of_values_that_are_of_no_use_are_problems_with_their_path() {
    let large = vec![b'a'; 64 * 1024 + 1];
    let site =
        Site::new().file("empty", "\n").file("binary", [0xff, 0xfe, 0x00]).file("large", large).file("folder/x", "x");
    for (name, rule) in [
        ("missing", "ARCHI-CFG-005"),
        ("folder", "ARCHI-CFG-005"),
        ("empty", "ARCHI-CFG-006"),
        ("binary", "ARCHI-CFG-006"),
        ("large", "ARCHI-CFG-006"),
    ] {
        let site = Site::new().file("archi.toml", format!("[jwt]\nkey_file = '{}'", site.path(name).display()));
        let problems = site.load().problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].rule, Some(rule), "{name}");
        assert!(problems[0].to_string().contains(name), "{}", problems[0]);
    }
    let missing = Site::new().file("archi.toml", "[jwt]\nkey_file = 'keys/missing'");
    assert_snapshot!(missing.problems(), @"
    jwt.key is given as a file that does not exist (file …/keys/missing, named by …/archi.toml:2) [ARCHI-CFG-005]
      mend the file, or set ARCHI__JWT__KEY or ARCHI__JWT__KEY_FILE
    ");
    let unnamed = Site::new().development().variable("ARCHI__JWT__KEY_FILE", "");
    assert_snapshot!(unnamed.problems(), @"
    jwt.key is given as a file that has no name (variable ARCHI__JWT__KEY_FILE) [ARCHI-CFG-006]
      mend the file, or set ARCHI__JWT__KEY or ARCHI__JWT__KEY_FILE
    ");
    let number = Site::new().development().file("archi.toml", "[jwt]\nkey_file = 7");
    assert_snapshot!(number.problems(), @"
    jwt.key_file is an integer, which is not its type (…/archi.toml:2); accepted is the path of a file
      see the example of archi.toml
    ");
}

#[test]
fn a_file_of_just_the_largest_size_is_read() {
    let site = Site::new().development().file("name", vec![b'a'; 64 * 1024]);
    let path = site.path("name");
    let site = site.variable("ARCHI__NAME_FILE", path.to_str().unwrap());
    assert_eq!(site.load().problems[0].kind, ProblemKind::OutOfRange);
}

#[test]
fn a_half_written_toml_file_is_named_with_line_and_column_and_not_shown() {
    let site = Site::new().file("archi.toml", "name = 'x'\n[jwt]\nkey = \"s3cr3t-and-unclosed\n[cache]\nshards = 3\n");
    assert!(!site.problems().contains("s3cr3t"));
    assert_snapshot!(site.problems(), @r#"
    …/archi.toml:3:27 can't be read: invalid basic string, expected `"`
      correct line 3 of …/archi.toml
    cache.shards is not a power of two (…/archi.toml:5); accepted is a whole number from 0 to 65535
      set ARCHI__CACHE__SHARDS, or shards in [cache] of archi.toml
    "#);
    let bare = Site::new().development().file("archi.toml", "[database]\nhost = 'x'\npassword =\ns3cr3t-value\n");
    assert!(!bare.problems().contains("s3cr3t"), "{}", bare.problems());
    let twice = Site::new().development().file("archi.toml", "name = 'x'\nname = 'y'\n");
    assert_snapshot!(twice.problems(), @"
    …/archi.toml:2:1 can't be read: duplicate key
      correct line 2 of …/archi.toml
    ");
    let not_text = Site::new().development().file("archi.toml", [0xff, 0xfe]);
    assert_snapshot!(not_text.problems(), @"
    …/archi.toml is not UTF-8 text
      make it a text file that this user may read, or move it away
    ");
}

#[test]
fn a_broken_line_of_dotenv_is_named_and_not_shown() {
    let site =
        Site::new().development().file(".env", "ARCHI__NAME=x\ns3cr3t value\nARCHI__NAME=y\nARCHI__JWT__KEY='s3cr3t\n");
    assert!(!site.problems().contains("s3cr3t"));
    assert_snapshot!(site.problems(), @"
    …/.env:2:8 can't be read: expected = after the name
      correct line 2 of …/.env
    …/.env:3:1 can't be read: ARCHI__NAME is set again, first in line 1
      correct line 3 of …/.env
    …/.env:4:17 can't be read: this quote is never closed
      correct line 4 of …/.env
    ");
}

#[test]
fn a_missing_main_file_is_a_problem_only_when_it_is_named() {
    let site = Site::new().development();
    assert!(site.load().problems.is_empty());
    let loading = site.loader().file(site.path("named.toml")).load::<ServiceSettings>();
    assert_eq!(loading.problems.len(), 1);
    assert_snapshot!(site.without_folder(&loading.problems[0].to_string()), @"
    …/named.toml does not exist
      write it, or name another file
    ");
}

#[test]
fn nearly_right_names_of_variables_are_problems_with_the_right_one() {
    let meant = |name: &str| {
        let problems = Site::new().development().variable(name, "1").load().problems;
        let kinds: Vec<_> = problems.into_iter().map(|problem| problem.kind).collect();
        match kinds.as_slice() {
            [] => None,
            [ProblemKind::UnknownKey { suggestion }] => Some(suggestion.clone().unwrap_or_default()),
            other => panic!("{name}: {other:?}"),
        }
    };
    for (name, suggestion) in [
        ("ARCHI__CACHE__TLL", "ARCHI__CACHE__TTL"),
        ("ARCHI__TTL", "ARCHI__CACHE__TTL"),
        ("ARCHI__cache__ttl", "ARCHI__CACHE__TTL"),
        ("ARCHI__CACHE", "ARCHI__CACHE"),
        ("ARCHI_CACHE_TTL", "ARCHI__CACHE__TTL"),
        ("ARCHI_JWT__KEY_FILE", "ARCHI__JWT__KEY_FILE"),
        ("ARCHI__JWT__KAY_FILE", "ARCHI__JWT__KEY_FILE"),
        ("ARCHI__PROFILE", "ARCHI_PROFILE"),
        ("ARCHI_PROFIL", "ARCHI_PROFILE"),
        ("ARCHI__UTTERLY__DIFFERENT_THING", ""),
    ] {
        assert_eq!(meant(name).as_deref(), Some(suggestion), "{name}");
    }
    // They may belong to another program.
    assert_eq!(meant("ARCHI_HOME"), None);
    assert_eq!(meant("ARCHIVE__CACHE__TTL"), None);
}

#[test]
fn values_at_the_ends_of_a_range_are_accepted_and_those_beyond_are_not() {
    let problems = |name: &str, value: &str| Site::new().development().variable(name, value).load().problems;
    for (name, good, bad) in [
        ("ARCHI__CACHE__TTL", ["1s", "60m"], ["999ms", "60m 1s"]),
        ("ARCHI__CACHE__MAX_BYTES", ["1 MiB", "64 GiB"], ["1048575", "65 GiB"]),
        ("ARCHI__CACHE__SAMPLE", ["0", "1"], ["-0.001", "1.001"]),
        ("ARCHI__NAME", ["a", "aaaaaaaaaaaaaaaaaaaa"], ["", "aaaaaaaaaaaaaaaaaaaaa"]),
        ("ARCHI__CACHE__ALLOWED", ["", "::/0,::/1,::/2"], ["::/0,::/1,::/2,::/3"; 2]),
    ] {
        assert!(good.iter().all(|value| problems(name, value).is_empty()), "{name}");
        for value in bad {
            let found = problems(name, value);
            assert!(found.len() == 1 && found[0].kind == ProblemKind::OutOfRange, "{name}={value}: {found:?}");
        }
    }
}

#[test]
fn a_conflict_between_settings_is_found_once_each_of_them_is_sound() {
    let site = Site::new().development().file("archi.toml", "[cache]\nttl = '1m'\nmin_ttl = '2m'\n");
    assert_snapshot!(site.problems(), @"
    cache.min_ttl is longer than ttl (…/archi.toml:3)
      set ARCHI__CACHE__MIN_TTL, or min_ttl in [cache] of archi.toml
    ");
    // With its default in place of a refused value, the comparison would be one with nothing.
    let site = Site::new().development().file("archi.toml", "[cache]\nttl = 'soon'\nmin_ttl = '20m'\n");
    assert_eq!(site.load().problems.len(), 1);
}

#[test]
fn placeholders_of_the_examples_are_refused() {
    let site =
        Site::new().development().variable("ARCHI__NAME", "<text>").variable("ARCHI__JWT__PRIVATE_KEY", "<path>");
    assert_snapshot!(site.problems(), @"
    jwt.private_key is the placeholder of the example (variable ARCHI__JWT__PRIVATE_KEY); accepted is the path of a file or folder
      set ARCHI__JWT__PRIVATE_KEY, or private_key in [jwt] of archi.toml
    name is the placeholder of the example (variable ARCHI__NAME); accepted is text, from 1 to 20 characters
      set ARCHI__NAME, or name at the top of archi.toml
    ");
}

#[test]
fn a_problem_leaves_the_other_settings_to_be_judged() {
    let loading = Site::new().development().file("archi.toml", "name = 'here'\n[cache]\nttl = 'soon'\n").load();
    let settings = loading.settings.as_ref().unwrap();
    assert_eq!((settings.name.as_str(), settings.cache.ttl.as_secs()), ("here", 900));
    assert_eq!(loading.origins.of("cache.ttl").to_string(), "default");
    assert!(loading.into_result().is_err());

    // Without a default there is nothing to build from.
    let loading = Site::new().development().file("archi.toml", "[database]\nport = 1\n").load();
    assert!(loading.settings.is_none());
    assert_eq!(loading.problems.len(), 2);
}

#[test]
fn errors_say_how_many_there_are_and_become_one_of_the_kind_configuration() {
    let errors: ConfigErrors = Site::new().load().into_result().unwrap_err();
    assert!(errors.to_string().starts_with("1 problem in the configuration\njwt.key is missing"));
    let error = Error::from(errors);
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(!error.to_string().contains("jwt"), "what is shown to a client names no key");
    assert!(error.report().to_string().contains("jwt.key is missing"));
    let two = Site::new().variable("ARCHI__CACHE__TTL", "x").load().into_result().unwrap_err();
    assert!(two.to_string().starts_with("2 problems in the configuration\ncache.ttl is malformed"));
}
