//! What the field does, told event by event. Nothing here needs a browser.

#![expect(clippy::arithmetic_side_effects, reason = "a test may overflow: it then fails")]

use std::rc::Rc;

use tearoff_core::ENGINE;
use tearoff_core::canonical::{Canonical, Reader};
use tearoff_core::catalog::{Catalog, CatalogItem, CatalogItemDraft, MoneyDraft};
use tearoff_core::digest::Digests;
use tearoff_core::facts::{Entered, Facts};
use tearoff_core::id::PromotionId;
use tearoff_core::money::Currency;
use tearoff_core::policy::Policy;
use tearoff_core::project::{Known, project};
use tearoff_core::promotion::draft::{BenefitDraft, ConditionDraft, Draft};
use tearoff_core::promotion::{Disclosure, Kind, Promotion};
use tearoff_core::quote::Quote;
use tearoff_core::request::{CartRequest, LineRequest};
use tearoff_core::snapshot::Snapshot;
use tearoff_core::time::parse_instant;

use super::screen::Shown;
use super::*;
use crate::answer::{Answer, Json, Refusal, bytes};

const NOON: Moment = Moment { monotonic: 1_000, wall: 1_000 };

fn page(quantity: i64) -> Page {
    let line = LineRequest { id: "1".into(), item: "yoga".into(), quantity: Some(quantity), ..LineRequest::default() };
    page_of(line)
}

fn page_of(line: LineRequest) -> Page {
    let json = [line.item.as_str(), &line.quantity.unwrap_or(1).to_string()].concat();
    let request = CartRequest { currency: None, lines: vec![line] };
    Page { cart: Cart { json: json.as_str().into(), request: Rc::new(request) }, ..Page::default() }
}

/// The server's answer to `SAVE20`: 20 % off from 30.00, on yoga at 18.00.
fn answer(to: &Page) -> Answer {
    let amounts = |amount_minor| vec![MoneyDraft { currency: "EUR".into(), amount_minor }];
    let draft = Draft {
        name: "n".into(),
        description: None,
        kind: Kind::Coupon,
        needs_code: None,
        lane: None,
        priority: 0,
        units: None,
        first_occurrences: None,
        first_payments: None,
        every_payment: false,
        label: "20 % off".into(),
        note: None,
        disclosure: Disclosure::Open,
        benefit: BenefitDraft::Percent { percent_bp: 2000, caps: Vec::new() },
        scope: Default::default(),
        conditions: vec![ConditionDraft::MinimumSubtotal {
            amounts: amounts(3000),
            basis: Default::default(),
            counts: Default::default(),
        }],
        limits: Default::default(),
    };
    let id = PromotionId::parse("prm_1").unwrap();
    let promotion = Promotion::parse(id.clone(), 1, &draft, &|_| None, "").unwrap();
    let item = CatalogItemDraft {
        id: "yoga".into(),
        name: "Yoga".into(),
        kind: "group_class".into(),
        categories: Vec::new(),
        prices: amounts(1800),
        texts: Default::default(),
        on_sale: false,
    };
    let now = parse_instant("2026-11-20T10:00:00Z").unwrap();
    let snapshot = Snapshot {
        engine: ENGINE,
        site: "demo".into(),
        customer: "".into(),
        expires_at: now + chrono::TimeDelta::seconds(300),
        currency: Currency::parse("EUR").unwrap(),
        locations: Vec::new(),
        catalog: Catalog::new(vec![CatalogItem::parse(&item, "").unwrap()]),
        candidates: vec![project(
            &promotion,
            &Known { active: true, ..Known::default() },
            Currency::parse("EUR").unwrap(),
        )],
        facts: Facts {
            now,
            policy: Policy::default(),
            venues: Vec::new(),
            entered: vec![Entered { code: "SAVE20".into(), promotion: Some(id) }],
            customer: None,
            channel: Default::default(),
            gifts: Vec::new(),
        },
    };
    let cart = snapshot.establish(&to.cart.request).unwrap();
    let quote = snapshot.quote(&cart);
    let digests = Digests::of(&snapshot.evaluation(&cart), &quote);
    let token = format!("{}.signature", base64url(&snapshot.to_bytes()));
    Answer {
        engine: ENGINE,
        snapshot: Some(token.as_str().into()),
        digests: bytes(&digests).into(),
        quote: Priced::in_page(&quote, digests).unwrap(),
    }
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(char::from(LETTERS[(word >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    text
}

/// A field with a page around it, in which a code was typed and sent.
fn asked(page: &Page, code: &str) -> (Model, Vec<Effect>) {
    let mut model = Model::taken_over(true, "");
    update(&mut model, NOON, Event::PageChanged(page.clone()));
    update(&mut model, NOON, Event::Typed(code.into()));
    let effects = update(&mut model, NOON, Event::Submitted);
    (model, effects)
}

fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    let version = model.version;
    update(model, NOON, Event::Answered { version, result: Ok(Box::new(answer)) })
}

fn state(model: &Model) -> &'static str {
    match model.screen().shown {
        Shown::Closed => "closed",
        Shown::Open => "open",
        Shown::Checking => "checking",
        Shown::Applied => "applied",
        Shown::Waiting => "waiting",
        Shown::Rejected => "rejected",
        Shown::Offline => "offline",
    }
}

fn requests(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Send(_))).count()
}

