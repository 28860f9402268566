//! The steps of a course, as they are written.

use alloc::{string::String, vec::Vec};
use serde::Deserialize;

use crate::money::portion::PortionDraft;
use crate::policy::preset::given;
use crate::redemption::change::Actor;
use crate::redemption::{Cause, Restore};
use crate::request::CartRequest;
use crate::reward::earn::Cycle;
use crate::reward::{Means, RulesDraft};

macro_rules! written {
    ($(#[$doc:meta])* $kind:ident $name:ident $body:tt) => {
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        $(#[$doc])*
        #[cfg_attr(feature = "serialize", derive(serde::Serialize))]
        #[serde(deny_unknown_fields)]
        pub $kind $name $body
    };
}

/// One thing that happens, named by its only key: `{"place": {}}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Then {
    /// The order is settled (R51).
    Settle(Settle),
    /// The owner sets the rules of reward credit.
    RewardRules(RulesDraft),
    /// Staff add credit by hand (R54).
    AddCredit(AddCredit),
    /// Credit is spent on the order (R54).
    Spend(Spend),
    /// The order earns its customer credit (R53).
    Earn(Earn),
    /// The order earns its customer credit as the friend's order of somebody they referred (R52).
    Refer(Refer),
    /// An order's payment is known to have come.
    Paid(Of),
    /// An order will not be paid.
    Withdraw(Of),
    /// Time passes, and what has expired by then is written off.
    Expire(When),
    /// The terms of renewals are stored (R40).
    Subscribe {},
    /// A renewal is charged (R40).
    Renew(Renew),
    /// The redemption holds its uses for a while (R55).
    Reserve(Record),
    /// The order is placed.
    Place(Record),
    /// It is paid, or its invoice finalized.
    Confirm {},
    /// It will not come about.
    Release {},
    /// Its hold ends.
    EndHold {},
    /// It is taken back, in whole or in part (R57).
    Reverse(Reverse),
    /// Somebody changes its code (R58).
    Change(Change),
    /// The owner switches a promotion off (R59, R68); told is what a newcomer gets now.
    SwitchOff(SwitchOff),
    /// An invoice is drafted from the order (R62).
    DraftInvoice {},
    /// The invoice gets other lines.
    InvoiceLines(CartRequest),
    /// A line of the invoice gets another discount of its own.
    InvoiceLineDiscount(InvoiceLineDiscount),
    /// The invoice gets another discount of the whole.
    InvoiceDiscount(InvoiceDiscount),
    /// The invoice is closed.
    FinalizeInvoice(When),
}

written! {
    /// How an order is settled.
    struct Settle {
        /// What the customer holds of customer credit.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "crate::money::Amount"))]
        pub credit_minor: i64,
        /// Whether the site takes payment.
        #[serde(default = "yes")]
        pub takes_payment: bool,
        /// What is due at once; all of it when absent.
        #[serde(default)]
        pub deposit: Option<PortionDraft>,
    }
}

written! {
    /// Credit given by staff.
    struct AddCredit {
        /// How much.
        #[cfg_attr(feature = "schema", schemars(with = "crate::money::Amount"))]
        pub amount_minor: i64,
        /// Why.
        #[cfg_attr(feature = "schema", schemars(with = "crate::text::Text"))]
        pub reason: String,
        /// When; the request's *now* when absent, here as in every step.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        pub at: Option<String>,
    }
}

written! {
    /// Credit spent.
    struct Spend {
        /// How much.
        #[cfg_attr(feature = "schema", schemars(with = "crate::money::Amount"))]
        pub amount_minor: i64,
        /// When.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        pub at: Option<String>,
    }
}

written! {
    /// Credit earned by the order's own customer.
    struct Earn {
        /// How the order is paid.
        pub means: Means,
        /// Which payment of a subscription it is.
        #[serde(default)]
        pub cycle: Cycle,
        /// Which order it is; `this` when absent.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Id>"))]
        pub order: Option<String>,
        /// When.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        pub at: Option<String>,
    }
}

written! {
    /// Credit earned by whoever referred the order's customer.
    struct Refer {
        /// All identities known of who owns the code.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>"))]
        pub referrer: Vec<String>,
        /// All identities known of who used it.
        #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::Id>"))]
        pub friend: Vec<String>,
        /// Which order it is; `this` when absent.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Id>"))]
        pub order: Option<String>,
        /// When.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        pub at: Option<String>,
    }
}

written! {
    /// Something about an order.
    #[cfg_attr(feature = "schema", schemars(rename = "ThisOrder"))]
    struct Of {
        /// Which order; `this` when absent.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Id>"))]
        pub order: Option<String>,
        /// When.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        pub at: Option<String>,
    }
}

written! {
    /// Something at an instant.
    #[cfg_attr(feature = "schema", schemars(rename = "Moment"))]
    struct When {
        /// When.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        pub at: Option<String>,
    }
}

written! {
    /// Which renewal is charged.
    #[derive(Copy)]
    struct Renew {
        /// From 1: today's payment is no renewal.
        pub renewal: core::num::NonZeroU32,
    }
}

written! {
    /// How a redemption is recorded. What is given once it is recorded has no effect.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", schemars(rename = "RecordUses"))]
    struct Record {
        /// The promotions whose uses are counted by occurrence (R44).
        #[serde(default)]
        pub by_occurrence: Vec<String>,
    }
}

written! {
    /// What is taken back, and why.
    struct Reverse {
        /// Which parts; all that is left when empty.
        #[serde(default)]
        pub parts: Vec<Part>,
        /// Why.
        pub cause: Cause,
        /// When cancelling gives the use back; as the site's policy has it when absent.
        #[serde(default, deserialize_with = "given")]
        #[cfg_attr(feature = "serialize", serde(skip_serializing_if = "Option::is_none"))]
        #[cfg_attr(feature = "schema", schemars(with = "Restore"))]
        pub restore: Option<Restore>,
        /// When.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        pub at: Option<String>,
    }
}

written! {
    /// Which part of an order.
    #[cfg_attr(feature = "schema", schemars(rename = "OrderPart"))]
    struct Part {
        /// The line.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
        pub line: String,
        /// Which occurrence; all of them when absent.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::time::LocalStart>"))]
        pub start: Option<String>,
        /// How many units of each; all that are left when absent.
        #[serde(default)]
        pub quantity: Option<u32>,
    }
}

written! {
    /// Another code, or none.
    #[cfg_attr(feature = "schema", schemars(rename = "ChangeCode"))]
    struct Change {
        /// Who asks.
        pub by: Actor,
        /// The codes from now on.
        pub codes: Vec<String>,
        /// When.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        pub at: Option<String>,
    }
}

written! {
    /// Which promotion is switched off.
    struct SwitchOff {
        /// Its id.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
        pub promotion: String,
    }
}

written! {
    /// A discount of one line.
    struct InvoiceLineDiscount {
        /// Which line.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
        pub line: String,
        /// How much; none when absent.
        #[serde(default)]
        pub discount: Option<PortionDraft>,
    }
}

written! {
    /// A discount of the whole invoice: a code, or a part given by hand; none when both are absent.
    struct InvoiceDiscount {
        /// A code.
        #[serde(default)]
        pub code: Option<String>,
        /// A part given by hand.
        #[serde(default)]
        pub custom: Option<PortionDraft>,
        /// When the code is chosen.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::UtcText>"))]
        pub at: Option<String>,
    }
}

const fn yes() -> bool {
    true
}
