//! What the visitor is about to book: checked, bounded, in one currency (R1).

mod establish;

use alloc::{boxed::Box, vec::Vec};
use serde::{Deserialize, Serialize};

use crate::canonical::{canonical_enum, canonical_struct};
use crate::id::{CategoryId, ItemId, LineId, LocationId};
use crate::money::{Amount, Currency};
use crate::time::LocalStart;

pub use establish::{PriceSource, Site};
pub(crate) use establish::{parse_category_list, parse_texts};

/// Most lines a cart may have.
pub const LINES_MAX: usize = 500;
/// Most occurrences a cart may have, an undated line counting as one.
pub const OCCURRENCES_MAX: usize = 1000;
/// Largest quantity of a line.
pub const QUANTITY_MAX: u32 = 10_000;

/// A checked cart. Its subtotal, and so every sum within it, is at most [`Amount::MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cart {
    currency: Currency,
    lines: Vec<Line>,
}
canonical_struct!(Cart { currency, lines });

/// One line: an item, how many, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line's id, unique in the cart.
    pub id: LineId,
    /// What is booked or bought.
    pub item: ItemId,
    /// What kind of thing that is.
    pub kind: LineKind,
    /// The item's categories, in order, each once.
    pub categories: Vec<CategoryId>,
    /// Where; `None` for the site's default zone.
    pub location: Option<LocationId>,
    /// How many, 1 to 10,000.
    pub quantity: u32,
    /// Whether the visitor books it once or again and again; `None` where they have not chosen yet, or there is no choice.
    pub frequency: Option<Frequency>,
    /// Names by which it is shown, in which text limits look for their phrases (R22).
    pub texts: Vec<Box<str>>,
    /// Whether it is paid for. What staff add unpaid takes no price discount (R23).
    pub paid: bool,
    /// Whether it is on sale or carries a discount given by hand (R24).
    pub discounted: bool,
    /// One priced slot per occurrence, by start; exactly one, without a date, for an undated line.
    pub slots: Vec<Slot>,
}
canonical_struct!(Line { id, item, kind, categories, location, quantity, frequency, texts, paid, discounted, slots });

/// How often a line is booked (R35, R38).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Once.
    OneTime,
    /// Again and again, on the dates it has.
    Recurring,
    /// Again and again, on the dates it has and on later ones that nobody knows yet.
    OpenEnded,
}
canonical_enum!(Frequency { 0 => OneTime, 1 => Recurring, 2 => OpenEnded });

impl Frequency {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneTime => "one_time",
            Self::Recurring => "recurring",
            Self::OpenEnded => "open_ended",
        }
    }
}

/// One occurrence of a line with its price, or the whole of an undated line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it starts; `None` for an undated line.
    pub start: Option<LocalStart>,
    /// What one unit costs.
    pub unit_price: Amount,
    /// What all units cost: unit price x quantity.
    pub subtotal: Amount,
}
canonical_struct!(Slot { start, unit_price, subtotal });

/// What a line is (R19).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A service booked by appointment.
    Appointment,
    /// A place in a group class.
    GroupClass,
    /// A place in a class that runs as a series.
    SeriesClass,
    /// A membership sold as a package of visits.
    Package,
    /// A membership paid again and again.
    Subscription,
    /// Something to take home.
    Product,
    /// An extra to a service.
    AddOn,
    /// A fee. Never eligible unless a promotion names it.
    Fee,
    /// A tip. Never eligible unless a promotion names it.
    Tip,
    /// A deposit. Never eligible unless a promotion names it.
    Deposit,
    /// A tax shown as a line. Never eligible unless a promotion names it.
    Tax,
}
canonical_enum!(LineKind {
    0 => Appointment,
    1 => GroupClass,
    2 => SeriesClass,
    3 => Package,
    4 => Subscription,
    5 => Product,
    6 => AddOn,
    7 => Fee,
    8 => Tip,
    9 => Deposit,
    10 => Tax,
});

/// Every kind with its name on the wire.
const KINDS: [(LineKind, &str); 11] = [
    (LineKind::Appointment, "appointment"),
    (LineKind::GroupClass, "group_class"),
    (LineKind::SeriesClass, "series_class"),
    (LineKind::Package, "package"),
    (LineKind::Subscription, "subscription"),
    (LineKind::Product, "product"),
    (LineKind::AddOn, "add_on"),
    (LineKind::Fee, "fee"),
    (LineKind::Tip, "tip"),
    (LineKind::Deposit, "deposit"),
    (LineKind::Tax, "tax"),
];

impl LineKind {
    /// The kind of that name on the wire, if there is one.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Every kind.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(kind, _)| *kind)
    }

    /// Whether it takes place at a time, so that appointment conditions speak of it (R27).
    #[must_use]
    pub const fn is_appointment(self) -> bool {
        matches!(self, Self::Appointment | Self::GroupClass | Self::SeriesClass)
    }

    /// Whether a promotion must name it to touch it (R19).
    #[must_use]
    pub const fn must_be_named(self) -> bool {
        matches!(self, Self::Fee | Self::Tip | Self::Deposit | Self::Tax)
    }
}

impl Line {
    /// What the line costs before discounts: unit price x quantity, summed over its occurrences (R1).
    #[must_use]
    pub fn subtotal(&self) -> Amount {
        Amount::sum(self.slots.iter().map(|slot| slot.subtotal))
    }
}

/// Puts slots in the order of their starts.
pub(crate) fn sort_slots(slots: &mut [Slot]) {
    slots.sort_unstable_by_key(|slot| slot.start);
}

impl Line {
    /// The same line with more units, within the bounds.
    pub(crate) fn with_more(&self, units: u32) -> Option<Self> {
        let mut line = self.clone();
        line.quantity = line.quantity.checked_add(units).filter(|quantity| *quantity <= QUANTITY_MAX)?;
        for slot in &mut line.slots {
            slot.subtotal = slot.unit_price.times(line.quantity).ok()?;
        }
        Some(line)
    }
}

impl Cart {
    /// The one currency of all amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The lines, in the order in which they were given.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What the cart costs before discounts.
    #[must_use]
    pub fn subtotal(&self) -> Amount {
        Amount::sum(self.lines.iter().map(Line::subtotal))
    }

    /// The same cart with each line passed through `change`; `None` where the result breaks a bound.
    pub(crate) fn map_lines(&self, change: &dyn Fn(&Line) -> Option<Line>) -> Option<Self> {
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            lines.push(change(line)?);
        }
        let cart = Self { currency: self.currency, lines };
        (cart.subtotal() < Amount::MAX).then_some(cart)
    }

    /// The same cart without a line.
    pub(crate) fn without(&self, id: &LineId) -> Option<Self> {
        let mut cart = self.clone();
        cart.lines.retain(|line| line.id != *id);
        (cart.lines.len() < self.lines.len()).then_some(cart)
    }

    /// The same cart with one more line, if it may have one.
    pub(crate) fn with_line(&self, line: Line) -> Option<Self> {
        let mut cart = self.clone();
        cart.lines.push(line);
        (cart.lines.len() <= LINES_MAX && cart.subtotal() < Amount::MAX).then_some(cart)
    }
}
