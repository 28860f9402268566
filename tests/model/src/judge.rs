//! Whether a promotion applies where it stands among the lanes, and what it takes off.

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::appointment::{self, Fit};
use crate::cart::Line;
use crate::kept::{kept, overflowing};
use crate::limits::{Limit, budget_left, limits};
use crate::number::{Number, sum, whole, zero};
use crate::price::Pricing;
use crate::question::{Amounts, Place, Question};
use crate::read::{amount_in, integer, list, must, text, texts, truth};
use crate::reason::{Class, Reason, plain, too_few, with};
use crate::scope::is_in_scope;
use crate::units::{Unit, picked, set_size, sets, units};
use crate::window::{Hours, begins, ends, instant, instant_text};
use crate::{customer, spending, tiers};

/// Where a promotion stands: what the lanes before its own have left, and what its lane is computed on (R3).
#[derive(Clone, Copy)]
pub(crate) struct Stand<'a> {
    pub(crate) left: &'a Amounts,
    pub(crate) is_on_list: bool,
}

/// What came of it.
pub(crate) struct Judgment<'a> {
    /// Why it does not apply; none where it does.
    pub(crate) reasons: Vec<Reason>,
    /// The places on which it acts.
    pub(crate) kept: Vec<Place>,
    /// What it takes off each place.
    pub(crate) shares: Amounts,
    /// The gift, where it is one and the customer has chosen.
    pub(crate) gift: Option<Gift<'a>>,
}

/// An item that is added for nothing (R17).
#[derive(Clone)]
pub(crate) struct Gift<'a> {
    pub(crate) item: &'a str,
    pub(crate) price: Number,
}

impl Judgment<'_> {
    pub(crate) fn applies(&self) -> bool {
        self.reasons.is_empty()
    }

    /// What it takes off in all.
    pub(crate) fn discount(&self) -> Number {
        sum(self.shares.iter().flatten()) + self.gift.as_ref().map_or(zero(), |gift| gift.price.clone())
    }
}

pub(crate) fn judge<'a>(question: &Question<'a>, promotion: &'a Value, stand: Stand<'_>) -> Judgment<'a> {
    let benefit = &promotion["terms"]["benefit"];
    let mut reasons = Vec::new();
    if !truth(promotion, "active", true) {
        reasons.push(plain(Class::Final, 68, "promotion_inactive"));
    }
    reasons.extend(currency_not_offered(question, promotion));
    reasons.extend(outside_window(question, promotion));
    reasons.extend(outside_hours(question, promotion));
    reasons.extend(customer::reasons(question, promotion));
    let limits = limits(question, promotion);
    reasons.extend(limits.iter().filter(|limit| limit.left == 0).map(|limit| limit.reached.clone()));
    let gift = gift(question, promotion);
    if must(benefit, "type") == "gift" && gift.is_none() {
        let items = &benefit["items"];
        reasons.push(with(Class::Missing, 17, json!({"code": "gift_not_chosen", "items": items})));
    }
    let fits = appointment::fits(question, promotion);
    let mut tier = None;
    if question.lines.is_empty() {
        reasons.push(plain(Class::Missing, 37, "empty_cart"));
    } else {
        reasons.extend(appointment::reasons(question, promotion));
        reasons.extend(spending::reasons(question, promotion, &fits, stand.left));
        reasons.extend(overflowing(question, promotion, &fits, &limits));
        let perhaps = perhaps_kept(question, promotion, &fits, &limits);
        // Where nothing fits, that says enough.
        if !perhaps.is_empty() {
            match tiers::reached(question, benefit, &perhaps) {
                Some(Ok(reached)) => tier = Some(reached),
                Some(Err(reason)) => reasons.push(reason),
                None => {}
            }
            reasons.extend(no_set(question, promotion, &perhaps));
            reasons.extend(undecided_to_get(question, promotion));
        }
    }
    let reasons = in_order(reasons);
    let kept = kept(question, promotion, &fits, &limits);
    let mut judgment = Judgment { reasons, kept, shares: question.nothing(), gift };
    if judgment.applies() {
        judgment.shares = shares(question, promotion, stand, &judgment.kept, tier);
        if budget_left(question, promotion).is_some_and(|left| judgment.discount() > left) {
            judgment.reasons.push(plain(Class::Final, 45, "budget_exhausted"));
        }
    }
    judgment
}