#[test]
fn a_code_is_asked_for_once() {
    let (mut model, effects) = asked(&page(2), "save20");
    assert_eq!((state(&model), requests(&effects)), ("checking", 1));
    let again = update(&mut model, NOON, Event::Submitted);
    assert_eq!(requests(&again), 0, "Enter twice is one question");
}

#[test]
fn a_code_that_applies_is_shown_and_the_total_written() {
    let (mut model, _) = asked(&page(2), "save20");
    let effects = answered(&mut model, answer(&page(2)));
    assert_eq!(state(&model), "applied");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Write(_))));
    let Piece::Card { code, amount: Saying::TakenOff(amount), .. } = model.screen().piece else { panic!("no card") };
    assert_eq!((&*code, amount.text().as_str()), ("SAVE20", "7.20 EUR"));
}

#[test]
fn a_changed_cart_is_priced_in_the_page() {
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    for (quantity, wanted) in [(3, "applied"), (1, "rejected"), (5, "applied")] {
        let effects = update(&mut model, NOON, Event::PageChanged(page(quantity)));
        assert_eq!((state(&model), requests(&effects)), (wanted, 0), "{quantity} places");
    }
}

#[test]
fn an_item_the_page_knows_nothing_of_is_asked_for() {
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    let other = page_of(LineRequest { id: "1".into(), item: "pilates".into(), ..LineRequest::default() });
    let effects = update(&mut model, NOON, Event::PageChanged(other));
    let asks = |effect: &Effect| matches!(effect, Effect::Send(_) | Effect::Wait { .. });
    assert!(effects.iter().any(asks));
}

#[test]
fn a_page_that_computes_something_else_believes_the_server() {
    let (mut model, _) = asked(&page(2), "save20");
    let mut told = answer(&page(2));
    told.digests = answer(&page(3)).digests;
    let effects = answered(&mut model, told);
    assert_eq!(state(&model), "applied");
    let reports = |effect: &Effect| matches!(effect, Effect::Dispatch(Notice::Mismatch));
    assert!(effects.iter().any(reports), "an event tells of it");
    assert!(model.server_quotes);
}

#[test]
fn an_answer_to_an_earlier_question_is_dropped() {
    let (mut model, _) = asked(&page(2), "save20");
    let earlier = model.version;
    update(&mut model, NOON, Event::Typed("other".into()));
    update(&mut model, NOON, Event::Submitted);
    let result = Ok(Box::new(answer(&page(2))));
    update(&mut model, NOON, Event::Answered { version: earlier, result });
    assert_eq!(state(&model), "checking");
}

