//! The rules that core keeps today, whose they are, and where they stand.

use std::fmt;

use serde::Deserialize;

/// The number of a rule, such as R13.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleNumber(pub u8);

impl RuleNumber {
    /// Parses `R13`.
    ///
    /// # Errors
    /// When the text has another form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('R').filter(|digits| !digits.starts_with(['0', '+']));
        let number = digits.and_then(|digits| digits.parse().ok());
        number.map(Self).ok_or_else(|| format!("`{text}` is not the number of a rule"))
    }
}

impl fmt::Display for RuleNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "R{}", self.0)
    }
}

/// What a story shows of a rule. Each rule needs a story that accepts, and one that refuses or stands at its border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The plain case: the rule gives what it promises.
    Accepts,
    /// The rule says no.
    Refuses,
    /// The last case on either side, or one that is easily got wrong.
    Border,
}

/// A system whose users must find here all they have there; and Tearoff itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum System {
    /// AOT.plus (`[A]`).
    Aot,
    /// SuperSaaS (`[S]`).
    Supersaas,
    /// The booking system with referral and rewards (`[B]`).
    Booking,
    /// MioCommerce (`[M]`).
    Miocommerce,
    /// Fotello (`[F]`).
    Fotello,
    /// Ours (`[+]`).
    Tearoff,
}

impl System {
    /// All of them, in the order in which a story lists them.
    pub const ALL: [Self; 6] =
        [Self::Aot, Self::Supersaas, Self::Booking, Self::Miocommerce, Self::Fotello, Self::Tearoff];

    /// Its name in story files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aot => "aot",
            Self::Supersaas => "supersaas",
            Self::Booking => "booking",
            Self::Miocommerce => "miocommerce",
            Self::Fotello => "fotello",
            Self::Tearoff => "tearoff",
        }
    }
}

/// A rule of the table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its number.
    pub number: RuleNumber,
    /// What it is about, in a few words.
    pub about: &'static str,
    /// The systems that have it.
    pub systems: &'static [System],
    /// Where core keeps it: paths below `core/src`.
    pub files: &'static [&'static str],
}

const A: System = System::Aot;
const S: System = System::Supersaas;
const B: System = System::Booking;
const M: System = System::Miocommerce;
const F: System = System::Fotello;
const OWN: System = System::Tearoff;

const fn rule(number: u8, about: &'static str, systems: &'static [System], files: &'static [&'static str]) -> Rule {
    Rule { number: RuleNumber(number), about, systems, files }
}

