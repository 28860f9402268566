//! Single units, and which of them a benefit touches (R16).

use std::cmp::Reverse;

use serde_json::Value;

use crate::number::Number;
use crate::question::{Amounts, Place, Question};
use crate::read::{integer, must, text};
use crate::share::evenly;

/// One unit of one occurrence of one line.
#[derive(Clone)]
pub(crate) struct Unit<'a> {
    /// The line's place in the cart.
    pub(crate) line: usize,
    /// The line's id.
    pub(crate) id: &'a str,
    /// The occurrence's place within the line.
    pub(crate) occurrence: usize,
    /// Its place among the units of its occurrence.
    number: usize,
    /// What it costs before any discount.
    pub(crate) list: Number,
    /// What it costs where the benefit acts.
    pub(crate) price: Number,
}

impl Unit<'_> {
    pub(crate) fn place(&self) -> Place {
        (self.line, self.occurrence)
    }
}

/// All units of some places, in the order of the places. Where what a place costs does not come out even over its units, the first
/// cost one minor unit more.
pub(crate) fn units<'a>(question: &Question<'a>, places: &[Place], prices: &Amounts) -> Vec<Unit<'a>> {
    let mut units = Vec::new();
    for (line, occurrence) in places.iter().copied() {
        let lists = &question.lines[line].occurrences[occurrence].units;
        let prices = evenly(&prices[line][occurrence], lists.len());
        for (number, (list, price)) in lists.iter().zip(prices).enumerate() {
            let id = question.lines[line].id;
            units.push(Unit { line, id, occurrence, number, list: list.clone(), price });
        }
    }
    units
}

/// The places of units in a list, the dearest first: by list price, then line id, then occurrence, the first of an occurrence first.
fn dearest_first(units: &[Unit<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|place| {
        let unit = &units[*place];
        (Reverse(&unit.list), unit.id, unit.occurrence, unit.number)
    });
    order
}

/// As [`dearest_first`], the cheapest first, and so the last of an occurrence first.
fn cheapest_first(units: &[Unit<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|place| {
        let unit = &units[*place];
        (&unit.list, unit.id, unit.occurrence, Reverse(unit.number))
    });
    order
}

/// At most so many units, as the terms say; all of them where they do not.
pub(crate) fn picked<'a>(terms: &Value, units: Vec<Unit<'a>>) -> Vec<Unit<'a>> {
    let Some(most) = integer(&terms["units"], "max") else { return units };
    let order = match text(&terms["units"], "pick").unwrap_or("dearest") {
        "dearest" => dearest_first(&units),
        "cheapest" => cheapest_first(&units),
        other => panic!("`{other}` is no way to pick"),
    };
    only(units, order.into_iter().take(usize::try_from(most).expect("a count")).collect())
}

fn only<'a>(units: Vec<Unit<'a>>, mut places: Vec<usize>) -> Vec<Unit<'a>> {
    places.sort_unstable();
    places.into_iter().map(|place| units[place].clone()).collect()
}

/// Buy some, get others cheaper.
pub(crate) struct Sets<'a> {
    /// How many complete sets there are.
    pub(crate) count: usize,
    /// The units that get cheaper.
    pub(crate) cheaper: Vec<Unit<'a>>,
}

/// The sets that units make of which some may be bought and some may get cheaper, no unit in both parts.
pub(crate) fn sets<'a>(benefit: &Value, units: Vec<Unit<'a>>, bought: &[Place], cheaper: &[Place]) -> Sets<'a> {
    let count = |field| usize::try_from(integer(benefit, field).expect(field)).expect("a count");
    let (buy, get) = (count("buy"), count("get"));
    let may_be_bought = |unit: &Unit<'_>| bought.contains(&unit.place());
    let may_get_cheaper = |unit: &Unit<'_>| cheaper.contains(&unit.place());
    let of = |is: &dyn Fn(&Unit<'_>) -> bool| units.iter().filter(|unit| is(unit)).count();
    let to_buy = of(&may_be_bought);
    let to_get = of(&may_get_cheaper);
    let either = of(&|unit| may_be_bought(unit) || may_get_cheaper(unit));
    let both = of(&|unit| may_be_bought(unit) && may_get_cheaper(unit));
    let most = integer(benefit, "sets_max").map_or(usize::MAX, |most| usize::try_from(most).expect("a count"));
    let complete = |sets: usize| sets * buy <= to_buy && sets * get <= to_get && sets * (buy + get) <= either;
    let sets = (1..=most).take_while(|sets| complete(*sets)).last().unwrap_or(0);
    // What can only be bought is bought first; the rest of the buying takes from what could get cheaper as well.
    let mut spare = both - (sets * buy).saturating_sub(to_buy - both);
    let mut chosen = Vec::new();
    for place in cheapest_first(&units) {
        let unit = &units[place];
        if chosen.len() == sets * get || !may_get_cheaper(unit) {
            continue;
        }
        if may_be_bought(unit) {
            if spare == 0 {
                continue;
            }
            spare -= 1;
        }
        chosen.push(place);
    }
    assert_eq!(chosen.len(), sets * get, "every set is complete");
    Sets { count: sets, cheaper: only(units, chosen) }
}

/// How many units a set takes.
pub(crate) fn set_size(benefit: &Value) -> i64 {
    assert_eq!(must(benefit, "type"), "buy_get");
    integer(benefit, "buy").expect("buy") + integer(benefit, "get").expect("get")
}
