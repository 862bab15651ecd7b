//! Every rule there is, from the crates that own them.

use archirust_core::hardening::{Rule, RuleInfo};

/// Every rule, sorted by its id.
pub fn catalogue() -> Vec<RuleInfo> {
    fn infos<F>(rules: &[Rule<F>]) -> impl Iterator<Item = RuleInfo> {
        rules.iter().map(|rule| rule.info)
    }
    let mut rules: Vec<RuleInfo> = infos(archirust_core::rules::RULES)
        .chain(infos(archirust_auth::jwt::RULES))
        .chain(infos(archirust_auth::password::RULES))
        .chain(infos(archirust_auth::password::STORED_RULES))
        .chain(infos(archirust_sql::RULES))
        .chain(infos(archirust_telemetry::RULES))
        .chain(infos(archirust_web::RULES))
        .collect();
    rules.sort_by_key(|rule| rule.id);
    // A rule can be judged over more than one kind of facts: CFG-013 over key files and over database files.
    rules.dedup_by_key(|rule| rule.id);
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_listed_once_and_in_order() {
        assert!(catalogue().windows(2).all(|pair| pair[0].id < pair[1].id));
    }

    #[test]
    fn every_rule_says_why_how_and_what_it_answers() {
        for rule in catalogue() {
            let number = rule.id.strip_prefix("ARCHI-").and_then(|id| id.split_once('-'));
            let (area, number) = number.unwrap_or_default();
            assert!(["CFG", "JWT", "DB", "PWD", "LOG"].contains(&area), "{}", rule.id);
            assert!(number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()), "{}", rule.id);
            for text in [rule.title, rule.why, rule.check, rule.remedy] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", rule.id);
            }
            assert!(!rule.checklist.is_empty() || !rule.references.is_empty(), "{}", rule.id);
        }
    }
}
