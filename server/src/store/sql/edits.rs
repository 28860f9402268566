//! Who changed what of a site.

use chrono::{DateTime, Utc};
use tearoff_core::id::CustomerId;

use super::row::{inconsistent, instant, mode, mode_number};
use super::session::Session;
use super::value::{Columns, Value, column, values};
use crate::edits::{Action, Change, EDITS_MAX, Edit, Editor, KEPT, ROUTINE_MAX, Resource, Wanted};
use crate::keys::KeyId;
use crate::store::{Page, SiteNumber, Stored};

/// By their numbers in the schema.
const RESOURCES: [Resource; 8] = [
    Resource::Site,
    Resource::Secret,
    Resource::Catalog,
    Resource::Promotion,
    Resource::Codes,
    Resource::Customer,
    Resource::Key,
    Resource::CartSecret,
];
/// By their numbers in the schema.
const ACTIONS: [Action; 12] = [
    Action::Made,
    Action::Changed,
    Action::Activated,
    Action::Deactivated,
    Action::Added,
    Action::Generated,
    Action::Retired,
    Action::Deleted,
    Action::Imported,
    Action::Erased,
    Action::Replaced,
    Action::Revoked,
];

/// Edits of a site between two times at which the oldest are forgotten.
const AT_ONCE: i64 = 1000;

fn number_of<T: PartialEq>(all: &[T], one: &T) -> i64 {
    all.iter().position(|other| other == one).and_then(|at| at.try_into().ok()).unwrap_or(-1)
}

fn numbered<T: Copy>(all: &[T], row: &dyn Columns, index: usize, what: &str) -> Stored<T> {
    let number = usize::try_from(column::<i64>(row, index)?).ok();
    number.and_then(|number| all.get(number)).copied().ok_or_else(|| inconsistent(what))
}

fn edit(row: &dyn Columns) -> Stored<Edit> {
    Ok(Edit {
        number: column(row, 0)?,
        edited_at: instant(row, 1)?,
        editor: Editor { key: KeyId::from_bytes(column(row, 2)?), mode: mode(row, 3)? },
        resource: numbered(&RESOURCES, row, 4, "a resource")?,
        id: column::<Option<String>>(row, 5)?.map(Into::into),
        action: numbered(&ACTIONS, row, 6, "an action")?,
        revision_before: column(row, 7)?,
        revision_after: column(row, 8)?,
        count: column(row, 9)?,
    })
}

impl Session<'_> {
    pub(super) fn insert_edit(
        &self,
        site: SiteNumber,
        editor: Editor,
        change: &Change<'_>,
        now: DateTime<Utc>,
    ) -> Stored<()> {
        let last = "SELECT number FROM edits WHERE site = ?1 ORDER BY number DESC LIMIT 1";
        let last: Option<i64> = self.find(last, values![site.0], |row| column(row, 0))?;
        let number = last.unwrap_or_default().saturating_add(1);
        let sql = "INSERT INTO edits (site, number, edited_at, key, mode, resource, name, action, revision_before, \
                   revision_after, things) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let values = values![
            site.0,
            number,
            now.timestamp_millis(),
            editor.key.as_bytes().as_slice(),
            mode_number(editor.mode),
            number_of(&RESOURCES, &change.resource),
            change.id,
            number_of(&ACTIONS, &change.action),
            change.revision_before,
            change.revision_after,
            change.count
        ];
        self.change(sql, values)?;
        if number % AT_ONCE != 0 {
            return Ok(());
        }
        for routine in [Resource::Customer, Resource::Codes] {
            let sql = "DELETE FROM edits WHERE site = ?1 AND resource = ?2 AND number <= ?3";
            let resource = number_of(&RESOURCES, &routine);
            self.change(sql, values![site.0, resource, number.saturating_sub(ROUTINE_MAX)])?;
        }
        let sql = "DELETE FROM edits WHERE site = ?1 AND number <= ?2";
        self.change(sql, values![site.0, number.saturating_sub(EDITS_MAX)]).map(drop)
    }

    pub(super) fn edit_page(&self, site: SiteNumber, wanted: &Wanted, page: Page<i64>) -> Stored<Vec<Edit>> {
        let of = |resource| number_of(&RESOURCES, &resource);
        let (narrowed, more): (&str, Vec<Value<'_>>) = match wanted {
            Wanted::All => ("", Vec::new()),
            Wanted::Of(resource) => (" AND resource = ?4", vec![of(*resource).into()]),
            Wanted::OfThing(resource, id) => {
                (" AND resource = ?4 AND name = ?5", vec![of(*resource).into(), id.as_ref().into()])
            }
        };
        let sql = format!(
            "SELECT number, edited_at, key, mode, resource, name, action, revision_before, revision_after, things \
             FROM edits WHERE site = ?1 AND number < ?2{narrowed} ORDER BY number DESC LIMIT ?3"
        );
        let before = page.after.unwrap_or(i64::MAX);
        let values: Vec<_> = values![site.0, before, page.limit].iter().cloned().chain(more).collect();
        self.list(&sql, &values, edit)
    }

    /// Whoever is erased is named no longer.
    pub(super) fn forget_name(&self, site: SiteNumber, customer: &CustomerId) -> Stored<()> {
        let sql = "UPDATE edits SET name = NULL WHERE site = ?1 AND resource = ?2 AND name = ?3";
        let resource = number_of(&RESOURCES, &Resource::Customer);
        self.change(sql, values![site.0, resource, customer.as_str()]).map(drop)
    }

    pub(super) fn delete_edits(&self, now: DateTime<Utc>, limit: u32) -> Stored<u32> {
        let until = now.checked_sub_signed(KEPT).unwrap_or(DateTime::<Utc>::MIN_UTC);
        // The newest of a site stays, so that numbers go on.
        let sql = "SELECT site, number FROM edits WHERE edited_at <= ?1 AND EXISTS (SELECT 1 FROM edits later \
                   WHERE later.site = edits.site AND later.number > edits.number) ORDER BY edited_at LIMIT ?2";
        let sql = self.holding(sql, " FOR UPDATE SKIP LOCKED");
        let old = self.list(&sql, values![until.timestamp_millis(), limit], |row| {
            Ok((column::<i64>(row, 0)?, column::<i64>(row, 1)?))
        })?;
        for (site, number) in &old {
            self.change("DELETE FROM edits WHERE site = ?1 AND number = ?2", values![*site, *number])?;
        }
        Ok(old.len().try_into().unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_number_of_its_own() {
        for (number, resource) in (0..).zip(RESOURCES) {
            assert_eq!(number_of(&RESOURCES, &resource), number);
        }
        for (number, action) in (0..).zip(ACTIONS) {
            assert_eq!(number_of(&ACTIONS, &action), number);
        }
    }
}
