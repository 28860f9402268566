//! Dates, local times and instants as text: one strict form each, read without a locale.

use alloc::{format, string::String};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SubsecRound, Timelike, Utc};

use crate::invalid::Fault;

/// The last year that is read. The first is 1970.
pub(super) const YEAR_MAX: i32 = 9999;
const YEAR_MIN: i32 = 1970;

/// Parses an instant in UTC: `2026-12-01T16:00:00Z`, with up to three decimals of a second.
///
/// # Errors
/// Names the fault when the text has another form or no such instant exists. Years run from 1970 to 9999.
pub fn parse_instant(text: &str) -> Result<DateTime<Utc>, (Fault, String)> {
    instant(text).ok_or_else(|| (Fault::Malformed, "must be an instant in UTC such as `2026-12-01T16:00:00Z`".into()))
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.strip_suffix('Z')?;
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if text.len() > whole.len() && decimals.is_empty() {
        return None;
    }
    let (date, time) = parse_local(whole)?;
    // Minutes alone are a form of local times only.
    let time = time.filter(|_| whole.len() == "2026-12-01T16:00:00".len())?;
    let milliseconds = match decimals.len() {
        0 => 0,
        length @ 1..=3 => {
            number(decimals)?.checked_mul(10_u32.checked_pow(3_u32.checked_sub(u32::try_from(length).ok()?)?)?)?
        }
        _ => return None,
    };
    let time = time.with_nanosecond(milliseconds.checked_mul(1_000_000)?)?;
    Some(date.and_time(time).and_utc())
}

/// Prints an instant in the form in which it is parsed, decimals only where there are any.
#[must_use]
pub fn format_instant(instant: DateTime<Utc>) -> String {
    let instant = instant.trunc_subsecs(3);
    let milliseconds = instant.timestamp_subsec_millis();
    let whole = format!("{}T{}", format_date(instant.date_naive()), format_time(instant.time(), true));
    if milliseconds == 0 { format!("{whole}Z") } else { format!("{whole}.{milliseconds:03}Z") }
}

/// Parses `2026-12-01`, `2026-12-01T18:00` or `2026-12-01T18:00:30`.
pub(super) fn parse_local(text: &str) -> Option<(NaiveDate, Option<NaiveTime>)> {
    let (date, time) = match text.split_once('T') {
        None => (text, None),
        Some((date, time)) => (date, Some(time)),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    if parts.next().is_some() || !(YEAR_MIN..=YEAR_MAX).contains(&date.year()) {
        return None;
    }
    match time {
        None => Some((date, None)),
        Some(time) => Some((date, Some(parse_time(time)?))),
    }
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = match parts.next() {
        None => 0,
        Some(second) => digits(second, 2)?,
    };
    if parts.next().is_some() { None } else { NaiveTime::from_hms_opt(hour, minute, second) }
}

fn digits(text: &str, length: usize) -> Option<u32> {
    if text.len() == length { number(text) } else { None }
}

fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Prints a local start in the form in which it is parsed, seconds only where there are any.
pub(super) fn format_local(date: NaiveDate, time: Option<NaiveTime>) -> String {
    match time {
        None => format_date(date),
        Some(time) => format!("{}T{}", format_date(date), format_time(time, time.second() != 0)),
    }
}

fn format_date(date: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

fn format_time(time: NaiveTime, with_seconds: bool) -> String {
    let minutes = format!("{:02}:{:02}", time.hour(), time.minute());
    if with_seconds { format!("{minutes}:{:02}", time.second()) } else { minutes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_come_back_as_they_were() {
        for text in
            ["1970-01-01T00:00:00Z", "2026-12-01T16:00:00Z", "2026-12-01T16:00:00.007Z", "9999-12-31T23:59:59.999Z"]
        {
            assert_eq!(format_instant(parse_instant(text).unwrap()), text);
        }
        assert_eq!(format_instant(parse_instant("2026-12-01T16:00:00.5Z").unwrap()), "2026-12-01T16:00:00.500Z");
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2026-12-01",
            "2026-12-01T16:00Z",
            "2026-12-01T16:00:00",
            "2026-12-01T16:00:00+02:00",
            "2026-12-01t16:00:00z",
            "2026-12-01T16:00:00.Z",
            "2026-12-01T16:00:00.1234Z",
            "2026-12-01T16:00:60Z",
            "2026-02-30T00:00:00Z",
            "+2026-12-01T16:00:00Z",
            "2026-12-01T16:00:00.+1Z",
            "10000-01-01T00:00:00Z",
            "２０26-12-01T16:00:00Z",
        ] {
            assert!(parse_instant(text).is_err(), "{text}");
        }
    }
}
