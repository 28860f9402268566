//! Customers as their host tells of them (R29 to R33, R47, R49): what they are known by, and what the business knows of them.
//!
//! Identities are kept as keyed hashes. An identity may belong to several customers, such as an address that a family shares: whoever
//! asks with it is held to be any of them, and nobody is merged with anybody through a third.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tearoff_core::customer::History;
use tearoff_core::id::{CustomerId, PassId, TagId};
use tearoff_core::invalid::{Fault, Faults, InvalidField};
use tearoff_core::money::Percent;
use tearoff_core::project::Marks;
use tearoff_core::time::parse_instant;
use utoipa::ToSchema;

use crate::customer::{IdentityKey, IdentityKind, canonical_email, canonical_phone};
use crate::store::{CustomerRecord, Mode, Purpose, Read, Secret, SiteNumber, StoreError, Stored, Write};

/// The one id that no customer can have: `/v1/customers/import` is not theirs.
const IMPORT: &str = "import";
/// Most addresses, and most phone numbers, of one customer.
const IDENTITIES_MAX: usize = 10;
/// Most tags, and most passes, of one customer.
const MARKS_MAX: usize = 100;
/// Most customers who are looked at for one request: far more than share an address.
const ALIKE_MAX: u32 = 20;

/// What a host tells of a customer. Addresses and phone numbers are kept as keyed hashes only, and never told again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerDraft {
    /// Their e-mail addresses, at most 10; case does not matter. Those told before stay when absent.
    #[serde(default, skip_serializing_if = "is_never_kept")]
    #[schema(max_items = 10)]
    pub emails: Option<Vec<String>>,
    /// Their phone numbers in the form of E.164, such as `+302101234567`, at most 10. Those told before stay when absent.
    #[serde(default, skip_serializing_if = "is_never_kept")]
    #[schema(max_items = 10)]
    pub phones: Option<Vec<String>>,
    /// What the business knows of their past.
    #[serde(default)]
    pub history: PastDraft,
    /// The tags they carry, at most 100, each 1 to 64 printable ASCII characters.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub tags: Vec<String>,
    /// The passes they hold, at most 100.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub passes: Vec<PassDraft>,
    /// A discount they have on everything, always, in basis points: 0 to 10,000 (R49).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10_000)]
    pub standing_bp: Option<i64>,
}

/// Addresses and phone numbers are hashed, and are not among what is kept as it was written.
const fn is_never_kept(_: &Option<Vec<String>>) -> bool {
    true
}

/// A customer's past with the business, elsewhere than here. What is redeemed here counts beside it, and need not be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomerPast)]
pub struct PastDraft {
    /// They are among the business's customers already, whether they ever booked or not; yes when absent.
    #[serde(default = "yes")]
    pub in_system: bool,
    /// They have placed an order.
    #[serde(default)]
    pub has_ordered: bool,
    /// They have, or had, an appointment.
    #[serde(default)]
    pub has_appointment: bool,
}

const fn yes() -> bool {
    true
}

impl Default for PastDraft {
    fn default() -> Self {
        Self { in_system: yes(), has_ordered: false, has_appointment: false }
    }
}

/// A pass that a customer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomerPass)]
pub struct PassDraft {
    /// Which pass: 1 to 64 printable ASCII characters.
    pub id: String,
    /// From when on it is valid, an instant in UTC such as `2026-12-01T16:00:00Z`; since ever when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Until when, an instant that does not belong to it any more; for ever when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// What is told of a customer, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Their past elsewhere.
    pub history: History,
    /// Their tags.
    pub tags: Vec<TagId>,
    /// Their passes.
    pub passes: Vec<Pass>,
    /// The discount they always have.
    pub standing: Option<Percent>,
}

/// A pass with the time of its validity, half-open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    id: PassId,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

