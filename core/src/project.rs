//! Projection: what of a promotion a page may know (R66).
//!
//! The server knows the owner's words, the limits and their counts. The page gets the terms and, for each limit, whether it is
//! used up. Both evaluate exactly this, so nothing private can change a price unseen.

use alloc::vec::Vec;

use crate::cart::Cart;
use crate::customer::History;
use crate::evaluate::{Evaluation, evaluate};
use crate::facts::{Candidate, Entered, Facts, Gift, Left, State};
use crate::id::{CustomerId, PassId, TagId};
use crate::money::{Amount, Currency};
use crate::promotion::condition::Audience;
use crate::promotion::{Condition, Disclosure, Limit, LimitPer, Most, Period, Promotion, Unit};
use crate::quote::Decision;

/// How often a promotion has been used, held reservations included. Each number counts in the unit of the limit it is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// By anybody.
    pub total: u32,
    /// By this customer, the most of any of their identities; `None` while nobody said who they are.
    pub customer: Option<u32>,
    /// By the code that was entered.
    pub code: u32,
    /// Within the day of the site's calendar in which *now* falls.
    pub day: u32,
    /// Within its ISO week.
    pub week: u32,
    /// Within its month.
    pub month: u32,
    /// What it has taken off, in the cart's currency.
    pub spent: Amount,
}

/// What the lists of a promotion are held against: the customer's own marks, where they may be believed (R69).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks<'a> {
    /// The customer's ids in the site's own system: more than one where several customers have one identity, such as an address that
    /// a family shares (R47).
    pub customers: &'a [CustomerId],
    /// The tags they carry.
    pub tags: &'a [TagId],
    /// The passes they hold now.
    pub passes: &'a [PassId],
}

/// What the server knows of one promotion at one instant, beside its rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known<'a> {
    /// Whether it is active (R68).
    pub active: bool,
    /// How often it has been used.
    pub usage: Usage,
    /// Who the customer is; `None` while that is not known well enough.
    pub marks: Option<Marks<'a>>,
    /// Whether the code entered is the customer's own (R52).
    pub is_own: bool,
}

/// Most redemptions one cart can use of a limit: what is left is clamped to it, so that a page learns no more of an owner's numbers
/// than it needs to price this cart and any it may become. Of occurrences and budgets that is more than of redemptions.
const REDEMPTIONS_A_CART: u32 = 1;
/// Most occurrences one cart can have (R1).
const OCCURRENCES_A_CART: u32 = 1000;

/// Reduces a promotion and what is known of it to what may be sent to a page, for a cart in `currency`.
#[must_use]
pub fn project(promotion: &Promotion, known: &Known<'_>, currency: Currency) -> Candidate {
    let lists = &promotion.lists;
    let asks = |condition: &Condition| promotion.terms.conditions.contains(condition);
    let named = |marks: Marks<'_>| {
        marks.customers.iter().any(|customer| lists.customers.contains(customer))
            || marks.tags.iter().any(|tag| lists.tags.contains(tag))
    };
    let holds_pass = |marks: Marks<'_>| marks.passes.iter().any(|pass| lists.passes.contains(pass));
    let state = State {
        active: known.active,
        left: promotion.limits.iter().map(|limit| left(limit, &known.usage, currency)).collect(),
        named: known.marks.filter(|_| asks(&Condition::NamedCustomers)).map(named),
        holds_pass: known.marks.filter(|_| asks(&Condition::ActivePass)).map(holds_pass),
        is_own: known.is_own,
    };
    Candidate { state, terms: promotion.terms.clone() }
}

fn left(limit: &Limit, usage: &Usage, currency: Currency) -> Left {
    let (unit, max) = match &limit.most {
        Most::Budget { amounts } => {
            return Left::Budget { amount: amounts.find(currency).map(|whole| whole.minus_or_zero(usage.spent)) };
        }
        Most::Uses { unit, max } => (*unit, *max),
    };
    let used = match limit.per {
        LimitPer::Promotion => Some(usage.total),
        LimitPer::Customer => usage.customer,
        LimitPer::Code => Some(usage.code),
        LimitPer::Period(Period::Day) => Some(usage.day),
        LimitPer::Period(Period::Week) => Some(usage.week),
        LimitPer::Period(Period::Month) => Some(usage.month),
    };
    let Some(used) = used else { return Left::Unknown };
    let count = max.saturating_sub(used);
    match unit {
        Unit::Redemptions => Left::Redemptions { count: count.min(REDEMPTIONS_A_CART) },
        Unit::Occurrences => Left::Occurrences { count: count.min(OCCURRENCES_A_CART) },
    }
}

/// What of a customer's past these promotions ask for; the rest is as if it were not known (R66). Whoever merely claims to be somebody
/// learns nothing more of them than the answer itself tells (R69), and decides the same.
#[must_use]
pub fn asked_history(history: History, candidates: &[Candidate]) -> History {
    let asks =
        |condition: &Condition| candidates.iter().any(|candidate| candidate.terms.conditions.contains(condition));
    let of_orders = asks(&Condition::FirstOrder);
    let is_new = asks(&Condition::Audience { audience: Audience::New });
    History {
        in_system: history.in_system && asks(&Condition::Audience { audience: Audience::Existing }),
        // Who is new is one fact, not two.
        has_ordered: if is_new && !of_orders { !history.is_new() } else { of_orders && history.has_ordered },
        has_appointment: history.has_appointment && (asks(&Condition::FirstAppointment) || (is_new && of_orders)),
    }
}

/// Takes out what must not be told (R65): a private promotion that does not apply becomes a code that unlocks nothing, so that
/// answer, snapshot and digests are those of an unknown code.
///
/// What acts without a code and is switched off, or is private and does not act, is not spoken of at all.
pub fn conceal(candidates: &mut Vec<Candidate>, cart: &Cart, facts: &mut Facts) {
    candidates.retain(|candidate| candidate.terms.needs_code || may_be_seen(candidate));
    conceal_private(candidates, cart, facts);
    let is_known = |gift: &Gift| candidates.iter().any(|candidate| candidate.terms.promotion == gift.promotion);
    facts.gifts.retain(is_known);
}

/// Whether what acts without a code may be spoken of to this customer: offers for named customers and for holders of a pass only to
/// those who are known to be among them (R32, R33).
fn may_be_seen(Candidate { terms, state }: &Candidate) -> bool {
    let is_for =
        |condition: &Condition, is_one: Option<bool>| is_one == Some(true) || !terms.conditions.contains(condition);
    state.active && is_for(&Condition::NamedCustomers, state.named) && is_for(&Condition::ActivePass, state.holds_pass)
}

fn conceal_private(candidates: &mut Vec<Candidate>, cart: &Cart, facts: &mut Facts) {
    if candidates.iter().all(|candidate| candidate.terms.disclosure == Disclosure::Open) {
        return;
    }
    let quote = evaluate(&Evaluation { candidates, cart, facts });
    let told = |candidate: &Candidate| {
        let of = |decision: &Decision| decision.promotion.as_ref() == Some(&candidate.terms.promotion);
        candidate.terms.needs_code || candidate.terms.disclosure == Disclosure::Open || quote.decisions.iter().any(of)
    };
    candidates.retain(told);
    for (entered, decision) in facts.entered.iter_mut().zip(&quote.decisions) {
        if entered.promotion.is_some() && decision.promotion.is_none() {
            candidates.retain(|candidate| Some(&candidate.terms.promotion) != entered.promotion.as_ref());
            *entered = Entered::unknown(&entered.code);
        }
    }
}
