//! What came back: from core in the page or from the server, in one form.
//!
//! The model keeps what it has to decide by. The rest it only passes on, as it came: canonical bytes of core's, or the server's JSON.

use std::rc::Rc;

use tearoff_core::canonical::{Canonical, Writer};
use tearoff_core::digest::Digests;
use tearoff_core::evaluate::Hint;
use tearoff_core::money::{Amount, Currency, Money};
use tearoff_core::quote::{Decision, Outcome, Quote};
use tearoff_core::reason::Reason;

/// JSON the server sent, kept unread for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Json(pub(crate) Rc<str>);

/// The server's answer to a lookup or a quote.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// The engine that decided (R67).
    pub(crate) engine: u32,
    /// The token with which the page can price on its own; none for a code the page may know nothing of.
    pub(crate) snapshot: Option<Rc<str>>,
    /// What the page must compute too, as [`bytes`] writes it (R66).
    pub(crate) digests: Rc<[u8]>,
    /// The quote.
    pub(crate) quote: Priced,
}

/// All digests of an evaluation, one after the other: terms, cart, facts, result, evaluation.
pub(crate) fn bytes(digests: &Digests) -> Vec<u8> {
    let Digests { terms, cart, facts, result, evaluation } = digests;
    [terms, cart, facts, result, evaluation].map(|digest| *digest.as_bytes()).concat()
}

/// A quote, as far as the field needs it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Priced {
    /// The currency of every amount.
    pub(crate) currency: Currency,
    /// Before discounts.
    pub(crate) subtotal: Amount,
    /// What is taken off.
    pub(crate) discount: Amount,
    /// After discounts.
    pub(crate) total: Amount,
    /// What became of the code.
    pub(crate) decided: Rc<Decided>,
    /// The whole quote.
    pub(crate) source: Source,
}

/// Who made a quote, and the quote itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// Core, in the page.
    Page {
        /// The quote's canonical bytes, then each decision's hints.
        quote: Rc<[u8]>,
        /// What the server is told when this quote is redeemed.
        digests: Digests,
    },
    /// The server.
    Server(Json),
}

/// What became of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    /// The code as it is shown.
    pub(crate) code: Rc<str>,
    /// Applied, waiting or rejected.
    pub(crate) status: Status,
    /// What the code takes off.
    pub(crate) discount: Amount,
    /// The promotion's label.
    pub(crate) label: Rc<str>,
    /// The promotion's note.
    pub(crate) note: Rc<str>,
    /// Why it is not applied, and with what it would be.
    pub(crate) told: Told,
}

/// The three answers (R37).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It acts on the cart.
    Applied,
    /// A fact is missing.
    Waiting,
    /// A known fact fails.
    Rejected,
}

/// Why a code is not applied, and with what it would be. Two are equal when they say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// By core, in the page: the canonical bytes of reasons and hints.
    Page(Rc<[u8]>),
    /// By the server, which may know more reasons than this engine: reasons and hints as it sent them.
    Server(Json),
}

impl Told {
    fn by_page(reasons: &[Reason], hints: &[Hint]) -> Self {
        let mut out = Writer::default();
        out.list(reasons);
        out.list(hints);
        Self::Page(out.bytes().into())
    }
}

impl Priced {
    /// What core computed in the page; `None` when no code was decided on.
    pub(crate) fn in_page(quote: &Quote, digests: Digests) -> Option<Self> {
        let decided = Rc::new(Decided::of(quote.decisions.first()?));
        let Quote { currency, subtotal, discount, total, .. } = *quote;
        let mut out = Writer::default();
        quote.write(&mut out);
        quote.decisions.iter().for_each(|decision| out.list(&decision.hints));
        let source = Source::Page { quote: out.bytes().into(), digests };
        Some(Self { currency, subtotal, discount, total, decided, source })
    }

    /// An amount of this quote with its currency.
    pub(crate) const fn money(&self, amount: Amount) -> Money {
        Money { currency: self.currency, amount }
    }
}

impl Decided {
    fn of(decision: &Decision) -> Self {
        let status = match decision.outcome {
            Outcome::Applied { .. } => Status::Applied,
            Outcome::Waiting { .. } => Status::Waiting,
            Outcome::Rejected { .. } => Status::Rejected,
        };
        Self {
            code: decision.code.as_deref().unwrap_or_default().into(),
            status,
            discount: decision.discount(),
            label: decision.label.as_ref().map_or("", |text| text.as_str()).into(),
            note: decision.note.as_ref().map_or("", |text| text.as_str()).into(),
            told: Told::by_page(decision.reasons(), &decision.hints),
        }
    }

    /// A code that cannot be one, answered as an unknown one is (R8).
    pub(crate) fn impossible(code: &str) -> Self {
        Self {
            code: code.into(),
            status: Status::Rejected,
            discount: Amount::ZERO,
            label: "".into(),
            note: "".into(),
            told: Told::by_page(&[Reason::UnknownCode], &[]),
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// The server cannot be reached, or not in time.
    Offline,
    /// Too many requests came from here.
    Busy,
    /// The server failed, or said something that is no answer.
    Unavailable,
    /// The server refused, and said why.
    Refused(Rc<Refusal>),
}

/// A refusal with its reason (RFC 9457).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    /// The quote that holds instead, where the total has changed (R56).
    pub(crate) quote: Option<Priced>,
    /// The whole problem.
    pub(crate) body: Json,
}

impl Failure {
    /// Whether the same request may succeed if it is sent again as it is.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Offline | Self::Unavailable)
    }
}
