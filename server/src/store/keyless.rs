//! Sites that nobody can use, because they have no key. Looked up once, when a server starts.

use std::path::Path;

use rusqlite::{Connection, Error, OpenFlags};

use super::{StoreError, Stored};

/// The ids of the sites without any key; `None` where there is no site at all.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn keyless_sites(path: &Path) -> Stored<Option<Vec<String>>> {
    read(path).map_err(|error| StoreError::Database(error.to_string()))
}

fn read(path: &Path) -> Result<Option<Vec<String>>, Error> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut sites = connection.prepare(
        "SELECT id, NOT EXISTS (SELECT 1 FROM keys WHERE keys.site = sites.number) FROM sites ORDER BY number",
    )?;
    let sites =
        sites.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<Vec<(String, bool)>, _>>()?;
    let is_none = sites.is_empty();
    let keyless = sites.into_iter().filter_map(|(id, is_keyless)| is_keyless.then_some(id)).collect();
    Ok((!is_none).then_some(keyless))
}
