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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(text: &str) -> Vec<(String, String, usize)> {
        let (assignments, errors) = parse(text);
        assert_eq!(errors, [], "{text}");
        assignments.into_iter().map(|a| (a.name, a.value.to_string(), a.line)).collect()
    }

    fn value(text: &str) -> String {
        let mut found = values(text);
        assert_eq!(found.len(), 1, "{text}");
        found.remove(0).1
    }

    fn error(text: &str) -> (usize, usize, String) {
        let (_, mut errors) = parse(text);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        let error = errors.remove(0);
        (error.line, error.column, error.reason)
    }

    #[test]
    fn values_are_read_with_and_without_quotes() {
        for (text, expected) in [
            ("A=b", "b"),
            ("A = b ", "b"),
            ("export A=b", "b"),
            ("export\tA=b", "b"),
            ("A=", ""),
            ("A=''", ""),
            ("A=b c", "b c"),
            ("A=b # comment", "b"),
            ("A=b\t# comment", "b"),
            ("A=b#no comment", "b#no comment"),
            ("A=# comment", ""),
            ("A='b # c' # comment", "b # c"),
            ("A='b\\n\"c\"'", "b\\n\"c\""),
            ("A=\"b\\n\\t\\r\\\\\\\"\\$c'\"", "b\n\t\r\\\"$c'"),
            ("A=\"two\nlines\"", "two\nlines"),
            ("A='two\nlines'\n", "two\nlines"),
            ("A=p@ss=w$rd/:?", "p@ss=w$rd/:?"),
            ("A=it's", "it's"),
            ("A=b\r\n", "b"),
            ("\u{feff}A=b", "b"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
        assert_eq!(values("export=1"), [("export".into(), "1".into(), 1)]);
        assert_eq!(values("export = 1"), [("export".into(), "1".into(), 1)]);
    }

    #[test]
    fn lines_are_counted_across_comments_and_quotes() {
        let text = "# one\n\nA='x\ny'\n  # five\nB=2\r\nC=\"\\n\"\nD=4";
        let lines: Vec<(String, usize)> = values(text).into_iter().map(|(name, _, line)| (name, line)).collect();
        assert_eq!(lines, [("A".into(), 3), ("B".into(), 6), ("C".into(), 7), ("D".into(), 8)]);
    }

    #[test]
    fn what_can_not_be_read_is_named_by_line_and_column() {
        for (text, line, column, reason) in [
            ("\nA", 2, 2, "expected = after the name"),
            ("A B=1", 1, 3, "expected = after the name"),
            ("1A=1", 1, 1, "expected a name"),
            (" =1", 1, 2, "expected a name"),
            ("export 1=1", 1, 8, "expected a name"),
            ("A='x' y", 1, 7, "expected the end of the line"),
            ("A=\"x\"y", 1, 6, "expected the end of the line"),
            ("B=1\nA=\"x", 2, 3, "never closed"),
            ("A='x\ny", 1, 3, "never closed"),
            ("A=\"x\\", 1, 3, "never closed"),
            ("A=\"x\\q\"", 1, 5, "a backslash in double quotes"),
            ("A=1\nB=2\nA=1", 3, 1, "A is set again, first in line 1"),
        ] {
            let (at_line, at_column, why) = error(text);
            assert!(
                (at_line, at_column) == (line, column) && why.contains(reason),
                "{text}: {at_line}:{at_column} {why}"
            );
        }
    }

    #[test]
    fn what_follows_a_broken_line_is_still_read() {
        let (assignments, errors) = parse("A=1\nbroken\nB=2\n");
        assert_eq!((assignments.len(), errors.len()), (2, 1));
        // The second of a name is not taken.
        assert_eq!(parse("A=1\nA=2").0[0].value.as_str(), "1");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[\\PC\n\r\t\"'#=\\\\]{0,80}") {
            let (assignments, errors) = parse(&text);
            let lines = text.matches('\n').count() + 1;
            prop_assert!(assignments.iter().all(|a| (1..=lines).contains(&a.line)));
            prop_assert!(errors.iter().all(|e| (1..=lines).contains(&e.line) && e.column > 0));
        }

        #[test]
        fn any_value_survives_double_quotes(before in 0_usize..5, value in any::<String>()) {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r");
            let text = format!("{}A=\"{escaped}\" # comment\nB='2'\n", "\n".repeat(before));
            let lines = value.matches('\n').count();
            prop_assert_eq!(values(&text), [("A".into(), value, before + 1), ("B".into(), "2".into(), before + 2 + lines)]);
        }

        #[test]
        fn any_value_without_a_single_quote_survives_single_quotes(value in "[^']*") {
            prop_assert_eq!(super::tests::value(&format!("export A='{value}'")), value);
        }
    }
}