#[test]
fn what_cannot_be_a_code_is_refused_without_asking() {
    for code in ["S\u{410}VE", "50%", "💥"] {
        let (model, effects) = asked(&page(2), code);
        assert_eq!((state(&model), requests(&effects)), ("rejected", 0), "{code}");
    }
}

#[test]
fn no_answer_keeps_what_was_typed() {
    let (mut model, _) = asked(&page(2), "save20");
    let version = model.version;
    update(&mut model, NOON, Event::Answered { version, result: Err(Failure::Offline) });
    assert_eq!(state(&model), "offline");
    assert!(matches!(model.screen().piece, Piece::Form { busy: false, .. }));
    assert_eq!(model.typed(), "save20");
}

#[test]
fn escape_closes_what_is_not_applied() {
    let (mut model, _) = asked(&page(2), "50%");
    update(&mut model, NOON, Event::Escaped);
    assert_eq!(state(&model), "closed");
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    update(&mut model, NOON, Event::Escaped);
    assert_eq!(state(&model), "applied", "an applied code is not lost by a key");
}

fn reserve(ticket: u32, key: &str) -> Event {
    Event::Reserve(Reserve { ticket: Ticket(ticket), order: "A-1".into(), key: key.into() })
}

/// The redemption request among the effects.
fn redeem(effects: &[Effect]) -> Option<(u32, String, Rc<Redeem>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send(Request::Redeem { id, key, body }) => Some((*id, key.clone(), Rc::clone(body))),
        _ => None,
    })
}

/// How the promises end, in their order.
fn ends(effects: &[Effect]) -> Vec<(u32, Outcome)> {
    let end = |effect: &Effect| match effect {
        Effect::Settle(ticket, outcome) => Some((ticket.0, outcome.clone())),
        _ => None,
    };
    effects.iter().filter_map(end).collect()
}

#[test]
fn a_booking_without_a_code_records_nothing() {
    let mut model = Model::taken_over(false, "");
    let effects = update(&mut model, NOON, reserve(1, "k"));
    assert_eq!((requests(&effects), ends(&effects)), (0, vec![(1, Outcome::Nothing)]));
}

#[test]
fn a_booking_asked_for_twice_is_sent_once() {
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    let first = update(&mut model, NOON, reserve(1, "k1"));
    let second = update(&mut model, NOON, reserve(2, "k2"));
    assert_eq!((requests(&first), requests(&second)), (1, 0));
}

#[test]
fn a_booking_tried_again_with_a_fresh_snapshot_is_the_same_request() {
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    let (id, key, stale) = redeem(&update(&mut model, NOON, reserve(1, "k1"))).unwrap();
    for _ in 0..2 {
        update(&mut model, NOON, Event::Redeemed { id, result: Err(Failure::Unavailable) });
        update(&mut model, NOON, Event::Elapsed(Timer::Redeem(id)));
    }
    // Meanwhile the code was looked up again: the same offer, in a newer snapshot.
    update(&mut model, NOON, Event::Resumed { restored: true });
    let mut told = answer(&page(2));
    told.snapshot = told.snapshot.map(|token| [&*token, "again"].concat().as_str().into());
    answered(&mut model, told);
    let (again, same_key, fresh) = redeem(&update(&mut model, NOON, reserve(2, "k2"))).unwrap();
    assert_eq!((again, &same_key), (id, &key));
    assert_ne!(fresh.snapshot, stale.snapshot);
    // Another cart is another request.
    update(&mut model, NOON, Event::Redeemed { id, result: Err(Failure::Busy) });
    update(&mut model, NOON, Event::PageChanged(page(3)));
    let (_, other_key, _) = redeem(&update(&mut model, NOON, reserve(3, "k3"))).unwrap();
    assert_eq!(other_key, "k3");
}

