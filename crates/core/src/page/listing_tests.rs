use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;
use crate::secret::StrongKey;

const USERS: Listing = Listing::new("users", &["created_at", "email", "name"], "-created_at");

fn key() -> CursorKey {
    CursorKey::derive(&StrongKey::parse("8f2e61d9c4b7a05318e6f1d27c9b40a35d8e17f60b2c94a1e37d58f60c1b92ae").unwrap())
}

fn query() -> PageQuery {
    PageQuery::default()
}

fn sorted(by: &str) -> PageQuery {
    PageQuery { sort: Some(by.to_owned()), ..query() }
}

fn refused(listing: &Listing, query: &PageQuery) -> BTreeMap<String, String> {
    let error = listing.request(query, &(), &key()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    error.fields().iter().map(|f| (f.pointer.clone(), f.code.to_string())).collect()
}

/// The cursor after the first page of one item.
fn cursor(listing: &Listing, query: &PageQuery, filters: &impl Serialize) -> String {
    let request = listing.request(&PageQuery { page_size: Some(1), ..query.clone() }, filters, &key()).unwrap();
    request.page(vec![1, 2], |n| vec![CursorValue::Int(*n)]).unwrap().next.unwrap()
}

fn after(cursor: &str, query: PageQuery) -> PageQuery {
    PageQuery { after: Some(cursor.to_owned()), ..query }
}

#[test]
fn nobody_sorts_by_a_column_that_is_not_listed() {
    let error = USERS.request(&sorted("password_hash"), &(), &key()).unwrap_err();
    insta::assert_json_snapshot!(error.fields(), @r#"
    [
      {
        "pointer": "sort",
        "code": "unknown_column",
        "message": "this list can be sorted by created_at, email, name"
      }
    ]
    "#);
    for by in ["Email", "email;drop", "email desc", "--email", "email,", ",", "-", "users.email"] {
        assert_eq!(refused(&USERS, &sorted(by))["sort"], "unknown_column", "{by}");
    }
}

#[test]
fn a_sort_is_read_in_order() {
    let request = USERS.request(&sorted(" -email , name"), &(), &key()).unwrap();
    assert_eq!(
        request.sort(),
        [Sort { column: "email", descending: true }, Sort { column: "name", descending: false }]
    );
    assert_eq!(refused(&USERS, &sorted("email,-email"))["sort"], "duplicate");
}

#[test]
fn without_a_sort_the_default_holds() {
    for query in [query(), sorted(""), sorted("  ")] {
        let request = USERS.request(&query, &(), &key()).unwrap();
        assert_eq!(request.sort(), [Sort { column: "created_at", descending: true }]);
        assert_eq!(request.start(), &Start::Offset(0));
    }
}

#[test]
fn the_number_of_sort_columns_is_bounded() {
    let wide = Listing::new("wide", &["a", "b", "c", "d", "e"], "a");
    assert!(wide.request(&sorted("a,b,c,d"), &(), &key()).is_ok());
    assert_eq!(refused(&wide, &sorted("a,b,c,d,e"))["sort"], "too_many");
}

#[test]
fn the_page_size_is_capped() {
    let size = |listing: Listing, asked| {
        listing.request(&PageQuery { page_size: asked, ..query() }, &(), &key()).unwrap().size()
    };
    assert_eq!(size(USERS, None), DEFAULT_PAGE_SIZE);
    assert_eq!(size(USERS, Some(1)), 1);
    assert_eq!(size(USERS, Some(100)), 100);
    assert_eq!(size(USERS, Some(101)), MAX_PAGE_SIZE);
    assert_eq!(size(USERS, Some(u64::MAX)), MAX_PAGE_SIZE);
    assert_eq!(refused(&USERS, &PageQuery { page_size: Some(0), ..query() })["page_size"], "out_of_range");
    assert_eq!(size(USERS.page_sizes(5, 7), None), 5);
    assert_eq!(size(USERS.page_sizes(5, 7), Some(8)), 7);
    assert_eq!(size(USERS.page_sizes(9, 7), None), 7);
    assert_eq!(size(USERS.page_sizes(7, 7), None), 7);
    assert_eq!(size(USERS.page_sizes(0, 0), None), 1);
}

#[test]
fn search_and_offset_must_be_allowed() {
    let asked = PageQuery { q: Some("ada".to_owned()), offset: Some(3), ..query() };
    let codes = refused(&USERS, &asked);
    assert_eq!((codes["q"].as_str(), codes["offset"].as_str()), ("not_supported", "not_supported"));

    let open = USERS.searchable().offsets_up_to(3);
    let request = open.request(&asked, &(), &key()).unwrap();
    assert_eq!(request.search().unwrap().text(), "ada");
    assert_eq!(request.start(), &Start::Offset(3));
    assert_eq!(refused(&open, &PageQuery { offset: Some(4), ..query() })["offset"], "out_of_range");
    assert_eq!(refused(&open, &after("x", PageQuery { offset: Some(1), ..query() }))["offset"], "not_supported");
    assert_eq!(refused(&open, &PageQuery { q: Some("x".repeat(101)), ..query() })["q"], "too_long");
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let asked = PageQuery { page_size: Some(0), sort: Some("x".to_owned()), q: Some("y".to_owned()), ..query() };
    assert_eq!(refused(&USERS, &asked).into_keys().collect::<Vec<_>>(), ["page_size", "q", "sort"]);
}

#[test]
fn a_page_is_cut_to_its_size_and_knows_whether_there_is_a_next_one() {
    let request = USERS.request(&PageQuery { page_size: Some(2), ..query() }, &(), &key()).unwrap();
    assert_eq!(request.rows_to_fetch(), 3);
    let page = |rows| request.page(rows, |n: &i64| vec![CursorValue::Int(*n)]).unwrap();

    let full = page(vec![7, 8, 9]);
    assert_eq!(full.items, [7, 8]);
    let next = USERS.request(&after(&full.next.unwrap(), query()), &(), &key()).unwrap();
    assert_eq!(next.start(), &Start::After(vec![CursorValue::Int(8)]));

    assert_eq!(page(vec![7, 8]), Page { items: vec![7, 8], next: None });
    assert_eq!(page(vec![]), Page { items: vec![], next: None });
}

#[test]
fn a_cursor_goes_on_with_another_page_size() {
    let cursor = cursor(&USERS, &query(), &());
    assert!(USERS.request(&after(&cursor, PageQuery { page_size: Some(50), ..query() }), &(), &key()).is_ok());
}

#[test]
fn a_cursor_can_not_be_replayed_on_another_query() {
    let open = USERS.searchable();
    let other_list = Listing::new("orders", &["created_at", "email", "name"], "-created_at").searchable();
    let search = |text: &str| PageQuery { q: Some(text.to_owned()), ..query() };
    let own = cursor(&open, &search("a"), &("tenant", 1));

    assert!(open.request(&after(&own, search("a")), &("tenant", 1), &key()).is_ok());
    let others = [
        open.request(&after(&own, search("b")), &("tenant", 1), &key()),
        open.request(&after(&own, query()), &("tenant", 1), &key()),
        open.request(&after(&own, search("a")), &("tenant", 2), &key()),
        open.request(&after(&own, search("a")), &(), &key()),
        open.request(
            &after(&own, PageQuery { sort: Some("created_at".to_owned()), ..search("a") }),
            &("tenant", 1),
            &key(),
        ),
        open.request(
            &after(&own, PageQuery { sort: Some("-email".to_owned()), ..search("a") }),
            &("tenant", 1),
            &key(),
        ),
        other_list.request(&after(&own, search("a")), &("tenant", 1), &key()),
    ];
    for (i, other) in others.into_iter().enumerate() {
        assert_eq!(other.unwrap_err().kind(), ErrorKind::InvalidCursor, "{i}");
    }
}

#[test]
fn a_cursor_that_can_not_be_read_is_an_invalid_cursor() {
    for text in ["", "x", "AAAA", "%00", "\u{0}", &"A".repeat(5000)] {
        let error = USERS.request(&after(text, query()), &(), &key()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidCursor);
        assert_eq!(error.fields()[0].pointer, "after");
    }
}

proptest! {
    #[test]
    fn no_query_makes_it_panic_or_leaves_the_limits(
        page_size in any::<Option<u64>>(),
        offset in any::<Option<u64>>(),
        after in any::<Option<String>>(),
        sort in any::<Option<String>>(),
        q in any::<Option<String>>(),
    ) {
        let open = USERS.searchable().offsets_up_to(1000);
        if let Ok(request) = open.request(&PageQuery { page_size, after, offset, sort, q }, &(), &key()) {
            prop_assert!((1..=MAX_PAGE_SIZE).contains(&request.size()));
            prop_assert!(request.sort().iter().all(|sort| USERS.sortable.contains(&sort.column)));
            prop_assert!(matches!(request.start(), Start::Offset(0..=1000)));
        }
    }
}
