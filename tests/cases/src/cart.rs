//! Carts of all sizes: ties, zero prices, single cents and fortunes, one date, many or none.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use tearoff_core::cart::Frequency;
use tearoff_core::policy::SitePolicyDraft;
use tearoff_core::request::{CartRequest, LineRequest, OccurrenceRequest, TextsRequest};

use crate::Random;
use crate::scene::{date_text, local_text};
use crate::site::CURRENCIES;

/// What can be bought: item, kind, categories.
pub(crate) const ITEMS: [(&str, &str, &[&str]); 13] = [
    ("yoga", "group_class", &["classes"]),
    ("pilates", "group_class", &["classes", "new"]),
    ("massage", "appointment", &["wellness"]),
    ("haircut", "appointment", &[]),
    ("course", "series_class", &["classes"]),
    ("ten-visits", "package", &["memberships"]),
    ("monthly", "subscription", &["memberships", "new"]),
    ("mat", "product", &["shop"]),
    ("towel", "add_on", &["shop"]),
    ("cleaning", "fee", &["shop"]),
    ("thanks", "tip", &[]),
    ("advance", "deposit", &[]),
    ("vat", "tax", &[]),
];

/// How often each of them is drawn: mostly what takes place at a time.
const ITEM_WEIGHTS: [(u64, usize); 13] =
    [(8, 0), (6, 1), (6, 2), (4, 3), (4, 4), (4, 5), (3, 6), (4, 7), (3, 8), (1, 9), (1, 10), (1, 11), (1, 12)];

/// The bound on a cart's sum.
const SUBTOTAL_MAX: i64 = 1_000_000_000_000;

/// What prices a cart has.
#[derive(Clone, Copy)]
enum Prices {
    /// Single minor units, where shares do not come out even.
    Tiny,
    /// What services cost.
    Usual,
    /// One price for every line: nothing but ties.
    Equal(i64),
    /// Up to the bound on a cart's sum.
    Huge,
}

/// What holds for all lines of a cart.
struct Style {
    prices: Prices,
    /// What lines may still cost together.
    budget: i64,
    has_dates: bool,
    /// A date is missing here and there.
    forgets_dates: bool,
    today: NaiveDate,
    /// How often everything is booked, where that is the same for all.
    frequency: Option<Frequency>,
    /// A frequency is not chosen here and there.
    forgets_frequency: bool,
    /// Lines are called something.
    has_texts: bool,
}

pub(crate) fn draw(random: &mut Random, site: &SitePolicyDraft, today: NaiveDate) -> CartRequest {
    let currency = random.chance(35).then(|| match random.chance(50) {
        true => site.currency.clone(),
        false => (*random.pick(&CURRENCIES)).into(),
    });
    let equal = random.between(1, 2000);
    let mut style = Style {
        prices: random.weighted(&[(3, Prices::Tiny), (8, Prices::Usual), (3, Prices::Equal(equal)), (1, Prices::Huge)]),
        budget: SUBTOTAL_MAX,
        has_dates: site.has_dates,
        forgets_dates: random.chance(30),
        today,
        frequency: random.chance(60).then(|| frequency(random)),
        forgets_frequency: !site.has_frequency || random.chance(40),
        has_texts: random.chance(60),
    };
    let count = if random.chance(95) { line_count(random) } else { 0 };
    let prefix = *random.pick(&["", "", "line-", "A", "z"]);
    let first = random.below(101);
    let ids = (0..count).map(|number| format!("{prefix}{}", (number * 37 + first) % 101));
    CartRequest { currency, lines: ids.map(|id| line(random, site, &mut style, id)).collect() }
}

fn line_count(random: &mut Random) -> u64 {
    let most = random.weighted(&[(60, 3), (35, 12), (3, 25), (1, 60)]);
    1 + random.below(most)
}