#[test]
fn a_booking_of_another_cart_waits_for_the_one_that_is_out() {
    let recorded = || Json("{}".into());
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    let (first, _, body) = redeem(&update(&mut model, NOON, reserve(1, "k1"))).unwrap();
    update(&mut model, NOON, Event::PageChanged(page(3)));
    let effects = update(&mut model, NOON, reserve(2, "k2"));
    assert_eq!((requests(&effects), ends(&effects)), (0, vec![]), "it waits");
    let effects = update(&mut model, NOON, Event::Redeemed { id: first, result: Ok(recorded()) });
    assert_eq!(
        ends(&effects),
        [(1, Outcome::Redemption(recorded()))],
        "the end of the first is not that of the second"
    );
    let (second, key, other) = redeem(&effects).unwrap();
    assert_eq!((key.as_str(), &other.order, other.page == page(3)), ("k2", &body.order, true));
    // Whether that order may be booked once more is the server's to say.
    let failure = Failure::Refused(Refusal { quote: None, body: recorded() }.into());
    let effects = update(&mut model, NOON, Event::Redeemed { id: second, result: Err(failure.clone()) });
    assert_eq!(ends(&effects), [(2, Outcome::Failed(failure))]);
}

#[test]
fn a_booking_with_a_code_that_could_not_be_checked_is_refused() {
    let (mut model, _) = asked(&page(2), "save20");
    let version = model.version;
    update(&mut model, NOON, Event::Answered { version, result: Err(Failure::Offline) });
    // It is asked about once more, whatever came between.
    let effects = update(&mut model, NOON, reserve(1, "k"));
    assert_eq!((requests(&effects), ends(&effects)), (1, vec![]));
    let version = model.version;
    let effects = update(&mut model, NOON, Event::Answered { version, result: Err(Failure::Busy) });
    assert_eq!(ends(&effects), [(1, Outcome::Failed(Failure::Busy))]);
    assert_eq!(requests(&update(&mut model, NOON, Event::PageChanged(page(3)))), 0, "not while it is told to wait");
    update(&mut model, NOON, reserve(1, "k"));
    let effects = answered(&mut model, answer(&page(3)));
    assert!(matches!(ends(&effects)[..], [(1, Outcome::Changed(_))]), "it goes on as if nothing had been");
    // Another cart may have an answer where this one had none.
    let (mut model, _) = asked(&page(2), "save20");
    let version = model.version;
    update(&mut model, NOON, Event::Answered { version, result: Err(Failure::Unavailable) });
    assert_eq!(requests(&update(&mut model, NOON, Event::PageChanged(page(3)))), 1);
    let version = model.version;
    update(&mut model, NOON, Event::Answered { version, result: Err(Failure::Offline) });
    // Without the code it goes on.
    update(&mut model, NOON, Event::Escaped);
    let effects = update(&mut model, NOON, reserve(2, "k"));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Settle(Ticket(2), Outcome::Nothing))));
}

#[test]
fn a_booking_confirmed_while_an_answer_is_awaited_is_of_the_total_that_was_shown() {
    let changed = |effects: &[Effect], total: &str| {
        assert_eq!(requests(effects), 0, "nothing is recorded");
        let [(1, Outcome::Changed(Source::Page { quote, .. }))] = &ends(effects)[..] else { panic!("another end") };
        let quote = Quote::take(&mut Reader::over(quote));
        assert_eq!(quote.total.minor_unsigned().to_string(), total);
    };
    let known = |customer: &str| Page { customer: customer.into(), ..page(2) };

    // The page's own total was shown, and the code takes something off.
    let (mut model, _) = asked(&page(2), "save20");
    let effects = update(&mut model, NOON, reserve(1, "k1"));
    assert_eq!((requests(&effects), ends(&effects)), (0, vec![]), "it waits for the answer");
    changed(&answered(&mut model, answer(&page(2))), "2880");
    let (_, _, body) = redeem(&update(&mut model, NOON, reserve(2, "k2"))).unwrap();
    assert_eq!(body.seen.total.to_string(), "28.80 EUR", "what is shown by now is booked");

    // Asked again because of the customer: the same total is booked, another is not.
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    update(&mut model, NOON, Event::PageChanged(known("a")));
    assert_eq!(requests(&update(&mut model, NOON, reserve(1, "k1"))), 0);
    let (id, ..) = redeem(&answered(&mut model, answer(&page(2)))).unwrap();
    update(&mut model, NOON, Event::Redeemed { id, result: Ok(Json("{}".into())) });
    update(&mut model, NOON, Event::PageChanged(known("b")));
    update(&mut model, NOON, reserve(1, "k2"));
    let mut told = answer(&page(2));
    told.snapshot = None;
    told.quote.total = told.quote.subtotal;
    let Source::Page { quote, .. } = &mut told.quote.source else { panic!("another source") };
    let mut changed_quote = Quote::take(&mut Reader::over(quote));
    changed_quote.total = told.quote.total;
    *quote = changed_quote.to_bytes().into();
    let mut decided = (*told.quote.decided).clone();
    decided.status = Status::Rejected;
    told.quote.decided = decided.into();
    changed(&answered(&mut model, told), "3600");

    // The cart went on changing.
    let (mut model, _) = asked(&page(2), "save20");
    update(&mut model, NOON, reserve(1, "k1"));
    update(&mut model, NOON, Event::PageChanged(page(3)));
    changed(&answered(&mut model, answer(&page(2))), "4320");
}

