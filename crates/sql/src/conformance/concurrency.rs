//! Many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use archirust_core::{Error, ErrorKind};
use sea_orm::{ActiveValue, IntoActiveModel};
use tokio::sync::Notify;

use super::schema::{NOTES, add, note, saved, titles};
use crate::Database;

/// Units of work at the same time.
const MANY: usize = 64;

pub async fn concurrent_statements_of_one_unit_are_all_saved(db: Database) {
    db.unit_of_work(async |tx| {
        let (a, b, c, d) = tokio::join!(add(tx, "a"), add(tx, "b"), add(tx, "c"), add(tx, "d"));
        for done in [a, b, c, d] {
            done?;
        }
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(titles(&db).await, ["a", "b", "c", "d"]);
}

/// Whether it only says that another unit of work was faster; some engines find that out late.
fn is_collision(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::VersionConflict | ErrorKind::Serialization | ErrorKind::Deadlock)
}

/// Each reads first and writes what it has read plus one.
pub async fn concurrent_units_lose_no_update(db: Database) {
    let id = saved(&db, "counter").await.id;
    let tasks: Vec<_> = (0..MANY)
        .map(|i| {
            let db = db.clone();
            tokio::spawn(async move {
                let title = format!("{i}");
                loop {
                    let done = db
                        .rerunnable_unit_of_work(async |tx| {
                            let note = NOTES.by_id(tx, id).await?;
                            let hits = note.hits + 1;
                            let mut row = note.into_active_model();
                            row.hits = ActiveValue::Set(hits);
                            NOTES.update(tx, row).await?;
                            add(tx, &title).await
                        })
                        .await;
                    match done {
                        Err(error) if is_collision(&error) => {}
                        done => return done,
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let counter = NOTES.by_id(db.read(), id).await.unwrap();
    assert_eq!((counter.hits, counter.version), (MANY as i64, MANY as i64 + 1));
    assert_eq!(titles(&db).await.len(), MANY + 1);
}

pub async fn nobody_sees_what_is_not_committed(db: Database) {
    let (written, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let writer = {
        let (db, written, go_on) = (db.clone(), written.clone(), go_on.clone());
        tokio::spawn(async move {
            db.unit_of_work(async |tx| {
                add(tx, "a").await?;
                written.notify_one();
                go_on.notified().await;
                Err::<(), _>(Error::internal("on purpose"))
            })
            .await
        })
    };
    written.notified().await;
    // An engine with one connection answers when the writer has gone, all others at once; none shows the row.
    let reader = tokio::spawn({
        let db = db.clone();
        async move { titles(&db).await }
    });
    tokio::task::yield_now().await;
    go_on.notify_one();
    assert!(reader.await.unwrap().is_empty());
    assert!(writer.await.unwrap().is_err());
}

pub async fn a_snapshot_sees_one_state(db: Database) {
    saved(&db, "a").await;
    let go_on = Arc::new(Notify::new());
    let writer = {
        let (db, go_on) = (db.clone(), go_on.clone());
        tokio::spawn(async move {
            go_on.notified().await;
            saved(&db, "b").await;
        })
    };
    let (before, after) = db
        .snapshot(async |tx| {
            let before = NOTES.count(tx, NOTES.find()).await?;
            go_on.notify_one();
            for _ in 0..20 {
                NOTES.count(tx, NOTES.find()).await?;
            }
            Ok((before, NOTES.count(tx, NOTES.find()).await?))
        })
        .await
        .unwrap();
    writer.await.unwrap();
    assert_eq!((before, after), (1, 1));
    assert_eq!(titles(&db).await, ["a", "b"]);
}

pub async fn of_two_changes_of_the_same_version_one_wins(db: Database) {
    let read = saved(&db, "a").await;
    let tasks: Vec<_> = (0..8)
        .map(|i| {
            let (db, mut row) = (db.clone(), read.clone().into_active_model());
            row.body = ActiveValue::Set(Some(format!("by {i}")));
            tokio::spawn(async move { db.unit_of_work(async |tx| NOTES.update(tx, row).await).await })
        })
        .collect();
    let mut winners: Vec<note::Model> = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(note) => winners.push(note),
            Err(error) => assert!(is_collision(&error), "{error:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(NOTES.by_id(db.read(), read.id).await.unwrap(), winners[0]);
}

pub async fn a_collision_is_run_again_only_where_that_is_allowed(db: Database) {
    let runs = AtomicU32::new(0);
    let collide_twice = || match runs.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => Err(Error::new(ErrorKind::Serialization)),
        _ => Ok(()),
    };
    let once = db.unit_of_work(async |_| collide_twice()).await;
    assert_eq!((once.unwrap_err().kind(), runs.load(Ordering::SeqCst)), (ErrorKind::Serialization, 1));

    runs.store(0, Ordering::SeqCst);
    db.rerunnable_unit_of_work(async |tx| {
        add(tx, "a").await?;
        collide_twice()
    })
    .await
    .unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    assert_eq!(titles(&db).await, ["a"]);

    runs.store(0, Ordering::SeqCst);
    let other = db
        .rerunnable_unit_of_work(async |_| {
            runs.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(Error::new(ErrorKind::AlreadyExists))
        })
        .await;
    assert_eq!((other.unwrap_err().kind(), runs.load(Ordering::SeqCst)), (ErrorKind::AlreadyExists, 1));
}

pub async fn work_that_always_collides_is_given_up(db: Database) {
    let runs = AtomicU32::new(0);
    let error = db
        .rerunnable_unit_of_work(async |_| {
            runs.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(Error::new(ErrorKind::Deadlock))
        })
        .await
        .unwrap_err();
    assert_eq!((error.kind(), runs.load(Ordering::SeqCst)), (ErrorKind::Deadlock, 5));
}
