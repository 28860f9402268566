//! Laws about what becomes of an order: reversals, invoices, renewals (R40, R57, R59, R62).

use core::num::NonZeroU32;

use chrono::TimeDelta;
use proptest::prelude::*;
use tearoff_core::canonical::Canonical;
use tearoff_core::id::LineId;
use tearoff_core::invoice::{Discount, Draft, Edit, Finalized, Row, SpentCredit, StoredTerms};
use tearoff_core::money::portion::{Portion, PortionDraft};
use tearoff_core::money::{Amount, Currency};
use tearoff_core::quote::Quote;
use tearoff_core::redemption::record::Counted;
use tearoff_core::redemption::reversal::Part;
use tearoff_core::redemption::{Cause, Recorded, Restore, State};
use tearoff_core::reward::rules::Chosen;
use tearoff_core::standalone::Question;
use tearoff_core::subscription::{Stored, StoredLine};
use tearoff_laws::{Sample, any_case, config};

fn priced(sample: &Sample) -> (Question, Quote) {
    let question = Question::parse(&sample.request).unwrap();
    let quote = question.answer().quote;
    (question, quote)
}

fn draft(sample: &Sample) -> (Draft, Quote) {
    draft_after_credit(sample, 0)
}

fn draft_after_credit(sample: &Sample, credit: i64) -> (Draft, Quote) {
    let (question, quote) = priced(sample);
    let reward = SpentCredit { amount: Amount::new(credit).unwrap(), on: Chosen::default() };
    let terms = StoredTerms::of(&question.evaluation(), &quote);
    (Draft::of_order(question.cart.clone(), terms, reward), quote)
}

fn percentage(percent_bp: i64) -> Portion {
    Portion::parse(&PortionDraft { percent_bp: Some(percent_bp), amounts: None }, "").unwrap()
}

