//! Each connection takes a file descriptor, and a process may by default have only 1024 of them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For files, databases and whatever else a service has open.
const OTHERS: u64 = 256;

/// Raises the limit of this process as far as the system lets it, if so many connections need it, and warns where that is
/// not enough.
pub(super) fn make_room(max_connections: usize) {
    let wanted = u64::try_from(max_connections).unwrap_or(u64::MAX).saturating_add(OTHERS);
    let now = getrlimit(Resource::Nofile);
    let Some(new) = raised(&now, wanted) else { return };
    let current = new.current;
    let raised = setrlimit(Resource::Nofile, new);
    if raised.is_err() || current.is_some_and(|current| current < wanted) {
        tracing::warn!(
            target: "archirust::web",
            wanted,
            allowed = now.maximum,
            "the system allows fewer open files than web.limits.max_connections needs: raise the limit of the process \
             (LimitNOFILE of systemd, ulimit -n), or lower the setting"
        );
    }
}

/// The limit to ask for; `None` if there is room already.
fn raised(now: &Rlimit, wanted: u64) -> Option<Rlimit> {
    if now.current.is_none_or(|current| current >= wanted) {
        return None;
    }
    Some(Rlimit { current: Some(now.maximum.map_or(wanted, |most| most.min(wanted))), maximum: now.maximum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_only_if_needed_and_only_as_far_as_allowed() {
        let ask = |current, maximum| raised(&Rlimit { current, maximum }, 1000).map(|new| (new.current, new.maximum));
        assert_eq!(ask(Some(1000), Some(4096)), None);
        assert_eq!(ask(None, None), None);
        assert_eq!(ask(Some(999), Some(4096)), Some((Some(1000), Some(4096))));
        assert_eq!(ask(Some(256), Some(512)), Some((Some(512), Some(512))));
        assert_eq!(ask(Some(256), None), Some((Some(1000), None)));
    }

    #[test]
    fn the_process_has_room_afterwards() {
        let most = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
        make_room(1500);
        assert!(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX) >= most.min(1500 + OTHERS));
    }
}
