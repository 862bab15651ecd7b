//! Settings of a TOML file.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::names::Names;
use crate::config::problem::{Problem, ProblemKind};
use crate::config::schema::join;
use crate::config::{Origin, Raw};

use super::given::{Form, Given};
use super::index::{Index, PROFILE_KEY, Target};

/// What a TOML file gives.
#[derive(Debug, Default)]
pub(super) struct TomlFile {
    pub(super) given: Vec<Given>,
    /// The profile that it names, at its top.
    pub(super) profile: Option<(Raw, Origin)>,
    /// Whether it holds the value of a secret.
    pub(super) holds_secret: bool,
}

/// Reads the text of a TOML file. A half-written one is a problem that names line and column, and what can be made out of the
/// rest is taken, so that its other problems are seen at once too.
pub(super) fn read(text: &str, path: &Path, index: &Index, names: &Names, problems: &mut Vec<Problem>) -> TomlFile {
    let (table, errors) = DeTable::parse_recoverable(text);
    let lines = Lines::new(text);
    for error in &errors {
        let (line, column) = lines.position(error.span().map_or(0, |span| span.start));
        problems.push(Problem {
            key: path.display().to_string(),
            origin: Origin::File { path: path.to_owned(), line },
            // The message names what is expected, never what is there; the error's own text would show the line.
            kind: ProblemKind::Syntax { reason: error.message().to_owned(), column },
            accepted: None,
            rule: None,
            remedy: format!("correct line {line} of {}", path.display()),
        });
    }
    let broken = errors.iter().map(|error| lines.position(error.span().map_or(0, |span| span.start)).0).collect();
    let mut walk = Walk { path, lines, index, names, problems, broken, file: TomlFile::default() };
    walk.table(table.get_ref(), "");
    walk.file
}

struct Walk<'a> {
    path: &'a Path,
    lines: Lines<'a>,
    index: &'a Index,
    names: &'a Names,
    problems: &'a mut Vec<Problem>,
    /// The lines that can't be read.
    broken: Vec<usize>,
    file: TomlFile,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, prefix: &str) {
        for (name, value) in table {
            let key = join(prefix, name.get_ref());
            let (line, _) = self.lines.position(name.span().start);
            self.entry(key, value, Origin::File { path: self.path.to_owned(), line });
        }
    }

    fn entry(&mut self, key: String, value: &Spanned<DeValue<'_>>, origin: Origin) {
        let value = value.get_ref();
        if key == PROFILE_KEY {
            self.file.profile = Some((Raw::of_toml(value), origin));
            return;
        }
        match self.index.locate(&key) {
            Some(Target::Value(field)) => {
                self.file.holds_secret |= field.secret;
                let is_broken = matches!(&origin, Origin::File { line, .. } if self.broken.contains(line));
                let form = if is_broken { Form::Broken } else { Form::Value(Raw::of_toml(value)) };
                self.file.given.push(Given { key, form, origin });
            }
            Some(Target::File(field)) => {
                let form = match value {
                    DeValue::String(path) => Form::File(self.beside(path)),
                    other => {
                        self.mismatch(&key, other, &origin, "the path of a file");
                        Form::Broken
                    }
                };
                self.file.given.push(Given { key: field.key.clone(), form, origin });
            }
            Some(Target::Section(section)) => match value {
                DeValue::Table(table) => {
                    // A section that may be left out is there as soon as its header is.
                    if section.optional {
                        let form = Form::Value(Raw::Table(Default::default()));
                        self.file.given.push(Given { key: key.clone(), form, origin });
                    }
                    self.table(table, &key);
                }
                other => self.mismatch(&key, other, &origin, "a table, which is a section"),
            },
            // What the parser made out of a broken file may have a value for its name: it is not shown.
            None if !self.broken.is_empty() => {}
            None => {
                let suggestion = self.index.suggest(&key);
                let remedy = match &suggestion {
                    Some(suggestion) => format!("did you mean {suggestion}?"),
                    None => "remove it".to_owned(),
                };
                let kind = ProblemKind::UnknownKey { suggestion };
                self.problems.push(Problem { key, origin, kind, accepted: None, rule: None, remedy });
            }
        }
    }

    fn mismatch(&mut self, key: &str, found: &DeValue<'_>, origin: &Origin, accepted: &str) {
        self.problems.push(Problem {
            key: key.to_owned(),
            origin: origin.clone(),
            kind: ProblemKind::TypeMismatch { found: Raw::of_toml(found).kind() },
            accepted: Some(accepted.to_owned()),
            rule: None,
            remedy: format!("see the example of {}", self.names.base_file()),
        });
    }

    /// A path in a file is relative to that file.
    fn beside(&self, path: &str) -> PathBuf {
        match self.path.parent() {
            Some(folder) if !path.is_empty() => folder.join(path),
            _ => path.into(),
        }
    }
}

/// Where lines begin.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and column of a byte, both from 1.
    fn position(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count());
        (line, column + 1)
    }
}
