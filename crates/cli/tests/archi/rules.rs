//! `archi rules`

use archirust::catalogue;
use serde_json::Value;

use crate::run::Place;

#[test]
fn every_rule_is_listed_with_how_bad_it_is() {
    let out = Place::new().run(&["rules"]).is(0).out;
    let lines: Vec<&str> = out.lines().collect();
    let rules = catalogue();
    assert_eq!(lines.len(), rules.len());
    for (line, rule) in lines.iter().zip(&rules) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[..2], [rule.id, &rule.severity.to_string()]);
        assert!(line.ends_with(rule.title), "{line}");
    }
    let columns: Vec<usize> = lines.iter().zip(&rules).map(|(line, rule)| line.len() - rule.title.len()).collect();
    assert!(columns.iter().all(|column| *column == columns[0]), "the titles are not in one column:\n{out}");
}

#[test]
fn each_rule_is_explained_by_either_of_its_names() {
    let place = Place::new();
    for rule in catalogue() {
        let out = place.run(&["rules", rule.id]).is(0).out;
        let told =
            [&[rule.id, rule.title, rule.why, rule.check, rule.remedy], rule.checklist, rule.references].concat();
        for text in told {
            assert!(out.contains(text), "{text:?} is not in:\n{out}");
        }
        assert!(out.contains(&rule.severity.to_string()));
        assert_eq!(out.contains("waiver     not possible"), !rule.waivable, "{out}");
        let short = rule.id.strip_prefix("ARCHI-").unwrap().to_lowercase();
        assert_eq!(place.run(&["rules", &short]).is(0).out, out);
    }
}

#[test]
fn an_area_is_listed_alone() {
    let place = Place::new();
    for area in ["jwt", "ARCHI-JWT"] {
        let out = place.run(&["rules", area]).is(0).out;
        let expected = catalogue().iter().filter(|rule| rule.id.starts_with("ARCHI-JWT-")).count();
        assert_eq!(out.lines().count(), expected);
        assert!(out.lines().all(|line| line.starts_with("ARCHI-JWT-")), "{out}");
    }
}

#[test]
fn programs_get_json() {
    let place = Place::new();
    let json = |arguments: &[&str]| serde_json::from_str::<Value>(&place.run(arguments).is(0).out).unwrap();
    let all = json(&["rules", "--json"]);
    assert_eq!(all.as_array().unwrap().len(), catalogue().len());
    let one = json(&["rules", "JWT-007", "--json"]);
    assert_eq!(one["id"], "ARCHI-JWT-007");
    assert!(all.as_array().unwrap().contains(&one));
    assert!(json(&["rules", "jwt", "--json"]).as_array().unwrap().contains(&one));
}

#[test]
fn a_rule_that_does_not_exist_is_an_error_with_those_near_it() {
    let place = Place::new();
    let ended = place.run(&["rules", "PWD-999"]).is(2);
    insta::assert_snapshot!(ended.err, @"error: there is no such rule; in its area there are ARCHI-PWD-001, ARCHI-PWD-002, ARCHI-PWD-003");
    assert_eq!(ended.out, "");
    insta::assert_snapshot!(place.run(&["rules", "hunter2canary"]).is(2).never_says("hunter2canary").err, @"error: there is no such rule: `archi rules` lists those there are");
}
