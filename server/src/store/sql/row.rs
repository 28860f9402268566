//! From columns to types and back. Rows are parsed, not trusted.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tearoff_core::canonical::{Canonical, Reader, Writer};
use tearoff_core::code::CodeKey;
use tearoff_core::digest::{Digest, Digests};
use tearoff_core::money::{Amount, Currency};
use tearoff_core::redemption::State;

use super::value::{Columns, Value, column};
use crate::customer::IdentityKey;
use crate::store::{KeyKind, Mode, StoreError, Stored};

/// A row that holds something impossible.
pub(in crate::store) fn inconsistent(what: &str) -> StoreError {
    StoreError::Inconsistent(what.to_owned())
}

pub(super) fn instant(row: &dyn Columns, index: usize) -> Stored<DateTime<Utc>> {
    DateTime::from_timestamp_millis(column(row, index)?).ok_or_else(|| inconsistent("an instant"))
}

pub(super) fn optional_instant(row: &dyn Columns, index: usize) -> Stored<Option<DateTime<Utc>>> {
    let milliseconds: Option<i64> = column(row, index)?;
    let instant =
        |milliseconds| DateTime::from_timestamp_millis(milliseconds).ok_or_else(|| inconsistent("an instant"));
    milliseconds.map(instant).transpose()
}

pub(super) fn amount(row: &dyn Columns, index: usize) -> Stored<Amount> {
    Amount::new(column(row, index)?).map_err(|_| inconsistent("an amount"))
}

/// A text as it stands in the row.
pub(super) fn text(row: &dyn Columns, index: usize) -> Stored<Cow<'_, str>> {
    match row.at(index)? {
        Value::Text(text) => Ok(text),
        _ => Err(inconsistent("a text")),
    }
}

/// A value written as JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(row: &dyn Columns, index: usize) -> Stored<T> {
    serde_json::from_str(&text(row, index)?).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

const STATES: [State; 6] =
    [State::Reserved, State::Placed, State::Confirmed, State::Released, State::Expired, State::Reversed];

pub(super) fn state(number: i64) -> Stored<State> {
    usize::try_from(number).ok().and_then(|index| STATES.get(index)).copied().ok_or_else(|| inconsistent("a state"))
}

pub(super) const fn state_number(state: State) -> i64 {
    match state {
        State::Reserved => 0,
        State::Placed => 1,
        State::Confirmed => 2,
        State::Released => 3,
        State::Expired => 4,
        State::Reversed => 5,
    }
}

pub(super) fn mode(row: &dyn Columns, index: usize) -> Stored<Mode> {
    match column::<i64>(row, index)? {
        0 => Ok(Mode::Live),
        1 => Ok(Mode::Test),
        _ => Err(inconsistent("a mode")),
    }
}

pub(super) const fn mode_number(mode: Mode) -> i64 {
    match mode {
        Mode::Live => 0,
        Mode::Test => 1,
    }
}

pub(super) fn currency(row: &dyn Columns, index: usize) -> Stored<Currency> {
    Currency::parse(&column::<String>(row, index)?).map_err(|_| inconsistent("a currency"))
}

/// A date, as the number of days since 1970-01-01.
pub(super) fn day(row: &dyn Columns, index: usize) -> Stored<NaiveDate> {
    let days: i64 = column(row, index)?;
    TimeDelta::try_days(days)
        .and_then(|days| NaiveDate::default().checked_add_signed(days))
        .ok_or_else(|| inconsistent("a day"))
}

pub(super) fn day_number(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days()
}

pub(super) fn optional_code(row: &dyn Columns, index: usize) -> Stored<Option<CodeKey>> {
    let code: Option<String> = column(row, index)?;
    code.map(|code| CodeKey::normalize(&code).map_err(|_| inconsistent("a code"))).transpose()
}

pub(super) fn key_kind(row: &dyn Columns, index: usize) -> Stored<KeyKind> {
    match column::<i64>(row, index)? {
        0 => Ok(KeyKind::Publishable),
        1 => Ok(KeyKind::Secret),
        _ => Err(inconsistent("a kind of key")),
    }
}

pub(super) const fn key_kind_number(kind: KeyKind) -> i64 {
    match kind {
        KeyKind::Publishable => 0,
        KeyKind::Secret => 1,
    }
}

pub(super) fn digests(row: &dyn Columns, index: usize) -> Stored<Digests> {
    let bytes: Vec<u8> = column(row, index)?;
    let mut reader = Reader::over(&bytes);
    let mut next = || Digest::read(&mut reader).map_err(|_| inconsistent("a digest"));
    Ok(Digests { terms: next()?, cart: next()?, facts: next()?, result: next()?, evaluation: next()? })
}

pub(super) fn digest_bytes(digests: &Digests) -> Vec<u8> {
    let mut out = Writer::default();
    for digest in [digests.terms, digests.cart, digests.facts, digests.result, digests.evaluation] {
        digest.write(&mut out);
    }
    out.bytes().to_vec()
}

/// Identities stand one after another, each of one length.
pub(super) fn identities(row: &dyn Columns, index: usize) -> Stored<Vec<IdentityKey>> {
    let bytes: Vec<u8> = column(row, index)?;
    let (keys, rest) = bytes.as_chunks::<{ IdentityKey::LENGTH }>();
    if rest.is_empty() {
        Ok(keys.iter().map(|key| IdentityKey::from_bytes(*key)).collect())
    } else {
        Err(inconsistent("a customer"))
    }
}

pub(super) fn identity_bytes(identities: &[IdentityKey]) -> Vec<u8> {
    identities.iter().flat_map(|identity| *identity.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_the_numbers_of_the_schema() {
        for (number, wanted) in (0..).zip(STATES) {
            assert_eq!(state(number).unwrap(), wanted);
            assert_eq!(state_number(wanted), number);
        }
        assert!(state(6).is_err() && state(-1).is_err());
    }
}
