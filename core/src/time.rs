//! Time, as three questions with three types.
//!
//! *When is the code used?* An instant, `DateTime<Utc>`, given by the caller: nothing here reads a clock. *When does the guest
//! come?* A [`LocalStart`] on the venue's wall clock. *When does the offer hold?* A [`Window`] of instants. An [`OffsetTable`]
//! made by the server ties wall clocks to instants, so that no time zone database is needed here.

mod daily;
mod offsets;
mod text;

use alloc::string::String;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc, Weekday};
use serde::{Serialize, Serializer};

pub use daily::{DailyRange, LocalWindow};
pub use offsets::{Edge, OffsetTable};
pub(crate) use text::serialize_instant;
pub use text::{format_instant, parse_instant};

use crate::canonical::{Canonical, Reader, Writer, canonical_struct};
use crate::invalid::{Fault, Message};

/// A half-open stretch of time: from its first instant, up to but without its end. Either side may be open (R25).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}
canonical_struct!(Window { from, until });

/// Where an instant lies beside a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Before the first instant, which is given.
    Before(DateTime<Utc>),
    /// Inside.
    Within,
    /// At or after the end, which is given.
    After(DateTime<Utc>),
}

impl Window {
    /// A window from `from` to just before `until`.
    ///
    /// # Errors
    /// Names the fault when nothing lies between the two.
    pub fn new(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Result<Self, (Fault, Message)> {
        match (from, until) {
            (Some(from), Some(until)) if until <= from => Err((Fault::Contradiction, "ends before it starts".into())),
            _ => Ok(Self { from, until }),
        }
    }

    /// Where an instant lies beside the window.
    #[must_use]
    pub fn locate(&self, instant: DateTime<Utc>) -> Position {
        match (self.from, self.until) {
            (Some(from), _) if instant < from => Position::Before(from),
            (_, Some(until)) if instant >= until => Position::After(until),
            _ => Position::Within,
        }
    }

    /// The first instant, if there is one.
    #[must_use]
    pub const fn from(&self) -> Option<DateTime<Utc>> {
        self.from
    }

    /// The first instant after the window, if there is one.
    #[must_use]
    pub const fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }
}

/// When an occurrence starts on the wall clock of its venue: a date, and a time where the page has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalStart {
    date: NaiveDate,
    time: Option<NaiveTime>,
}

impl LocalStart {
    /// Parses `2026-12-01` or `2026-12-01T18:00` (seconds may follow).
    ///
    /// # Errors
    /// Names the fault when the text has another form, or no such day or time exists. Years run from 1970 to 9999.
    pub fn parse(text: &str) -> Result<Self, (Fault, Message)> {
        text::parse_local(text.as_bytes()).map(|(date, time)| Self { date, time }).ok_or_else(|| {
            (Fault::Malformed, "must be a date or a local time: `2026-12-01` or `2026-12-01T18:00`".into())
        })
    }

    /// The date.
    #[must_use]
    pub const fn date(&self) -> NaiveDate {
        self.date
    }

    /// The time of day, where there is one.
    #[must_use]
    pub const fn time(&self) -> Option<NaiveTime> {
        self.time
    }

    /// The text it is parsed from: seconds only where there are any.
    #[must_use]
    pub fn text(&self) -> String {
        text::format_local(self.date, self.time)
    }

    /// The day of the week.
    #[must_use]
    pub fn weekday(&self) -> Weekday {
        self.date.weekday()
    }

    /// The start of a date, without a time.
    #[must_use]
    pub const fn of_date(date: NaiveDate) -> Self {
        Self { date, time: None }
    }

    /// The same time on another date, if the calendar reaches so far.
    #[must_use]
    pub fn on(&self, date: NaiveDate) -> Option<Self> {
        (date.year() <= text::YEAR_MAX).then_some(Self { date, ..*self })
    }

    /// The same date at another time.
    #[must_use]
    pub const fn at(&self, time: NaiveTime) -> Self {
        Self { time: Some(time), ..*self }
    }

    /// The same time on a day that many days later, if the calendar goes on that far.
    #[must_use]
    pub fn later(&self, days: u64) -> Option<Self> {
        let date = days_from(self.date, i32::try_from(days).ok()?)?;
        (date.year() <= text::YEAR_MAX).then_some(Self { date, ..*self })
    }
}

/// The date that many days later, or earlier, if the calendar goes that far. It counts days as their bytes do.
pub(crate) fn days_from(date: NaiveDate, days: i32) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(date.to_epoch_days().checked_add(days)?)
}

