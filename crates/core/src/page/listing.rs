//! What a list allows, and a checked request for a page of it.

use serde::Serialize;

use super::{CursorKey, CursorValue, MAX_SEARCH_CHARS, Page, PageQuery, Search};
use crate::error::{Error, Result};

/// Items of a page when the client asks for no number.
pub const DEFAULT_PAGE_SIZE: u32 = 20;

/// The most items of a page, unless the listing says otherwise.
pub const MAX_PAGE_SIZE: u32 = 100;

/// The most columns to sort by at once.
pub const MAX_SORT_COLUMNS: usize = 4;

/// What a list allows. Made once, as a constant.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    resource: &'static str,
    sortable: &'static [&'static str],
    default_sort: &'static str,
    default_size: u32,
    max_size: u32,
    max_offset: Option<u64>,
    searchable: bool,
}

impl Listing {
    /// A list of `resource` that may be sorted by the columns `sortable`, and is by `default_sort` (as in a query:
    /// `-created_at`) when the client says nothing. Only columns that every reader of the list may see belong here.
    pub const fn new(resource: &'static str, sortable: &'static [&'static str], default_sort: &'static str) -> Self {
        Self {
            resource,
            sortable,
            default_sort,
            default_size: DEFAULT_PAGE_SIZE,
            max_size: MAX_PAGE_SIZE,
            max_offset: None,
            searchable: false,
        }
    }

    /// Other page sizes than [`DEFAULT_PAGE_SIZE`] and [`MAX_PAGE_SIZE`]. The default is never above the maximum, and
    /// the maximum never zero.
    #[must_use]
    pub const fn page_sizes(mut self, default: u32, max: u32) -> Self {
        self.max_size = if max == 0 { 1 } else { max };
        self.default_size = if default == 0 || default > self.max_size { self.max_size } else { default };
        self
    }

    /// Allows `q`.
    #[must_use]
    pub const fn searchable(mut self) -> Self {
        self.searchable = true;
        self
    }

    /// Allows `offset` up to a limit: the database walks over every row that is skipped.
    #[must_use]
    pub const fn offsets_up_to(mut self, max: u64) -> Self {
        self.max_offset = Some(max);
        self
    }

    /// Checks what a client asks.
    ///
    /// `filters` are the further conditions of the list (one's own struct, or `&()`): a cursor is bound to them, to the
    /// resource, the sort and the search, and is refused with any other. They must serialize the same each time, so no
    /// hash maps. A page size above the maximum is lowered to it.
    ///
    /// # Errors
    /// `InvalidInput` with every field that is not acceptable, or `InvalidCursor`.
    pub fn request(&self, query: &PageQuery, filters: &impl Serialize, cursors: &CursorKey) -> Result<PageRequest> {
        let mut wrong = Error::invalid([]);
        let mut refuse = |field: &str, code, message: String| {
            wrong = std::mem::replace(&mut wrong, Error::invalid([])).with_field(field, code, message);
        };

        let size = match query.page_size {
            None => self.default_size,
            Some(0) => {
                refuse("page_size", "out_of_range", format!("a whole number from 1 to {}", self.max_size));
                self.default_size
            }
            Some(asked) => u32::try_from(asked).unwrap_or(u32::MAX).min(self.max_size),
        };
        let sort = self.sort(query.sort.as_deref()).unwrap_or_else(|(code, message)| {
            refuse("sort", code, message);
            Vec::new()
        });
        let search = match query.q.as_deref().map(Search::parse) {
            None => None,
            Some(_) if !self.searchable => {
                refuse("q", "not_supported", "this list can't be searched".to_owned());
                None
            }
            Some(Ok(search)) => search,
            Some(Err(_)) => {
                refuse("q", "too_long", format!("at most {MAX_SEARCH_CHARS} characters"));
                None
            }
        };
        let offset = query.offset.unwrap_or(0);
        match (query.offset, self.max_offset) {
            (None, _) => {}
            (Some(_), None) => refuse("offset", "not_supported", "use after, the cursor of the page before".to_owned()),
            (Some(_), Some(_)) if query.after.is_some() => {
                refuse("offset", "not_supported", "give either offset or after".to_owned());
            }
            (Some(offset), Some(max)) if offset > max => {
                refuse("offset", "out_of_range", format!("at most {max}; use after to go further"));
            }
            (Some(_), Some(_)) => {}
        }
        if !wrong.fields().is_empty() {
            return Err(wrong);
        }

        let context =
            Context { resource: self.resource, sort: &sort, search: search.as_ref().map(Search::text), filters };
        let context =
            serde_json::to_vec(&context).map_err(|_| Error::internal("the filters of a list can't be serialized"))?;
        let start = match &query.after {
            Some(cursor) => Start::After(cursors.open(&context, cursor)?),
            None => Start::Offset(offset),
        };
        Ok(PageRequest { size, start, sort, search, context, cursors: cursors.clone() })
    }

    /// Reads `-created_at,email`. Every column of the answer comes from the allow-list itself.
    fn sort(&self, asked: Option<&str>) -> Result<Vec<Sort>, (&'static str, String)> {
        let asked = asked.map(str::trim).filter(|asked| !asked.is_empty()).unwrap_or(self.default_sort);
        let mut sort: Vec<Sort> = Vec::new();
        for part in asked.split(',') {
            let (descending, name) = match part.trim().strip_prefix('-') {
                Some(name) => (true, name),
                None => (false, part.trim()),
            };
            let Some(column) = self.sortable.iter().copied().find(|column| *column == name) else {
                return Err(("unknown_column", format!("this list can be sorted by {}", self.sortable.join(", "))));
            };
            if sort.iter().any(|earlier| earlier.column == column) {
                return Err(("duplicate", "name each column once".to_owned()));
            }
            sort.push(Sort { column, descending });
        }
        if sort.len() > MAX_SORT_COLUMNS {
            return Err(("too_many", format!("at most {MAX_SORT_COLUMNS} columns")));
        }
        Ok(sort)
    }
}

/// What a cursor is bound to.
#[derive(Serialize)]
struct Context<'a, F> {
    resource: &'a str,
    sort: &'a [Sort],
    search: Option<&'a str>,
    filters: &'a F,
}

