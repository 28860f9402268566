//! From what a caller sends to a cart that can be believed (R61).

use alloc::{borrow::ToOwned, boxed::Box, collections::BTreeSet, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{Cart, LINES_MAX, Line, LineKind, OCCURRENCES_MAX, QUANTITY_MAX, Slot, sort_slots};
use crate::catalog::{Catalog, CatalogItem};
use crate::id::{CategoryId, ItemId, LineId, LocationId};
use crate::invalid::{Fault, Faults, InvalidField, Message, Note, Wrong};
use crate::money::{Amount, Currency};
use crate::request::{CartRequest, LineRequest, OccurrenceRequest, TextsRequest};
use crate::text::{Text, digits};
use crate::time::LocalStart;

/// Whose word counts for prices, kinds and categories (R61).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PriceSource {
    /// The site's catalog. What a line claims is ignored, and an item that is not in the catalog is an error.
    Catalog,
    /// The caller, who has proved to be the host's own server. What a line leaves out is taken from the catalog.
    Caller,
    /// The host's own server, which has signed the cart, whoever brings it. What a line leaves out is taken from the catalog.
    Signed,
}

/// What of a site an incoming cart is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The currency of a cart that names none.
    pub currency: Currency,
    /// The site's venues.
    pub locations: &'a [LocationId],
    /// What the site sells; a page holds only the items that were in the cart it asked about.
    pub catalog: &'a Catalog,
    /// Whose word counts.
    pub prices: PriceSource,
}

impl Cart {
    /// Checks a cart and gives its lines the prices, kinds and categories that can be believed.
    ///
    /// # Errors
    /// Every fault with its field below `cart`: bounds of R1, unknown items, venues and currencies, ids given twice.
    pub fn establish(request: &CartRequest, site: Site<'_>) -> Result<Self, Vec<InvalidField>> {
        let mut faults = Faults::within("cart");
        Self::checked(request, site, &mut faults).ok_or_else(|| faults.into_vec())
    }

    /// The same for a page, which has no use for the faults.
    pub(crate) fn establish_or_not(request: &CartRequest, site: Site<'_>) -> Option<Self> {
        Self::checked(request, site, &mut Wrong::default())
    }

    fn checked<N: Note>(request: &CartRequest, site: Site<'_>, faults: &mut N) -> Option<Self> {
        let currency = match &request.currency {
            None => Some(site.currency),
            Some(code) => faults.hold("currency", Currency::parse(code)),
        };
        // Refused before any line is looked at: a flood must not be worth our time.
        if request.lines.len() > LINES_MAX {
            faults.note("lines", Fault::OutOfBounds, || "must have at most 500 lines".into());
            return None;
        }
        let slots = request.lines.iter().map(|line| line.occurrences.len().max(1)).fold(0, usize::saturating_add);
        if slots > OCCURRENCES_MAX {
            faults.note("lines", Fault::OutOfBounds, || "must have at most 1000 occurrences in all".into());
            return None;
        }
        let lines = establish_lines(request, site, currency, faults);
        currency.filter(|_| faults.is_clean()).map(|currency| Self { currency, lines })
    }
}

fn establish_lines<N: Note>(
    request: &CartRequest,
    site: Site<'_>,
    currency: Option<Currency>,
    faults: &mut N,
) -> Vec<Line> {
    let mut lines = Vec::with_capacity(request.lines.len());
    let mut subtotal = Amount::ZERO;
    for (index, line) in request.lines.iter().enumerate() {
        let mut of_line = N::default();
        // A cart has few lines; a set would cost a page more bytes than it saves time.
        if request.lines.iter().take(index).any(|earlier| earlier.id == line.id) {
            of_line.note("id", Fault::Duplicate, || "is the id of an earlier line".into());
        }
        if let Some(line) = establish_line(line, site, currency, &mut of_line) {
            match subtotal.plus(line.subtotal()) {
                Ok(sum) => subtotal = sum,
                Err(fault) => {
                    of_line.note("", Fault::OutOfBounds, || ["the sum of the cart ", fault.message()].concat().into());
                }
            }
            lines.push(line);
        }
        faults.part(|| at("lines", index), of_line);
    }
    lines
}

