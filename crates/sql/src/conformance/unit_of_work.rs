//! All or nothing, whatever happens.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use archirust_core::{Error, ErrorKind};
use sea_orm::ConnectionTrait;
use tokio::sync::Notify;

use super::DropAfter;
use super::schema::{NOTES, add, saved, titles};
use crate::{Database, OrError, UtcTime};

pub async fn what_succeeds_is_saved(db: Database) {
    let count = db
        .unit_of_work(async |tx| {
            add(tx, "a").await?;
            add(tx, "b").await?;
            Ok(2)
        })
        .await
        .unwrap();
    assert_eq!(count, 2);
    assert_eq!(titles(&db).await, ["a", "b"]);
}

pub async fn what_fails_is_not_saved(db: Database) {
    let error = db
        .unit_of_work(async |tx| {
            add(tx, "a").await?;
            Err::<(), _>(Error::new(ErrorKind::QuotaExceeded))
        })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
    assert!(titles(&db).await.is_empty());
}

pub async fn a_panic_saves_nothing_and_the_next_unit_works(db: Database) {
    let other = db.clone();
    let task = tokio::spawn(async move {
        other
            .unit_of_work(async |tx| {
                add(tx, "a").await?;
                if tx.actor().is_none() {
                    panic!("on purpose");
                }
                Ok(())
            })
            .await
    });
    assert!(task.await.unwrap_err().is_panic());
    saved(&db, "b").await;
    assert_eq!(titles(&db).await, ["b"]);
}

pub async fn a_dropped_unit_saves_nothing_and_the_next_one_works(db: Database) {
    let reached = Arc::new(Notify::new());
    {
        let unit = db.unit_of_work(async |tx| {
            add(tx, "a").await?;
            reached.notify_one();
            pending::<()>().await;
            Ok(())
        });
        tokio::select! {
            _ = unit => unreachable!("it waits for ever"),
            () = reached.notified() => {}
        }
    }
    saved(&db, "b").await;
    assert_eq!(titles(&db).await, ["b"]);
}

pub async fn a_unit_dropped_at_any_moment_saves_all_or_nothing(db: Database) {
    let mut finished = 0;
    for polls in 0..60 {
        let (first, second) = (format!("{polls:02}a"), format!("{polls:02}b"));
        let unit = db.unit_of_work(async |tx| {
            add(tx, &first).await?;
            tx.nested(async |tx| add(tx, &second).await).await?;
            Ok(())
        });
        let result = DropAfter::polls(polls, unit).await;
        // The next unit begins only when the connection is clean.
        saved(&db, &format!("{polls:02}c")).await;
        let all = titles(&db).await;
        assert_eq!(all.contains(&first), all.contains(&second), "half of it was saved after {polls} polls");
        if let Some(result) = result {
            result.unwrap();
            finished += 1;
            assert!(all.contains(&first), "{polls} polls");
        }
    }
    assert!(finished > 0, "no unit came to its end");
}

pub async fn a_hundred_failures_leave_every_connection_free(db: Database) {
    for i in 0..100 {
        let failed = db
            .unit_of_work(async |tx| {
                add(tx, "a").await?;
                if i % 2 == 0 { Err::<(), _>(Error::internal("on purpose")) } else { add(tx, "a").await.map(|_| ()) }
            })
            .await;
        assert!(failed.is_err());
        let failed = db.read().execute_unprepared("SELECT * FROM no_such_table").await;
        assert!(failed.is_err());
        let failed = db.snapshot(async |_| Err::<(), _>(Error::internal("on purpose"))).await;
        assert!(failed.is_err());
    }
    saved(&db, "b").await;
    assert_eq!(titles(&db).await, ["b"]);
}

pub async fn a_unit_within_a_unit_is_refused_at_once(db: Database) {
    db.unit_of_work(async |tx| {
        add(tx, "a").await?;
        for inner in
            [db.unit_of_work(async |tx| add(tx, "b").await).await.map(|_| ()), db.snapshot(async |_| Ok(())).await]
        {
            assert_eq!(inner.unwrap_err().kind(), ErrorKind::Internal);
        }
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(titles(&db).await, ["a"]);
}

pub async fn a_read_outside_of_an_open_unit_is_refused_in_its_task(db: Database) {
    db.unit_of_work(async |_| {
        let error = NOTES.count(db.read(), NOTES.find()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(NOTES.count(db.read(), NOTES.find()).await.unwrap(), 0);
}

pub async fn what_waits_for_the_commit_runs_after_it_and_only_then(db: Database) {
    let runs = Arc::new(AtomicU32::new(0));
    let hook = || {
        let runs = runs.clone();
        move || {
            runs.fetch_add(1, Ordering::SeqCst);
        }
    };
    db.unit_of_work(async |tx| {
        tx.after_commit(hook());
        tx.nested(async |tx| {
            tx.after_commit(hook());
            Ok(())
        })
        .await?;
        assert_eq!(runs.load(Ordering::SeqCst), 0);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);

    let failed = db
        .unit_of_work(async |tx| {
            tx.after_commit(hook());
            Err::<(), _>(Error::internal("on purpose"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

pub async fn all_rows_of_a_unit_have_its_time(db: Database) {
    let (now, first, second) =
        db.unit_of_work(async |tx| Ok((tx.now(), add(tx, "a").await?, add(tx, "b").await?))).await.unwrap();
    assert_eq!([first.created_at, first.updated_at, second.created_at, second.updated_at], [UtcTime::from(now); 4]);
}

pub async fn a_snapshot_can_not_write(db: Database) {
    let error = db.snapshot(async |tx| add(tx, "a").await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    let error = db
        .snapshot(async |tx| tx.execute_unprepared("DELETE FROM notes").await.or_error().map(|_| ()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    // The connection goes on to serve those who may.
    saved(&db, "b").await;
    assert_eq!(titles(&db).await, ["b"]);
}

pub async fn a_plain_read_can_not_write(db: Database) {
    let insert = "INSERT INTO folders (id, name) VALUES ('0123456789abcdef', 'a')";
    let error = db.read().execute_unprepared(insert).await.or_error().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
}

pub async fn the_database_answers_a_check(db: Database) {
    db.check(Duration::from_secs(10)).await.unwrap();
}

pub async fn a_closed_database_says_so(db: Database) {
    db.close(Duration::from_secs(10)).await.unwrap();
    let errors = [
        db.unit_of_work(async |tx| add(tx, "a").await.map(|_| ())).await,
        db.snapshot(async |_| Ok(())).await,
        db.check(Duration::from_secs(10)).await,
        NOTES.count(db.read(), NOTES.find()).await.map(|_| ()),
    ];
    for error in errors {
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Unavailable);
    }
}
