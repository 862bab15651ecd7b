//! The lines of `.env`.
//!
//! `NAME=value`, `export NAME=value`, comments from `#` on. A value without quotes ends at the line's end or at a `#` after a
//! space; `'…'` is taken as it is, `"…"` knows `\n`, `\r`, `\t`, `\\`, `\"` and `\$`; both may span lines. Nothing is expanded:
//! a `$` is a `$`.

use zeroize::Zeroizing;

/// One assignment.
#[derive(Debug, PartialEq)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) value: Zeroizing<String>,
    /// The line of the name, from 1.
    pub(super) line: usize,
}

/// What can't be read. Never holds text of the file, which is full of secrets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) reason: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Reads all that can be read; a line that can't be is an error and skipped.
pub(super) fn parse(text: &str) -> (Vec<Assignment>, Vec<SyntaxError>) {
    let mut parser = Parser { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1, column: 1 };
    let (mut assignments, mut errors): (Vec<Assignment>, Vec<SyntaxError>) = (Vec::new(), Vec::new());
    while !parser.rest.is_empty() {
        match parser.line() {
            Ok(Some(assignment)) => match assignments.iter().find(|former| former.name == assignment.name) {
                Some(former) => errors.push(SyntaxError {
                    reason: format!("{} is set again, first in line {}", former.name, former.line),
                    line: assignment.line,
                    column: 1,
                }),
                None => assignments.push(assignment),
            },
            Ok(None) => {}
            Err(error) => {
                errors.push(error);
                parser.skip_line();
            }
        }
    }
    (assignments, errors)
}

struct Parser<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
}

impl Parser<'_> {
    /// One line, or more where quotes span them; its newline included.
    fn line(&mut self) -> Result<Option<Assignment>, SyntaxError> {
        self.blanks();
        if self.at_end_of_line() {
            self.end_of_line()?;
            return Ok(None);
        }
        let line = self.line;
        let mut name = self.name()?;
        let before = (self.line, self.column);
        self.blanks();
        if name == "export" && before != (self.line, self.column) && self.peek() != Some('=') {
            name = self.name()?;
            self.blanks();
        }
        if self.peek() != Some('=') {
            return Err(self.error("expected = after the name"));
        }
        self.next();
        self.blanks();
        let value = match self.peek() {
            Some('\'') => self.single_quoted()?,
            Some('"') => self.double_quoted()?,
            _ => self.unquoted(),
        };
        self.end_of_line()?;
        Ok(Some(Assignment { name, value, line }))
    }

    fn name(&mut self) -> Result<String, SyntaxError> {
        let length = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        if length == 0 || self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.error("expected a name of letters, digits and underscores"));
        }
        Ok((0..length).filter_map(|_| self.next()).collect())
    }

    fn unquoted(&mut self) -> Zeroizing<String> {
        let line = self.rest.split('\n').next().unwrap_or_default();
        let comment = line.char_indices().find(|(at, c)| *c == '#' && (*at == 0 || line[..*at].ends_with([' ', '\t'])));
        let text = &line[..comment.map_or(line.len(), |(at, _)| at)];
        let value = Zeroizing::new(text.trim_end().to_owned());
        for _ in 0..text.chars().count() {
            self.next();
        }
        value
    }

    fn single_quoted(&mut self) -> Result<Zeroizing<String>, SyntaxError> {
        let unclosed = self.error("this quote is never closed");
        self.next();
        let Some(length) = self.rest.find('\'') else {
            // Where the value ends is unknown, so nothing after it can be trusted to be a line.
            self.rest = "";
            return Err(unclosed);
        };
        let value = Zeroizing::new(self.rest[..length].to_owned());
        for _ in 0..=value.chars().count() {
            self.next();
        }
        Ok(value)
    }

    fn double_quoted(&mut self) -> Result<Zeroizing<String>, SyntaxError> {
        let unclosed = self.error("this quote is never closed");
        self.next();
        // As long as it can get, so that growing leaves no copy behind.
        let mut value = Zeroizing::new(String::with_capacity(self.rest.len()));
        loop {
            let at = (self.line, self.column);
            match self.next() {
                Some('"') => return Ok(Zeroizing::new(value.as_str().to_owned())),
                Some('\\') => value.push(match self.next() {
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    Some(escaped @ ('\\' | '"' | '$')) => escaped,
                    Some(_) => {
                        let reason = r#"a backslash in double quotes is followed by n, r, t, \, " or $"#.to_owned();
                        return Err(SyntaxError { reason, line: at.0, column: at.1 });
                    }
                    None => return Err(unclosed),
                }),
                Some(plain) => value.push(plain),
                None => return Err(unclosed),
            }
        }
    }

    /// White space, a comment and the newline; anything else does not belong there.
    fn end_of_line(&mut self) -> Result<(), SyntaxError> {
        self.blanks();
        if !self.at_end_of_line() {
            return Err(self.error("expected the end of the line"));
        }
        self.skip_line();
        Ok(())
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|c| c != '\n') {}
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\r')) {
            self.next();
        }
    }

    fn at_end_of_line(&self) -> bool {
        matches!(self.peek(), None | Some('\n' | '#'))
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut rest = self.rest.chars();
        let next = rest.next()?;
        self.rest = rest.as_str();
        if next == '\n' {
            (self.line, self.column) = (self.line + 1, 1);
        } else {
            self.column += 1;
        }
        Some(next)
    }

    fn error(&self, reason: &str) -> SyntaxError {
        SyntaxError { reason: reason.to_owned(), line: self.line, column: self.column }
    }
}