fn line(random: &mut Random, site: &SitePolicyDraft, style: &mut Style, id: String) -> LineRequest {
    let (item, own_kind, own_categories) = ITEMS[random.weighted(&ITEM_WEIGHTS)];
    let (kind, categories) = if random.chance(92) {
        (own_kind, own_categories)
    } else {
        let (_, kind, _) = *random.pick(&ITEMS);
        let (_, _, categories) = *random.pick(&ITEMS);
        (kind, categories)
    };
    let takes_place = matches!(kind, "appointment" | "group_class" | "series_class");
    let quantity = random.weighted(&[(120, 1), (60, 4), (12, 40), (1, 10_000)]);
    let quantity = random.between(1, quantity);
    let dates = if takes_place { dates(random, style) } else { usual_dates(random, 5) };
    let starts = starts(random, style.today, dates);
    let places = if starts.is_empty() { 1 } else { starts.len() as i64 };
    let unit_price = price(random, style, quantity * places);
    let has_own_prices = random.chance(25);
    let mut occurrence = |start: String| {
        // What the line's own price would have cost is given back where an occurrence has another.
        let own = (has_own_prices && random.chance(60)).then(|| {
            style.budget += unit_price * quantity;
            price(random, style, quantity)
        });
        OccurrenceRequest { start, unit_price_minor: own }
    };
    let occurrences = starts.into_iter().map(&mut occurrence).collect();
    LineRequest {
        id,
        item: item.into(),
        quantity: (quantity > 1 || random.chance(30)).then_some(quantity),
        location: random.pick_any(&site.locations).filter(|_| random.chance(70)).map(|location| location.id.clone()),
        occurrences,
        unit_price_minor: Some(unit_price),
        kind: Some(kind.into()),
        categories: Some(categories.iter().map(|name| (*name).into()).collect()),
        frequency: chosen_frequency(random, style, takes_place || kind == "subscription"),
        texts: (style.has_texts && random.chance(80)).then(|| texts(random, item)),
        paid: random.weighted(&[(30, None), (1, Some(true)), (2, Some(false))]),
        discounted: random.weighted(&[(12, None), (1, Some(false)), (3, Some(true))]),
    }
}

fn frequency(random: &mut Random) -> Frequency {
    random.weighted(&[(3, Frequency::OneTime), (2, Frequency::Recurring), (2, Frequency::OpenEnded)])
}

/// How often a line is booked, where that is chosen.
fn chosen_frequency(random: &mut Random, style: &Style, is_booked: bool) -> Option<Frequency> {
    let percent = match (is_booked, style.forgets_frequency) {
        (true, false) => 100,
        (true, true) => 50,
        (false, _) => 5,
    };
    random.chance(percent).then(|| style.frequency.unwrap_or_else(|| frequency(random)))
}

/// Words that are found in the names of lines.
pub(crate) const WORDS: [&str; 6] = ["Intro course", "intro", "Room 1", "60 min", "Strandbad", "初心者"];

/// Names by which an item is shown, some with a word that promotions look for.
fn texts(random: &mut Random, item: &str) -> TextsRequest {
    let mut text = |percent| {
        random.chance(percent).then(|| match random.below(3) {
            0 => (*random.pick(&WORDS)).into(),
            1 => format!("{item}: {}, {}", random.pick(&WORDS), random.pick(&WORDS)),
            _ => format!("our {item}"),
        })
    };
    TextsRequest {
        schedule: text(40),
        resource: text(30),
        service: text(70),
        slot_title: text(20),
        slot_location: text(20),
        length: text(20),
    }
}

/// A price for so many units, within the budget, which it lessens.
fn price(random: &mut Random, style: &mut Style, units: i64) -> i64 {
    let drawn = match style.prices {
        _ if random.chance(7) => 0,
        Prices::Tiny => random.between(1, 12),
        Prices::Usual if random.chance(70) => random.between(1, 200) * 50,
        Prices::Usual => random.between(1, 20_000),
        Prices::Equal(price) => price,
        Prices::Huge if random.chance(10) => SUBTOTAL_MAX,
        Prices::Huge => random.between(1, 400_000_000_000),
    };
    let price = drawn.min(style.budget / units);
    style.budget -= price * units;
    price
}

fn dates(random: &mut Random, style: &Style) -> u64 {
    match (style.has_dates, style.forgets_dates) {
        (true, true) => usual_dates(random, 50),
        (true, false) => usual_dates(random, 100),
        (false, _) => usual_dates(random, 20),
    }
}

/// How many dates, if it has any, which it does so many times in a hundred.
fn usual_dates(random: &mut Random, percent: u64) -> u64 {
    let most = random.weighted(&[(70, 1), (25, 4), (4, 12)]);
    if random.chance(percent) { 1 + random.below(most) } else { 0 }
}

/// So many starts near a day, none twice, in any order.
fn starts(random: &mut Random, today: NaiveDate, count: u64) -> Vec<String> {
    let mut drawn = BTreeSet::new();
    let mut starts = Vec::new();
    while (starts.len() as u64) < count {
        let most = random.weighted(&[(1, 2), (3, 45)]);
        let date = today.checked_add_days(Days::new(random.below(most))).unwrap_or(today);
        let second = random.chance(85).then(|| {
            let odd = if random.chance(5) { 30 } else { 0 };
            // Now and then after midnight, where hours of the evening before may still go on.
            let quarters = if random.chance(20) { random.between(0, 12) } else { random.between(24, 95) };
            quarters * 900 + odd
        });
        if drawn.insert((date, second)) {
            let at = |second| date.and_time(NaiveTime::MIN) + TimeDelta::seconds(second);
            starts.push(second.map_or_else(|| date_text(date), |second| local_text(at(second))));
        }
    }
    starts
}