#[test]
fn a_code_that_was_typed_and_not_sent_is_checked_before_the_booking() {
    let typed = || {
        let mut model = Model::taken_over(true, "");
        update(&mut model, NOON, Event::PageChanged(page(2)));
        update(&mut model, NOON, Event::Typed("save20".into()));
        let effects = update(&mut model, NOON, reserve(1, "k1"));
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Send(Request::Ask(_)))), "it is looked up");
        assert_eq!((requests(&effects), ends(&effects)), (1, vec![]), "the booking waits for the answer");
        model
    };
    // It applies: the visitor agrees to the new total first.
    let mut model = typed();
    let effects = answered(&mut model, answer(&page(2)));
    assert!(matches!(ends(&effects)[..], [(1, Outcome::Changed(_))]));
    assert_eq!(requests(&update(&mut model, NOON, reserve(2, "k2"))), 1);
    // It does not: the visitor hears of it once, and may go on without it.
    let mut model = typed();
    let mut told = answer(&page(1));
    told.snapshot = None;
    assert_eq!(ends(&answered(&mut model, told)), [(1, Outcome::NotApplied)]);
    assert_eq!(ends(&update(&mut model, NOON, reserve(2, "k2"))), [(2, Outcome::Nothing)]);
    // Nor does who presses twice, or sent the code off just before.
    let mut model = typed();
    update(&mut model, NOON, reserve(2, "k2"));
    let mut told = answer(&page(1));
    told.snapshot = None;
    assert_eq!(ends(&answered(&mut model, told)), [(1, Outcome::NotApplied), (2, Outcome::NotApplied)]);
    // What cannot be a code needs no answer.
    let mut model = Model::taken_over(true, "two words?");
    assert_eq!(ends(&update(&mut model, NOON, reserve(1, "k1"))), [(1, Outcome::NotApplied)]);
    // An empty input is nobody's code.
    let mut model = Model::taken_over(true, "  ");
    assert_eq!(ends(&update(&mut model, NOON, reserve(1, "k1"))), [(1, Outcome::Nothing)]);
}

#[test]
fn a_code_taken_out_while_a_booking_waits_takes_its_total_along() {
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    update(&mut model, NOON, Event::PageChanged(Page { customer: "a".into(), ..page(2) }));
    update(&mut model, NOON, reserve(1, "k1"));
    let effects = update(&mut model, NOON, Event::Removed(RemovedBy::Visitor));
    assert_eq!(ends(&effects), [(1, Outcome::Superseded)]);
    // No total of ours was shown for a code that was still being checked.
    let (mut model, _) = asked(&page(2), "save20");
    update(&mut model, NOON, reserve(1, "k1"));
    let effects = update(&mut model, NOON, Event::Typed("save".into()));
    assert_eq!(ends(&effects), [(1, Outcome::NotApplied)], "it goes on being corrected");
    let (mut model, _) = asked(&page(2), "save20");
    update(&mut model, NOON, reserve(1, "k1"));
    let effects = update(&mut model, NOON, Event::Typed(String::new()));
    assert_eq!(ends(&effects), [(1, Outcome::Nothing)], "the visitor took it out");
    // Nor is it left there when another code took the place of the one that was applied.
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    update(&mut model, NOON, Event::Apply { ticket: Ticket(1), code: "other".into() });
    let effects = update(&mut model, NOON, Event::Typed("oth".into()));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Write(Totals::Own))));
}

