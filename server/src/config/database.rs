//! Which database a command works on.

use std::fmt;
use std::path::PathBuf;

/// A database, as `--database` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// `sqlite:PATH`: one file.
    Sqlite(PathBuf),
    /// `postgres://…`: a server of its own.
    Postgres(PostgresUrl),
}

/// What a database must be named by. What was written instead is never told: it may hold a password.
const WANTED: &str = "must be `sqlite:` and a path, or `postgres://USER@HOST/NAME`";

impl Database {
    /// Reads a database's name.
    ///
    /// # Errors
    /// What would be right, without what was written.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            // SQLite's own name for a database that is gone with its connection.
            let is_file = !path.is_empty() && !path.contains(":memory:");
            return if is_file { Ok(Self::Sqlite(path.into())) } else { Err(WANTED.into()) };
        }
        PostgresUrl::parse(text).map(Self::Postgres)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Self::Postgres(url) => url.fmt(out),
        }
    }
}

/// The address of a PostgreSQL database. It may hold a password, which neither `Debug` nor `Display` tells.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Box<str>);

impl PostgresUrl {
    fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://")).ok_or(WANTED)?;
        let authority = authority(rest);
        let plain = |byte: u8| byte.is_ascii_graphic();
        if authority.is_empty() || !text.bytes().all(plain) {
            return Err(WANTED.into());
        }
        // Where it ends could be read in two ways, and one of them would show a part of the password as the host.
        if rest.matches('@').count() != authority.matches('@').count() || authority.matches('@').count() > 1 {
            return Err(
                "must hold at most one `@`, before the host: within user and password it is written `%40`, `/` is \
                        `%2F` and `?` is `%3F`"
                    .into(),
            );
        }
        Ok(Self(text.into()))
    }

    /// The whole of it, to connect with. Never to be printed.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// User, password, host and port.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let authority = authority(rest);
        let (account, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let path = rest.strip_prefix(authority).unwrap_or_default();
        // What follows a question mark may be a password as well.
        let (path, options) = path.split_once(['?', '#']).map_or((path, ""), |(path, _)| (path, "?…"));
        write!(out, "{scheme}://")?;
        match account.split_once(':') {
            Some((user, _)) => write!(out, "{user}:…@")?,
            None if account.is_empty() => {}
            None => write!(out, "{account}@")?,
        }
        write!(out, "{host}{path}{options}")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PostgresUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_an_address() {
        assert_eq!(Database::parse("sqlite:a b.sqlite"), Ok(Database::Sqlite("a b.sqlite".into())));
        for (text, shown) in [
            ("postgres://localhost/tearoff", "postgres://localhost/tearoff"),
            ("postgresql://ana@db.example:5432/codes", "postgresql://ana@db.example:5432/codes"),
            ("postgres://ana:hush@db.example/codes", "postgres://ana:…@db.example/codes"),
            ("postgres://ana:hu:sh@db.example", "postgres://ana:…@db.example"),
            ("postgres://:hush@[::1]:5432/codes", "postgres://:…@[::1]:5432/codes"),
            ("postgres://db.example/codes?user=ana&password=hush", "postgres://db.example/codes?…"),
            ("postgres://db.example?password=hush", "postgres://db.example?…"),
        ] {
            let database = Database::parse(text).unwrap();
            assert_eq!(database.to_string(), shown);
            assert!(!format!("{database:?}").contains("hush"), "{database:?}");
            let Database::Postgres(url) = database else { panic!("{text}") };
            assert_eq!(url.reveal(), text);
        }
    }

    #[test]
    fn what_is_none_is_refused_and_not_told() {
        for text in [
            "",
            "hush",
            "sqlite:",
            "sqlite::memory:",
            "sqlite",
            "postgres:hush@db.example",
            "postgres://",
            "postgres:///hush",
            "mysql://ana:hush@db.example/codes",
            "postgres://ana:hu@sh@db.example/codes",
            "postgres://ana:1?hush@db.example/codes",
            "postgres://ana:1/hush@db.example/codes",
            "postgres://ana:hush@db.example/codes?password=hu@sh",
            "postgres://ana:hu sh@db.example/codes",
        ] {
            let refused = Database::parse(text).unwrap_err();
            assert!(refused.starts_with("must ") && !refused.contains("hush"), "{text}: {refused}");
        }
    }
}
