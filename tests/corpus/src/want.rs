//! The wanted answer, complete: a story cannot leave a number out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a story wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Want {
    /// A priced answer.
    Quote(WantedQuote),
    /// The input is refused: each fault with its field, in order.
    Errors(Vec<FieldFault>),
}

/// A priced answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedQuote {
    /// The currency of all amounts.
    pub currency: String,
    /// Before discounts.
    pub subtotal_minor: i64,
    /// All that is taken off.
    pub discount_minor: i64,
    /// After discounts.
    pub total_minor: i64,
    /// Every line, in the cart's order; then the gifts.
    pub lines: Vec<WantedLine>,
    /// Every code entered, each once, in order; then what acts without a code.
    pub decisions: Vec<WantedDecision>,
}

/// A priced line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedLine {
    /// Its id.
    pub id: String,
    /// Before discounts.
    pub subtotal_minor: i64,
    /// Its share of all discounts.
    pub discount_minor: i64,
    /// After discounts.
    pub total_minor: i64,
    /// Every dated occurrence, by start.
    #[serde(default)]
    pub occurrences: Vec<WantedOccurrence>,
    /// What each later payment costs; absent where there is none.
    #[serde(default)]
    pub later: Option<WantedLater>,
    /// The item that was added for nothing, where the line is a gift.
    #[serde(default)]
    pub gift: Option<String>,
}

/// What each later payment for a line costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedLater {
    /// Before discounts.
    pub subtotal_minor: i64,
    /// What the promotions take off it.
    pub discount_minor: i64,
    /// After discounts.
    pub total_minor: i64,
    /// How many later payments have the discount; null for all of them, and where there is none.
    #[serde(default)]
    pub times: Option<u32>,
}

/// A priced occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedOccurrence {
    /// When it starts, on the wall clock of its venue.
    pub start: String,
    /// Before discounts.
    pub subtotal_minor: i64,
    /// Its share of all discounts.
    pub discount_minor: i64,
    /// After discounts.
    pub total_minor: i64,
}

/// What becomes of a code, or of a discount that acts without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedDecision {
    /// The code as it is shown; null for what acts without one.
    pub code: Option<String>,
    /// The promotion; absent where it must not be known, and for the customer's standing discount.
    #[serde(default)]
    pub promotion: Option<String>,
    /// The public label; absent where it must not be known.
    #[serde(default)]
    pub label: Option<String>,
    /// The public note; only of an applied code.
    #[serde(default)]
    pub note: Option<String>,
    /// Applied, waiting or rejected.
    pub status: Status,
    /// What it takes off; given exactly when it is applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_minor: Option<i64>,
    /// The lines that get any of it.
    #[serde(default)]
    pub allocations: Vec<WantedAllocation>,
    /// All reasons in order: codes with their data, without their sentences.
    #[serde(default)]
    pub reasons: Vec<Map<String, Value>>,
    /// The changes that would help.
    #[serde(default)]
    pub hints: Vec<Map<String, Value>>,
}

/// The three answers (R37).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It acts on the cart.
    Applied,
    /// A fact is missing.
    Waiting,
    /// A known fact fails.
    Rejected,
}

/// A line's share of a discount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedAllocation {
    /// The line.
    pub line: String,
    /// Its share.
    pub discount_minor: i64,
    /// The dated occurrences that get any of it.
    #[serde(default)]
    pub occurrences: Vec<WantedShare>,
}

/// An occurrence's share of a discount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedShare {
    /// When it starts.
    pub start: String,
    /// Its share.
    pub discount_minor: i64,
}

/// A fault of the input: which field, and what kind of fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldFault {
    /// The path of the field below the story's `given`.
    pub field: String,
    /// The stable code of the fault.
    pub code: String,
}

impl Want {
    /// Whether anything is refused or waits.
    #[must_use]
    pub fn refuses(&self) -> bool {
        match self {
            Self::Quote(quote) => quote.decisions.iter().any(|decision| decision.status != Status::Applied),
            Self::Errors(_) => true,
        }
    }

