//! Who changed what: kept in the transaction of every change that is made through a secret key, for owners to read.
//!
//! It tells ids and revisions, never a secret, a code, or what was told of a customer. Whoever is erased is named no longer, also in what was
//! kept before. It is bounded: nothing is kept for longer than [`KEPT`], of a site not more than [`EDITS_MAX`], and
//! of what programs do all day not more than [`ROUTINE_MAX`], so that it does not push out who changed a key or a price.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::keys::KeyId;
use crate::store::{Mode, SiteNumber, Stored, Write};

/// How long an edit is kept: a year, and a month to look back at it.
pub const KEPT: TimeDelta = TimeDelta::days(400);
/// How far back edits of a site are kept, give or take a thousand: a hundred megabytes or two.
pub const EDITS_MAX: i64 = 1_000_000;
/// How far back edits of customers and codes are.
pub const ROUTINE_MAX: i64 = 100_000;

/// Who edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Editor {
    /// The key.
    pub key: KeyId,
    /// Whether what it does is meant.
    pub mode: Mode,
}

/// What is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EditedResource)]
pub enum Resource {
    /// Policy and origins.
    Site,
    /// The secret that signs what pages price with; its versions are its revisions.
    Secret,
    /// A secret for carts.
    CartSecret,
    /// The catalog.
    Catalog,
    /// A promotion: its terms, and whether it is active.
    Promotion,
    /// Codes of a promotion, by whose id they are found.
    Codes,
    /// A customer, or many.
    Customer,
    /// A key.
    Key,
}

/// What is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EditAction)]
pub enum Action {
    /// It was not there before.
    Made,
    /// It is another than before.
    Changed,
    /// It was switched on.
    Activated,
    /// It was switched off.
    Deactivated,
    /// They were added from a list.
    Added,
    /// They were drawn.
    Generated,
    /// It unlocks nothing any more.
    Retired,
    /// They are gone.
    Deleted,
    /// They were told of together.
    Imported,
    /// All that was told of them is gone.
    Erased,
    /// Another took its place.
    Replaced,
    /// It opens nothing any more.
    Revoked,
}

/// A change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// What is edited.
    pub resource: Resource,
    /// Its id, where there are several and one is meant.
    pub id: Option<&'a str>,
    /// What is done with it.
    pub action: Action,
    /// Which state it was in.
    pub revision_before: Option<u32>,
    /// Which state it is in now.
    pub revision_after: Option<u32>,
    /// How many it is about, where it is about many.
    pub count: Option<u32>,
}

impl<'a> Change<'a> {
    /// Something is done.
    #[must_use]
    pub const fn of(resource: Resource, action: Action) -> Self {
        Self { resource, id: None, action, revision_before: None, revision_after: None, count: None }
    }

    /// The same with the one that has this id.
    #[must_use]
    pub const fn to(self, id: &'a str) -> Self {
        Self { id: Some(id), ..self }
    }

    /// The same from one state to another.
    #[must_use]
    pub const fn between(self, before: Option<u32>, after: Option<u32>) -> Self {
        Self { revision_before: before, revision_after: after, ..self }
    }

    /// The same with so many.
    #[must_use]
    pub const fn counting(self, count: u32) -> Self {
        Self { count: Some(count), ..self }
    }

    /// Whether nothing was changed after all.
    const fn is_nothing(&self) -> bool {
        let is_same = match (self.revision_before, self.revision_after) {
            (Some(before), Some(after)) => before == after,
            _ => false,
        };
        is_same || matches!(self.count, Some(0))
    }
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Its number among the site's.
    pub number: i64,
    /// When it was made.
    pub edited_at: DateTime<Utc>,
    /// Who made it.
    pub editor: Editor,
    /// What was edited.
    pub resource: Resource,
    /// Its id.
    pub id: Option<Box<str>>,
    /// What was done with it.
    pub action: Action,
    /// Which state it was in.
    pub revision_before: Option<u32>,
    /// Which state it was in afterwards.
    pub revision_after: Option<u32>,
    /// How many it was about.
    pub count: Option<u32>,
}

/// Which edits are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    #[default]
    All,
    /// Those of one kind of resource.
    Of(Resource),
    /// Those of one thing.
    OfThing(Resource, Box<str>),
}

impl Editor {
    /// Keeps a change, in the transaction that makes it. What changed nothing is no change.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub fn keep(self, store: &dyn Write, site: SiteNumber, now: DateTime<Utc>, change: &Change<'_>) -> Stored<()> {
        if change.is_nothing() { Ok(()) } else { store.add_edit(site, self, change, now) }
    }
}
