//! Pages, sorting, searching and ranges: what a client may ask of a list, and nothing more.
//!
//! A [`Listing`] says once, as a constant, what a resource allows: the columns to sort by (an allow-list: no one sorts by
//! `password_hash` and reads it by bisection), the page sizes, whether one may search. [`Listing::request`] turns the
//! query string of a client into a checked [`PageRequest`], or into an error that names the field and what is accepted.
//!
//! ```
//! use archirust_core::page::{CursorKey, CursorValue, Listing, PageQuery};
//! use archirust_core::secret::StrongKey;
//!
//! const USERS: Listing = Listing::new("users", &["created_at", "email"], "-created_at").searchable();
//!
//! let key = CursorKey::derive(&StrongKey::parse("8f2e61d9c4b7a05318e6f1d27c9b40a35d8e17f60b2c94a1e37d58f60c1b92ae")?);
//! let query = PageQuery { page_size: Some(1), sort: Some("email".into()), ..PageQuery::default() };
//! let request = USERS.request(&query, &(), &key)?;
//!
//! // A repository fetches one row more than asked, and so knows whether there is a next page.
//! let rows = vec!["ada@example.org", "bob@example.org"];
//! let page = request.page(rows, |email| vec![CursorValue::Text((*email).to_owned())])?;
//! assert_eq!(page.items, ["ada@example.org"]);
//! assert!(page.next.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cursor;
mod decimal;
mod listing;
mod range;
mod search;

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

pub use cursor::{CursorKey, CursorValue};
pub use decimal::{Decimal, NotADecimal};
pub use listing::{DEFAULT_PAGE_SIZE, Listing, MAX_PAGE_SIZE, MAX_SORT_COLUMNS, PageRequest, Sort, Start};
pub use range::{InvalidRange, Range, RangeValue};
pub use search::{LIKE_ESCAPE, MAX_SEARCH_CHARS, Search, escape_like};

/// What a client asks of a list, as it stands in the query string. Nothing in it is trusted: see [`Listing::request`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct PageQuery {
    /// How many items at most.
    #[serde(default, deserialize_with = "whole_number")]
    pub page_size: Option<u64>,
    /// Continue after this cursor: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// Skip this many items; only where the listing allows it.
    #[serde(default, deserialize_with = "whole_number")]
    pub offset: Option<u64>,
    /// Columns to sort by, separated by commas; a minus sign in front means descending: `-created_at,email`.
    #[serde(default)]
    pub sort: Option<String>,
    /// Text to search for.
    #[serde(default)]
    pub q: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page (`after`); none on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page with every item turned into another.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// Reads a number that may stand in a query string: there, and behind `#[serde(flatten)]`, everything is text.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    struct Whole;

    impl<'de> Visitor<'de> for Whole {
        type Value = Option<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
            Ok(Some(value))
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
            u64::try_from(value).map(Some).map_err(|_| E::custom("expected a whole number"))
        }

        fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
            value.parse().map(Some).map_err(|_| E::custom("expected a whole number"))
        }

        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_any(self)
        }
    }

    deserializer.deserialize_option(Whole)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_from_text_as_from_numbers() {
        let text: PageQuery = serde_json::from_value(json!({ "page_size": "20", "offset": "40" })).unwrap();
        let number: PageQuery = serde_json::from_value(json!({ "page_size": 20, "offset": 40 })).unwrap();
        assert_eq!(text, number);
        assert_eq!((text.page_size, text.offset), (Some(20), Some(40)));
        assert_eq!(serde_json::from_value::<PageQuery>(json!({ "page_size": null })).unwrap(), PageQuery::default());
    }

    #[test]
    fn what_is_not_a_number_is_refused_without_repeating_it() {
        for value in [json!("secret"), json!("-7"), json!(-7), json!("7.5"), json!("")] {
            let error = serde_json::from_value::<PageQuery>(json!({ "page_size": value })).unwrap_err().to_string();
            assert!(error.contains("a whole number"), "{error}");
            assert!(!error.contains("secret") && !error.contains('7'), "{error}");
        }
    }

    #[test]
    fn a_page_is_mapped_and_keeps_its_cursor() {
        let page = Page { items: vec![1, 2], next: Some("cursor".to_owned()) };
        assert_eq!(serde_json::to_value(page.map(|n| n * 2)).unwrap(), json!({ "items": [2, 4], "next": "cursor" }));
    }
}
