//! Descendants of this process, so that a test run leaves none behind.
//!
//! This process makes itself the reaper of its descendants (`PR_SET_CHILD_SUBREAPER`): an orphan, even one that
//! left its session or process group, comes back to us as a child, and `/proc` shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long a process may take to go by itself: a browser's helpers outlive it for a moment.
pub(crate) const GRACE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(50);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A process that runs below this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Descendant {
    pub(crate) pid: i32,
    pub(crate) name: String,
}

/// Makes this process the reaper of its descendants, and ends them all when it is interrupted.
pub(crate) fn guard() -> Result<(), String> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| format!("could not become the reaper of child processes: {error}"))?;
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|error| format!("could not listen for signals: {error}"))?;
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            INTERRUPTED.store(true, Ordering::SeqCst);
            eprintln!("\ninterrupted: ending what was started");
            end_all();
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

/// Returns only when this process has not been told to end: after that, nothing new may be started.
pub(crate) fn stop_if_interrupted() {
    while INTERRUPTED.load(Ordering::SeqCst) {
        std::thread::park_timeout(POLL);
    }
}

/// Waits until no descendant is left. Those still there after `grace` are ended and returned.
///
/// Call it only while no child of one's own is running.
pub(crate) fn settle(grace: Duration) -> Vec<Descendant> {
    let left = wait_for_none(grace);
    if !left.is_empty() {
        end_all();
    }
    left
}

/// Ends every descendant: politely first, then for good. Gives up on those that we may not end (another user's).
pub(crate) fn end_all() {
    let started = Instant::now();
    let mut told = BTreeSet::new();
    loop {
        reap_orphans();
        let left = descendants();
        if left.is_empty() || started.elapsed() > GRACE * 2 {
            return;
        }
        let patient = started.elapsed() < GRACE;
        for Descendant { pid, .. } in left {
            // Each is asked once; who is started meanwhile is asked too.
            if told.insert(pid) || !patient {
                signal(pid, if patient { Signal::TERM } else { Signal::KILL });
            }
        }
        std::thread::park_timeout(POLL);
    }
}

fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // An error means that it is gone: that is what we want.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

fn wait_for_none(limit: Duration) -> Vec<Descendant> {
    let started = Instant::now();
    loop {
        reap_orphans();
        let left = descendants();
        if left.is_empty() || started.elapsed() >= limit {
            return left;
        }
        std::thread::park_timeout(POLL);
    }
}

fn reap_orphans() {
    while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG) {}
}

/// All living processes below this one.
pub(crate) fn descendants() -> Vec<Descendant> {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let mut table = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        // A process may end while we look.
        if let Some(stat) = fs::read_to_string(entry.path().join("stat")).ok().and_then(|line| Stat::parse(&line)) {
            table.insert(pid, stat);
        }
    }
    below(own, &table)
}

fn below(root: i32, table: &BTreeMap<i32, Stat>) -> Vec<Descendant> {
    let mut found = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        for (pid, stat) in table.iter().filter(|(_, stat)| stat.parent == parent) {
            parents.push(*pid);
            if !matches!(stat.state, 'Z' | 'X') {
                found.push(Descendant { pid: *pid, name: stat.name.clone() });
            }
        }
    }
    found
}

/// What we read of `/proc/<pid>/stat` (proc(5)).
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    name: String,
    state: char,
    parent: i32,
}

impl Stat {
    /// The name is in parentheses and may itself hold spaces and parentheses.
    fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.split_once('(')?;
        let (name, rest) = rest.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let state = fields.next()?.chars().next()?;
        let parent = fields.next()?.parse().ok()?;
        Some(Self { name: name.to_owned(), state, parent })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::*;

    /// Tests that start processes take turns: each of them sees, and ends, all children of the test program.
    pub(crate) fn alone() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stat(name: &str, state: char, parent: i32) -> Stat {
        Stat { name: name.to_owned(), state, parent }
    }

    #[test]
    fn a_name_with_spaces_and_parentheses_is_read() {
        let line = "41 (a (b) c) S 7 41 41 0 -1";
        assert_eq!(Stat::parse(line), Some(stat("a (b) c", 'S', 7)));
        assert_eq!(Stat::parse("41 half"), None);
    }

    #[test]
    fn descendants_are_found_at_any_depth_and_the_dead_are_not_counted() {
        let table = BTreeMap::from([
            (1, stat("init", 'S', 0)),
            (10, stat("xtask", 'S', 1)),
            (11, stat("child", 'S', 10)),
            (12, stat("zombie", 'Z', 10)),
            (13, stat("grandchild", 'R', 11)),
            (14, stat("stranger", 'S', 1)),
        ]);
        let mut pids: Vec<i32> = below(10, &table).into_iter().map(|descendant| descendant.pid).collect();
        pids.sort_unstable();
        assert_eq!(pids, [11, 13]);
    }

    #[test]
    fn a_child_of_this_process_is_seen_in_proc() {
        let _turn = alone();
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        assert!(descendants().iter().any(|descendant| descendant.pid == pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!descendants().iter().any(|descendant| descendant.pid == pid));
    }
}
