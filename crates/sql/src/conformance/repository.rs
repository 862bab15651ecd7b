//! What rows do by themselves.

use archirust_core::{ErrorKind, Timestamp, id};
use sea_orm::{ActiveValue, IntoActiveModel, QueryOrder};

use super::schema::{FOLDERS, NOTES, add, folder, note, saved, titled, titles};
use crate::{Database, UtcTime};

pub async fn keys_are_made_and_sort_by_time(db: Database) {
    let made = db
        .unit_of_work(async |tx| {
            let mut made = Vec::new();
            for i in 0..50 {
                made.push(add(tx, &format!("{}", 99 - i)).await?.id);
            }
            Ok(made)
        })
        .await
        .unwrap();
    assert!(made.iter().all(|id| id.get_version_num() == 7));
    let by_key = NOTES.find().order_by_asc(note::Column::Id).all_ids(&db).await;
    assert_eq!(by_key, made);
}

trait Ids {
    async fn all_ids(self, db: &Database) -> Vec<id::Uuid>;
}

impl Ids for sea_orm::Select<note::Entity> {
    async fn all_ids(self, db: &Database) -> Vec<id::Uuid> {
        self.all(db.read()).await.unwrap().into_iter().map(|note| note.id).collect()
    }
}

pub async fn a_new_row_has_times_authors_and_version(db: Database) {
    let (actor, own_key) = (id::new(), id::new());
    let (now, note, kept) = db
        .unit_of_work(async |tx| {
            tx.act_as(actor);
            let own = note::ActiveModel {
                id: ActiveValue::Set(own_key),
                created_at: ActiveValue::Set(UtcTime::from(Timestamp::UNIX_EPOCH)),
                ..titled("b")
            };
            Ok((tx.now(), add(tx, "a").await?, NOTES.insert(tx, own).await?))
        })
        .await
        .unwrap();
    assert_eq!((note.created_at, note.updated_at), (UtcTime::from(now), UtcTime::from(now)));
    assert_eq!((note.created_by, note.updated_by, note.version), (Some(actor), Some(actor), 1));
    assert_eq!(note.deleted_at, None);
    // What the caller sets is kept.
    assert_eq!((kept.id, kept.created_at.micros()), (own_key, 0));
    assert_eq!(NOTES.by_id(db.read(), note.id).await.unwrap(), note);
}

pub async fn a_change_counts_and_keeps_who_and_when(db: Database) {
    let first = saved(&db, "a").await;
    let editor = id::new();
    let (now, second) = db
        .unit_of_work(async |tx| {
            tx.act_as(editor);
            let mut row = NOTES.by_id(tx, first.id).await?.into_active_model();
            row.body = ActiveValue::Set(Some("text".to_owned()));
            Ok((tx.now(), NOTES.update(tx, row).await?))
        })
        .await
        .unwrap();
    let expected = note::Model {
        body: Some("text".to_owned()),
        updated_at: UtcTime::from(now),
        updated_by: Some(editor),
        version: 2,
        ..first.clone()
    };
    assert_eq!(second, expected);
    assert!(second.updated_at >= first.updated_at);
    assert_eq!(NOTES.by_id(db.read(), first.id).await.unwrap(), expected);
}

pub async fn a_change_of_an_old_version_is_a_conflict(db: Database) {
    let read = saved(&db, "a").await;
    let change = |row: &note::Model, title: &str| {
        let mut row = row.clone().into_active_model();
        row.title = ActiveValue::Set(title.to_owned());
        row
    };
    let newer = db.unit_of_work(async |tx| NOTES.update(tx, change(&read, "b")).await).await.unwrap();
    let error = db.unit_of_work(async |tx| NOTES.update(tx, change(&read, "c")).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VersionConflict);
    assert_eq!(titles(&db).await, ["b"]);

    // A version that a client names counts as the one that was read.
    let mut named = change(&newer, "d");
    named.version = ActiveValue::Set(1);
    let error = db.unit_of_work(async |tx| NOTES.update(tx, named).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::VersionConflict);
    db.unit_of_work(async |tx| NOTES.update(tx, change(&newer, "e")).await).await.unwrap();
    assert_eq!(titles(&db).await, ["e"]);
}