impl Pass {
    fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

impl Told {
    /// Checks what is told of a customer, but not what they are known by.
    ///
    /// # Errors
    /// Every fault with its field below `field`.
    pub fn parse(draft: &CustomerDraft, field: &str) -> Result<Self, Vec<InvalidField>> {
        let mut faults = Faults::within(field);
        let PastDraft { in_system, has_ordered, has_appointment } = draft.history;
        let tags =
            list("tags", &draft.tags, MARKS_MAX, &mut faults, |at, tag, faults| faults.keep(at, TagId::parse(tag)));
        let passes = list("passes", &draft.passes, MARKS_MAX, &mut faults, parse_pass);
        let standing = draft.standing_bp.and_then(|percent| faults.keep("standing_bp", Percent::from_bp(percent)));
        let told = Self { history: History { in_system, has_ordered, has_appointment }, tags, passes, standing };
        if faults.is_empty() { Ok(told) } else { Err(faults.into_vec()) }
    }
}

fn parse_pass(at: &str, draft: &PassDraft, faults: &mut Faults) -> Option<Pass> {
    let id = faults.keep(&format!("{at}.id"), PassId::parse(&draft.id));
    let mut instant = |name: &str, text: Option<&String>| {
        text.and_then(|text| faults.keep(&format!("{at}.{name}"), parse_instant(text)))
    };
    let from = instant("valid_from", draft.valid_from.as_ref());
    let until = instant("valid_until", draft.valid_until.as_ref());
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        faults.add(&format!("{at}.valid_until"), Fault::Contradiction, "must be after `valid_from`");
    }
    Some(Pass { id: id?, from, until })
}

/// Checks each entry of a list that holds at most so many.
fn list<D, T>(
    field: &str,
    drafts: &[D],
    most: usize,
    faults: &mut Faults,
    parse: impl Fn(&str, &D, &mut Faults) -> Option<T>,
) -> Vec<T> {
    if drafts.len() > most {
        faults.add(field, Fault::OutOfBounds, format!("must have at most {most} entries"));
    }
    let entries = drafts.iter().take(most).enumerate();
    entries.filter_map(|(index, draft)| parse(&format!("{field}[{index}]"), draft, faults)).collect()
}

/// Brings an identity into its one form, or says why it has none.
type Canonical = fn(&str) -> Result<Box<str>, (Fault, String)>;

/// A customer as their host tells of them, checked.
#[derive(Clone)]
pub struct NewCustomer {
    /// The host's own id of their account.
    pub id: CustomerId,
    /// What is told.
    pub draft: CustomerDraft,
    emails: Option<Vec<Box<str>>>,
    phones: Option<Vec<Box<str>>>,
}

impl NewCustomer {
    /// Checks a customer.
    ///
    /// # Errors
    /// Every fault: of the id with its field `id_field`, of the rest below `field`.
    pub fn parse((id, id_field): (&str, &str), draft: CustomerDraft, field: &str) -> Result<Self, Vec<InvalidField>> {
        let mut faults = Faults::default();
        let id = faults.keep(id_field, CustomerId::parse(id));
        if id.as_ref().is_some_and(|id| id.as_str() == IMPORT) {
            faults.add(id_field, Fault::Malformed, "may not be `import`, which is the name of a route");
        }
        faults.extend(Told::parse(&draft, field).err().unwrap_or_default());
        let mut named = Faults::within(field);
        let mut canonical = |name, texts: Option<&Vec<String>>, parse: Canonical| {
            let keep = |at: &str, text: &String, faults: &mut Faults| faults.keep(at, parse(text));
            texts.map(|texts| list(name, texts, IDENTITIES_MAX, &mut named, keep))
        };
        let emails = canonical("emails", draft.emails.as_ref(), canonical_email);
        let phones = canonical("phones", draft.phones.as_ref(), canonical_phone);
        faults.extend(named.into_vec());
        match id {
            Some(id) if faults.is_empty() => Ok(Self { id, draft, emails, phones }),
            _ => Err(faults.into_vec()),
        }
    }

    /// What they are known by, of each kind that is told.
    fn identities(&self, secret: &Secret) -> Vec<(IdentityKind, Vec<IdentityKey>)> {
        let keys = |kind, texts: &[Box<str>]| {
            let mut keys: Vec<_> = texts.iter().filter_map(|text| IdentityKey::of(secret, kind, text)).collect();
            keys.sort_unstable();
            keys.dedup();
            (kind, keys)
        };
        let told = [(IdentityKind::Email, &self.emails), (IdentityKind::Phone, &self.phones)];
        let told = told.into_iter().filter_map(|(kind, texts)| Some(keys(kind, texts.as_deref()?)));
        told.chain([keys(IdentityKind::Account, &[self.id.as_str().into()])]).collect()
    }
}

