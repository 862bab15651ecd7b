//! Scopes within a unit of work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use archirust_core::{Error, ErrorKind};

use super::DropAfter;
use super::schema::{add, saved, titles};
use crate::Database;

pub async fn a_scope_that_fails_is_undone_alone(db: Database) {
    db.unit_of_work(async |tx| {
        add(tx, "a").await?;
        let failed = tx
            .nested(async |tx| {
                add(tx, "b").await?;
                add(tx, "a").await
            })
            .await;
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::AlreadyExists);
        add(tx, "c").await?;
        tx.nested(async |tx| add(tx, "b").await).await
    })
    .await
    .unwrap();
    assert_eq!(titles(&db).await, ["a", "b", "c"]);
}

pub async fn a_scope_that_succeeds_ends_with_its_unit(db: Database) {
    let failed = db
        .unit_of_work(async |tx| {
            tx.nested(async |tx| add(tx, "a").await).await?;
            Err::<(), _>(Error::internal("on purpose"))
        })
        .await;
    assert!(failed.is_err());
    assert!(titles(&db).await.is_empty());
}

pub async fn scopes_nest(db: Database) {
    db.unit_of_work(async |tx| {
        add(tx, "1").await?;
        tx.nested(async |tx| {
            add(tx, "2").await?;
            let failed = tx
                .nested(async |tx| {
                    add(tx, "3").await?;
                    tx.nested(async |tx| add(tx, "4").await).await?;
                    Err::<(), _>(Error::internal("on purpose"))
                })
                .await;
            assert!(failed.is_err());
            tx.nested(async |tx| add(tx, "5").await).await
        })
        .await
    })
    .await
    .unwrap();
    assert_eq!(titles(&db).await, ["1", "2", "5"]);
}

/// The hardest case of a driver: a scope that is dropped while it begins or ends. Either the scope alone is undone and
/// everything around it saved, or the unit of work says that it failed and saves nothing.
pub async fn a_scope_dropped_at_any_moment_loses_nothing_silently(db: Database) {
    let (mut went_on, mut failed) = (0, 0);
    for polls in 0..40 {
        let name = |part: &str| format!("{polls:02}{part}");
        let (before, inner, after) = (name("a"), name("b"), name("c"));
        let result = db
            .unit_of_work(async |tx| {
                add(tx, &before).await?;
                let scope = DropAfter::polls(polls, tx.nested(async |tx| add(tx, &inner).await)).await;
                add(tx, &after).await?;
                Ok(scope.is_some())
            })
            .await;
        saved(&db, &name("d")).await;
        let all = titles(&db).await;
        let there = [&before, &inner, &after].map(|title| all.contains(title));
        match result {
            Ok(finished) => {
                went_on += 1;
                assert_eq!(there, [true, finished, true], "{polls} polls");
            }
            Err(_) => {
                failed += 1;
                assert_eq!(there, [false; 3], "{polls} polls");
            }
        }
    }
    assert!(went_on > 0, "{failed} units failed");
}

pub async fn a_hook_of_a_failed_scope_never_runs(db: Database) {
    let ran = Arc::new(AtomicBool::new(false));
    db.unit_of_work(async |tx| {
        let ran = ran.clone();
        let failed = tx
            .nested(async |tx| {
                tx.after_commit(move || ran.store(true, Ordering::SeqCst));
                Err::<(), _>(Error::internal("on purpose"))
            })
            .await;
        assert!(failed.is_err());
        Ok(())
    })
    .await
    .unwrap();
    assert!(!ran.load(Ordering::SeqCst));
}
