//! Offset tables from the IANA time zone database. An adapter for servers and tests: evaluation itself never reads it.

use alloc::vec::Vec;
use chrono::{DateTime, Days, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::cart::Cart;
use crate::facts::Venue;
use crate::id::LocationId;
use crate::policy::SitePolicy;
use crate::time::OffsetTable;

/// Whether a time zone of that name is known.
#[must_use]
pub fn exists(zone: &str) -> bool {
    zone.parse::<Tz>().is_ok()
}

/// The offsets of a zone from `from` to just before `until`; `None` for an unknown zone or an empty stretch.
#[must_use]
pub fn table(zone: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<OffsetTable> {
    let zone: Tz = zone.parse().ok()?;
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
    let mut changes = Vec::new();
    let mut at = from;
    // No zone changes its offset twice within a day, so a change shows as a difference between two days.
    let mut before = offset(at);
    while at < until {
        let next = at.checked_add_days(Days::new(1))?.min(until);
        let after = offset(next);
        if before != after {
            let change = first_with(after, at, next, &offset);
            if change < until {
                changes.push((change, after));
            }
        }
        (at, before) = (next, after);
    }
    OffsetTable::new(from, until, offset(from), changes)
}

/// The first second after `before` and up to `after` with that offset, found by halving.
fn first_with(
    wanted: i32,
    before: DateTime<Utc>,
    after: DateTime<Utc>,
    offset: &impl Fn(DateTime<Utc>) -> i32,
) -> DateTime<Utc> {
    let (mut low, mut high) = (before.timestamp(), after.timestamp());
    while high.saturating_sub(low) > 1 {
        let middle = low.midpoint(high);
        match DateTime::from_timestamp(middle, 0) {
            Some(instant) if offset(instant) == wanted => high = middle,
            _ => low = middle,
        }
    }
    DateTime::from_timestamp(high, 0).unwrap_or(after)
}

/// The offsets of a zone around one wall-clock time: enough to turn it into an instant.
#[must_use]
pub fn around(zone: &str, local: NaiveDateTime) -> Option<OffsetTable> {
    let near = TimeDelta::days(2);
    let from = local.checked_sub_signed(near)?.and_utc();
    table(zone, from, local.checked_add_signed(near)?.and_utc())
}

/// How far beyond the last appointment a venue's table reaches, so that a page can move one without asking.
const DAYS_BEYOND: u64 = 366;
/// How far beyond `now` it reaches at most, five years: no government says what its clocks will show later, and nobody shall make a
/// server count the days to the year 9999.
const DAYS_AHEAD_MAX: u64 = 1_830;

/// The wall clocks that a cart needs: the site's own, then those of its lines' venues, each from the day before `now` to a year
/// after the last appointment, but to no more than five years from `now`.
#[must_use]
pub fn venues(policy: &SitePolicy, cart: &Cart, now: DateTime<Utc>) -> Vec<Venue> {
    venues_by(policy, cart, now, &table)
}

/// What makes the table of a zone from an instant to just before another, as [`table`] does.
pub type MakeTable<'t> = dyn Fn(&str, DateTime<Utc>, DateTime<Utc>) -> Option<OffsetTable> + 't;

/// The same, with `table` to make each table: a server asks for the same one all day.
#[must_use]
pub fn venues_by(policy: &SitePolicy, cart: &Cart, now: DateTime<Utc>, table: &MakeTable<'_>) -> Vec<Venue> {
    let starts = cart.lines().iter().flat_map(|line| &line.slots).filter_map(|slot| slot.start);
    let last = starts.map(|start| start.date()).max().unwrap_or(now.date_naive()).max(now.date_naive());
    let midnight = |date: chrono::NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc();
    let later = |date: chrono::NaiveDate, days| date.checked_add_days(Days::new(days));
    let (Some(from), Some(until), Some(end)) = (
        now.date_naive().checked_sub_days(Days::new(1)),
        later(last, DAYS_BEYOND),
        later(now.date_naive(), DAYS_AHEAD_MAX),
    ) else {
        return Vec::new();
    };
    let (from, until) = (midnight(from), midnight(until.min(end)));
    let used = |location: &LocationId| cart.lines().iter().any(|line| line.location.as_ref() == Some(location));
    let own = core::iter::once((None, &policy.zone));
    let others = policy.locations.iter().filter(|(location, _)| used(location));
    let others = others.map(|(location, zone)| (Some(location.clone()), zone));
    own.chain(others)
        .filter_map(|(location, zone)| Some(Venue { location, offsets: table(zone, from, until)? }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Edge, format_instant, parse_instant};

    #[test]
    fn athens_changes_twice_a_year() {
        let at = |text| parse_instant(text).unwrap();
        let table = table("Europe/Athens", at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).unwrap();
        let wanted = OffsetTable::new(
            at("2026-01-01T00:00:00Z"),
            at("2027-01-01T00:00:00Z"),
            7200,
            [(at("2026-03-29T01:00:00Z"), 10_800), (at("2026-10-25T01:00:00Z"), 7200)],
        );
        assert_eq!(Some(table), wanted);
    }

    #[test]
    fn a_midnight_that_does_not_exist_is_the_first_instant_after_it() {
        // Clocks in Beirut went forward at midnight on 30 March 2025.
        let local = chrono::NaiveDate::from_ymd_opt(2025, 3, 30).unwrap().and_time(chrono::NaiveTime::MIN);
        let table = around("Asia/Beirut", local).unwrap();
        assert_eq!(table.instant(local, Edge::Start).map(format_instant).as_deref(), Some("2025-03-29T22:00:00Z"));
    }

    #[test]
    fn unknown_zones_are_none() {
        assert!(!exists("Europe/Atlantis") && exists("Europe/Athens"));
        assert!(around("Europe/Atlantis", chrono::NaiveDateTime::default()).is_none());
    }

    #[test]
    fn no_cart_makes_a_table_of_centuries() {
        let site = r#"{"currency":"EUR","zone":"Europe/Athens"}"#;
        let policy = SitePolicy::parse(&serde_json::from_str(site).unwrap(), &exists, "").unwrap();
        let cart = r#"{"lines":[{"id":"1","item":"a","kind":"group_class","unit_price_minor":1,
            "occurrences":[{"start":"9999-12-31"}]}]}"#;
        let site = crate::cart::Site {
            currency: policy.currency,
            locations: &[],
            catalog: &crate::catalog::Catalog::default(),
            prices: crate::cart::PriceSource::Caller,
        };
        let cart = Cart::establish(&serde_json::from_str(cart).unwrap(), site).unwrap();
        let now = parse_instant("2026-12-01T16:00:00Z").unwrap();
        let venues = venues(&policy, &cart, now);
        let offsets = &venues[0].offsets;
        assert!(offsets.local(now + chrono::TimeDelta::days(1_829)).is_some());
        assert!(offsets.local(now + chrono::TimeDelta::days(1_831)).is_none());
    }
}