/// Each reason once: by class, then rule, then the order in which they were found.
fn in_order(found: Vec<Reason>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for reason in found {
        if !reasons.iter().any(|other| other.json == reason.json) {
            reasons.push(reason);
        }
    }
    reasons.sort_by_key(|reason| (reason.class, reason.rule));
    reasons
}

/// The places that are kept, or may be: where any of them lacks a fact nobody knows which are cut, and only what is known may fail (R37).
fn perhaps_kept(question: &Question<'_>, promotion: &Value, fits: &[Vec<Fit>], limits: &[Limit]) -> Vec<Place> {
    if !fits.iter().flatten().any(|fit| *fit == Fit::Unknown) {
        return kept(question, promotion, fits, limits);
    }
    question.places().into_iter().filter(|(line, slot)| fits[*line][*slot] != Fit::No).collect()
}

/// Every amount that is needed must be stated for the cart's currency (R15).
fn currency_not_offered(question: &Question<'_>, promotion: &Value) -> Option<Reason> {
    let terms = &promotion["terms"];
    let mut tables: Vec<&[Value]> = ["caps", "amounts", "prices"].map(|field| list(&terms["benefit"], field)).into();
    tables.push(list(&terms["limits"], "budget"));
    for tier in list(&terms["benefit"], "tiers") {
        tables.extend([list(tier, "from"), list(tier, "amounts")]);
    }
    tables.retain(|table| !table.is_empty());
    for kind in ["minimum_subtotal", "maximum_subtotal"] {
        tables.extend(question.condition(promotion, kind).map(|condition| list(condition, "amounts")));
    }
    let is_missing = tables.iter().any(|table| amount_in(table, question.currency).is_none());
    let json = json!({"code": "currency_not_offered", "currency": question.currency});
    is_missing.then(|| with(Class::Final, 15, json))
}

fn site_zone(question: &Question<'_>) -> Tz {
    must(question.site, "zone").parse().expect("a zone")
}

fn outside_window(question: &Question<'_>, promotion: &Value) -> Option<Reason> {
    let condition = question.condition(promotion, "redeemable")?;
    let zone = site_zone(question);
    let now = instant(must(question.facts, "now_at"));
    let from = text(condition, "from").map(|text| begins(text, zone));
    let until = text(condition, "until").map(|text| ends(text, zone));
    if let Some(from) = from.filter(|from| now < *from) {
        let json = json!({"code": "not_yet_active", "starts_at": instant_text(from)});
        return Some(with(Class::Final, 25, json));
    }
    let until = until.filter(|until| now >= *until)?;
    Some(with(Class::Final, 25, json!({"code": "expired", "ended_at": instant_text(until)})))
}

/// Hours of the day in which it may be used, on the site's wall clock (R26).
fn outside_hours(question: &Question<'_>, promotion: &Value) -> Option<Reason> {
    let hours = Hours::read(question.condition(promotion, "redeemable_hours")?);
    let now = instant(must(question.facts, "now_at")).with_timezone(&site_zone(question)).naive_local();
    let json = json!({"code": "outside_redeemable_hours", "hours": hours.json()});
    hours.day_of(now).is_none().then(|| with(Class::Final, 26, json))
}

/// The gift that the customer chose from the promotion's list.
fn gift<'a>(question: &Question<'a>, promotion: &'a Value) -> Option<Gift<'a>> {
    let benefit = &promotion["terms"]["benefit"];
    if must(benefit, "type") != "gift" {
        return None;
    }
    let of_this = |gift: &&Value| must(gift, "promotion") == must(promotion, "id");
    let chosen = list(question.facts, "gifts").iter().find(of_this)?;
    let item = must(chosen, "item");
    let price = whole(integer(chosen, "unit_price_minor").expect("a price"));
    texts(benefit, "items").contains(&item).then_some(Gift { item, price })
}

