//! A venue's wall clock: which UTC offset holds from which instant on.

use alloc::vec::Vec;
use chrono::{DateTime, NaiveDateTime, Utc};

use crate::canonical::canonical_struct;

/// Which of two instants a wall-clock time means when clocks are turned back and it comes twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// A start: the earlier.
    Start,
    /// An end: the later.
    End,
}

/// The UTC offsets of one time zone over a stretch of time, made by the server and stored with the redemption, so that core,
/// page and replay need no time zone database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetTable {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    offset_seconds: i32,
    changes: Vec<OffsetChange>,
}
canonical_struct!(OffsetTable { from, until, offset_seconds, changes });

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OffsetChange {
    at: DateTime<Utc>,
    offset_seconds: i32,
}
canonical_struct!(OffsetChange { at, offset_seconds });

impl OffsetTable {
    /// A table that holds from `from` to just before `until`, begins with `offset_seconds` east of UTC and changes at the given
    /// instants, which must be in order and inside.
    ///
    /// `None` when the instants are out of order, or an offset is a day or more.
    #[must_use]
    pub fn new(
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        offset_seconds: i32,
        changes: impl IntoIterator<Item = (DateTime<Utc>, i32)>,
    ) -> Option<Self> {
        let changes: Vec<OffsetChange> =
            changes.into_iter().map(|(at, offset_seconds)| OffsetChange { at, offset_seconds }).collect();
        let mut last = from;
        for change in &changes {
            if change.at <= last || change.at >= until || change.offset_seconds.abs() >= SECONDS_A_DAY {
                return None;
            }
            last = change.at;
        }
        (from < until && offset_seconds.abs() < SECONDS_A_DAY).then_some(Self { from, until, offset_seconds, changes })
    }

    /// The wall clock at an instant; `None` outside the table.
    #[must_use]
    pub fn local(&self, instant: DateTime<Utc>) -> Option<NaiveDateTime> {
        if instant < self.from || instant >= self.until {
            return None;
        }
        let change = self.changes.iter().rev().find(|change| change.at <= instant);
        let offset_seconds = change.map_or(self.offset_seconds, |change| change.offset_seconds);
        DateTime::from_timestamp_millis(shifted(instant, offset_seconds)).map(|shown| shown.naive_utc())
    }

    /// The instant at which the wall clock shows `local`; `None` outside the table.
    ///
    /// Where clocks are turned forward over it, the first instant after the gap. Where they are turned back and it comes twice,
    /// the earlier for a start and the later for an end.
    #[must_use]
    pub fn instant(&self, local: NaiveDateTime, edge: Edge) -> Option<DateTime<Utc>> {
        let shown_from = |offset_seconds| shifted(local.and_utc(), i32::saturating_neg(offset_seconds));
        let (mut shown, mut gap) = (None, None);
        let mut begins = self.from.timestamp_millis();
        let mut candidate = shown_from(self.offset_seconds);
        let ends = self.changes.iter().map(|change| (change.at, Some(change.offset_seconds)));
        for (end, next) in ends.chain([(self.until, None)]) {
            let end = end.timestamp_millis();
            if begins <= candidate && candidate < end {
                if edge == Edge::Start && shown.is_some() {
                    break;
                }
                shown = Some(candidate);
            }
            let Some(next) = next else { break };
            let after = shown_from(next);
            if candidate >= end && after < end {
                gap = Some(end);
            }
            begins = end;
            candidate = after;
        }
        shown.or(gap).and_then(DateTime::from_timestamp_millis)
    }
}

const SECONDS_A_DAY: i32 = 86_400;

/// An instant so many seconds later, in milliseconds: all that it has in its bytes. The calendar's own sums weigh more in a page.
fn shifted(instant: DateTime<Utc>, seconds: i32) -> i64 {
    instant.timestamp_millis().saturating_add(i64::from(seconds).saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{format_instant, parse_instant};

    /// Athens in 2026: forward on 29 March 01:00 UTC, back on 25 October 01:00 UTC.
    fn athens() -> OffsetTable {
        let at = |text| parse_instant(text).unwrap();
        OffsetTable::new(
            at("2026-01-01T00:00:00Z"),
            at("2027-01-01T00:00:00Z"),
            7200,
            [(at("2026-03-29T01:00:00Z"), 10_800), (at("2026-10-25T01:00:00Z"), 7200)],
        )
        .unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    #[test]
    fn wall_clock_to_instant() {
        for (wall, start, end) in [
            ("2026-02-01T12:00", "2026-02-01T10:00:00Z", "2026-02-01T10:00:00Z"),
            ("2026-07-01T12:00", "2026-07-01T09:00:00Z", "2026-07-01T09:00:00Z"),
            ("2026-03-29T02:59", "2026-03-29T00:59:00Z", "2026-03-29T00:59:00Z"),
            ("2026-03-29T03:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"), // does not exist
            ("2026-03-29T04:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            ("2026-10-25T03:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"), // comes twice
            ("2026-10-25T04:00", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"),
        ] {
            let instant = |edge| athens().instant(local(wall), edge).map(format_instant);
            assert_eq!(instant(Edge::Start).as_deref(), Some(start), "{wall}");
            assert_eq!(instant(Edge::End).as_deref(), Some(end), "{wall}");
        }
        assert_eq!(athens().instant(local("2027-06-01T00:00"), Edge::Start), None);
        assert_eq!(athens().instant(local("2025-06-01T00:00"), Edge::Start), None);
    }

    #[test]
    fn instant_to_wall_clock() {
        let wall = |text| athens().local(parse_instant(text).unwrap());
        assert_eq!(wall("2026-03-29T00:59:00Z"), Some(local("2026-03-29T02:59")));
        assert_eq!(wall("2026-03-29T01:00:00Z"), Some(local("2026-03-29T04:00")));
        assert_eq!(wall("2026-12-31T22:30:00Z"), Some(local("2027-01-01T00:30")));
        assert_eq!(wall("2027-01-01T00:00:00Z"), None);
    }
}
