//! A flood of logins must not grow the process. A test of its own, because memory is counted for the whole process.
#![cfg(target_os = "linux")]

use archirust_auth::password::{Hasher, PasswordSettings};
use archirust_core::clock::SystemClock;
use archirust_core::random::SystemRandom;
use archirust_core::{ErrorKind, Secret};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_logins_leaves_the_process_no_larger_than_one_hash_a_thread() {
    let settings = PasswordSettings { threads: Some(2), queue: 4, ..Default::default() };
    let hasher = Hasher::start(&settings, SystemRandom::shared(), SystemClock::shared()).unwrap();
    let resident_kib = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    let before = resident_kib();
    for _ in 0..10 {
        let logins: Vec<_> = (0..50)
            .map(|_| {
                let hasher = hasher.clone();
                tokio::spawn(async move { hasher.verify(None, Secret::from("a password")).await })
            })
            .collect();
        for login in logins {
            if let Err(error) = login.await.unwrap() {
                assert_eq!(error.kind(), ErrorKind::Overloaded);
            }
        }
    }
    let grown = resident_kib().saturating_sub(before);
    // Two threads with 19 MiB each, and a little for everything else.
    assert!(grown < 2 * 19 * 1024 + 8 * 1024, "grew by {grown} KiB");
}
