//! What all servers have spent of their limits: a table that is quick and not durable, on a connection of its own.
//!
//! A row says when all will have come back, by the database's clock: the servers' own clocks need not agree. There are no more rows than places
//! in a server's table, whoever asks; a place is 16 bits of a keyed hash. The key stands beside it, in `limiter_key`: who reads it can find the
//! place of an address, though 16 bits name none. A crash of PostgreSQL empties the table.

use std::collections::HashMap;

use tokio_postgres::Config;

use super::connection::{Link, Trouble};
use crate::store::{SharedLimits, Spending, Stored};

/// By the database's clock, in microseconds since 1970.
const NOW: &str = "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint";
/// The longest that anybody can owe, in microseconds: far from where sums would not fit any more.
const OWED_MAX: i64 = 1 << 60;
/// What is not durable need not wait for the disk.
const SESSION: &str = "SET synchronous_commit = off";
/// How often to do a statement again that has met another's.
const TRIES: u32 = 5;

/// The limits that all share.
pub(super) struct PostgresLimits {
    config: Config,
    link: Option<Link>,
}

impl PostgresLimits {
    pub(super) const fn new(config: Config) -> Self {
        Self { config, link: None }
    }

    /// Asks, on a new connection if need be, and again where others were in the way.
    fn ask<T>(&mut self, asking: impl Fn(&Link) -> Result<T, Trouble>) -> Stored<T> {
        let mut tried = 0;
        loop {
            let asked = self.link().and_then(&asking);
            tried += 1;
            match asked {
                Ok(answer) => return Ok(answer),
                Err(Trouble::InTheWay(_)) if tried < TRIES => {}
                Err(trouble) => {
                    self.link = None;
                    return Err(trouble.into());
                }
            }
        }
    }

    fn link(&mut self) -> Result<&Link, Trouble> {
        let link = match self.link.take() {
            Some(link) => link,
            None => {
                let link = Link::connect(&self.config, true)?;
                link.wait(link.client().batch_execute(SESSION))?;
                link
            }
        };
        link.forget_trouble();
        Ok(self.link.insert(link))
    }
}

impl SharedLimits for PostgresLimits {
    fn key(&mut self, proposed: [u8; 32]) -> Stored<[u8; 32]> {
        self.ask(|link| {
            let add = "INSERT INTO limiter_key (number, key) VALUES (1, $1) ON CONFLICT (number) DO NOTHING";
            link.wait(link.client().execute(add, &[&proposed.as_slice()]))?;
            let row = link.wait(link.client().query_one("SELECT key FROM limiter_key", &[]))?;
            let key: Vec<u8> = row.try_get(0)?;
            key.try_into().map_err(|_| Trouble::Refused("the key of the limits has another length".into()))
        })
    }

    fn spend(&mut self, spendings: &[Spending]) -> Stored<Vec<i64>> {
        // What is new was not there before: it is inserted as if all had come back by now, and every row is then what it was and what is added.
        let sql = format!(
            "INSERT INTO spendings (place, budget, full_at) \
             SELECT spent.place, spent.budget, {NOW} + spent.microseconds \
             FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[]) AS spent (place, budget, microseconds) \
             ON CONFLICT (place, budget) DO UPDATE SET full_at = \
             least(greatest(spendings.full_at, {NOW}) + excluded.full_at - {NOW}, {NOW} + {OWED_MAX}) \
             RETURNING place, budget, full_at - {NOW}"
        );
        let column = |of: fn(&Spending) -> i64| spendings.iter().map(of).collect::<Vec<i64>>();
        let places = column(|spent| spent.place.into());
        let budgets = column(|spent| spent.budget.into());
        let microseconds = column(|spent| spent.microseconds);
        let rows = self.ask(|link| {
            let statement = link.statement(&sql)?;
            link.wait(link.client().query(&statement, &[&places, &budgets, &microseconds]))
        })?;
        let mut owed: HashMap<(i64, i64), i64> = HashMap::with_capacity(rows.len());
        for row in rows {
            let read = |index| row.try_get::<_, i64>(index).map_err(Trouble::from);
            owed.insert((read(0)?, read(1)?), read(2)?);
        }
        let of = |spent: &Spending| owed.get(&(spent.place.into(), spent.budget.into())).copied().unwrap_or_default();
        Ok(spendings.iter().map(of).collect())
    }

    fn forget(&mut self) -> Stored<()> {
        // Rows that another server is just changing are left to it.
        let sql = format!(
            "DELETE FROM spendings WHERE (place, budget) IN \
             (SELECT place, budget FROM spendings WHERE full_at <= {NOW} FOR UPDATE SKIP LOCKED)"
        );
        self.ask(|link| link.wait(link.client().execute(&sql, &[]))).map(drop)
    }
}
