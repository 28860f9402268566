//! Dates, local times and instants as text: one strict form each, read without a locale.

use alloc::string::String;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};
use serde::Serializer;

use crate::invalid::{Fault, Message};
use crate::text::digits;

/// The last year that is read. The first is 1970.
pub(super) const YEAR_MAX: i32 = 9999;
const YEAR_MIN: i32 = 1970;

/// Parses an instant in UTC: `2026-12-01T16:00:00Z`, with up to three decimals of a second.
///
/// # Errors
/// Names the fault when the text has another form or no such instant exists. Years run from 1970 to 9999.
pub fn parse_instant(text: &str) -> Result<DateTime<Utc>, (Fault, Message)> {
    instant(text).ok_or_else(|| (Fault::Malformed, "must be an instant in UTC such as `2026-12-01T16:00:00Z`".into()))
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.strip_suffix('Z')?;
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if text.len() > whole.len() && decimals.is_empty() {
        return None;
    }
    let (date, time) = parse_local(whole.as_bytes())?;
    // Minutes alone are a form of local times only.
    let time = time.filter(|_| whole.len() == "2026-12-01T16:00:00".len())?;
    let milliseconds = match decimals.len() {
        0 => 0,
        length @ 1..=3 => number(decimals.as_bytes())?
            .checked_mul(10_u32.checked_pow(3_u32.checked_sub(u32::try_from(length).ok()?)?)?)?,
        _ => return None,
    };
    let time = time.with_nanosecond(milliseconds.checked_mul(1_000_000)?)?;
    Some(date.and_time(time).and_utc())
}

/// Prints an instant in the form in which it is parsed, decimals only where there are any.
#[must_use]
pub fn format_instant(instant: DateTime<Utc>) -> String {
    let milliseconds = instant.timestamp_subsec_millis();
    let mut text = String::new();
    push_date(&mut text, instant.date_naive());
    push_time(&mut text, "T", instant.time(), true);
    if milliseconds > 0 {
        push_number(&mut text, ".", milliseconds, 3);
    }
    text.push('Z');
    text
}

/// Writes an instant in the form in which it is parsed.
pub(crate) fn serialize_instant<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_instant(*instant))
}

/// Parses `2026-12-01`, `2026-12-01T18:00` or `2026-12-01T18:00:30`.
pub(super) fn parse_local(text: &[u8]) -> Option<(NaiveDate, Option<NaiveTime>)> {
    let (date, time) = match *text {
        [ref date @ .., b'T', h1, h2, b':', m1, m2] => (date, Some([h1, h2, m1, m2, b'0', b'0'])),
        [ref date @ .., b'T', h1, h2, b':', m1, m2, b':', s1, s2] => (date, Some([h1, h2, m1, m2, s1, s2])),
        _ => (text, None),
    };
    let [ref year @ .., b'-', m1, m2, b'-', d1, d2] = *date else { return None };
    let year = if year.len() == 4 { number(year)? } else { return None };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, number(&[m1, m2])?, number(&[d1, d2])?)?;
    if !(YEAR_MIN..=YEAR_MAX).contains(&date.year()) {
        return None;
    }
    let Some(time) = time else { return Some((date, None)) };
    Some((date, Some(time_of(time)?)))
}

/// Parses `18:00` or `18:00:30`.
pub(super) fn parse_time(text: &[u8]) -> Option<NaiveTime> {
    match *text {
        [h1, h2, b':', m1, m2] => time_of([h1, h2, m1, m2, b'0', b'0']),
        [h1, h2, b':', m1, m2, b':', s1, s2] => time_of([h1, h2, m1, m2, s1, s2]),
        _ => None,
    }
}

fn time_of([h1, h2, m1, m2, s1, s2]: [u8; 6]) -> Option<NaiveTime> {
    NaiveTime::from_hms_opt(number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?)
}

/// The number that a few decimal digits stand for; `None` for anything else.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| digit.wrapping_sub(b'0'))?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// Prints a local start in the form in which it is parsed, seconds only where there are any.
pub(super) fn format_local(date: NaiveDate, time: Option<NaiveTime>) -> String {
    let mut text = String::new();
    push_date(&mut text, date);
    if let Some(time) = time {
        push_time(&mut text, "T", time, time.second() != 0);
    }
    text
}

/// Prints a time of day, seconds only where there are any.
pub(super) fn format_time(time: NaiveTime) -> String {
    let mut text = String::new();
    push_time(&mut text, "", time, time.second() != 0);
    text
}

fn push_date(text: &mut String, date: NaiveDate) {
    push_number(text, "", date.year().unsigned_abs(), 4);
    push_number(text, "-", date.month(), 2);
    push_number(text, "-", date.day(), 2);
}

fn push_time(text: &mut String, separator: &str, time: NaiveTime, with_seconds: bool) {
    push_number(text, separator, time.hour(), 2);
    push_number(text, ":", time.minute(), 2);
    if with_seconds {
        push_number(text, ":", time.second(), 2);
    }
}

/// Adds a number of at least `width` digits, after a separator.
fn push_number(text: &mut String, separator: &str, number: u32, width: usize) {
    let digits = digits(number.into());
    text.push_str(separator);
    for _ in digits.len()..width {
        text.push('0');
    }
    text.push_str(&digits);
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
