//! Lanes (R48 to R50): at most one promotion acts in each; codes before what acts by itself, or the better of the two.

use std::cmp::Reverse;

use serde_json::Value;

use crate::judge::{Judgment, Stand, judge};
use crate::number::{Number, zero};
use crate::question::{Amounts, Question};
use crate::read::{integer, list, must, text, truth};

/// A code that unlocks a promotion, as it is shown.
#[derive(Clone)]
pub(crate) struct Code<'a> {
    pub(crate) shown: String,
    pub(crate) promotion: &'a Value,
}

/// A promotion that acts in its lane.
pub(crate) struct Act<'a> {
    /// The code that unlocked it; none where it acts by itself.
    pub(crate) code: Option<String>,
    pub(crate) promotion: &'a Value,
    pub(crate) judgment: Judgment<'a>,
    pub(crate) is_on_list: bool,
}

/// What happened in one lane.
pub(crate) struct Lane<'a> {
    pub(crate) name: &'a str,
    /// What the lanes before it have left.
    pub(crate) left: Amounts,
    pub(crate) is_on_list: bool,
    pub(crate) act: Option<Act<'a>>,
    /// What a better discount takes off that acts instead of the lane's code.
    pub(crate) beaten_by: Option<Number>,
    /// The gifts that need nothing but to be chosen, where nothing acts.
    pub(crate) waiting: Vec<(&'a Value, Judgment<'a>)>,
}

impl Lane<'_> {
    /// Whether its code acts.
    pub(crate) fn has_code(&self) -> bool {
        self.act.as_ref().is_some_and(|act| act.code.is_some())
    }
}

/// The lane of a promotion: that of its terms, or of its kind.
pub(crate) fn lane_of(promotion: &Value) -> &str {
    let terms = &promotion["terms"];
    text(terms, "lane").unwrap_or_else(|| match must(terms, "kind") {
        "coupon" | "automatic" => "price",
        kind => kind,
    })
}

/// Lets the lanes act one after another, with these codes, of which no two share a lane. `alone` are the promotions that need no code.
pub(crate) fn run<'a>(question: &Question<'a>, codes: &[Code<'a>], alone: &[&'a Value]) -> Vec<Lane<'a>> {
    let mut left = question.list_prices();
    let mut lanes = Vec::new();
    for (name, acts_on) in names(question) {
        let lane = run_lane(question, name, acts_on == "list", &left, codes, alone);
        if let Some(act) = &lane.act {
            for (line, slot) in question.places() {
                left[line][slot] -= &act.judgment.shares[line][slot];
            }
        }
        lanes.push(lane);
    }
    lanes
}

/// The lanes in the order in which they act, with what each is computed on.
fn names<'a>(question: &Question<'a>) -> Vec<(&'a str, &'a str)> {
    let of_engine = text(question.site, "acts_on").unwrap_or("remaining");
    let mut names: Vec<(&str, &str)> = ["price", "gift", "referral"].map(|name| (name, of_engine)).into();
    let own = list(question.site, "lanes").iter();
    names.extend(own.map(|lane| (must(lane, "id"), text(lane, "acts_on").unwrap_or("remaining"))));
    names
}

fn run_lane<'a>(
    question: &Question<'a>,
    name: &'a str,
    is_on_list: bool,
    left: &Amounts,
    codes: &[Code<'a>],
    alone: &[&'a Value],
) -> Lane<'a> {
    let stand = Stand { left, is_on_list };
    let is_best_first = text(question.site, "precedence") == Some("best_for_customer");
    let mut lane = Lane { name, left: left.clone(), is_on_list, act: None, beaten_by: None, waiting: Vec::new() };
    let code = codes.iter().find(|code| lane_of(code.promotion) == name);
    let code = code.map(|code| (code, judge(question, code.promotion, stand))).filter(|(_, found)| found.applies());
    if let (Some((code, _)), false) = (&code, is_best_first) {
        lane.act = code_acts(code, judge(question, code.promotion, stand), is_on_list);
        return lane;
    }
    let of_lane = alone.iter().filter(|promotion| lane_of(promotion) == name);
    let mut judged: Vec<(&Value, Judgment<'_>)> =
        of_lane.map(|promotion| (*promotion, judge(question, promotion, stand))).collect();
    judged.sort_by_key(|(promotion, found)| {
        let priority = integer(&promotion["terms"], "priority").unwrap_or(0);
        (Reverse(found.discount()), Reverse(priority), must(promotion, "id").to_owned())
    });
    let does_something = |(promotion, found): &(&Value, Judgment<'_>)| {
        let is_outside = must(&promotion["terms"]["benefit"], "type") == "no_discount";
        found.applies() && (is_outside || found.discount() > zero())
    };
    let best = judged.iter().position(does_something);
    match (code, best) {
        (Some((code, found)), best) => {
            let better = best.map(|best| judged[best].1.discount()).filter(|better| *better > found.discount());
            match (better, best) {
                (Some(better), Some(best)) => {
                    lane.beaten_by = Some(better);
                    lane.act = acts_alone(judged.swap_remove(best), is_on_list);
                }
                _ => lane.act = code_acts(code, found, is_on_list),
            }
        }
        (None, Some(best)) => lane.act = acts_alone(judged.swap_remove(best), is_on_list),
        (None, None) => {
            let waits = |(_, found): &(&Value, Judgment<'_>)| {
                found.reasons.iter().all(|reason| reason.is("gift_not_chosen")) && !found.applies()
            };
            judged.sort_by_key(|(promotion, _)| must(promotion, "id"));
            lane.waiting = judged.into_iter().filter(waits).collect();
        }
    }
    lane
}

fn code_acts<'a>(code: &Code<'a>, judgment: Judgment<'a>, is_on_list: bool) -> Option<Act<'a>> {
    Some(Act { code: Some(code.shown.clone()), promotion: code.promotion, judgment, is_on_list })
}

fn acts_alone<'a>((promotion, judgment): (&'a Value, Judgment<'a>), is_on_list: bool) -> Option<Act<'a>> {
    Some(Act { code: None, promotion, judgment, is_on_list })
}

/// Whether a promotion acts without a code: automatic ones, and gifts that need none.
pub(crate) fn needs_no_code(promotion: &Value) -> bool {
    let terms = &promotion["terms"];
    match must(terms, "kind") {
        "automatic" => true,
        "gift" => !truth(terms, "needs_code", true),
        _ => false,
    }
}