/// One column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sort {
    /// The column, out of the allow-list of the listing.
    pub column: &'static str,
    /// Whether the largest value comes first.
    pub descending: bool,
}

/// Where a page starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// After so many items; zero is the first page.
    Offset(u64),
    /// After the row with these values of the sort columns, and of the key that makes the order unique.
    After(Vec<CursorValue>),
}

/// A checked request for one page.
#[derive(Clone, Debug)]
pub struct PageRequest {
    size: u32,
    start: Start,
    sort: Vec<Sort>,
    search: Option<Search>,
    context: Vec<u8>,
    cursors: CursorKey,
}

impl PageRequest {
    /// The most items of the page.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// How many rows to fetch: one more than the page holds, which tells whether there is a next one.
    pub fn rows_to_fetch(&self) -> u64 {
        u64::from(self.size) + 1
    }

    /// Where it starts.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// The order; a repository adds its key, so that no two rows are equal.
    pub fn sort(&self) -> &[Sort] {
        &self.sort
    }

    /// What to search for.
    pub fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// Makes the page of the rows that were fetched (see [`PageRequest::rows_to_fetch`]); `place` gives the values of a
    /// row that the next page continues after, in the order of the sort, then the key.
    ///
    /// # Errors
    /// `Internal` when these values are too long for a cursor.
    pub fn page<T>(&self, mut rows: Vec<T>, place: impl FnOnce(&T) -> Vec<CursorValue>) -> Result<Page<T>> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let next = match rows.last() {
            Some(last) if more => Some(self.cursors.seal(&self.context, &place(last))?),
            _ => None,
        };
        Ok(Page { items: rows, next })
    }
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
