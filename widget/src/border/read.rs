//! What the scripts write (`widget/js/field.js`, `server.js`, `page.js`): tags and fields in this order.

use std::rc::Rc;

use tearoff_core::canonical::{Canonical, Reader};
use tearoff_core::money::{Amount, Currency};

use super::cart;
use crate::answer::{Answer, Decided, Failure, Json, Priced, Refusal, Source, Status, Told};
use crate::model::{Cart, Event, Moment, Page, RemovedBy, Reserve, Ticket, Timer};

/// An event and when it happened; `None` for bytes that are none.
pub(crate) fn event(bytes: &[u8]) -> Option<(Moment, Event)> {
    let mut reader = Reader::over(bytes);
    let from = &mut reader;
    let moment = Moment { monotonic: i64::take(from), wall: i64::take(from) };
    let event = match from.unsigned() {
        0 => Event::Opened,
        1 => Event::Escaped,
        2 => Event::Typed(from.text().into()),
        3 => Event::Submitted,
        4 => Event::Apply { ticket: ticket(from), code: from.text().into() },
        5 => Event::Removed(if bool::take(from) { RemovedBy::Host } else { RemovedBy::Visitor }),
        6 => Event::PageChanged(page(from)),
        7 => Event::Answered { version: u32::take(from), result: ended(from, answer) },
        8 => Event::Resumed { restored: bool::take(from) },
        9 => Event::Reserve(Reserve { ticket: ticket(from), order: from.text().into(), key: from.text().into() }),
        10 => Event::Redeemed { id: u32::take(from), result: ended(from, |from| Some(json(from))) },
        11 => Event::Elapsed(Timer::Ask(u32::take(from))),
        _ => Event::Elapsed(Timer::Redeem(u32::take(from))),
    };
    (!reader.has_failed()).then_some((moment, event))
}

fn ticket(from: &mut Reader<'_>) -> Ticket {
    Ticket(u32::take(from))
}

fn json(from: &mut Reader<'_>) -> Json {
    Json(from.text().into())
}

fn page(from: &mut Reader<'_>) -> Page {
    let (json, customer) = (from.text().into(), from.text().into());
    Page { cart: Cart { json, request: Rc::new(cart::read(from)) }, customer }
}

/// How a request ended; what is no answer is none.
fn ended<T>(from: &mut Reader<'_>, kept: fn(&mut Reader<'_>) -> Option<T>) -> Result<T, Failure> {
    match from.unsigned() {
        0 => kept(from).ok_or(Failure::Unavailable),
        1 => Err(Failure::Offline),
        2 => Err(Failure::Busy),
        3 => Err(Failure::Unavailable),
        _ => {
            let body = json(from);
            let quote = if bool::take(from) { priced(from) } else { None };
            Err(Failure::Refused(Rc::new(Refusal { quote, body })))
        }
    }
}

fn answer(from: &mut Reader<'_>) -> Option<Box<Answer>> {
    let engine = u32::take(from);
    let snapshot: Option<Box<str>> = Canonical::take(from);
    let digests = from.raw(5 * 32).into();
    Some(Box::new(Answer { engine, snapshot: snapshot.map(Rc::from), digests, quote: priced(from)? }))
}

/// A quote of the server; `None` for one in a currency that this engine does not know.
fn priced(from: &mut Reader<'_>) -> Option<Priced> {
    let currency = Currency::parse(from.text()).ok();
    let [subtotal, discount, total] = [0; 3].map(|_| Amount::take(from));
    let source = Source::Server(json(from));
    let decided = Decided {
        code: from.text().into(),
        status: match from.unsigned() {
            0 => Status::Applied,
            1 => Status::Waiting,
            _ => Status::Rejected,
        },
        discount: Amount::take(from),
        label: from.text().into(),
        note: from.text().into(),
        told: Told::Server(json(from)),
    };
    Some(Priced { currency: currency?, subtotal, discount, total, decided: decided.into(), source })
}
