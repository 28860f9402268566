//! Wall-clock ranges: hours that come back every day, and a stretch of a venue's calendar (R26).

use alloc::string::String;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use core::fmt;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{LocalStart, Weekdays, text};
use crate::canonical::{Canonical, Reader, Writer, canonical_struct};
use crate::invalid::{Fault, Message};

/// Hours of a day, from the first up to but without the second. A range whose end is not after its start wraps over midnight, and
/// what lies after midnight belongs to the day on which it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyRange {
    from: NaiveTime,
    until: NaiveTime,
}

impl DailyRange {
    /// A range between two times of day, such as `17:00` and `19:00`.
    ///
    /// # Errors
    /// Names the fault when a text is no time of day, or both are the same.
    pub fn parse(from: &str, until: &str) -> Result<Self, (Fault, Message)> {
        let time = |text: &str| {
            text::parse_time(text.as_bytes())
                .ok_or_else(|| (Fault::Malformed, "must be times of day such as `17:00`".into()))
        };
        let (from, until) = (time(from)?, time(until)?);
        if from == until {
            return Err((Fault::Contradiction, "ends when it starts".into()));
        }
        Ok(Self { from, until })
    }

    /// The day to which a time belongs, if it lies in the range: the day before where the range has wrapped over midnight.
    #[must_use]
    pub fn day_of(&self, local: NaiveDateTime) -> Option<NaiveDate> {
        let (date, time) = (local.date(), local.time());
        if self.from < self.until {
            (self.from <= time && time < self.until).then_some(date)
        } else if time >= self.from {
            Some(date)
        } else if time < self.until {
            date.pred_opt()
        } else {
            None
        }
    }

    /// Whether it goes on over midnight.
    #[must_use]
    pub fn wraps(&self) -> bool {
        self.until < self.from
    }

    /// Its two times of day as they are parsed.
    #[must_use]
    pub fn texts(&self) -> [String; 2] {
        [self.from, self.until].map(text::format_time)
    }

    /// `17:00 to 19:00`.
    #[must_use]
    pub fn text(&self) -> String {
        self.texts().join(" to ")
    }

    /// The first time of day in the range.
    #[must_use]
    pub const fn from(&self) -> NaiveTime {
        self.from
    }

    /// The first time of day after it.
    #[must_use]
    pub const fn until(&self) -> NaiveTime {
        self.until
    }
}

impl fmt::Display for DailyRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text())
    }
}

impl fmt::Display for LocalWindow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text())
    }
}

impl Serialize for DailyRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut range = serializer.serialize_struct("DailyRange", 2)?;
        let [from, until] = self.texts();
        range.serialize_field("from", &from)?;
        range.serialize_field("until", &until)?;
        range.end()
    }
}

impl Canonical for DailyRange {
    fn write(&self, out: &mut Writer) {
        self.from.write(out);
        self.until.write(out);
    }

    fn take(reader: &mut Reader<'_>) -> Self {
        let (from, until) = (NaiveTime::take(reader), NaiveTime::take(reader));
        reader.require(from != until);
        Self { from, until }
    }
}

/// A half-open stretch of a venue's calendar. Either side may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LocalWindow {
    from: Option<LocalStart>,
    until: Option<LocalStart>,
}
canonical_struct!(LocalWindow { from, until });

impl LocalWindow {
    /// A window from the first date or time to the last: a last date without a time includes that whole day, a last time does not
    /// belong to the window.
    ///
    /// # Errors
    /// Names the fault when it ends before it starts, or never begins and never ends.
    pub fn new(from: Option<LocalStart>, until: Option<LocalStart>) -> Result<Self, (Fault, Message)> {
        let window = Self { from, until };
        if from.is_none() && until.is_none() {
            return Err((Fault::Required, "needs `from`, `until` or both".into()));
        }
        match (from.map(|from| from.at_or_midnight()), window.end()) {
            (Some(from), Some(end)) if end <= from => Err((Fault::Contradiction, "ends before it starts".into())),
            _ => Ok(window),
        }
    }

    /// Whether an occurrence starts within the window; `None` where that depends on a time it does not have.
    #[must_use]
    pub fn contains(&self, start: LocalStart) -> Option<bool> {
        let cuts = |edge: &LocalStart| edge.time().is_some() && edge.date() == start.date();
        if start.time().is_none() && [self.from, self.until].iter().flatten().any(cuts) {
            return None;
        }
        let at = start.at_or_midnight();
        let begun = self.from.is_none_or(|from| from.at_or_midnight() <= at);
        Some(begun && self.end().is_none_or(|end| at < end))
    }

    /// The first wall-clock time after the window.
    pub(crate) fn end(&self) -> Option<NaiveDateTime> {
        let until = self.until?;
        match until.time() {
            Some(time) => Some(until.date().and_time(time)),
            None => Some(until.date().succ_opt()?.and_time(NaiveTime::MIN)),
        }
    }

