//! The cart, unit by unit.

use chrono::{Datelike, NaiveDate, NaiveTime};
use serde_json::Value;

use crate::number::{Number, sum, whole};
use crate::read::{integer, list, must, text, texts};
use crate::window::local;

/// A line as the request gives it, its occurrences by start.
pub(crate) struct Line<'a> {
    pub(crate) id: &'a str,
    pub(crate) item: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) categories: Vec<&'a str>,
    pub(crate) location: Option<&'a str>,
    /// One for an undated line.
    pub(crate) occurrences: Vec<Occurrence>,
}

pub(crate) struct Occurrence {
    pub(crate) start: Option<Start>,
    /// The price of each of its units.
    pub(crate) units: Vec<Number>,
}

/// When an occurrence starts. One without a time comes before those of its day that have one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Start {
    date: NaiveDate,
    time: Option<NaiveTime>,
}

impl Start {
    fn read(text: &str) -> Self {
        match text.parse() {
            Ok(date) => Self { date, time: None },
            Err(_) => Self { date: local(text).date(), time: Some(local(text).time()) },
        }
    }

    pub(crate) fn weekday(self) -> &'static str {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        names[self.date.weekday().num_days_from_monday() as usize]
    }

    /// As the wire writes it: seconds only where there are any.
    pub(crate) fn text(self) -> String {
        let Some(time) = self.time else { return self.date.to_string() };
        let text = self.date.and_time(time).format("%Y-%m-%dT%H:%M:%S").to_string();
        text.strip_suffix(":00").map_or(text.clone(), str::to_owned)
    }
}

impl Line<'_> {
    pub(crate) fn subtotal(&self) -> Number {
        sum(self.occurrences.iter().flat_map(|occurrence| &occurrence.units))
    }

    /// Whether it takes place at a time, so that appointment conditions speak of it (R27).
    pub(crate) fn takes_place(&self) -> bool {
        ["appointment", "group_class", "series_class"].contains(&self.kind)
    }
}

pub(crate) fn read(cart: &Value) -> Vec<Line<'_>> {
    list(cart, "lines").iter().map(read_line).collect()
}

fn read_line(line: &Value) -> Line<'_> {
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
    Line {
        id: must(line, "id"),
        item: must(line, "item"),
        kind: must(line, "kind"),
        categories: texts(line, "categories"),
        location: text(line, "location"),
        occurrences,
    }
}
