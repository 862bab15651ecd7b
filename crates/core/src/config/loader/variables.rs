//! Settings of variables: of the environment, and of `.env`.

use zeroize::Zeroizing;

use crate::config::names::Names;
use crate::config::problem::{Problem, ProblemKind};
use crate::config::{Origin, Raw};

use super::given::{Form, Given};
use super::index::{Index, Target};

/// A variable with the origin of its value; `None` is a value that is not text.
pub(super) struct Variable<'a> {
    pub(super) name: &'a str,
    pub(super) value: Option<Zeroizing<String>>,
    pub(super) origin: Origin,
}

/// What a variable gives: nothing when its name is none of ours, or when it is a problem.
pub(super) fn read(variable: Variable<'_>, index: &Index, names: &Names, problems: &mut Vec<Problem>) -> Option<Given> {
    let Variable { name, value, origin } = variable;
    if name == names.profile_variable() {
        return None;
    }
    let Some(path) = name.strip_prefix(&names.variable_prefix()) else {
        if let Some(meant) = resembled(name, index, names) {
            problems.push(unknown(name, origin, Some(meant)));
        }
        return None;
    };
    let key = path.to_ascii_lowercase().replace("__", ".");
    // Only the one spelling that documentation and remedies use: two spellings could contradict each other.
    let target = (names.variable(&key) == name).then(|| index.locate(&key)).flatten();
    let (field, is_file) = match target {
        Some(Target::Value(field)) => (field, false),
        Some(Target::File(field)) => (field, true),
        Some(Target::Section(_)) | None => {
            let meant = if key == "profile" {
                Some(names.profile_variable())
            } else {
                let exact = index.locate(&key).is_some_and(|target| !matches!(target, Target::Section(_)));
                let meant = if exact { Some(key) } else { index.suggest(&key) };
                meant.map(|key| if key == "profile" { names.profile_variable() } else { names.variable(&key) })
            };
            problems.push(unknown(name, origin, meant));
            return None;
        }
    };
    let form = match value {
        Some(value) if is_file => Form::File(value.as_str().into()),
        Some(value) => Form::Value(Raw::Text(value)),
        None => {
            problems.push(Problem {
                key: field.key.clone(),
                origin: origin.clone(),
                kind: ProblemKind::Malformed { reason: Some("is not UTF-8 text".to_owned()) },
                accepted: Some(field.accepted()),
                rule: None,
                remedy: format!("set {}", names.ways_to_set(&field.key, field.secret)),
            });
            Form::Broken
        }
    };
    Some(Given { key: field.key.clone(), form, origin })
}

fn unknown(name: &str, origin: Origin, suggestion: Option<String>) -> Problem {
    let remedy = match &suggestion {
        Some(suggestion) => format!("did you mean {suggestion}?"),
        None => "remove it".to_owned(),
    };
    let kind = ProblemKind::UnknownKey { suggestion };
    Problem { key: name.to_owned(), origin, kind, accepted: None, rule: None, remedy }
}

/// The variable that was meant by one that has the prefix but not the double underscore after it. Other names with the prefix
/// may belong to other programs, so only one that differs in nothing but underscores, or nearly names the profile, is taken
/// for a slip.
fn resembled(name: &str, index: &Index, names: &Names) -> Option<String> {
    let rest = name.strip_prefix(&names.single_prefix())?;
    if strsim::damerau_levenshtein(rest, "PROFILE") <= 2 {
        return Some(names.profile_variable());
    }
    let flat = |text: &str| text.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    let wanted = flat(name);
    let file = |key: &str| [key.to_owned(), format!("{key}_file")];
    index.keys().flat_map(file).map(|key| names.variable(&key)).find(|variable| flat(variable) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    /// Settings.
    #[derive(Settings)]
    #[expect(dead_code, reason = "only its key matters")]
    struct Named {
        /// The name.
        #[setting(default = "x")]
        name: String,
    }

    #[test]
    fn a_value_that_is_not_text_is_a_problem() {
        let (index, names, mut problems) = (Index::of::<Named>(), Names::new("ARCHI", "archi"), Vec::new());
        let origin = Origin::Variable("ARCHI__NAME".into());
        let variable = Variable { name: "ARCHI__NAME", value: None, origin };
        let given = read(variable, &index, &names, &mut problems);
        assert!(matches!(given, Some(Given { form: Form::Broken, .. })));
        assert!(
            problems[0].to_string().starts_with("name is not UTF-8 text (variable ARCHI__NAME)"),
            "{}",
            problems[0]
        );
    }
}
