//! What the scripts read (`widget/js/field.js`, `words.js`): tags and fields in this order.

use tearoff_core::canonical::{Canonical, Writer};
use tearoff_core::digest::Digests;
use tearoff_core::money::Money;

use crate::answer::{Failure, Json, Source, Status, Told};
use crate::model::{
    Effect, Endpoint, Model, Notice, Outcome, Page, Piece, Redeem, Request, Saying, Screen, Timer, Totals,
};

/// What follows from an event: what the field remembers and shows, then what shall be done, in this order.
pub(crate) fn reply(model: &Model, effects: &[Effect]) -> Vec<u8> {
    let mut out = Writer::default();
    out.text(model.typed());
    optional(&mut out, model.code().map(|code| |out: &mut Writer| out.text(code)));
    model.has_unsent().write(&mut out);
    optional(&mut out, model.quote().map(|quote| |out: &mut Writer| source(out, quote)));
    screen(&mut out, &model.screen());
    out.unsigned(effects.len() as u64);
    effects.iter().for_each(|one| effect(&mut out, one));
    out.bytes().into()
}

fn optional(out: &mut Writer, write: Option<impl FnOnce(&mut Writer)>) {
    write.is_some().write(out);
    if let Some(write) = write {
        write(out);
    }
}

fn screen(out: &mut Writer, Screen { shown, piece, status }: &Screen) {
    out.unsigned(*shown as u64);
    match piece {
        Piece::Button => out.unsigned(0),
        Piece::Form { busy, error } => {
            out.unsigned(1);
            busy.write(out);
            saying(out, error);
        }
        Piece::Card { code, text, amount, note } => {
            out.unsigned(2);
            out.text(code);
            [text, amount, note].into_iter().for_each(|one| saying(out, one));
        }
    }
    saying(out, status);
}

fn saying(out: &mut Writer, saying: &Saying) {
    match saying {
        Saying::Nothing => out.unsigned(0),
        Saying::Text(text) => {
            out.unsigned(1);
            out.text(text);
        }
        Saying::Refusal(why) => {
            out.unsigned(2);
            told(out, why);
        }
        Saying::TakenOff(discount) => monies(out, 3, &[discount]),
        Saying::Unknown => out.unsigned(4),
        Saying::Changed { before, total } => monies(out, 5, &[before, total]),
        Saying::Applied { code, discount, total, note } => {
            monies(out, 6, &[discount, total]);
            out.text(code);
            out.text(note);
        }
        Saying::Repriced { discount, total } => monies(out, 7, &[discount, total]),
        Saying::Stopped { code, told: why } => {
            out.unsigned(8);
            out.text(code);
            told(out, why);
        }
        Saying::Removed => out.unsigned(9),
        Saying::Checking => out.unsigned(10),
        Saying::Failed(failure) => out.unsigned(match failure {
            Failure::Offline => 11,
            Failure::Busy => 12,
            Failure::Unavailable | Failure::Refused(_) => 13,
        }),
    }
}

fn monies(out: &mut Writer, tag: u64, monies: &[&Money]) {
    out.unsigned(tag);
    monies.iter().for_each(|money| money.write(out));
}

fn told(out: &mut Writer, told: &Told) {
    match told {
        Told::Page(bytes) => {
            out.unsigned(0);
            out.raw(bytes);
        }
        Told::Server(Json(json)) => {
            out.unsigned(1);
            out.text(json);
        }
    }
}

fn source(out: &mut Writer, source: &Source) {
    match source {
        Source::Page { quote, .. } => {
            out.unsigned(0);
            out.raw(quote);
        }
        Source::Server(Json(json)) => {
            out.unsigned(1);
            out.text(json);
        }
    }
}

fn effect(out: &mut Writer, effect: &Effect) {
    match effect {
        Effect::Send(Request::Ask(question)) => {
            out.unsigned(0);
            question.version.write(out);
            (question.endpoint == Endpoint::Quotes).write(out);
            out.text(&question.code);
            page(out, &question.page);
        }
        Effect::Send(Request::Redeem { id, key, body }) => {
            out.unsigned(1);
            id.write(out);
            out.text(key);
            redeem(out, body);
        }
        Effect::Wait { timer, milliseconds } => {
            out.unsigned(2);
            let (tag, number) = match timer {
                Timer::Ask(version) => (11_u32, version),
                Timer::Redeem(id) => (12, id),
            };
            [tag, *number, *milliseconds].iter().for_each(|number| number.write(out));
        }
        Effect::Dispatch(one) => {
            out.unsigned(3);
            notice(out, one);
        }
        Effect::Write(Totals::Priced { total, discount, entered }) => {
            monies(out, 4, &[total]);
            discount.write(out);
            entered.write(out);
        }
        Effect::Write(Totals::Unknown) => out.unsigned(5),
        Effect::Focus => out.unsigned(6),
        Effect::Settle(ticket, end) => {
            out.unsigned(7);
            ticket.0.write(out);
            outcome(out, end);
        }
        Effect::Write(Totals::Own) => out.unsigned(8),
    }
}

fn page(out: &mut Writer, page: &Page) {
    out.text(&page.cart.json);
    out.text(&page.customer);
}

fn redeem(out: &mut Writer, redeem: &Redeem) {
    out.text(&redeem.order);
    out.text(&redeem.code);
    redeem.seen.total.amount.write(out);
    optional(
        out,
        redeem.seen.digests.map(|Digests { terms, cart, result, .. }| {
            move |out: &mut Writer| [terms, cart, result].iter().for_each(|digest| digest.write(out))
        }),
    );
    optional(out, redeem.snapshot.as_ref().map(|token| |out: &mut Writer| out.text(token)));
    page(out, &redeem.page);
}

fn notice(out: &mut Writer, notice: &Notice) {
    match notice {
        Notice::Decided { status, code, quote } => {
            out.unsigned(match status {
                Status::Applied => 0,
                Status::Waiting => 1,
                Status::Rejected => 2,
            });
            out.text(code);
            optional(out, quote.as_ref().map(|quote| |out: &mut Writer| source(out, quote)));
        }
        Notice::Removed { code } => {
            out.unsigned(3);
            out.text(code);
        }
        Notice::Quote(quote) => {
            out.unsigned(4);
            source(out, quote);
        }
        Notice::Failed(why) => {
            out.unsigned(5);
            failure(out, why);
        }
        Notice::Mismatch => out.unsigned(6),
    }
}

fn outcome(out: &mut Writer, outcome: &Outcome) {
    match outcome {
        Outcome::Quote(quote) => {
            out.unsigned(0);
            optional(out, quote.as_ref().map(|quote| |out: &mut Writer| source(out, quote)));
        }
        Outcome::Redemption(Json(json)) => {
            out.unsigned(1);
            out.text(json);
        }
        Outcome::Nothing => out.unsigned(2),
        Outcome::Superseded => out.unsigned(3),
        Outcome::NotApplied => out.unsigned(4),
        Outcome::Changed(quote) => {
            out.unsigned(5);
            source(out, quote);
        }
        Outcome::Failed(why) => {
            out.unsigned(6);
            failure(out, why);
        }
    }
}

fn failure(out: &mut Writer, failure: &Failure) {
    out.unsigned(match failure {
        Failure::Offline => 0,
        Failure::Busy => 1,
        Failure::Unavailable => 2,
        Failure::Refused(_) => 3,
    });
    if let Failure::Refused(refusal) = failure {
        out.text(&refusal.body.0);
    }
}
