//! What came back: from core in the page or from the server, in one form.
//!
//! The server may be newer than this page. What the page does not understand of an answer keeps the server's own words, and
//! whatever it only passes on stays the text it was.

use std::rc::Rc;

use tearoff_core::digest::{Digest, Digests};
use tearoff_core::evaluate::Hint;
use tearoff_core::money::{Amount, Currency, Money};
use tearoff_core::quote::{Decision, Outcome, Quote};
use tearoff_core::reason::Reason;

/// JSON the server sent, kept unread for the host page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Json(pub(crate) Rc<str>);

/// The server's answer to a lookup or a quote.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// The engine that decided (R67).
    pub(crate) engine: i64,
    /// The token with which the page can price on its own; none for a code the page may know nothing of.
    pub(crate) snapshot: Option<Rc<str>>,
    /// What the page must compute too, as [`texts`] writes it (R66).
    pub(crate) digests: String,
    /// The quote.
    pub(crate) quote: Priced,
}

/// All digests of an evaluation, one after the other, in hexadecimal digits: terms, cart, facts, result, evaluation.
pub(crate) fn texts(digests: &Digests) -> String {
    let Digests { terms, cart, facts, result, evaluation } = digests;
    [terms, cart, facts, result, evaluation].map(Digest::text).concat()
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
        /// The quote.
        quote: Rc<Quote>,
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
    pub(crate) code: String,
    /// Applied, waiting or rejected.
    pub(crate) status: Status,
    /// What the code takes off.
    pub(crate) discount: Amount,
    /// The promotion's label.
    pub(crate) label: Option<String>,
    /// The promotion's note.
    pub(crate) note: Option<String>,
    /// Why it is not applied, and with what it would be.
    pub(crate) told: Told,
}

/// Why what cannot be a code is none.
const UNKNOWN: &[Reason] = &[Reason::UnknownCode];

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

/// Who says why a code is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Core, in the page: the quote's first decision, shared so that a page has no code to copy reasons.
    Page(Rc<Quote>),
    /// The server, which may know more reasons than this engine: its sentences.
    Server(Vec<String>),
    /// The field itself: what was typed cannot be a code (R8).
    Impossible,
}

impl Priced {
    /// What core computed in the page; `None` when no code was decided on.
    pub(crate) fn in_page(quote: Quote, digests: Digests) -> Option<Self> {
        let quote = Rc::new(quote);
        let decided = Rc::new(Decided::of(&quote)?);
        let Quote { currency, subtotal, discount, total, .. } = *quote;
        Some(Self { currency, subtotal, discount, total, decided, source: Source::Page { quote, digests } })
    }

    /// An amount of this quote with its currency.
    pub(crate) const fn money(&self, amount: Amount) -> Money {
        Money { currency: self.currency, amount }
    }
}

impl Decided {
    fn of(quote: &Rc<Quote>) -> Option<Self> {
        let decision = quote.decisions.first()?;
        let status = match decision.outcome {
            Outcome::Applied { .. } => Status::Applied,
            Outcome::Waiting { .. } => Status::Waiting,
            Outcome::Rejected { .. } => Status::Rejected,
        };
        Some(Self {
            code: decision.code.as_deref().unwrap_or_default().into(),
            status,
            discount: decision.discount(),
            label: decision.label.as_ref().map(|text| text.as_str().into()),
            note: decision.note.as_ref().map(|text| text.as_str().into()),
            told: Told::Page(Rc::clone(quote)),
        })
    }

    /// The reasons that this engine knows.
    pub(crate) fn reasons(&self) -> &[Reason] {
        match &self.told {
            Told::Page(quote) => quote.decisions.first().map_or(&[], Decision::reasons),
            Told::Server(_) => &[],
            Told::Impossible => UNKNOWN,
        }
    }

    /// With what it would be applied.
    pub(crate) fn hints(&self) -> &[Hint] {
        match &self.told {
            Told::Page(quote) => quote.decisions.first().map_or(&[], |decision| &decision.hints),
            Told::Server(_) | Told::Impossible => &[],
        }
    }

    /// The server's sentences.
    pub(crate) fn sentences(&self) -> &[String] {
        if let Told::Server(sentences) = &self.told { sentences } else { &[] }
    }

    /// Whether another decision says the same.
    pub(crate) fn says_as(&self, other: &Self) -> bool {
        self.reasons() == other.reasons() && self.hints() == other.hints() && self.sentences() == other.sentences()
    }

    /// A code that cannot be one, answered as an unknown one is (R8).
    pub(crate) fn impossible(code: &str) -> Self {
        Self {
            code: code.into(),
            status: Status::Rejected,
            discount: Amount::ZERO,
            label: None,
            note: None,
            told: Told::Impossible,
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
    /// The problem's code, for example `quote_changed`.
    pub(crate) code: String,
    /// The problem in English, for developers.
    pub(crate) detail: String,
    /// The quote that holds instead, where the total has changed (R56).
    pub(crate) quote: Option<Priced>,
    /// The whole problem.
    pub(crate) body: Json,
}

impl Failure {
    /// The code under which the host page learns of it.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Offline => "offline",
            Self::Busy => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Refused(refusal) => &refusal.code,
        }
    }

    /// The same in English, for developers.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.detail,
            _ => "no answer from the server",
        }
    }

    /// Whether the same request may succeed if it is sent again as it is.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Offline | Self::Unavailable)
    }
}
