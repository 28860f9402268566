//! How many files the process may open, and how many connections that bears.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Most connections at once; those beyond wait to be accepted.
const CONNECTIONS_MAX: u64 = 8192;
/// What is open whoever asks: the database, its log and its index, the lock, the listener, what the runtime needs, and room to spare.
const ALWAYS_OPEN: u64 = 64;
/// What one connection may have open: itself, and for a read that is under way the database with its log.
const OPEN_A_CONNECTION: u64 = 3;

/// Allows the process as many open files as all connections may need, as far as whoever started it lets it; tells how many connections
/// that bears.
#[must_use]
pub(crate) fn allow_connections() -> usize {
    let needed = ALWAYS_OPEN.saturating_add(CONNECTIONS_MAX.saturating_mul(OPEN_A_CONNECTION));
    let limit = getrlimit(Resource::Nofile);
    let raised = raised(limit, needed);
    // Where it is refused, the limit is what it was.
    let allowed = if setrlimit(Resource::Nofile, raised).is_ok() { raised } else { limit };
    let connections = connections(allowed.current);
    if connections < CONNECTIONS_MAX {
        tracing::warn!(
            open_files = allowed.current,
            connections,
            "few files may be opened: fewer connections are accepted"
        );
    }
    usize::try_from(connections).unwrap_or(usize::MAX)
}

/// The soft limit, where it is below what is needed, raised as far as the hard one lets it. Without a number there is no limit.
fn raised(limit: Rlimit, needed: u64) -> Rlimit {
    let bearable = limit.maximum.map_or(needed, |hard| hard.min(needed));
    Rlimit { current: limit.current.map(|soft| soft.max(bearable)), ..limit }
}

/// How many connections so many open files bear: at least one, and no more than are ever accepted.
fn connections(open_files: Option<u64>) -> u64 {
    let Some(open_files) = open_files else { return CONNECTIONS_MAX };
    let bearable = open_files.saturating_sub(ALWAYS_OPEN).checked_div(OPEN_A_CONNECTION).unwrap_or(0);
    bearable.clamp(1, CONNECTIONS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_raised_as_far_as_needed_and_allowed() {
        let limit = |current, maximum| Rlimit { current, maximum };
        for (soft, hard, wanted) in [
            (Some(1024), Some(524_288), Some(10_000)),
            (Some(1024), None, Some(10_000)),
            (Some(1024), Some(4096), Some(4096)),
            (Some(65_536), Some(524_288), Some(65_536)),
            (None, None, None),
        ] {
            assert_eq!(raised(limit(soft, hard), 10_000).current, wanted, "{soft:?} {hard:?}");
        }
    }

    #[test]
    fn connections_leave_room_for_files() {
        let table =
            [(Some(0), 1), (Some(64), 1), (Some(256), 64), (Some(1024), 320), (Some(1 << 20), 8192), (None, 8192)];
        for (open_files, wanted) in table {
            assert_eq!(connections(open_files), wanted, "{open_files:?}");
        }
    }
}
