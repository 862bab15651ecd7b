//! What one source gives, and how the sources are laid over each other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::config::problem::{Problem, ProblemKind};
use crate::config::{Origin, Raw};

/// One setting as one source gives it.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) key: String,
    pub(super) form: Form,
    pub(super) origin: Origin,
}

/// How a source gives a value.
#[derive(Debug)]
pub(super) enum Form {
    /// The value itself.
    Value(Raw),
    /// The file that holds it.
    File(PathBuf),
    /// In a way that has been noted as a problem.
    Broken,
}

/// The sources laid over each other: of every key, what the last source gave.
#[derive(Debug, Default)]
pub(super) struct Layers(BTreeMap<String, Given>);

impl Layers {
    /// Lays one source over the former ones. Value and file of one key in one source contradict each other.
    pub(super) fn lay(&mut self, source: Vec<Given>, problems: &mut Vec<Problem>) {
        let mut layer: BTreeMap<String, Given> = BTreeMap::new();
        for given in source {
            let Some(former) = layer.remove(&given.key) else {
                layer.insert(given.key.clone(), given);
                continue;
            };
            let given = match (&former.form, &given.form) {
                (Form::Value(_), Form::File(_)) => contradiction(former.origin, given, problems),
                (Form::File(_), Form::Value(_)) => contradiction(given.origin.clone(), former, problems),
                _ => given,
            };
            layer.insert(given.key.clone(), given);
        }
        self.0.extend(layer);
    }

    pub(super) fn into_values(self) -> impl Iterator<Item = Given> {
        self.0.into_values()
    }
}

fn contradiction(value: Origin, file: Given, problems: &mut Vec<Problem>) -> Given {
    problems.push(Problem {
        key: file.key.clone(),
        origin: value.clone(),
        kind: ProblemKind::ValueAndFile { file: file.origin },
        accepted: None,
        rule: None,
        remedy: "keep one of the two".to_owned(),
    });
    Given { key: file.key, form: Form::Broken, origin: value }
}
