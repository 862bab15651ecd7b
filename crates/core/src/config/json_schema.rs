//! The settings as a JSON Schema, for editors and other tools.

use serde_json::{Map, Value, json};

use super::value::Shape;
use super::{FieldInfo, Profile, Settings};

/// The JSON Schema (2020-12) of `archi.toml`. No setting is required by it, since any may come from another source.
pub fn json_schema<T: Settings>() -> Value {
    let mut root = Section::default();
    for section in T::sections() {
        root.descend(&section.key).doc = section.doc;
    }
    for field in T::schema() {
        let (section, _) = field.split_key();
        root.descend(section).fields.push(field.clone());
    }
    let mut schema = root.schema();
    if let Value::Object(object) = &mut schema {
        object.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            properties.insert(
                "profile".into(),
                json!({
                    "description": "How strict the service is with itself.",
                    "enum": Profile::NAMES,
                    "default": Profile::default().name(),
                }),
            );
        }
    }
    schema
}

#[derive(Default)]
struct Section {
    doc: &'static str,
    fields: Vec<FieldInfo>,
    below: Vec<(String, Section)>,
}

impl Section {
    fn descend(&mut self, key: &str) -> &mut Self {
        let (first, rest) = key.split_once('.').unwrap_or((key, ""));
        if first.is_empty() {
            return self;
        }
        let place = match self.below.iter().position(|(name, _)| name == first) {
            Some(place) => place,
            None => {
                self.below.push((first.to_owned(), Self::default()));
                self.below.len() - 1
            }
        };
        self.below[place].1.descend(rest)
    }

    fn schema(&self) -> Value {
        let mut properties = Map::new();
        let mut names = Vec::new();
        for field in &self.fields {
            let (_, name) = field.split_key();
            names.push(name);
            properties.insert(name.to_owned(), property(field));
        }
        properties.extend(self.below.iter().map(|(name, section)| (name.clone(), section.schema())));
        let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if !self.doc.is_empty() {
            schema["description"] = self.doc.into();
        }
        if !names.is_empty() {
            let files = format!("^({})_file$", names.join("|"));
            schema["patternProperties"] =
                json!({ files: { "type": "string", "description": "The file that holds the value." } });
        }
        schema
    }
}

fn property(field: &FieldInfo) -> Value {
    let shape = &field.value_type.shape;
    let mut schema = typed(shape);
    schema["description"] = format!("{}\n\nAccepted: {}.", field.doc, field.accepted()).trim().into();
    if !field.value_type.variants.is_empty() {
        let names: Vec<&str> = field.value_type.variants.iter().map(|variant| variant.name).collect();
        match shape {
            Shape::List(_) => schema["items"]["enum"] = json!(names),
            _ => schema["enum"] = json!(names),
        }
    }
    if let Some(default) = field.default {
        schema["default"] = default_value(default, shape);
    }
    if let Some(range) = field.range {
        bounds(&mut schema, range, shape);
    }
    if field.secret {
        schema["writeOnly"] = true.into();
    }
    schema
}

fn typed(shape: &Shape) -> Value {
    match shape {
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Integer { min, max } => {
            let mut schema = json!({ "type": "integer" });
            // JSON numbers beyond 64 bits don't exist here; the type says the rest.
            if let Ok(min) = i64::try_from(*min) {
                schema["minimum"] = min.into();
            }
            if let Ok(max) = u64::try_from(*max) {
                schema["maximum"] = max.into();
            }
            schema
        }
        Shape::Number => json!({ "type": "number" }),
        Shape::Text => json!({ "type": "string" }),
        Shape::TextOrInteger => json!({ "type": ["string", "integer"] }),
        Shape::List(item) => json!({ "type": "array", "items": typed(item) }),
    }
}

/// The bounds of numbers; those of texts and lists are bounds of their lengths.
fn bounds(schema: &mut Value, range: &str, shape: &Shape) {
    let (min, max) = range.split_once("..").unwrap_or((range, ""));
    let max = max.trim_start_matches('=');
    let number = |text: &str| {
        let text = text.trim();
        text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from)).ok()
    };
    let (lower, upper) = match shape {
        Shape::Integer { .. } | Shape::Number => ("minimum", "maximum"),
        Shape::List(_) => ("minItems", "maxItems"),
        // A range of text may be one of a duration or an amount of bytes, which have no order as text.
        Shape::Text => ("minLength", "maxLength"),
        Shape::Boolean | Shape::TextOrInteger => return,
    };
    for (name, bound) in [(lower, number(min)), (upper, number(max))] {
        if let Some(bound) = bound {
            schema[name] = bound;
        }
    }
}

fn default_value(default: &str, shape: &Shape) -> Value {
    let default = default.trim();
    let parsed = match shape {
        Shape::Boolean => default.parse::<bool>().map(Value::from).ok(),
        Shape::Integer { .. } => default.parse::<i64>().map(Value::from).ok(),
        Shape::Number => default.parse::<f64>().map(Value::from).ok(),
        Shape::List(_) if default.starts_with('[') => format!("list = {default}")
            .parse::<toml::Table>()
            .ok()
            .and_then(|table| table.get("list").and_then(|list| serde_json::to_value(list).ok())),
        Shape::List(item) => {
            let entries = default.split(',').map(str::trim).filter(|entry| !entry.is_empty());
            Some(entries.map(|entry| default_value(entry, item)).collect())
        }
        Shape::Text | Shape::TextOrInteger => None,
    };
    parsed.unwrap_or_else(|| default.into())
}
