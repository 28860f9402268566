//! The cart, unit by unit.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use crate::number::{Number, sum, whole};
use crate::read::{integer, list, must, text, texts, truth};
use crate::window::{first_instant_showing, local, time_text};

/// A line as the request gives it, its occurrences by start.
pub(crate) struct Line<'a> {
    pub(crate) id: &'a str,
    pub(crate) item: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) categories: Vec<&'a str>,
    pub(crate) location: Option<&'a str>,
    /// The zone of its venue, or the site's.
    pub(crate) zone: Tz,
    pub(crate) frequency: Option<&'a str>,
    /// The names by which it is shown (R22).
    pub(crate) names: Vec<&'a str>,
    pub(crate) paid: bool,
    pub(crate) discounted: bool,
    /// One for an undated line.
    pub(crate) occurrences: Vec<Occurrence>,
}

pub(crate) struct Occurrence {
    pub(crate) start: Option<Start>,
    /// The list price of each of its units.
    pub(crate) units: Vec<Number>,
}

/// When an occurrence starts. One without a time comes before those of its day that have one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Start {
    pub(crate) date: NaiveDate,
    pub(crate) time: Option<NaiveTime>,
}

impl Start {
    pub(crate) fn read(text: &str) -> Self {
        match text.parse() {
            Ok(date) => Self { date, time: None },
            Err(_) => Self { date: local(text).date(), time: Some(local(text).time()) },
        }
    }

    /// Its wall-clock time, or the midnight with which its date begins.
    pub(crate) fn or_midnight(self) -> NaiveDateTime {
        self.date.and_time(self.time.unwrap_or(NaiveTime::MIN))
    }

    /// As the wire writes it: seconds only where there are any.
    pub(crate) fn text(self) -> String {
        match self.time {
            None => self.date.to_string(),
            Some(time) => format!("{}T{}", self.date, time_text(time)),
        }
    }
}

pub(crate) fn weekday(date: NaiveDate) -> &'static str {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    names[date.weekday().num_days_from_monday() as usize]
}

impl Line<'_> {
    pub(crate) fn subtotal(&self) -> Number {
        sum(self.occurrences.iter().flat_map(|occurrence| &occurrence.units))
    }

    /// Whether it takes place at a time, so that appointment conditions speak of it (R27).
    pub(crate) fn takes_place(&self) -> bool {
        ["appointment", "group_class", "series_class"].contains(&self.kind)
    }

    /// The instant at which one with a time starts.
    pub(crate) fn instant(&self, start: Start) -> Option<DateTime<Utc>> {
        start.time.map(|time| first_instant_showing(start.date.and_time(time), self.zone))
    }
}

pub(crate) fn read<'a>(site: &Value, cart: &'a Value) -> Vec<Line<'a>> {
    list(cart, "lines").iter().map(|line| read_line(site, line)).collect()
}

fn read_line<'a>(site: &Value, line: &'a Value) -> Line<'a> {
    let quantity = integer(line, "quantity").unwrap_or(1);
    let price = integer(line, "unit_price_minor").expect("a price");
    let units = |price: i64| (0..quantity).map(|_| whole(price)).collect();
    let mut occurrences: Vec<Occurrence> = list(line, "occurrences")
        .iter()
        .map(|one| Occurrence {
            start: Some(Start::read(must(one, "start"))),
            units: units(integer(one, "unit_price_minor").unwrap_or(price)),
        })
        .collect();
    occurrences.sort_by_key(|occurrence| occurrence.start);
    if occurrences.is_empty() {
        occurrences.push(Occurrence { start: None, units: units(price) });
    }
    let location = text(line, "location");
    let venue = list(site, "locations").iter().find(|venue| Some(must(venue, "id")) == location);
    let names = ["schedule", "resource", "service", "slot_title", "slot_location", "length"];
    Line {
        id: must(line, "id"),
        item: must(line, "item"),
        kind: must(line, "kind"),
        categories: texts(line, "categories"),
        location,
        zone: must(venue.unwrap_or(site), "zone").parse().expect("a zone"),
        frequency: text(line, "frequency"),
        names: names.iter().filter_map(|name| text(&line["texts"], name)).collect(),
        paid: truth(line, "paid", true),
        discounted: truth(line, "discounted", false),
        occurrences,
    }
}