impl Serialize for LocalStart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

canonical_struct!(LocalStart { date, time });

/// A set of days of the week, at least one (R27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekdays(u8);

/// The days with their names on the wire, Monday first (ISO).
const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "mon"),
    (Weekday::Tue, "tue"),
    (Weekday::Wed, "wed"),
    (Weekday::Thu, "thu"),
    (Weekday::Fri, "fri"),
    (Weekday::Sat, "sat"),
    (Weekday::Sun, "sun"),
];

impl Weekdays {
    /// Parses names such as `mon`; the order does not matter.
    ///
    /// # Errors
    /// Names the fault when there is no day, a day twice, or something that is no day.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, (Fault, Message)> {
        let mut set = 0_u8;
        for name in names {
            let (day, _) = DAYS.iter().find(|(_, known)| *known == name).ok_or_else(|| {
                (Fault::Unknown, "holds something else than `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`".into())
            })?;
            if set & bit(*day) != 0 {
                return Err((Fault::Duplicate, "holds a day twice".into()));
            }
            set |= bit(*day);
        }
        if set == 0 { Err((Fault::Required, "needs at least one day".into())) } else { Ok(Self(set)) }
    }

    /// The set of exactly these days; `None` for no days.
    #[must_use]
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let set = days.into_iter().fold(0, |set, day| set | bit(day));
        (set != 0).then_some(Self(set))
    }

    /// Whether a day belongs to the set.
    #[must_use]
    pub fn contains(&self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }

    /// The names of the days, Monday first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        DAYS.iter().filter(|(day, _)| self.contains(*day)).map(|(_, name)| *name)
    }
}

fn bit(day: Weekday) -> u8 {
    1_u8.checked_shl(day.num_days_from_monday()).unwrap_or(0)
}

impl Serialize for Weekdays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl Canonical for Weekdays {
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let set = u8::take(reader);
        reader.require((1..=0x7f).contains(&set));
        Self(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        parse_instant(text).unwrap()
    }

    #[test]
    fn a_window_has_its_first_instant_and_not_its_end() {
        let window = Window::new(Some(at("2026-12-01T00:00:00Z")), Some(at("2026-12-02T00:00:00Z"))).unwrap();
        assert_eq!(window.locate(at("2026-11-30T23:59:59.999Z")), Position::Before(at("2026-12-01T00:00:00Z")));
        assert_eq!(window.locate(at("2026-12-01T00:00:00Z")), Position::Within);
        assert_eq!(window.locate(at("2026-12-01T23:59:59.999Z")), Position::Within);
        assert_eq!(window.locate(at("2026-12-02T00:00:00Z")), Position::After(at("2026-12-02T00:00:00Z")));
        assert_eq!(Window::default().locate(at("1970-01-01T00:00:00Z")), Position::Within);
        assert!(Window::new(window.from(), window.from()).is_err(), "an empty window is a mistake");
    }

    #[test]
    fn weekdays_are_a_set() {
        let weekend = Weekdays::parse(["sun", "sat"]).unwrap();
        assert!(weekend.contains(Weekday::Sat) && !weekend.contains(Weekday::Mon));
        assert!(weekend.names().eq(["sat", "sun"]));
        for bad in [&[][..], &["mon", "mon"], &["Monday"]] {
            assert!(Weekdays::parse(bad.iter().copied()).is_err(), "{bad:?}");
        }
        let twice = Weekdays::of([Weekday::Mon, Weekday::Sun, Weekday::Mon]);
        assert!(twice.is_some_and(|days| days.names().eq(["mon", "sun"])));
        assert_eq!(Weekdays::of([]), None);
    }

    #[test]
    fn local_starts() {
        let start = LocalStart::parse("2024-02-29T18:30").unwrap();
        assert_eq!(start.weekday(), Weekday::Thu);
        assert_eq!(start.later(1), Some(LocalStart::parse("2024-03-01T18:30").unwrap()));
        assert!(LocalStart::parse("2024-02-29").unwrap().time().is_none());
        for bad in [
            "",
            "2023-02-29",
            "2024-13-01",
            "2024-2-9",
            "2024-02-29T24:00",
            "2024-02-29 18:00",
            "2024-02-29T18:00Z",
            "1969-12-31",
        ] {
            assert!(LocalStart::parse(bad).is_err(), "{bad}");
        }
    }
}
