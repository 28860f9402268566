//! Lanes, and who acts in them: codes, automatic promotions, standing discounts, gifts, referrals.

use tearoff_core::promotion::{ActsOn, Kind};
use tearoff_core::quote::Decision;
use tearoff_core::standalone::{Answer, EvaluationRequest, PromotionRequest};

use super::{Seen, known};

pub(super) fn note(request: &EvaluationRequest, answer: &Answer, seen: &mut Seen) {
    let applied: Vec<&Decision> = answer.quote.decisions.iter().filter(|decision| decision.is_applied()).collect();
    let codes = applied.iter().filter(|decision| decision.code.is_some()).count();
    let is_standing = |decision: &&&Decision| decision.code.is_none() && decision.promotion.is_none();
    seen.extend(applied.iter().find(is_standing).map(|_| "standing discount applied"));
    seen.extend((codes > 1).then_some("several codes applied"));
    seen.extend((codes > 0 && codes < applied.len()).then_some("a code beside what acts by itself"));
    let taking = applied.iter().filter(|decision| !decision.discount().is_zero());
    if taking.count() > 1 {
        let is_of_list = |acts_on: ActsOn| acts_on == ActsOn::List;
        let own = request.site.lanes.iter().any(|lane| is_of_list(lane.acts_on));
        seen.insert(match is_of_list(request.site.acts_on) || own {
            true => "several discounts on list prices",
            false => "several discounts on what is left",
        });
    }
    let lanes = applied.iter().filter_map(|decision| known(request, decision)?.terms.lane.as_deref());
    let is_own = |lane: &&str| !matches!(*lane, "price" | "gift" | "referral");
    seen.extend(lanes.clone().any(|lane| is_own(&lane)).then_some("a lane of the owner's applied"));
    seen.extend(lanes.clone().any(|lane| !is_own(&lane)).then_some("another lane than that of its kind applied"));
    seen.extend((answer.quote.lines.iter().filter(|line| line.gift.is_some()).count() > 1).then_some("several gifts"));
}

pub(super) fn note_decision(promotion: &PromotionRequest, decision: &Decision, seen: &mut Seen) {
    let is_alone = decision.code.is_none();
    seen.extend(match (promotion.terms.kind, decision.is_applied()) {
        (Kind::Coupon, true) => Some("coupon applied"),
        (Kind::Automatic, true) => Some("automatic promotion applied"),
        (Kind::Gift, true) if is_alone => Some("gift without a code applied"),
        (Kind::Gift, false) if is_alone => Some("gift without a code waits"),
        (Kind::Gift, true) => Some("gift with a code applied"),
        (Kind::Referral, true) => Some("referral applied"),
        _ => None,
    });
}
