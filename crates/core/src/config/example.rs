//! Examples of the files that hold settings, made from the schema.

use super::names::Names;
use super::schema::{join, placeholder};
use super::value::Shape;
use super::{FieldInfo, Required, SectionInfo, Settings};

/// An example of `archi.toml`: every setting with its documentation, commented out, with its default where it has one. Text
/// that is documentation has a space after the `#`, a setting has none.
pub fn example_toml<T: Settings>() -> String {
    let mut lines = vec![
        "# How strict the service is with itself: development, staging or production. None given means production."
            .to_owned(),
        "#profile = \"production\"".to_owned(),
    ];
    let fields = T::schema();
    for SectionInfo { key, doc, optional, .. } in T::sections() {
        let own: Vec<&FieldInfo> = fields.iter().filter(|field| field.split_key().0 == key).collect();
        if own.is_empty() {
            continue;
        }
        if !key.is_empty() {
            lines.push(String::new());
            push_doc(&mut lines, doc);
            // The header alone would switch an optional section on.
            lines.push(if optional { format!("#[{key}]") } else { format!("[{key}]") });
        }
        for field in own {
            lines.push(String::new());
            push_field_doc(&mut lines, field);
            lines.push(toml_line(field));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// An example of `.env`: every variable with its documentation. Those that have to be set somewhere hold a placeholder, the
/// others are commented out. No value in it is one that would be accepted.
pub fn example_env<T: Settings>(prefix: &str) -> String {
    let names = Names::new(prefix, &prefix.to_ascii_lowercase());
    let mut lines = vec![
        "# Copy to .env (read in the profile development only) or set as variables of the process.".to_owned(),
        format!("# The profile is chosen by the variable {} or in {}.", names.profile_variable(), names.base_file()),
        format!(
            "# Each variable may name a file that holds its value instead: {}SECTION__KEY_FILE.",
            names.variable_prefix()
        ),
    ];
    for field in T::schema() {
        lines.push(String::new());
        push_field_doc(&mut lines, &field);
        match field.default {
            None => {}
            Some("" | "[]") => lines.push("# Default: none.".to_owned()),
            Some(default) => lines.push(format!("# Default: {default}.")),
        }
        // One variable would switch an optional section on.
        let is_needed = matches!(field.required, Required::Always | Required::In(_)) && !field.optional_section;
        let comment = if is_needed { "" } else { "#" };
        lines.push(format!("{comment}{}={}", names.variable(&field.key), placeholder(&field.value_type)));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn push_doc(lines: &mut Vec<String>, doc: &str) {
    lines.extend(doc.lines().map(|line| if line.is_empty() { "#".to_owned() } else { format!("# {line}") }));
}

fn push_field_doc(lines: &mut Vec<String>, field: &FieldInfo) {
    push_doc(lines, field.doc);
    lines.push(format!("# Accepted: {}.{}", field.accepted(), remark(field)));
    for variant in field.value_type.variants.iter().filter(|variant| !variant.doc.is_empty()) {
        let doc: Vec<&str> = variant.doc.lines().map(str::trim).collect();
        lines.push(format!("# - {}: {}", variant.name, doc.join(" ").trim()));
    }
}

fn remark(field: &FieldInfo) -> String {
    match field.required {
        Required::Always => " Required.".to_owned(),
        Required::In(profile) => format!(" Required in {profile}."),
        Required::WithSection => " Required when the section is used.".to_owned(),
        Required::Never => String::new(),
    }
}

/// A line to uncomment: with the default, or with a placeholder. A secret is named by its file, which is not committed.
fn toml_line(field: &FieldInfo) -> String {
    let (section, name) = field.split_key();
    if field.secret {
        let file = join(section, name).replace('.', "_");
        return format!("#{name}_file = \"/run/secrets/{file}\"");
    }
    let value = match field.default {
        Some(default) => toml_value(default, &field.value_type.shape),
        None => quoted(&placeholder(&field.value_type)),
    };
    format!("#{name} = {value}")
}

/// A default, written as its type is in TOML.
fn toml_value(default: &str, shape: &Shape) -> String {
    match shape {
        Shape::Boolean | Shape::Integer { .. } | Shape::Number => default.trim().to_owned(),
        Shape::List(_) if default.trim_start().starts_with('[') => default.trim().to_owned(),
        Shape::List(item) => {
            let entries = default.split(',').map(str::trim).filter(|entry| !entry.is_empty());
            let entries: Vec<String> = entries.map(|entry| toml_value(entry, item)).collect();
            format!("[{}]", entries.join(", "))
        }
        Shape::Text | Shape::TextOrInteger => quoted(default),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