    /// As its owner wrote the beginning.
    #[must_use]
    pub const fn from(&self) -> Option<LocalStart> {
        self.from
    }

    /// As its owner wrote the end.
    #[must_use]
    pub const fn until(&self) -> Option<LocalStart> {
        self.until
    }
}

impl LocalWindow {
    /// `from 2026-12-01 to 2026-12-24`.
    #[must_use]
    pub fn text(&self) -> String {
        match (self.from, self.until) {
            (Some(from), Some(until)) => ["from ", &from.text(), " to ", &until.text()].concat(),
            (Some(from), None) => ["from ", &from.text(), " on"].concat(),
            (None, Some(until)) => ["until ", &until.text()].concat(),
            (None, None) => String::new(),
        }
    }
}

impl LocalStart {
    /// Its time, or the midnight with which its date begins.
    #[must_use]
    pub fn at_or_midnight(&self) -> NaiveDateTime {
        self.date().and_time(self.time().unwrap_or(NaiveTime::MIN))
    }

    /// Whether it belongs to one of these days: by its date, or by the day before where it lies in hours that wrapped over midnight
    /// (R26). `None` where that depends on a time it does not have.
    #[must_use]
    pub fn is_within(&self, days: Weekdays, hours: Option<&DailyRange>) -> Option<bool> {
        let on = |date: NaiveDate| days.contains(date.weekday());
        match (hours, self.time()) {
            (Some(hours), Some(time)) => Some(on(hours.day_of(self.date().and_time(time)).unwrap_or(self.date()))),
            (Some(hours), None) if hours.wraps() => {
                let (before, itself) = (self.date().pred_opt().map(on), on(self.date()));
                (before == Some(itself)).then_some(itself)
            }
            _ => Some(on(self.date())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> LocalStart {
        LocalStart::parse(text).unwrap()
    }

    #[test]
    fn hours_have_their_first_minute_and_not_their_last() {
        let hours = DailyRange::parse("17:00", "19:00").unwrap();
        for (at, inside) in [("16:59:59", false), ("17:00", true), ("18:59:59", true), ("19:00", false)] {
            let start = local(&["2026-12-01T", at].concat());
            assert_eq!(hours.day_of(start.at_or_midnight()).is_some(), inside, "{at}");
        }
        for (from, until) in [("17:00", "17:00"), ("17", "19:00"), ("24:00", "01:00"), ("", "")] {
            assert!(DailyRange::parse(from, until).is_err(), "{from} {until}");
        }
    }

    #[test]
    fn what_wraps_over_midnight_belongs_to_the_day_it_started() {
        let hours = DailyRange::parse("22:00", "02:00").unwrap();
        let late = local("2026-12-05T01:00"); // a Saturday
        assert_eq!(hours.day_of(late.at_or_midnight()), Some(local("2026-12-04").date()));
        let days = |name| Weekdays::parse([name]).unwrap();
        assert_eq!(late.is_within(days("fri"), Some(&hours)), Some(true));
        assert_eq!(late.is_within(days("sat"), Some(&hours)), Some(false));
        assert_eq!(late.is_within(days("sat"), None), Some(true));
        assert_eq!(local("2026-12-05T22:00").is_within(days("sat"), Some(&hours)), Some(true));
        assert_eq!(local("2026-12-05").is_within(days("fri"), Some(&hours)), None, "at one o'clock it is Friday's");
        assert_eq!(local("2026-12-05").is_within(days("mon"), Some(&hours)), Some(false));
        assert_eq!(hours.day_of(local("2026-12-05T12:00").at_or_midnight()), None);
    }

    #[test]
    fn a_window_of_dates_has_its_last_day_and_one_of_times_waits_for_a_time() {
        let window = |from: &str, until: &str| LocalWindow::new(Some(local(from)), Some(local(until))).unwrap();
        let days = window("2026-12-01", "2026-12-02");
        for (start, inside) in [
            ("2026-11-30T23:59:59", false),
            ("2026-12-01", true),
            ("2026-12-02", true),
            ("2026-12-02T23:59:59", true),
            ("2026-12-03T00:00", false),
        ] {
            assert_eq!(days.contains(local(start)), Some(inside), "{start}");
        }
        let times = window("2026-12-01T18:00", "2026-12-03T20:00");
        for (start, inside) in [
            ("2026-12-01", None),
            ("2026-12-02", Some(true)),
            ("2026-12-03", None),
            ("2026-12-04", Some(false)),
            ("2026-12-01T17:59:59", Some(false)),
            ("2026-12-01T18:00", Some(true)),
            ("2026-12-03T20:00", Some(false)),
        ] {
            assert_eq!(times.contains(local(start)), inside, "{start}");
        }
        assert!(LocalWindow::new(None, None).is_err());
        assert!(LocalWindow::new(Some(local("2026-12-02")), Some(local("2026-12-01"))).is_err());
    }
}
