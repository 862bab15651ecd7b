//! Looking at the settings of a service without starting it.

use archirust_core::Error;
use archirust_core::clock::SystemClock;
use archirust_core::config::{
    Explanation, Loading, Problem, ProblemKind, Settings, example_env, example_toml, explain, json_schema,
};
use archirust_core::hardening::Report;
use serde_json::{Value, json};

use super::{App, gate};
use crate::{Exit, ServiceSettings};

/// How like a known name another one is that is taken for a slip, from 0 to 1: as much as the loader asks for.
const LIKENESS: f64 = 0.6;

/// The settings that say where the keys of tokens are.
const KEY_SETTINGS: &[&str] =
    &["jwt.algorithm", "jwt.key_file", "jwt.previous_key_files", "jwt.previous_until", "jwt.secret"];

/// What the settings of a service come to, without starting it: every problem, and what the rules say of them.
#[derive(Debug)]
pub struct Inspection {
    /// What is wrong with the settings.
    pub problems: Vec<Problem>,
    /// What else would end a start: a file of keys that can't be used.
    pub obstacles: Vec<Error>,
    /// Sections and variables that [`App::inspect_foreign`] did not look at.
    pub foreign: Vec<String>,
    /// What the rules say, as far as the settings alone show it.
    pub report: Report,
    /// Every effective value with its origin; secrets only as length.
    pub explanation: Explanation,
}

impl App {
    /// Loads the settings and judges them, as a start would.
    pub fn inspect<S: Settings + AsRef<ServiceSettings>>(&self) -> Inspection {
        self.inspect_with(self.loader().load::<S>())
    }

    /// As [`App::inspect`], for settings that were loaded in another way.
    pub fn inspect_with<S: Settings + AsRef<ServiceSettings>>(&self, loading: Loading<S>) -> Inspection {
        let config = gate::facts(&loading, &[]);
        let report = gate::first_report(self, &loading, &config, &SystemClock::new());
        let obstacles = Self::obstacles(&loading);
        let explanation = explain(&loading);
        Inspection { problems: loading.problems, obstacles, foreign: Vec::new(), report, explanation }
    }

    /// As [`App::inspect_with`], for a tool that does not know the settings of the application itself: what none of `S`
    /// resembles is not a problem but [`Inspection::foreign`].
    pub fn inspect_foreign<S: Settings + AsRef<ServiceSettings>>(&self, mut loading: Loading<S>) -> Inspection {
        let known: Vec<String> = S::schema().into_iter().map(|field| top(&field.key).to_owned()).collect();
        let mut foreign = Vec::new();
        loading.problems.retain(|problem| match self.foreign_name(problem, &known) {
            Some(name) => {
                if !foreign.contains(&name) {
                    foreign.push(name);
                }
                false
            }
            None => true,
        });
        Inspection { foreign, ..self.inspect_with(loading) }
    }

    /// An example of the file of settings, with every setting, its documentation and its default.
    pub fn example_toml<S: Settings>(&self) -> String {
        example_toml::<S>()
    }

    /// An example of `.env`, with placeholders in place of values.
    pub fn example_env<S: Settings>(&self) -> String {
        example_env::<S>(self.prefix)
    }

    /// The JSON Schema (2020-12) of the file of settings.
    pub fn schema<S: Settings>(&self) -> Value {
        json_schema::<S>()
    }

    /// What ends a start after the settings are read and before anything is opened. That the key is missing is a finding of
    /// the report.
    fn obstacles<S: AsRef<ServiceSettings>>(loading: &Loading<S>) -> Vec<Error> {
        let Some(jwt) = loading.settings.as_ref().map(|settings| &settings.as_ref().jwt) else { return Vec::new() };
        // Where a value has a problem its default stands, which says nothing of the service.
        let is_known = !loading.problems.iter().any(|problem| {
            matches!(problem.kind, ProblemKind::Syntax { .. } | ProblemKind::Unreadable { .. })
                || KEY_SETTINGS.contains(&problem.key.as_str())
        });
        let is_there = jwt.algorithm.is_symmetric() || jwt.key_file.exists();
        (is_known && is_there).then(|| jwt.load_keys().err()).flatten().into_iter().collect()
    }

    /// The section or variable of a setting that is not known, unless it is a slip in one that is.
    fn foreign_name(&self, problem: &Problem, known: &[String]) -> Option<String> {
        if !matches!(problem.kind, ProblemKind::UnknownKey { .. }) {
            return None;
        }
        // The key of a variable that is not known is its name. One without the double underscore was only taken up because it
        // resembles a setting.
        let variable = problem.key.strip_prefix(self.prefix).filter(|rest| rest.starts_with('_'));
        let (section, name) = match variable {
            Some(rest) => (rest.strip_prefix("__")?.split("__").next()?.to_ascii_lowercase(), problem.key.clone()),
            None => (top(&problem.key).to_owned(), top(&problem.key).to_owned()),
        };
        let is_slip = known.iter().any(|known| strsim::normalized_damerau_levenshtein(&section, known) >= LIKENESS);
        (!is_slip).then_some(name)
    }
}

impl Inspection {
    /// What it comes to: the settings first, then the rules.
    pub fn exit(&self) -> Exit {
        if self.is_readable() { Exit::of_report(&self.report) } else { Exit::Configuration }
    }

    /// Whether the settings could be read and nothing that they name is missing.
    pub fn is_readable(&self) -> bool {
        self.problems.is_empty() && self.obstacles.is_empty()
    }

    /// The same for programs.
    pub fn to_json(&self) -> Value {
        let problems: Vec<Value> = self
            .problems
            .iter()
            .map(|problem| {
                json!({
                    "key": problem.key, "what": problem.what(), "origin": problem.origin.to_string(),
                    "accepted": problem.accepted, "rule": problem.rule, "remedy": problem.remedy,
                })
            })
            .collect();
        let obstacles: Vec<&str> = self.obstacles.iter().map(words).collect();
        json!({
            "problems": problems, "obstacles": obstacles, "foreign": self.foreign, "report": self.report.to_json(),
        })
    }

    /// Everything in words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for problem in &self.problems {
            text.push_str(&format!("{problem}\n\n"));
        }
        for obstacle in &self.obstacles {
            text.push_str(&format!("{}\n\n", words(obstacle)));
        }
        if self.report.holds() {
            text.push_str(&self.report.table());
        } else {
            text.push_str(&self.report.refusal());
            text.push('\n');
        }
        text
    }
}

fn top(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

fn words(error: &Error) -> &str {
    error.detail().unwrap_or_else(|| error.message())
}