fn establish_line<N: Note>(
    line: &LineRequest,
    site: Site<'_>,
    currency: Option<Currency>,
    faults: &mut N,
) -> Option<Line> {
    let id = faults.hold("id", LineId::parse_sent(&line.id));
    let item = faults.hold("item", ItemId::parse(&line.item));
    let known = item.as_ref().and_then(|item| site.catalog.find(item));
    let believed = match site.prices {
        PriceSource::Caller | PriceSource::Signed => Some(line),
        PriceSource::Catalog => None,
    };
    if believed.is_none() && known.is_none() && item.is_some() {
        faults.note("item", Fault::Unknown, || "is not in the catalog".into());
        return None;
    }
    let quantity = faults.hold("quantity", parse_quantity(line.quantity));
    let location = match &line.location {
        None => Some(None),
        Some(text) => faults.hold("location", parse_location(text, site.locations)).map(Some),
    };
    let kind = faults.hold("kind", parse_kind(believed, known));
    let categories = faults.hold("categories", parse_categories(believed, known));
    let unit_price = parse_unit_price(believed, known, currency, faults);
    let slots = parse_slots(line, believed.is_some(), unit_price, quantity, faults);
    let claimed_texts = believed.and_then(|line| line.texts.as_ref());
    let texts = match claimed_texts {
        Some(texts) => parse_texts(texts, faults),
        None => known.map(|known| known.texts.clone()).unwrap_or_default(),
    };
    let on_sale = known.is_some_and(|known| known.on_sale);
    Some(Line {
        id: id?,
        item: item?,
        kind: kind?,
        categories: categories?,
        location: location?,
        quantity: quantity?,
        frequency: line.frequency,
        texts,
        paid: believed.and_then(|line| line.paid).unwrap_or(true),
        discounted: believed.and_then(|line| line.discounted).unwrap_or(on_sale),
        slots: slots?,
    })
}

fn parse_quantity(quantity: Option<i64>) -> Result<u32, (Fault, Message)> {
    let quantity = quantity.unwrap_or(1);
    u32::try_from(quantity)
        .ok()
        .filter(|quantity| (1..=QUANTITY_MAX).contains(quantity))
        .ok_or_else(|| (Fault::OutOfBounds, "must be 1 to 10000".into()))
}

fn parse_location(text: &str, locations: &[LocationId]) -> Result<LocationId, (Fault, Message)> {
    let location = LocationId::parse(text)?;
    if locations.contains(&location) {
        Ok(location)
    } else {
        Err((Fault::Unknown, "is no location of this site".into()))
    }
}

fn parse_kind(believed: Option<&LineRequest>, known: Option<&CatalogItem>) -> Result<LineKind, (Fault, Message)> {
    match (believed.and_then(|line| line.kind.as_deref()), known) {
        (Some(name), _) => LineKind::find(name).ok_or_else(|| (Fault::Unknown, "is no kind of line".into())),
        (None, Some(known)) => Ok(known.kind),
        (None, None) => Err((Fault::Required, "is needed for an item that is not in the catalog".into())),
    }
}

fn parse_categories(
    believed: Option<&LineRequest>,
    known: Option<&CatalogItem>,
) -> Result<Vec<CategoryId>, (Fault, Message)> {
    match (believed.and_then(|line| line.categories.as_deref()), known) {
        (Some(names), _) => parse_category_list(names),
        (None, Some(known)) => Ok(known.categories.clone()),
        (None, None) => Ok(Vec::new()),
    }
}

/// Parses category ids and puts them in order.
pub(crate) fn parse_category_list(names: &[String]) -> Result<Vec<CategoryId>, (Fault, Message)> {
    const CATEGORIES_MAX: usize = 50;
    if names.len() > CATEGORIES_MAX {
        return Err((Fault::OutOfBounds, "must have at most 50 entries".into()));
    }
    let mut categories = names.iter().map(|name| CategoryId::parse(name)).collect::<Result<Vec<_>, _>>()?;
    categories.sort_unstable();
    categories.dedup();
    Ok(categories)
}

