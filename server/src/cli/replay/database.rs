//! `tearoff replay --all`: every redemption of a database, evaluated again.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;
use tearoff_core::ENGINE;

use super::super::lines::{Broken, ended, write};
use super::super::progress::Progress;
use super::{Difference, differences};
use crate::config::Database;
use crate::ids::RedemptionId;
use crate::replay::{Both, Part, Replayed, replay};
use crate::store::{Page, Read, Readers, Redemption, SiteNumber, StoreError, Stored, open_to_read};

/// Most redemptions of one read: a server that writes beside us shall not wait to fold its log.
const AT_ONCE: u32 = 200;

/// What a replay says of a redemption that is not the same today.
#[derive(Debug, Serialize)]
struct Told {
    redemption: RedemptionId,
    /// What of it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<Part>,
    /// Why its row cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Where the bytes of its quote first differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    byte: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Difference>,
}

/// How many redemptions were what.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Count {
    /// This engine's number.
    engine: u32,
    redemptions: u64,
    same: u64,
    differ: u64,
    /// Decided by another engine, which alone reads their bytes.
    other_engine: u64,
    /// What cannot be read.
    at_fault: u64,
}

/// Replays every redemption, the oldest first, beside a server that may be running.
///
/// # Errors
/// [`Broken`].
pub(super) fn run(database: &Database) -> Result<ExitCode, Broken> {
    let readers = open_to_read(database).map_err(|error| Broken::Invalid(error.to_string()))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut count = Count { engine: ENGINE, ..Count::default() };
    let replayed = replay_all(&*readers, &mut count, &mut out);
    ended(replayed.and_then(|()| write(&count, &mut out)).and_then(|()| Ok(out.flush()?)))?;
    let Count { engine, same, differ, other_engine, .. } = count;
    if other_engine > 0 && same == 0 && differ == 0 {
        let told = format!(
            "nothing was compared: {other_engine} redemptions were decided by other engines than this one, which has the number {engine}"
        );
        return Err(Broken::Invalid(told));
    }
    Ok(if count.differ == 0 && count.at_fault == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn replay_all(readers: &dyn Readers, count: &mut Count, out: &mut dyn Write) -> Result<(), Broken> {
    let total = reading(readers, |read| read.redemption_count())?;
    let mut progress = Progress::counted("redemptions", total);
    let mut after = None;
    loop {
        let page = reading(readers, |read| {
            let ids = read.redemption_ids(Page { after, limit: AT_ONCE })?;
            Ok(ids.into_iter().map(|(site, id)| (id, replay_one(read, site, id))).collect::<Vec<_>>())
        })?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        for (redemption, replayed) in page {
            tell(redemption, replayed, count, out)?;
            progress.advance(count.redemptions, count.redemptions);
        }
    }
    progress.done(count.redemptions);
    Ok(())
}

/// Reads in one consistent state.
fn reading<T>(readers: &dyn Readers, mut work: impl FnMut(&dyn Read) -> Stored<T>) -> Result<T, Broken> {
    let mut done = None;
    let read = readers.read(&mut |read| done = Some(work(read)));
    let broken = |error: StoreError| Broken::Invalid(format!("the database cannot be read: {error}"));
    read.map_err(broken)?;
    done.unwrap_or(Err(StoreError::Busy)).map_err(broken)
}

fn replay_one(read: &dyn Read, site: SiteNumber, id: RedemptionId) -> Stored<Replayed> {
    let found: Option<Redemption> = read.redemption(site, id)?;
    let found = found.ok_or_else(|| StoreError::Inconsistent("a redemption of the list".into()))?;
    replay(read, &found)
}

fn tell(
    redemption: RedemptionId,
    replayed: Stored<Replayed>,
    count: &mut Count,
    out: &mut dyn Write,
) -> Result<(), Broken> {
    let add = |to: &mut u64| *to = to.saturating_add(1);
    add(&mut count.redemptions);
    let told = Told { redemption, unreadable: None, error: None, byte: None, differences: Vec::new() };
    let told = match replayed {
        Ok(Replayed::Same) => {
            add(&mut count.same);
            return Ok(());
        }
        Ok(Replayed::OtherEngine) => {
            add(&mut count.other_engine);
            return Ok(());
        }
        Ok(Replayed::Differs(both)) => {
            add(&mut count.differ);
            let Both { byte, then, now } = *both;
            let mut found = Vec::new();
            differences("", json(&then)?, json(&now)?, &mut found);
            Told { byte, differences: found, ..told }
        }
        Ok(Replayed::Unreadable(part)) => {
            add(&mut count.at_fault);
            Told { unreadable: Some(part), ..told }
        }
        Err(error) => {
            add(&mut count.at_fault);
            Told { error: Some(error.to_string()), ..told }
        }
    };
    write(&told, out)
}

fn json(value: &impl Serialize) -> Result<Value, Broken> {
    serde_json::to_value(value).map_err(|error| Broken::Invalid(error.to_string()))
}