pub async fn a_change_of_what_is_not_there_is_not_found(db: Database) {
    let mut row = saved(&db, "a").await.into_active_model();
    row.id = ActiveValue::Set(id::new());
    row.title = ActiveValue::Set("b".to_owned());
    let error = db.unit_of_work(async |tx| NOTES.update(tx, row).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(NOTES.by_id(db.read(), id::new()).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(NOTES.find_by_id(db.read(), id::new()).await.unwrap(), None);
}

pub async fn a_change_without_its_version_is_a_defect(db: Database) {
    let mut row = saved(&db, "a").await.into_active_model();
    row.version = ActiveValue::NotSet;
    let error = db.unit_of_work(async |tx| NOTES.update(tx, row).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
}

pub async fn a_deleted_row_is_hidden_unless_asked_for(db: Database) {
    let (kept, gone) = (saved(&db, "a").await, saved(&db, "b").await);
    let (now, actor) = db
        .unit_of_work(async |tx| {
            tx.act_as(kept.id);
            NOTES.delete(tx, gone.id).await?;
            Ok((tx.now(), tx.actor()))
        })
        .await
        .unwrap();
    assert_eq!(titles(&db).await, ["a"]);
    assert_eq!(NOTES.find_by_id(db.read(), gone.id).await.unwrap(), None);
    assert_eq!(NOTES.count(db.read(), NOTES.find()).await.unwrap(), 1);

    let all = NOTES.with_deleted();
    assert_eq!(all.count(db.read(), all.find()).await.unwrap(), 2);
    let only = NOTES.only_deleted();
    assert_eq!(only.count(db.read(), only.find()).await.unwrap(), 1);
    assert_eq!(only.find_by_id(db.read(), kept.id).await.unwrap(), None);
    let marked = all.by_id(db.read(), gone.id).await.unwrap();
    assert_eq!((marked.deleted_at, marked.updated_at), (Some(UtcTime::from(now)), UtcTime::from(now)));
    assert_eq!((marked.version, marked.updated_by), (2, actor));

    let again = db.unit_of_work(async |tx| NOTES.delete(tx, gone.id).await).await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::NotFound);
    let change = db.unit_of_work(async |tx| NOTES.update(tx, marked.into_active_model()).await).await;
    assert_eq!(change.unwrap_err().kind(), ErrorKind::NotFound);

    // An entity that removes its rows has none that are deleted and still there.
    folder(&db, "f").await;
    assert_eq!(FOLDERS.only_deleted().count(db.read(), FOLDERS.only_deleted().find()).await.unwrap(), 0);
}

pub async fn a_deletion_can_be_taken_back(db: Database) {
    let note = saved(&db, "a").await;
    let never = db.unit_of_work(async |tx| NOTES.restore(tx, note.id).await).await;
    assert_eq!(never.unwrap_err().kind(), ErrorKind::NotFound);
    db.unit_of_work(async |tx| NOTES.delete(tx, note.id).await).await.unwrap();
    db.unit_of_work(async |tx| NOTES.restore(tx, note.id).await).await.unwrap();
    let back = NOTES.by_id(db.read(), note.id).await.unwrap();
    assert_eq!((back.deleted_at, back.version), (None, 3));

    let removed = folder(&db, "f").await;
    let error = db.unit_of_work(async |tx| FOLDERS.restore(tx, removed).await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
}

pub async fn what_is_removed_for_good_is_gone(db: Database) {
    let (note, folder) = (saved(&db, "a").await.id, folder(&db, "f").await);
    db.unit_of_work(async |tx| {
        NOTES.delete(tx, note).await?;
        NOTES.delete_permanently(tx, note).await?;
        FOLDERS.delete(tx, folder).await
    })
    .await
    .unwrap();
    let all = NOTES.with_deleted();
    assert_eq!(all.count(db.read(), all.find()).await.unwrap(), 0);
    assert_eq!(FOLDERS.count(db.read(), FOLDERS.find()).await.unwrap(), 0);
    let again = db.unit_of_work(async |tx| FOLDERS.delete(tx, folder).await).await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::NotFound);
}

pub async fn many_rows_are_added_at_once(db: Database) {
    // More values than one statement takes.
    let rows = (0..6000).map(|i| titled(&format!("{i:04}")));
    let count = db.unit_of_work(async |tx| NOTES.insert_many(tx, rows).await).await.unwrap();
    assert_eq!(count, 6000);
    assert_eq!(NOTES.count(db.read(), NOTES.find()).await.unwrap(), 6000);
    let none = db.unit_of_work(async |tx| NOTES.insert_many(tx, []).await).await.unwrap();
    assert_eq!(none, 0);

    let twice = ["new", "0001"].map(titled);
    let error = db.unit_of_work(async |tx| NOTES.insert_many(tx, twice).await).await.unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].pointer.as_str()), (ErrorKind::AlreadyExists, "/title"));
    assert_eq!(NOTES.count(db.read(), NOTES.find()).await.unwrap(), 6000);
}

pub async fn times_come_back_to_the_microsecond(db: Database) {
    let times = ["0001-01-01T00:00:00.000001Z", "1969-12-31T23:59:59.999999Z", "2026-11-23T20:57:00.123456Z"];
    for time in times {
        let time: Timestamp = time.parse().unwrap();
        let row = note::ActiveModel { created_at: ActiveValue::Set(time.into()), ..titled(&time.to_string()) };
        let id = db.unit_of_work(async |tx| NOTES.insert(tx, row).await).await.unwrap().id;
        let back = NOTES.by_id(db.read(), id).await.unwrap();
        assert_eq!(Timestamp::from(back.created_at), time);
    }
    let by_time = NOTES.find().order_by_asc(note::Column::CreatedAt).all(db.read()).await.unwrap();
    assert!(by_time.is_sorted_by_key(|note| Timestamp::from(note.created_at)));
}