fn writes(effects: &[Effect]) -> Vec<Totals> {
    let written = |effect: &Effect| match effect {
        Effect::Write(totals) => Some(totals.clone()),
        _ => None,
    };
    effects.iter().filter_map(written).collect()
}

#[test]
fn without_a_code_that_applies_the_total_is_the_pages_own() {
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    let effects = update(&mut model, NOON, Event::PageChanged(page(1)));
    assert_eq!(writes(&effects), [Totals::Own], "it stopped");
    update(&mut model, NOON, Event::PageChanged(page(2)));
    assert_eq!(writes(&update(&mut model, NOON, Event::Removed(RemovedBy::Visitor))), [Totals::Own]);
    assert_eq!(writes(&update(&mut model, NOON, Event::PageChanged(page(3)))), []);
}

#[test]
fn a_total_that_was_not_known_for_a_moment_comes_back() {
    let unknown = page_of(LineRequest { id: "1".into(), item: "pilates".into(), ..LineRequest::default() });
    for ends in ["an answer", "no answer", "the code goes"] {
        let (mut model, _) = asked(&page(2), "save20");
        answered(&mut model, answer(&page(2)));
        assert_eq!(writes(&update(&mut model, NOON, Event::PageChanged(unknown.clone()))), [Totals::Unknown]);
        let effects = match ends {
            "an answer" => {
                let mut rejected = answer(&page(1));
                rejected.snapshot = None;
                answered(&mut model, rejected)
            }
            "no answer" => {
                let version = model.version;
                update(&mut model, NOON, Event::Answered { version, result: Err(Failure::Offline) })
            }
            _ => update(&mut model, NOON, Event::Removed(RemovedBy::Host)),
        };
        assert_eq!(writes(&effects), [Totals::Own], "{ends}");
    }
}

#[test]
fn a_total_painted_over_while_an_answer_is_awaited_is_written_again() {
    let (mut model, _) = asked(&page(2), "save20");
    let mut before = writes(&answered(&mut model, answer(&page(2))));
    for totals in &mut before {
        if let Totals::Priced { entered, .. } = totals {
            assert!(std::mem::take(entered), "it was just entered");
        }
    }
    let somebody = Page { customer: "a".into(), ..page(2) };
    assert_eq!(writes(&update(&mut model, NOON, Event::PageChanged(somebody.clone()))), []);
    assert_eq!(state(&model), "checking");
    assert_eq!(writes(&update(&mut model, NOON, Event::PageChanged(somebody))), before);
}

#[test]
fn what_has_not_changed_is_not_announced_again() {
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    update(&mut model, NOON, Event::PageChanged(Page { customer: "a".into(), ..page(2) }));
    answered(&mut model, answer(&page(2)));
    assert_eq!((state(&model), model.screen().status), ("applied", Saying::Nothing));
    update(&mut model, NOON, Event::PageChanged(Page { customer: "a".into(), ..page(3) }));
    assert!(matches!(model.screen().status, Saying::Repriced { .. }));
}

#[test]
fn a_request_under_way_is_not_forgotten_for_others() {
    let (mut model, _) = asked(&page(2), "save20");
    answered(&mut model, answer(&page(2)));
    let order =
        |number: u32| Event::Reserve(Reserve { ticket: Ticket(number), order: number.to_string(), key: "k".into() });
    for number in 0..12 {
        update(&mut model, NOON, order(number));
    }
    for id in 1..=12 {
        let effects = update(&mut model, NOON, Event::Redeemed { id, result: Ok(Json("{}".into())) });
        assert_eq!(ends(&effects).len(), 1, "request {id}");
    }
}
