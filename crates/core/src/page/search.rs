//! Text to search for, and its way into a `LIKE` pattern.

/// The most characters that a search may have.
pub const MAX_SEARCH_CHARS: usize = 100;

/// The character to name in `LIKE … ESCAPE`: not every engine takes the backslash without being told.
pub const LIKE_ESCAPE: char = '\\';

/// Text to search for: trimmed, not empty, of bounded length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search(String);

impl Search {
    /// Takes the text of a client; none when there is nothing to search for.
    ///
    /// # Errors
    /// [`TooLong`] with more than [`MAX_SEARCH_CHARS`] characters.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, TooLong> {
        let text = text.trim();
        if text.chars().count() > MAX_SEARCH_CHARS {
            return Err(TooLong);
        }
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }

    /// The text itself.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// A `LIKE` pattern that finds the text anywhere, literally; to be used with [`LIKE_ESCAPE`].
    pub fn pattern(&self) -> String {
        format!("%{}%", escape_like(&self.0))
    }
}

/// More than [`MAX_SEARCH_CHARS`] characters.
#[derive(Debug)]
pub(super) struct TooLong;

/// Takes their meaning from the characters that are special in a `LIKE` pattern: `%`, `_` and the escape itself.
pub fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | LIKE_ESCAPE) {
            escaped.push(LIKE_ESCAPE);
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_of_the_client_lose_their_meaning() {
        let search = Search::parse(r" 100%_\ ").unwrap().unwrap();
        assert_eq!(search.text(), r"100%_\");
        assert_eq!(search.pattern(), r"%100\%\_\\%");
    }

    #[test]
    fn nothing_but_white_space_is_no_search() {
        assert_eq!(Search::parse(" \t ").unwrap(), None);
    }

    #[test]
    fn the_length_is_bounded_in_characters() {
        assert!(Search::parse(&"é".repeat(MAX_SEARCH_CHARS)).is_ok());
        assert!(Search::parse(&"é".repeat(MAX_SEARCH_CHARS + 1)).is_err());
    }

    proptest! {
        #[test]
        fn an_escaped_text_matches_itself_and_only_itself(text in any::<String>()) {
            // Reading the pattern back as LIKE does gives the text again, with no wildcard left.
            let mut literal = String::new();
            let escaped = escape_like(&text);
            let mut chars = escaped.chars();
            while let Some(c) = chars.next() {
                prop_assert!(c != '%' && c != '_');
                literal.push(if c == LIKE_ESCAPE { chars.next().unwrap() } else { c });
            }
            prop_assert_eq!(literal, text);
        }
    }
}