/// The places whose units may get cheaper where others are bought: those bought, or those of a scope of their own.
fn get_places(question: &Question<'_>, promotion: &Value, bought: &[Place], ways: &[Fit]) -> Vec<Place> {
    let from = &promotion["terms"]["benefit"]["from"];
    if from.is_null() {
        return bought.to_vec();
    }
    let asked = appointment::asked(question, promotion);
    let may_get = |(line, slot): &Place| {
        let line = &question.lines[*line];
        let fits =
            !line.takes_place() || ways.contains(&appointment::fit(question, &asked, line, &line.occurrences[*slot]));
        line.paid && is_in_scope(from, line) && fits
    };
    question.places().into_iter().filter(may_get).collect()
}

/// What is missing of appointments that may get cheaper: which of them do depends on it.
fn undecided_to_get(question: &Question<'_>, promotion: &Value) -> Vec<Reason> {
    let from = &promotion["terms"]["benefit"]["from"];
    let in_from = |line: &&Line<'_>| !from.is_null() && line.takes_place() && line.paid && is_in_scope(from, line);
    let lines: Vec<&Line<'_>> = question.lines.iter().filter(in_from).collect();
    appointment::missing(question, promotion, &lines)
}

/// All units of which sets may be made, with the places at which units may be bought and may get cheaper.
fn set_units<'a>(
    question: &Question<'a>,
    promotion: &Value,
    bought: &[Place],
    ways: &[Fit],
    prices: &Amounts,
) -> (Vec<Unit<'a>>, Vec<Place>) {
    let cheaper = get_places(question, promotion, bought, ways);
    let in_either = |place: &Place| bought.contains(place) || cheaper.contains(place);
    let places: Vec<Place> = question.places().into_iter().filter(in_either).collect();
    (units(question, &places, prices), cheaper)
}

/// Too few units for a single set (R16).
fn no_set(question: &Question<'_>, promotion: &Value, bought: &[Place]) -> Option<Reason> {
    let benefit = &promotion["terms"]["benefit"];
    if must(benefit, "type") != "buy_get" {
        return None;
    }
    let ways = [Fit::Yes, Fit::Unknown];
    let (units, cheaper) = set_units(question, promotion, bought, &ways, &question.list_prices());
    let count = units.len();
    (sets(benefit, units, bought, &cheaper).count == 0).then(|| too_few(set_size(benefit), count))
}

fn shares(
    question: &Question<'_>,
    promotion: &Value,
    stand: Stand<'_>,
    kept: &[Place],
    tier: Option<&Value>,
) -> Amounts {
    let list_prices = question.list_prices();
    let prices = if stand.is_on_list { &list_prices } else { stand.left };
    let benefit = &promotion["terms"]["benefit"];
    let touched = if must(benefit, "type") == "buy_get" {
        let (units, cheaper) = set_units(question, promotion, kept, &[Fit::Yes], prices);
        sets(benefit, units, kept, &cheaper).cheaper
    } else {
        picked(&promotion["terms"], units(question, kept, prices))
    };
    let found = taken(question, benefit, tier, &touched);
    let mut shares = question.nothing();
    for (unit, share) in touched.iter().zip(found) {
        shares[unit.line][unit.occurrence] += share;
    }
    // On list prices more may be found than is left; what is cut off is lost (R3).
    for (line, slot) in question.places() {
        let left = stand.left[line][slot].clone();
        let share = &mut shares[line][slot];
        *share = share.clone().min(left);
    }
    shares
}

/// What a benefit takes off each of the units that it touches.
pub(crate) fn taken(question: &Question<'_>, benefit: &Value, tier: Option<&Value>, units: &[Unit<'_>]) -> Vec<Number> {
    let pricing = Pricing { rounding: &question.site["rounding"], currency: question.currency };
    let percent_bp = integer(benefit, "percent_bp");
    match must(benefit, "type") {
        "no_discount" | "gift" => vec![zero(); units.len()],
        "percent" => pricing.percent(percent_bp.expect("a percentage"), list(benefit, "caps"), units),
        "buy_get" => pricing.percent(percent_bp.unwrap_or(10_000), &[], units),
        "fixed" => pricing.fixed(list(benefit, "amounts"), text(benefit, "per").unwrap_or("redemption"), units),
        "fixed_price" => pricing.fixed_price(list(benefit, "prices"), units),
        "spend_tiers" | "quantity_tiers" => pricing.tier(tier.expect("a tier that is reached"), units),
        other => panic!("`{other}` is no benefit"),
    }
}
