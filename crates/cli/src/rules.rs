//! `archi rules`

use archirust::hardening::RuleInfo;
use archirust::{Error, Exit, Result, catalogue};
use clap::Args;

use crate::output::{json, say, usage};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The rule to explain, such as ARCHI-JWT-007 or JWT-007, or the area to list, such as JWT. All are listed without it.
    id: Option<String>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let rules = catalogue();
    let Some(id) = &arguments.id else {
        say(&if arguments.json { json(&rules)? } else { list(&rules) })?;
        return Ok(Exit::Success);
    };
    let id = id.to_ascii_uppercase();
    let id = if id.starts_with("ARCHI-") { id } else { format!("ARCHI-{id}") };
    let in_area: Vec<RuleInfo> = rules.iter().copied().filter(|rule| area(rule.id) == id).collect();
    say(&match rules.iter().find(|rule| rule.id == id) {
        Some(rule) if arguments.json => json(rule)?,
        Some(rule) => explain(rule),
        None if in_area.is_empty() => return Err(unknown(&rules, &id)),
        None if arguments.json => json(&in_area)?,
        None => list(&in_area),
    })?;
    Ok(Exit::Success)
}

fn unknown(rules: &[RuleInfo], id: &str) -> Error {
    let near: Vec<&str> = rules.iter().map(|rule| rule.id).filter(|other| area(other) == area(id)).collect();
    usage(if near.is_empty() {
        "there is no such rule: `archi rules` lists those there are".to_owned()
    } else {
        format!("there is no such rule; in its area there are {}", near.join(", "))
    })
}

/// `ARCHI-JWT` of `ARCHI-JWT-007`.
fn area(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(area, _)| area)
}

fn list(rules: &[RuleInfo]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    rules.iter().map(|rule| format!("{:width$}  {:8}  {}\n", rule.id, rule.severity, rule.title)).collect()
}

fn explain(rule: &RuleInfo) -> String {
    let mut lines = vec![
        format!("{}  {}", rule.id, rule.title),
        String::new(),
        format!("severity   {}", rule.severity),
        format!("why        {}", rule.why),
        format!("check      {}", rule.check),
        format!("remedy     {}", rule.remedy),
    ];
    if !rule.checklist.is_empty() {
        lines.push(format!("checklist  {}", rule.checklist.join(", ")));
    }
    if !rule.references.is_empty() {
        lines.push(format!("see        {}", rule.references.join(", ")));
    }
    lines.push(format!(
        "waiver     {}",
        if rule.waivable { "possible, with a reason and an end" } else { "not possible" }
    ));
    lines.join("\n")
}
