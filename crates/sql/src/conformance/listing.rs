//! Lists: pages, order, search.

use archirust_core::page::{CursorKey, Listing, PageQuery, PageRequest, Range};
use archirust_core::secret::StrongKey;
use archirust_core::{ErrorKind, Timestamp};
use sea_orm::{ActiveValue, ColumnTrait, QueryFilter};

use super::schema::{NOTES, note, saved, titled};
use crate::{Database, UtcTime, in_range};

const LIST: Listing = Listing::new("notes", &["id", "title", "body", "rank", "hits", "created_at"], "-created_at")
    .searchable()
    .offsets_up_to(1000);

fn request(query: &PageQuery) -> PageRequest {
    let key = StrongKey::parse("8f2e61d9c4b7a05318e6f1d27c9b40a35d8e17f60b2c94a1e37d58f60c1b92ae").unwrap();
    LIST.request(query, &(), &CursorKey::derive(&key)).unwrap()
}

fn query(page_size: u64, sort: &str) -> PageQuery {
    PageQuery { page_size: Some(page_size), sort: Some(sort.to_owned()), ..PageQuery::default() }
}

/// Follows `next` from the first page to the last.
async fn walk(db: &Database, query: PageQuery) -> Vec<note::Model> {
    let (mut query, mut all) = (query, Vec::new());
    loop {
        let page = NOTES.page(db.read(), NOTES.find(), &request(&query)).await.unwrap();
        assert!(page.items.len() as u64 <= query.page_size.unwrap());
        assert!(page.next.is_none() || page.items.len() as u64 == query.page_size.unwrap());
        all.extend(page.items);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return all,
        }
    }
}

/// 23 notes with many equal and missing values.
async fn fill(db: &Database) -> Vec<note::Model> {
    let rows = (0..23_i32).map(|i| note::ActiveModel {
        rank: ActiveValue::Set((i % 5 != 0).then_some(i % 3)),
        body: ActiveValue::Set((i % 4 != 1).then(|| format!("{}", (i * 7) % 6))),
        hits: ActiveValue::Set(i64::from(i % 4)),
        ..titled(&format!("{:02}", (i * 11) % 23))
    });
    db.unit_of_work(async |tx| NOTES.insert_many(tx, rows).await).await.unwrap();
    use sea_orm::EntityTrait;
    note::Entity::find().all(db.read()).await.unwrap()
}

pub async fn walking_the_pages_meets_every_row_once_in_order(db: Database) {
    let rows = fill(&db).await;
    let sorts = [
        "id",
        "-id",
        "title",
        "-title",
        "rank",
        "-rank",
        "body,-rank",
        "-body,rank,-hits",
        "hits,-title",
        "-created_at",
    ];
    for sort in sorts {
        let mut expected = rows.clone();
        expected.sort_by(|a, b| in_order(a, b, sort));
        let expected: Vec<_> = expected.into_iter().map(|note| note.title).collect();
        for size in [1, 2, 7, 22, 23, 24] {
            let met: Vec<_> = walk(&db, query(size, sort)).await.into_iter().map(|note| note.title).collect();
            assert_eq!(met, expected, "{sort} by {size}");
        }
    }
}

