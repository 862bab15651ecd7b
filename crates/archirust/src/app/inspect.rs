//! Looking at the settings of a service without starting it.

use archirust_core::clock::SystemClock;
use archirust_core::config::{
    Explanation, Loading, Problem, ProblemKind, Settings, example_env, example_toml, explain, json_schema,
};
use archirust_core::hardening::Report;
use archirust_core::probe;
use serde_json::{Value, json};

use super::{App, gate};
use crate::{Exit, ServiceSettings};

/// What the settings of a service come to, without starting it: every problem, and what the rules say of them.
#[derive(Debug)]
pub struct Inspection {
    /// What is wrong with the settings.
    pub problems: Vec<Problem>,
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
        let config = probe::probe(&loading);
        let report = gate::first_report(self, &loading, &config, &SystemClock::new());
        let explanation = explain(&loading);
        Inspection { problems: loading.problems, report, explanation }
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
}

impl Inspection {
    /// What it comes to: the settings first, then the rules.
    pub fn exit(&self) -> Exit {
        if self.problems.is_empty() { Exit::of_report(&self.report) } else { Exit::Configuration }
    }

    /// Takes away the problems with keys that none of `S` knows, and gives the sections they are in: a tool that does not
    /// know the application's own sections can't judge them.
    pub fn split_foreign_sections<S: Settings>(&mut self) -> Vec<String> {
        let known: Vec<String> = S::schema().into_iter().map(|field| top(&field.key).to_owned()).collect();
        let mut foreign = Vec::new();
        self.problems.retain(|problem| {
            let section = top(&problem.key);
            let is_foreign =
                matches!(problem.kind, ProblemKind::UnknownKey { .. }) && !known.iter().any(|known| known == section);
            if is_foreign && !foreign.iter().any(|name| name == section) {
                foreign.push(section.to_owned());
            }
            !is_foreign
        });
        foreign
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
        json!({ "problems": problems, "report": self.report.to_json() })
    }

    /// Everything in words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for problem in &self.problems {
            text.push_str(&format!("{problem}\n\n"));
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