proptest! {
    #![proptest_config(config())]

    /// Taking back every part, in any order and any pieces, refunds what taking back the whole does, and gives back as many uses
    /// (R57).
    #[test]
    fn parts_sum_to_the_whole(sample in any_case(), by_occurrence: bool, cause in 0..3) {
        let (question, quote) = priced(&sample);
        let counted = if by_occurrence { Counted::Occurrence } else { Counted::Redemption };
        let recorded = Recorded::of(&question.evaluation(), &quote, |_| counted);
        let cause = [Cause::Cancelled, Cause::Mistake, Cause::Housekeeping][cause as usize];
        let at = question.facts.now;
        let mut whole = recorded.clone();
        let all = whole.reverse(State::Confirmed, &[], cause, Restore::OnCancel, at).unwrap();
        prop_assert_eq!(all.refund, quote.total);
        prop_assert!(all.complete && whole.left().is_zero());

        let mut random = sample.random();
        let mut parts = Vec::new();
        for slot in recorded.slots() {
            let mut left = slot.quantity;
            while left > 0 {
                let most = left.min(1 + slot.quantity / 4);
                let quantity = u32::try_from(random.between(1, i64::from(most))).unwrap();
                parts.push(Part { line: slot.line.clone(), start: slot.start, quantity: Some(quantity) });
                left -= quantity;
            }
        }
        random.shuffle(&mut parts);
        let (mut piecemeal, mut refund, mut uses) = (recorded, 0, 0);
        for part in parts {
            let piece = piecemeal.reverse(State::Confirmed, &[part], cause, Restore::OnCancel, at).unwrap();
            refund += piece.refund.minor();
            uses += piece.given_back.iter().map(|counts| counts.count).sum::<u32>();
            prop_assert_eq!(piecemeal.left().minor(), quote.total.minor() - refund, "what is left is what is not refunded");
        }
        prop_assert_eq!(refund, quote.total.minor());
        prop_assert_eq!(uses, all.given_back.iter().map(|counts| counts.count).sum::<u32>());
        prop_assert!(piecemeal.is_spent());
        prop_assert_eq!(Recorded::from_bytes(&piecemeal.to_bytes()), Ok(piecemeal));
    }

    /// No more uses come back than were taken, and none from clearing away, whatever the policy and the hour (R57).
    #[test]
    fn no_more_uses_come_back_than_were_taken(sample in any_case(), by_occurrence: bool, days in 0_i64..400) {
        let (question, quote) = priced(&sample);
        let counted = if by_occurrence { Counted::Occurrence } else { Counted::Redemption };
        let recorded = Recorded::of(&question.evaluation(), &quote, |_| counted);
        let taken: u32 = recorded.uses().iter().map(|counts| counts.count).sum();
        let at = question.facts.now + TimeDelta::days(days);
        for restore in [Restore::OnCancel, Restore::BeforeStartOnly, Restore::Never] {
            let back = |cause| {
                let reversal = recorded.clone().reverse(State::Confirmed, &[], cause, restore, at).unwrap();
                reversal.given_back.iter().map(|counts| counts.count).sum::<u32>()
            };
            prop_assert_eq!((back(Cause::Mistake), back(Cause::Replaced), back(Cause::Housekeeping)), (taken, taken, 0));
            prop_assert!(back(Cause::Cancelled) <= taken);
        }
    }

    /// A draft says what its order's quote said (R62).
    #[test]
    fn a_draft_says_what_the_order_said(sample in any_case()) {
        let (draft, quote) = draft(&sample);
        let priced = draft.priced();
        prop_assert_eq!((priced.subtotal, priced.total), (quote.subtotal, quote.total));
        for (line, quoted) in priced.lines.iter().zip(&quote.lines) {
            prop_assert_eq!((line.share, line.total), (quoted.discount, quoted.total));
        }
        prop_assert_eq!(priced.code_acts(), quote.decisions.iter().any(tearoff_core::quote::Decision::is_applied));
    }

    /// The amounts of an invoice agree with each other, and an edit that is taken back changes nothing (R62).
    #[test]
    fn an_invoice_adds_up(
        sample in any_case(),
        own in 0_i64..=10_000,
        whole in prop::option::of(0_i64..=10_000),
        credit in 0_i64..9000,
    ) {
        let (before, _) = draft_after_credit(&sample, credit);
        let Some(line) = before.priced().lines.first().map(|line| line.id.clone()) else { return Ok(()) };
        let own = Edit::LineDiscount { line: line.clone(), portion: Some(percentage(own)) };
        let mut draft = before.edit(own).unwrap();
        if let Some(whole) = whole {
            let discount = Some(Discount::Custom { portion: percentage(whole) });
            draft = draft.edit(Edit::Discount { discount }).unwrap();
        }
        let priced = draft.priced();
        let sum = |number: fn(&tearoff_core::invoice::PricedLine) -> i64| priced.lines.iter().map(number).sum::<i64>();
        let own = sum(|line| line.line_discount.unwrap_or_default().minor());
        let row = match &priced.discount {
            None => 0,
            Some(Row::Code { discount, .. } | Row::Custom { discount }) => discount.minor(),
        };
        prop_assert_eq!(sum(|line| line.subtotal.minor()) - own, priced.subtotal.minor());
        prop_assert_eq!(sum(|line| line.share.minor()), row);
        prop_assert_eq!(sum(|line| line.reward.minor()), priced.reward.minor());
        prop_assert!(priced.reward.minor() <= credit);
        prop_assert_eq!(priced.subtotal.minor() - row - priced.reward.minor(), priced.total.minor());
        prop_assert_eq!(sum(|line| line.total.minor()), priced.total.minor());
        prop_assert_eq!(Draft::from_bytes(&draft.to_bytes()), Ok(draft.clone()));
        if whole.is_none() {
            prop_assert_eq!(draft.edit(Edit::LineDiscount { line, portion: None }), Ok(before));
        }
    }

    /// A finalized invoice does not change: it says what the draft said, and its bytes say nothing else (R62).
    #[test]
    fn a_finalized_invoice_does_not_change(sample in any_case(), state in 0..3) {
        let (draft, quote) = draft(&sample);
        let state = [State::Reserved, State::Placed, State::Confirmed][state as usize];
        let at = Question::parse(&sample.request).unwrap().facts.now;
        let priced = draft.priced().clone();
        let had_code = quote.decisions.iter().any(tearoff_core::quote::Decision::is_applied);
        let stands = !had_code || priced.code_acts();
        let (invoice, after) = draft.finalize(Some(state), at).unwrap();
        prop_assert_eq!(invoice.priced(), &priced);
        prop_assert_eq!(after == Some(State::Confirmed), stands);
        prop_assert!(stands || matches!(after, Some(State::Released | State::Reversed)));
        let mut stored = invoice.clone();
        for _ in 0..2 {
            stored = Finalized::from_bytes(&stored.to_bytes()).unwrap();
        }
        prop_assert_eq!(stored.finalized_at(), at);
        prop_assert_eq!(stored.priced().total, priced.total);
    }

    /// Renewals keep the stored terms: each costs what the first did while the promotions last, and the price less the stored credit
    /// after that; none costs less than nothing (R40).
    #[test]
    fn renewals_keep_the_stored_terms(
        price in 0_i64..10_000,
        discount in 0_i64..12_000,
        credit in 0_i64..12_000,
        times in prop::option::of(0_u32..6),
        renewal in 1_u32..9,
    ) {
        let amount = |minor| Amount::new(minor).unwrap();
        let line = StoredLine {
            line: LineId::parse("1").unwrap(),
            price: amount(price),
            discount: amount(discount),
            times,
            credit: amount(credit),
        };
        let stored = Stored { currency: Currency::parse("TWD").unwrap(), lines: vec![line] };
        let charged = stored.charge(NonZeroU32::new(renewal).unwrap());
        let parts = [charged.discount, charged.credit, charged.total].map(Amount::minor);
        prop_assert_eq!(parts.iter().sum::<i64>(), price);
        let lasts = times.is_none_or(|times| renewal <= times);
        let wanted = (price - if lasts { discount } else { 0 }).max(0) - credit;
        prop_assert_eq!(charged.total.minor(), wanted.max(0));
        let outlook = stored.outlook(Amount::ZERO);
        let last = outlook.until_renewal.unwrap_or(u32::MAX);
        let told = if renewal <= last { outlook.each_renewal } else { outlook.after.unwrap() };
        prop_assert_eq!(told, charged.total, "what was told is what is charged");
    }
}