/// Keeps what a host tells of a customer, in place of what it told before; tells whether they are new.
///
/// # Errors
/// [`StoreError`].
pub fn keep(store: &dyn Write, site: SiteNumber, customer: &NewCustomer, now: DateTime<Utc>) -> Stored<bool> {
    let secret = store.secret(site, Purpose::Identities, None)?;
    let secret = secret.ok_or_else(|| StoreError::Inconsistent("a site's secrets".into()))?;
    store.set_customer(site, &customer.id, &customer.draft, &customer.identities(&secret), now)
}

/// What is known of whoever asks: of all whom their identities name, together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Their past, here and elsewhere.
    pub history: History,
    /// The best discount that any of them always has.
    pub standing: Option<Percent>,
    ids: Vec<CustomerId>,
    tags: Vec<TagId>,
    passes: Vec<PassId>,
}

impl Known {
    /// What is known at `now` of whom these identities name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn of(
        read: &dyn Read,
        (site, mode): (SiteNumber, Mode),
        identities: &[IdentityKey],
        now: DateTime<Utc>,
    ) -> Stored<Self> {
        let mut known = Self::default();
        for customer in read.customers_of(site, identities, ALIKE_MAX)? {
            known.add(customer, now);
        }
        let ordered = read.ordered(site, mode, identities, now)?;
        let history = &mut known.history;
        // Of whom the host says nothing, whoever has ordered is a customer, also as a guest (R29, R30).
        history.in_system |= ordered.any && known.ids.is_empty();
        history.has_ordered |= ordered.any;
        history.has_appointment |= ordered.appointment;
        Ok(known)
    }

    fn add(&mut self, CustomerRecord { id, told, .. }: CustomerRecord, now: DateTime<Utc>) {
        let history = &mut self.history;
        history.in_system |= told.history.in_system;
        history.has_ordered |= told.history.has_ordered;
        history.has_appointment |= told.history.has_appointment;
        self.standing = self.standing.max(told.standing);
        self.ids.push(id);
        self.tags.extend(told.tags);
        self.passes.extend(told.passes.into_iter().filter(|pass| pass.is_valid_at(now)).map(|pass| pass.id));
    }

    /// What lists are held against.
    #[must_use]
    pub fn marks(&self) -> Marks<'_> {
        Marks { customers: &self.ids, tags: &self.tags, passes: &self.passes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Vec<String> {
        let draft = serde_json::from_str(json).unwrap();
        let found = NewCustomer::parse(("42", "id"), draft, "customer").err().unwrap_or_default();
        found.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn every_fault_names_its_field() {
        let many = |entry: &str, count| vec![entry; count].join(",");
        for (json, field) in [
            (r#"{"emails":["ana@example.com","ana"]}"#.to_owned(), "customer.emails[1]"),
            (r#"{"phones":["2101234567"]}"#.into(), "customer.phones[0]"),
            (r#"{"tags":["vip","v i p"]}"#.into(), "customer.tags[1]"),
            (r#"{"passes":[{"id":""}]}"#.into(), "customer.passes[0].id"),
            (r#"{"passes":[{"id":"ten","valid_from":"soon"}]}"#.into(), "customer.passes[0].valid_from"),
            (
                r#"{"passes":[{"id":"ten","valid_from":"2026-12-01T00:00:00Z","valid_until":"2026-12-01T00:00:00Z"}]}"#
                    .into(),
                "customer.passes[0].valid_until",
            ),
            (r#"{"standing_bp":10001}"#.into(), "customer.standing_bp"),
            (format!(r#"{{"tags":[{}]}}"#, many(r#""vip""#, 101)), "customer.tags"),
            (format!(r#"{{"emails":[{}]}}"#, many(r#""a@b""#, 11)), "customer.emails"),
        ] {
            assert_eq!(faults(&json), [field], "{json}");
        }
        assert_eq!(faults("{}"), [""; 0]);
    }

    #[test]
    fn addresses_are_never_written() {
        let json = r#"{"emails":["ana@example.com"],"phones":["+302101234567"],"tags":["vip"]}"#;
        let written = serde_json::to_string(&serde_json::from_str::<CustomerDraft>(json).unwrap()).unwrap();
        assert!(!written.contains("ana") && !written.contains("302") && written.contains("vip"), "{written}");
        assert!(serde_json::from_str::<CustomerDraft>(&written).is_ok());
    }
}
