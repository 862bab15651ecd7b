//! Proof that settings are well declared.

use std::collections::HashSet;

use crate::config::{Loader, ProblemKind, Settings};

/// What is wrong with the declaration of `T`: defaults that are not of their own type and range, ranges that can't be read, two
/// settings of one key, a key that could also be read as the file of another setting.
pub fn declaration_defects<T: Settings>() -> Vec<String> {
    let schema = T::schema();
    let mut seen = HashSet::new();
    let sections = T::sections().into_iter().map(|section| section.key).filter(|key| !key.is_empty());
    let keys: Vec<String> = schema.iter().map(|field| field.key.clone()).chain(sections).collect();
    let twice = keys.iter().filter(|key| !seen.insert(key.as_str())).map(|key| format!("{key} is declared twice"));
    let files = keys.iter().filter(|key| keys.contains(&format!("{key}_file")));
    let files = files.map(|key| format!("{key}_file is also the file of {key}"));
    let problems = Loader::new("DECLARATION").directory("/nonexistent").load::<T>().problems;
    let defaults = problems.into_iter().filter(|problem| problem.kind == ProblemKind::Defect);
    let defaults = defaults.map(|problem| format!("{} {}", problem.key, problem.what()));
    let ranges = schema.iter().filter(|field| !field.is_range_valid);
    let ranges = ranges.map(|field| format!("{} has a range that is none of its type", field.key));
    twice.chain(files).chain(defaults).chain(ranges).collect()
}

/// Asserts that `T` is well declared, see [`declaration_defects`].
///
/// # Panics
/// When it is not.
#[track_caller]
pub fn assert_well_declared<T: Settings>() {
    let defects = declaration_defects::<T>();
    assert!(defects.is_empty(), "the settings have defects:\n{}", defects.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings with every defect.
    #[derive(Settings)]
    #[expect(dead_code, reason = "only the declaration matters")]
    struct Defective {
        /// Not a number.
        #[setting(default = "many")]
        count: u32,
        /// Out of its range.
        #[setting(default = 5, range = "1..=4")]
        size: u32,
        /// A range without an end.
        #[setting(range = "1..4")]
        level: Option<u32>,
        /// A type without order.
        #[setting(range = "1..=4")]
        flag: Option<bool>,
        /// A key.
        key: Option<String>,
        /// What the file of the key is called too.
        key_file: Option<String>,
        #[setting(flatten)]
        more: More,
    }

    /// Flattened.
    #[derive(Settings)]
    #[expect(dead_code, reason = "only the declaration matters")]
    struct More {
        /// Of the same name as one above.
        #[setting(default = 1, range = "1..=4")]
        count: u32,
    }

    #[test]
    fn every_defect_of_a_declaration_is_found() {
        insta::assert_snapshot!(declaration_defects::<Defective>().join("\n"), @"
        count is declared twice
        key_file is also the file of key
        count has a default or range that is not valid, a defect of the program
        size has a default or range that is not valid, a defect of the program
        level has a range that is none of its type
        flag has a range that is none of its type
        ");
    }

    #[test]
    fn a_sound_declaration_has_no_defect() {
        assert_eq!(declaration_defects::<More>(), Vec::<String>::new());
        assert_well_declared::<More>();
    }

    #[test]
    #[should_panic(expected = "count is declared twice")]
    fn the_assertion_names_what_is_wrong() {
        assert_well_declared::<Defective>();
    }

    #[test]
    #[should_panic(expected = "the default of `count` in Defective is not valid")]
    fn a_default_that_is_not_valid_is_no_default() {
        let _ = Defective::default();
    }
}