/// What the order of a list means: missing values last, the key at the end, in the direction of the column before.
fn in_order(a: &note::Model, b: &note::Model, sort: &str) -> std::cmp::Ordering {
    use std::cmp::Ordering;
    let direction = |descending: bool, order: Ordering| if descending { order.reverse() } else { order };
    fn last<T: Ord>(a: &Option<T>, b: &Option<T>, descending: bool) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if descending => b.cmp(a),
            (Some(a), Some(b)) => a.cmp(b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
    let mut descending = false;
    for part in sort.split(',') {
        descending = part.starts_with('-');
        let order = match part.trim_start_matches('-') {
            "id" => direction(descending, a.id.cmp(&b.id)),
            "title" => direction(descending, a.title.cmp(&b.title)),
            "hits" => direction(descending, a.hits.cmp(&b.hits)),
            "created_at" => direction(descending, a.created_at.cmp(&b.created_at)),
            "rank" => last(&a.rank, &b.rank, descending),
            "body" => last(&a.body, &b.body, descending),
            other => unreachable!("{other}"),
        };
        if order.is_ne() {
            return order;
        }
    }
    direction(descending, a.id.cmp(&b.id))
}

pub async fn rows_that_come_and_go_disturb_no_one_else(db: Database) {
    for title in ["b", "d", "f", "h"] {
        saved(&db, title).await;
    }
    let page = |after| {
        let query = PageQuery { after, ..query(2, "title") };
        let db = db.clone();
        async move { NOTES.page(db.read(), NOTES.find(), &request(&query)).await.unwrap() }
    };
    let first = page(None).await;
    assert_eq!([first.items[0].title.as_str(), first.items[1].title.as_str()], ["b", "d"]);
    // One row before the place, one after it, and the row of the place itself goes.
    saved(&db, "a").await;
    saved(&db, "e").await;
    db.unit_of_work(async |tx| NOTES.delete(tx, first.items[1].id).await).await.unwrap();
    let second = page(first.next).await;
    assert_eq!([second.items[0].title.as_str(), second.items[1].title.as_str()], ["e", "f"]);
    assert_eq!(page(second.next).await.items[0].title, "h");
}

async fn found(db: &Database, text: &str) -> Vec<String> {
    let query = PageQuery { q: Some(text.to_owned()), ..query(100, "title") };
    let page = NOTES.page(db.read(), NOTES.find(), &request(&query)).await.unwrap();
    page.items.into_iter().map(|note| note.title).collect()
}

pub async fn a_search_takes_its_text_literally(db: Database) {
    for title in ["100%", "100x", "a_b", "axb", r"c\d", r"c\\d", "'; DROP TABLE notes; --"] {
        saved(&db, title).await;
    }
    assert_eq!(found(&db, "100%").await, ["100%"]);
    assert_eq!(found(&db, "%").await, ["100%"]);
    assert_eq!(found(&db, "a_b").await, ["a_b"]);
    assert_eq!(found(&db, "_").await, ["a_b"]);
    assert_eq!(found(&db, r"c\d").await, [r"c\d"]);
    assert_eq!(found(&db, r"\\").await, [r"c\\d"]);
    assert_eq!(found(&db, "'").await, ["'; DROP TABLE notes; --"]);
    assert!(found(&db, "nothing").await.is_empty());
    assert_eq!(found(&db, " ").await.len(), 7);
}

pub async fn a_search_takes_no_notice_of_case(db: Database) {
    saved(&db, "Alpha").await;
    let row = note::ActiveModel { body: ActiveValue::Set(Some("the ALPHABET".to_owned())), ..titled("beta") };
    db.unit_of_work(async |tx| NOTES.insert(tx, row).await).await.unwrap();
    saved(&db, "gamma").await;
    assert_eq!(found(&db, "aLPHa").await, ["Alpha", "beta"]);
    assert_eq!(found(&db, "É").await, Vec::<String>::new());
}

pub async fn pages_can_be_skipped(db: Database) {
    fill(&db).await;
    let query = PageQuery { offset: Some(20), ..query(2, "title") };
    let page = NOTES.page(db.read(), NOTES.find(), &request(&query)).await.unwrap();
    assert_eq!(page.items.iter().map(|note| note.title.as_str()).collect::<Vec<_>>(), ["20", "21"]);
    let last = PageQuery { after: page.next, offset: None, ..query };
    let page = NOTES.page(db.read(), NOTES.find(), &request(&last)).await.unwrap();
    assert_eq!((page.items[0].title.as_str(), page.items.len(), page.next), ("22", 1, None));
}

pub async fn a_list_can_be_filtered_and_counted(db: Database) {
    let rows = fill(&db).await;
    let select = || NOTES.find().filter(note::Column::Hits.eq(2));
    let expected = rows.iter().filter(|note| note.hits == 2).count();
    assert_eq!(NOTES.count(db.read(), select()).await.unwrap(), expected as u64);
    let page = NOTES.page(db.read(), select(), &request(&query(100, "title"))).await.unwrap();
    assert_eq!(page.items.len(), expected);
    assert!(page.items.iter().all(|note| note.hits == 2));
}

pub async fn a_list_can_be_narrowed_to_a_range(db: Database) {
    let rows = fill(&db).await;
    let all: Vec<i64> = rows.iter().filter_map(|note| note.rank.map(i64::from)).collect();
    for text in ["1..2", "1", ">0", ">=1", "<2", "<=1", ">0,<2", "..0", "2..", "7.."] {
        let range: Range<i64> = text.parse().unwrap();
        let expected = all.iter().filter(|rank| range.contains(rank)).count();
        let select = NOTES.find().filter(in_range(note::Column::Rank, &range, |n| n));
        assert_eq!(NOTES.count(db.read(), select).await.unwrap(), expected as u64, "{text}");
    }
    let made = Timestamp::from(rows[0].created_at);
    let count = |text: String| {
        let range: Range<Timestamp> = text.parse().unwrap();
        let select = NOTES.find().filter(in_range(note::Column::CreatedAt, &range, UtcTime::from));
        let db = db.clone();
        async move { NOTES.count(db.read(), select).await.unwrap() }
    };
    assert_eq!((count(format!(">={made}")).await, count(format!(">{made}")).await), (23, 0));
}

pub async fn a_list_that_names_unknown_columns_is_a_defect(db: Database) {
    const WRONG: Listing = Listing::new("notes", &["no_such_column"], "no_such_column");
    let key = StrongKey::parse("8f2e61d9c4b7a05318e6f1d27c9b40a35d8e17f60b2c94a1e37d58f60c1b92ae").unwrap();
    let request = WRONG.request(&PageQuery::default(), &(), &CursorKey::derive(&key)).unwrap();
    let error = NOTES.page(db.read(), NOTES.find(), &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
}
