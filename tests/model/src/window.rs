//! When a code may be used (R25), straight from the time zone database.

use chrono::{DateTime, Days, Duration, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// Where a window begins: that instant, or the first of that day.
pub(crate) fn begins(text: &str, zone: Tz) -> DateTime<Utc> {
    match day(text) {
        Some(day) => first_instant_of(day, zone),
        None => instants(local(text), zone).0,
    }
}

/// Where a window ends: that instant, or the first of the day after, since a last day belongs to it as a whole.
pub(crate) fn ends(text: &str, zone: Tz) -> DateTime<Utc> {
    match day(text) {
        Some(day) => first_instant_of(day.checked_add_days(Days::new(1)).expect("a calendar"), zone),
        None => instants(local(text), zone).1,
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

pub(crate) fn local(text: &str) -> NaiveDateTime {
    let with_seconds = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S");
    with_seconds.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")).expect("a local time")
}

fn first_instant_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    instants(day.and_time(NaiveTime::MIN), zone).0
}

/// The earlier and the later instant at which a wall clock shows a time. Where it never does, because clocks are turned forward,
/// both are the first instant after the gap.
fn instants(local: NaiveDateTime, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let mut shown = local;
    loop {
        match zone.from_local_datetime(&shown) {
            MappedLocalTime::Single(only) => return (only.to_utc(), only.to_utc()),
            MappedLocalTime::Ambiguous(one, other) => return (one.min(other).to_utc(), one.max(other).to_utc()),
            MappedLocalTime::None => shown += Duration::seconds(1),
        }
    }
}

/// An instant as the wire writes it.
pub(crate) fn instant_text(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string()
}

/// An instant as the wire writes it, read.
pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("an instant").to_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_turned_forward_and_back() {
        for (wall, begin, end) in [
            ("2026-03-29T03:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            ("2026-10-25T03:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            ("2026-07-01T12:00:05", "2026-07-01T09:00:05Z", "2026-07-01T09:00:05Z"),
            ("2026-03-28", "2026-03-27T22:00:00Z", "2026-03-28T22:00:00Z"),
            ("2026-03-29", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"),
        ] {
            let found = (begins(wall, Tz::Europe__Athens), ends(wall, Tz::Europe__Athens));
            assert_eq!((instant_text(found.0).as_str(), instant_text(found.1).as_str()), (begin, end), "{wall}");
        }
    }
}
