//! Times: when a code may be used (R25), hours that come back every day (R26), straight from the time zone database.

use chrono::{DateTime, Days, Duration, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::read::must;

/// Hours that come back every day, over midnight where they end before they begin (R26).
pub(crate) struct Hours {
    from: NaiveTime,
    until: NaiveTime,
}

impl Hours {
    /// Of a condition with `from` and `until`.
    pub(crate) fn read(condition: &Value) -> Self {
        Self { from: time(must(condition, "from")), until: time(must(condition, "until")) }
    }

    /// The day to which a time belongs that lies in the hours: after midnight that on which they began.
    pub(crate) fn day_of(&self, local: NaiveDateTime) -> Option<NaiveDate> {
        let (today, at) = (local.date(), local.time());
        if !self.wrap() {
            (self.from <= at && at < self.until).then_some(today)
        } else if at >= self.from {
            Some(today)
        } else {
            (at < self.until).then(|| today - Days::new(1))
        }
    }

    /// Whether they go on after midnight.
    pub(crate) fn wrap(&self) -> bool {
        self.until < self.from
    }

    pub(crate) fn json(&self) -> Value {
        json!({"from": time_text(self.from), "until": time_text(self.until)})
    }
}

fn time(text: &str) -> NaiveTime {
    let with_seconds = NaiveTime::parse_from_str(text, "%H:%M:%S");
    with_seconds.or_else(|_| NaiveTime::parse_from_str(text, "%H:%M")).expect("a time of day")
}

/// A time of day as the wire writes it: seconds only where there are any.
pub(crate) fn time_text(time: NaiveTime) -> String {
    let text = time.format("%H:%M:%S").to_string();
    text.strip_suffix(":00").map_or(text.clone(), str::to_owned)
}

/// The first instant at which a wall clock shows a time, or has passed it where it never does.
pub(crate) fn first_instant_showing(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    instants(local, zone).0
}

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
