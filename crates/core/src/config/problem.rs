//! What is wrong with a configuration, and what to do.

use std::borrow::Cow;
use std::fmt;

use super::Origin;

/// What kind of problem it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// Nobody set it, and it has no default.
    Missing,
    /// It is not of the form that is accepted.
    Malformed {
        /// What is wrong with it, where that can be said.
        reason: Option<String>,
    },
    /// It is of the right form, but too small or too large.
    OutOfRange,
    /// It is of another kind: an integer where a string is expected.
    TypeMismatch {
        /// The kind that was found.
        found: &'static str,
    },
    /// There is no such setting.
    UnknownKey {
        /// The name that was probably meant, as that source writes it.
        suggestion: Option<String>,
    },
    /// The value and a file with the value are both given, by one source.
    ValueAndFile {
        /// Where the file is named.
        file: Origin,
    },
    /// A file can't be used.
    Unreadable {
        /// Why.
        reason: String,
    },
    /// A file is not of its format.
    Syntax {
        /// What the parser says.
        reason: String,
        /// The column, from 1.
        column: usize,
    },
    /// It does not go with another setting.
    Conflict {
        /// What is wrong.
        reason: String,
    },
    /// The program declares a default or range that it can't read itself.
    Defect,
}

/// One thing that is wrong with a configuration. Never holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The dotted key, or the name of what is meant where there is no key: a file, a variable.
    pub key: String,
    /// Where the value comes from.
    pub origin: Origin,
    /// What is wrong.
    pub kind: ProblemKind,
    /// What is accepted.
    pub accepted: Option<String>,
    /// The rule of the checklist that it breaks.
    pub rule: Option<&'static str>,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// What is wrong, in words that follow the key.
    pub fn what(&self) -> Cow<'_, str> {
        match &self.kind {
            ProblemKind::Missing => "is missing".into(),
            ProblemKind::Malformed { reason: Some(reason) }
            | ProblemKind::Unreadable { reason }
            | ProblemKind::Conflict { reason } => reason.into(),
            ProblemKind::Malformed { reason: None } => "is malformed".into(),
            ProblemKind::OutOfRange => "is out of range".into(),
            ProblemKind::TypeMismatch { found } => format!("is {found}, which is not its type").into(),
            ProblemKind::UnknownKey { .. } => "is not a setting".into(),
            ProblemKind::ValueAndFile { .. } => "is given as a value and as a file".into(),
            ProblemKind::Syntax { reason, .. } => format!("can't be read: {reason}").into(),
            ProblemKind::Defect => "has a default or range that is not valid, a defect of the program".into(),
        }
    }

    pub(crate) fn line(&self) -> usize {
        match &self.origin {
            Origin::File { line, .. } => *line,
            _ => 0,
        }
    }
}

/// One line that says what is wrong, and one that says what to do.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.kind, &self.origin) {
            (ProblemKind::Syntax { column, .. }, origin) => write!(f, "{origin}:{column} {}", self.what())?,
            (ProblemKind::ValueAndFile { file }, origin) => {
                write!(f, "{} is given as a value ({origin}) and as a file ({file})", self.key)?;
            }
            (_, Origin::Default) => write!(f, "{} {}", self.key, self.what())?,
            (_, Origin::Variable(name)) if *name == self.key => write!(f, "{name} {}", self.what())?,
            (_, origin) => write!(f, "{} {} ({origin})", self.key, self.what())?,
        }
        if let Some(accepted) = &self.accepted {
            write!(f, "; accepted is {accepted}")?;
        }
        if let Some(rule) = self.rule {
            write!(f, " [{rule}]")?;
        }
        write!(f, "\n  {}", self.remedy)
    }
}