/// Every rule that a story may speak of, and must: a rule without its stories fails the tests.
pub const RULES: &[Rule] = &[
    rule(
        1,
        "integer minor units, one currency, bounds",
        &[OWN],
        &["money.rs", "money/currency.rs", "cart/establish.rs"],
    ),
    rule(2, "percentages in basis points", &[OWN], &["money/percent.rs"]),
    rule(
        3,
        "computed exactly, rounded once, shared out",
        &[OWN],
        &["money/rounding.rs", "money/allocate.rs", "evaluate/pricing.rs"],
    ),
    rule(4, "never more than the eligible amount", &[S, F], &["evaluate/pricing.rs", "money/allocate.rs"]),
    rule(5, "allocations sum to the discount", &[OWN], &["money/allocate.rs", "evaluate/remaining.rs"]),
    rule(6, "tax is computed on what each line costs", &[OWN], &["evaluate/remaining.rs", "quote.rs"]),
    rule(7, "one key per code, matched without case", &[A, S, M, F], &["code.rs", "facts.rs"]),
    rule(8, "the alphabet of codes", &[S, F], &["code.rs"]),
    rule(10, "many codes on one promotion", &[S], &["standalone.rs", "promotion/limits.rs"]),
    rule(13, "percent or fixed amount off", &[A, S, B, M, F], &["promotion/benefit.rs", "evaluate/pricing.rs"]),
    rule(14, "nothing off, and everything off", &[S], &["promotion/benefit.rs", "evaluate/pricing.rs"]),
    rule(
        15,
        "per redemption, occurrence or unit; per currency",
        &[OWN],
        &["promotion/benefit.rs", "evaluate/eligibility.rs", "evaluate/pricing.rs"],
    ),
    rule(
        16,
        "fixed price, tiers, at most n units, buy and get",
        &[OWN],
        &["promotion/benefit.rs", "evaluate/pricing.rs", "evaluate/units.rs"],
    ),
    rule(17, "a gift of the customer's choice", &[B], &["promotion/benefit.rs", "evaluate/lanes.rs"]),
    rule(18, "internal words stay internal", &[A, M, F], &["promotion.rs", "project.rs"]),
    rule(19, "services or memberships; fees unless named", &[A, F], &["promotion/scope.rs", "cart.rs"]),
    rule(20, "categories, items and exclusions", &[A, F], &["promotion/scope.rs"]),
    rule(21, "locations", &[A], &["promotion/scope.rs"]),
    rule(22, "phrases in what a line is called", &[S], &["promotion/scope.rs", "text.rs"]),
    rule(23, "what is not paid for", &[B], &["promotion/benefit.rs", "evaluate/occurrences.rs"]),
    rule(24, "what is on sale already", &[OWN], &["promotion/scope.rs"]),
    rule(25, "redeemable window", &[A, S, M, F], &["time.rs", "time/offsets.rs", "promotion/draft/condition.rs"]),
    rule(26, "appointment window and daily hours", &[S], &["time/daily.rs", "evaluate/occurrences.rs"]),
    rule(27, "weekdays of the appointment", &[S, M], &["evaluate/occurrences.rs", "time.rs"]),
    rule(28, "minimum and maximum subtotal", &[M, F], &["evaluate/eligibility.rs"]),
    rule(29, "existing or new customers", &[M], &["customer.rs", "evaluate/eligibility.rs"]),
    rule(30, "first order", &[F], &["customer.rs", "evaluate/eligibility.rs"]),
    rule(31, "first appointment", &[S], &["customer.rs", "evaluate/occurrences.rs"]),
    rule(32, "named customers and tags", &[B, F], &["project.rs", "evaluate/eligibility.rs"]),
    rule(33, "holders of a pass", &[B], &["project.rs", "evaluate/eligibility.rs"]),
    rule(34, "channels", &[S, B, M, F], &["promotion/condition.rs", "evaluate/eligibility.rs"]),
    rule(35, "one-time or recurring bookings", &[M], &["promotion/condition.rs", "evaluate/occurrences.rs"]),
    rule(36, "lead time", &[OWN], &["promotion/condition.rs", "evaluate/occurrences.rs"]),
    rule(37, "waiting for a missing fact", &[S], &["reason.rs", "evaluate.rs"]),
    rule(38, "the first occurrence, each, or the first n", &[S, M], &["evaluate/occurrences.rs", "evaluate/later.rs"]),
    rule(39, "an amount over a whole series", &[S], &["evaluate/pricing.rs"]),
    rule(40, "renewals by the stored terms", &[B], &["subscription.rs", "reward/rules.rs"]),
    rule(41, "four types of limit", &[A], &["promotion/limits.rs", "evaluate/eligibility.rs"]),
    rule(42, "maximum total", &[M, F], &["promotion/limits.rs", "project.rs"]),
    rule(43, "uses per customer", &[M], &["promotion/limits.rs", "project.rs"]),
    rule(44, "occurrences and redemptions", &[S], &["promotion/limits.rs", "evaluate/occurrences.rs"]),
    rule(45, "limits per code and period, and a budget", &[OWN], &["promotion/limits.rs", "evaluate/eligibility.rs"]),
    rule(46, "no limit, no counter", &[OWN], &["promotion/limits.rs", "project.rs"]),
    rule(48, "one code per cart", &[B], &["evaluate/lanes.rs"]),
    rule(49, "codes, automatic and standing discounts", &[S], &["policy.rs", "evaluate/lanes.rs"]),
    rule(50, "lanes of the owner's own, several codes", &[OWN], &["promotion/lane.rs", "evaluate/lanes.rs"]),
    rule(51, "the order of settlement", &[S, B], &["settlement.rs", "money/portion.rs"]),
    rule(52, "credit for whoever refers a friend", &[B], &["reward/earn.rs", "reward/ledger.rs"]),
    rule(53, "credit for loyalty", &[B], &["reward/earn.rs", "reward/ledger.rs"]),
    rule(54, "spending credit", &[B], &["reward/spend.rs", "reward/ledger.rs", "quote/reduce.rs"]),
    rule(55, "the life of a redemption", &[S, B, F], &["redemption.rs"]),
    rule(57, "taking back, in whole or in part", &[S], &["redemption/reversal.rs", "redemption/record.rs"]),
    rule(58, "a visitor changes no code afterwards", &[S], &["redemption/change.rs"]),
    rule(59, "what is recorded stays as it is", &[F], &["redemption/record.rs", "invoice/stored.rs"]),
    rule(62, "invoices", &[F], &["invoice.rs", "invoice/priced.rs"]),
    rule(64, "every refusal says why", &[F], &["reason.rs", "evaluate.rs"]),
    rule(65, "hints, and private codes", &[OWN], &["evaluate/hint.rs", "project.rs"]),
    rule(66, "a page learns the projection only", &[OWN], &["project.rs", "facts.rs"]),
    rule(68, "active or inactive", &[M, F], &["evaluate/eligibility.rs"]),
    rule(69, "claimed and asserted identity", &[OWN], &["customer.rs", "facts.rs"]),
];

/// The rule of that number, if a story may speak of it.
#[must_use]
pub fn find(number: RuleNumber) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.number == number)
}