    /// Whether the wanted numbers agree with each other: a slip of the story's author shows at once.
    ///
    /// # Errors
    /// Names the numbers that do not.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Errors(faults) if faults.is_empty() => Err("`want.errors` is empty".into()),
            Self::Errors(_) => Ok(()),
            Self::Quote(quote) => quote.check(),
        }
    }
}

impl WantedQuote {
    fn check(&self) -> Result<(), String> {
        let sum = |number: fn(&WantedLine) -> i64| self.lines.iter().map(number).sum::<i64>();
        let lines = [sum(|line| line.subtotal_minor), sum(|line| line.discount_minor), sum(|line| line.total_minor)];
        agree("the lines of the quote", [self.subtotal_minor, self.discount_minor, self.total_minor], lines)?;
        self.lines.iter().try_for_each(WantedLine::check)?;
        self.decisions.iter().try_for_each(WantedDecision::check)?;
        let applied = self.decisions.iter().filter_map(|decision| decision.discount_minor).sum::<i64>();
        if applied == self.discount_minor {
            Ok(())
        } else {
            Err(format!("the decisions take {applied} off, the quote {}", self.discount_minor))
        }
    }
}

impl WantedLine {
    fn check(&self) -> Result<(), String> {
        if let Some(WantedLater { subtotal_minor, discount_minor, total_minor, .. }) = self.later {
            let payment = [subtotal_minor, discount_minor, total_minor];
            agree(&format!("a later payment of line `{}`", self.id), payment, payment)?;
        }
        if self.gift.is_some() && self.total_minor != 0 {
            return Err(format!("the gift `{}` is not for nothing", self.id));
        }
        if self.occurrences.is_empty() {
            return Ok(());
        }
        let sum = |number: fn(&WantedOccurrence) -> i64| self.occurrences.iter().map(number).sum::<i64>();
        let dates = [sum(|date| date.subtotal_minor), sum(|date| date.discount_minor), sum(|date| date.total_minor)];
        let of = format!("the occurrences of line `{}`", self.id);
        agree(&of, [self.subtotal_minor, self.discount_minor, self.total_minor], dates)
    }
}

impl WantedDecision {
    fn check(&self) -> Result<(), String> {
        let code = self.code.as_deref().or(self.promotion.as_deref()).unwrap_or("standing discount");
        match (self.status, self.discount_minor) {
            (Status::Applied, Some(discount)) => {
                let allocated = self.allocations.iter().map(|allocation| allocation.discount_minor).sum::<i64>();
                if allocated != discount {
                    return Err(format!("the allocations of `{code}` sum to {allocated}, not to {discount}"));
                }
                let unnecessary = !self.reasons.is_empty() || !self.hints.is_empty();
                if unnecessary { Err(format!("`{code}` is applied and has reasons or hints")) } else { Ok(()) }
            }
            (Status::Applied, None) => Err(format!("`{code}` is applied without `discount_minor`")),
            (_, Some(_)) => Err(format!("`{code}` is not applied and has `discount_minor`")),
            (_, None) if self.reasons.is_empty() => Err(format!("`{code}` is not applied and has no reasons")),
            (_, None) if !self.allocations.is_empty() => Err(format!("`{code}` is not applied and has allocations")),
            (_, None) => Ok(()),
        }
    }
}

/// Subtotal, discount and total must be the sums of their parts, and the total what the discount leaves.
fn agree(parts: &str, whole: [i64; 3], sums: [i64; 3]) -> Result<(), String> {
    let [subtotal, discount, total] = whole;
    if whole != sums {
        Err(format!("{parts} sum to {sums:?}, not to {whole:?}"))
    } else if discount < 0 || discount > subtotal || total != subtotal - discount {
        Err(format!("{parts}: {subtotal} less {discount} is not {total}"))
    } else {
        Ok(())
    }
}