/// Checks the names by which a line is shown; those that are empty say nothing.
pub(crate) fn parse_texts(texts: &TextsRequest, faults: &mut impl Note) -> Vec<Box<str>> {
    let TextsRequest { schedule, resource, service, slot_title, slot_location, length } = texts;
    let named = [
        ("texts.schedule", schedule),
        ("texts.resource", resource),
        ("texts.service", service),
        ("texts.slot_title", slot_title),
        ("texts.slot_location", slot_location),
        ("texts.length", length),
    ];
    let mut kept = Vec::new();
    for (field, text) in named {
        let Some(text) = text.as_deref().filter(|text| !text.trim().is_empty()) else { continue };
        kept.extend(faults.hold(field, Text::parse(text)).map(|text| text.as_str().into()));
    }
    kept
}

fn parse_unit_price(
    believed: Option<&LineRequest>,
    known: Option<&CatalogItem>,
    currency: Option<Currency>,
    faults: &mut impl Note,
) -> Option<Amount> {
    if let Some(minor) = believed.and_then(|line| line.unit_price_minor) {
        return faults.hold("unit_price_minor", parse_amount(minor));
    }
    match (known, currency) {
        (None, _) => {
            faults.note("unit_price_minor", Fault::Required, || {
                "is needed for an item that is not in the catalog".into()
            });
            None
        }
        (Some(known), Some(currency)) => {
            let price = known.prices.find(currency);
            if price.is_none() {
                faults.note("item", Fault::Unknown, || ["has no price in ", currency.code()].concat().into());
            }
            price
        }
        (Some(_), None) => None,
    }
}

fn parse_amount(minor: i64) -> Result<Amount, (Fault, Message)> {
    Amount::new(minor).map_err(|fault| (Fault::OutOfBounds, fault.message().into()))
}

fn parse_slots<N: Note>(
    line: &LineRequest,
    believed: bool,
    unit_price: Option<Amount>,
    quantity: Option<u32>,
    faults: &mut N,
) -> Option<Vec<Slot>> {
    let mut slots = Vec::with_capacity(line.occurrences.len().max(1));
    for (index, occurrence) in line.occurrences.iter().enumerate() {
        let mut of_occurrence = N::default();
        let parsed = parse_occurrence(occurrence, believed, &mut of_occurrence);
        if parsed.is_some_and(|(start, _)| slots.iter().any(|(earlier, _)| *earlier == Some(start))) {
            of_occurrence.note("start", Fault::Duplicate, || "is the start of an earlier occurrence".into());
        }
        faults.part(|| at("occurrences", index), of_occurrence);
        let (start, own_price) = parsed?;
        slots.push((Some(start), own_price.or(unit_price)));
    }
    if slots.is_empty() {
        slots.push((None, unit_price));
    }
    let quantity = quantity?;
    let mut priced = Vec::with_capacity(slots.len());
    let mut sum = Amount::ZERO;
    for (start, unit_price) in slots {
        let unit_price = unit_price?;
        let subtotal = unit_price.times(quantity).and_then(|subtotal| sum.plus(subtotal).map(|sum| (subtotal, sum)));
        match subtotal {
            Ok((subtotal, new_sum)) => {
                sum = new_sum;
                priced.push(Slot { start, unit_price, subtotal });
            }
            Err(fault) => {
                faults.note("", Fault::OutOfBounds, || ["unit price x quantity ", fault.message()].concat().into());
                return None;
            }
        }
    }
    sort_slots(&mut priced);
    Some(priced)
}

fn parse_occurrence(
    occurrence: &OccurrenceRequest,
    believed: bool,
    faults: &mut impl Note,
) -> Option<(LocalStart, Option<Amount>)> {
    let start = faults.hold("start", LocalStart::parse(&occurrence.start));
    let own_price = match occurrence.unit_price_minor.filter(|_| believed) {
        None => Some(None),
        Some(minor) => faults.hold("unit_price_minor", parse_amount(minor)).map(Some),
    };
    Some((start?, own_price?))
}

/// The path of an entry of the list `field`.
fn at(field: &str, index: usize) -> String {
    [field, "[", &digits(index as u64), "]"].concat()
}

impl CartRequest {
    /// The ids of all items in the cart, each once, in order: what a catalog must be asked for. Ids that do not parse are left
    /// out; [`Cart::establish`] reports them.
    #[must_use]
    pub fn items(&self) -> Vec<ItemId> {
        let items: BTreeSet<&str> = self.lines.iter().map(|line| line.item.as_str()).take(LINES_MAX).collect();
        items.into_iter().map(ToOwned::to_owned).filter_map(|item| ItemId::parse(&item).ok()).collect()
    }
}
