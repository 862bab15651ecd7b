//! The pools of SQLite: writers queue, readers do not wait, limits hold.
#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use archirust_core::ErrorKind;
use archirust_core::config::Origins;
use archirust_core::hardening::{Observed, Verdict};
use archirust_sql::{Database, PoolSettings, RULES, SqlSettings, Synchronous};
use common::{add, connect, count, folder, number, settings, words};
use sea_orm::ConnectionTrait;
use tokio::sync::Notify;

/// 64 writers over two handles, as two processes would have them: each reads, and writes what it has read plus one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_writers_never_find_the_database_locked() {
    let folder = folder();
    // How long a busy machine takes is not the matter here.
    let pool = PoolSettings { acquire_timeout: Duration::from_secs(60), ..PoolSettings::default() };
    let settings = SqlSettings { pool, ..settings(folder.path()) };
    let db = words(&settings).await;
    common::execute(&db, "CREATE TABLE counter (n INTEGER NOT NULL) STRICT; INSERT INTO counter VALUES (0)")
        .await
        .unwrap();
    let handles = [db, connect(&settings).await.unwrap()];
    let tasks: Vec<_> = (0..64)
        .map(|i| {
            let db = handles[i % 2].clone();
            tokio::spawn(async move {
                for round in 0..5 {
                    db.unit_of_work(async |tx| {
                        let n = number(tx, "SELECT n FROM counter").await;
                        tx.execute_unprepared(&format!("UPDATE counter SET n = {}", n + 1))
                            .await
                            .map_err(archirust_sql::error)?;
                        add(tx, &format!("{i}-{round}")).await
                    })
                    .await?;
                }
                Ok::<_, archirust_core::Error>(())
            })
        })
        .collect();
    let mut failures: BTreeMap<String, u32> = BTreeMap::new();
    for task in tasks {
        if let Err(error) = task.await.unwrap() {
            *failures.entry(error.report().to_string()).or_default() += 1;
        }
    }
    assert_eq!(failures, BTreeMap::new());
    assert_eq!(number(handles[0].read(), "SELECT n FROM counter").await, 320);
    assert_eq!(count(&handles[1], "words").await, 320);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_do_not_wait_for_the_writer() {
    let folder = folder();
    let db = words(&settings(folder.path())).await;
    db.unit_of_work(async |tx| add(tx, "before").await).await.unwrap();
    let (written, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let writer = tokio::spawn({
        let (db, written, go_on) = (db.clone(), written.clone(), go_on.clone());
        async move {
            db.unit_of_work(async |tx| {
                add(tx, "new").await?;
                written.notify_one();
                go_on.notified().await;
                Ok(())
            })
            .await
        }
    });
    written.notified().await;
    // The writer can't end before these are answered.
    assert_eq!(count(&db, "words").await, 1);
    let seen = db.snapshot(async |tx| Ok(number(tx, "SELECT count(*) FROM words").await)).await.unwrap();
    assert_eq!(seen, 1);
    go_on.notify_one();
    writer.await.unwrap().unwrap();
    assert_eq!(count(&db, "words").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_without_a_free_connection_says_so_in_time() {
    let folder = folder();
    let pool =
        PoolSettings { max_connections: 1, acquire_timeout: Duration::from_millis(500), ..PoolSettings::default() };
    let db = words(&SqlSettings { pool, ..settings(folder.path()) }).await;
    let (held, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let hold = |db: Database, writes: bool| {
        let (held, go_on) = (held.clone(), go_on.clone());
        tokio::spawn(async move {
            let wait = async |_: &mut archirust_sql::Tx| {
                held.notify_one();
                go_on.notified().await;
                Ok(())
            };
            if writes { db.unit_of_work(wait).await } else { db.snapshot(wait).await }
        })
    };
    for writes in [true, false] {
        let holder = hold(db.clone(), writes);
        held.notified().await;
        let error = match writes {
            true => db.unit_of_work(async |tx| add(tx, "a").await).await.unwrap_err(),
            false => db.check(Duration::from_secs(10)).await.unwrap_err(),
        };
        assert_eq!(error.kind(), ErrorKind::PoolExhausted);
        assert!(error.retry_after().is_some() && common::detail(&error).contains("sql.pool"), "{error:?}");
        go_on.notify_one();
        holder.await.unwrap().unwrap();
    }
    db.unit_of_work(async |tx| add(tx, "a").await).await.unwrap();
    db.check(Duration::from_secs(10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_ends_in_time() {
    let folder = folder();
    let pool = PoolSettings { max_connections: 1, ..PoolSettings::default() };
    let db = words(&SqlSettings { pool, ..settings(folder.path()) }).await;
    let error = db
        .snapshot(async |_| {
            let db = db.clone();
            Ok(tokio::spawn(async move { db.check(Duration::from_millis(20)).await }).await.unwrap().unwrap_err())
        })
        .await
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::DatabaseUnavailable);
    assert!(common::detail(&error).contains("20ms"), "{error:?}");
}

#[tokio::test]
async fn every_connection_is_set_up_as_the_settings_say() {
    let folder = folder();
    let set = SqlSettings { busy_timeout: Duration::from_millis(1234), ..settings(folder.path()) };
    let db = words(&set).await;
    for (pragma, expected) in
        [("foreign_keys", 1), ("busy_timeout", 1234), ("synchronous", 1), ("trusted_schema", 0), ("query_only", 0)]
    {
        assert_eq!(number(db.raw(), &format!("PRAGMA {pragma}")).await, expected, "{pragma}");
        let expected = if pragma == "query_only" { 1 } else { expected };
        assert_eq!(number(db.read(), &format!("PRAGMA {pragma}")).await, expected, "{pragma}");
    }
    let journal = |db: Database| async move {
        let pragma = sea_orm::Statement::from_string(db.raw().get_database_backend(), "PRAGMA journal_mode");
        db.raw().query_one_raw(pragma).await.unwrap().unwrap().try_get_by_index::<String>(0).unwrap()
    };
    assert_eq!(journal(db.clone()).await, "wal");
    db.close(Duration::from_secs(10)).await.unwrap();

    let plain = SqlSettings { wal: false, synchronous: Synchronous::Full, ..set };
    let db = connect(&plain).await.unwrap();
    assert_eq!(journal(db.clone()).await, "delete");
    assert_eq!(number(db.raw(), "PRAGMA synchronous").await, 2);
}

#[tokio::test]
async fn a_connection_opens_when_it_is_needed() {
    let folder = folder();
    let db = words(&settings(folder.path())).await;
    let sea_orm::DatabaseConnectionType::SqlxSqlitePoolConnection(_) = &db.read().raw().inner else { unreachable!() };
    let reads = db.read().raw().get_sqlite_connection_pool();
    assert_eq!((reads.size(), reads.options().get_max_connections()), (0, 8));
    count(&db, "words").await;
    assert_eq!(reads.size(), 1);
    let writes = db.raw().get_sqlite_connection_pool();
    assert_eq!((writes.size(), writes.options().get_max_connections()), (1, 1));
}

#[tokio::test]
async fn the_running_database_keeps_the_rules() {
    let folder = folder();
    let db = words(&settings(folder.path())).await;
    let facts = db.probe(&Origins::default()).await;
    assert_eq!(facts.live_busy_timeout.value(), Some(&Duration::from_secs(5)));
    for rule in RULES {
        let verdict = (rule.judge)(&facts);
        assert!(matches!(verdict, Verdict::Pass(_) | Verdict::NotApplicable(_)), "{rule:?} {verdict:?}");
    }

    db.close(Duration::from_secs(10)).await.unwrap();
    let facts = db.probe(&Origins::default()).await;
    assert!(matches!(facts.live_busy_timeout, Observed::NotSeen(_)));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_read_fails_its_rule() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let settings = settings(folder.path());
    let verdict = |settings: &SqlSettings| {
        let rule = RULES.iter().find(|rule| rule.info.id == "ARCHI-CFG-013").unwrap();
        (rule.judge)(&archirust_sql::from_settings(settings, &Origins::default()))
    };
    // Before the first start: as it will be made.
    assert!(matches!(verdict(&settings), Verdict::Pass(_)));
    words(&settings).await;
    assert!(matches!(verdict(&settings), Verdict::Pass(_)));
    std::fs::set_permissions(&settings.path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(verdict(&settings), Verdict::Fail(_)));
    assert!(matches!(verdict(&SqlSettings::file("/no/such/folder/service.db")), Verdict::Unknown(_)));
}
