//! Everything is written and read back: what is exported fills another database, which is then the same.

use std::io::Write;

use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tearoff_core::code::CodeKey;
use tearoff_core::id::LineId;
use tearoff_core::redemption::reversal::Part;
use tearoff_core::redemption::{Cause, State, Step};
use tearoff_server::config;
use tearoff_server::edits::{Action, Change, Editor, Resource};
use tearoff_server::ids::SystemIds;
use tearoff_server::keys::{Key, KeyId};
use tearoff_server::redeem::{Replaced, Reserved};
use tearoff_server::store::transfer::{TABLES, TransferError, Transferred, export, import};
use tearoff_server::store::{CartSecret, KeyKind, Mode};

use super::customers::tell;
use super::reversals::taken_back;
use crate::ledger::{Asked, Database, Ledger};

/// Everything of a database.
///
/// # Panics
/// When it cannot be exported.
#[must_use]
pub fn exported(database: &config::Database) -> Vec<u8> {
    let mut written = Vec::new();
    export(database, &mut written, &mut |_| {}).expect("an export");
    written
}

/// Fills a database.
///
/// # Errors
/// [`TransferError`].
pub fn imported(database: &config::Database, export: &[u8]) -> Result<Transferred, TransferError> {
    import(database, &mut { export }, &mut |_, _| {})
}

/// Redemptions in every state, of customers and nobody, live and as tests, with the limits that count them.
///
/// # Panics
/// When the server does what it must not.
pub fn busy<D: Database>(ledger: &Ledger<D>) {
    let ana = || json!({ "email": "ana@example.com", "account": "1" });
    for (order, code) in [("reserved", "FREELY"), ("gift", "GIFT"), ("limited", "BOTH"), ("twin", "TWIN")] {
        let _ = ledger.granted(&Asked::of(order, code).by(ana()));
    }
    let _ = ledger.granted(&Asked::of("many", "MANY").of_mugs(3));
    let _ = ledger.granted(&Asked::of("test", "ONCE").by(ana()).as_a_test());
    let _ = ledger.granted(&Asked::of("annex", "LAST").at("annex"));
    let expired = ledger.granted(&Asked::of("expired", "THREE"));
    ledger.wait(TimeDelta::hours(1));
    let _ = ledger.step(expired.id, Step::Release);
    let released = ledger.granted(&Asked::of("released", "LAST"));
    let _ = ledger.stepped(released.id, Step::Release);
    let _ = ledger.granted(&Asked::of("last", "LAST"));
    let placed = ledger.granted(&Asked { place: true, ..Asked::of("placed", "ONCE").by(ana()) });
    let replaced = ledger.replace(placed.id, &Asked::of("placed", "THREE").under("the replacement"));
    assert!(matches!(&replaced, Replaced::By(by) if matches!(**by, Reserved::New(_))), "{replaced:?}");
    let confirmed = ledger.granted(&Asked { place: true, ..Asked::of("confirmed", "FREELY").by(ana()).of_mugs(3) });
    let _ = ledger.stepped(confirmed.id, Step::Confirm);
    let part = Part { line: LineId::parse("0").expect("a line"), start: None, quantity: None };
    let _ = ledger.reverse(confirmed.id, &[part], Cause::Cancelled);
    let reversed = ledger.granted(&Asked::of("reversed", "FREELY"));
    let _ = ledger.stepped(reversed.id, Step::Confirm);
    assert_eq!(taken_back(ledger, reversed.id, &[], Cause::Mistake).0.state, State::Reversed);
    ledger.limit("THREE", json!({ "total": 4, "per_day": 4 }));
    let site = ledger.site("studio").number;
    let edited = ledger.write(move |store, now| {
        let editor = Editor { key: KeyId::of(&[7; 32]), mode: Mode::Test };
        let change = Change::of(Resource::Promotion, Action::Changed).to("prm_1");
        editor.keep(store, site, now, &change.between(Some(1), Some(2)))?;
        editor.keep(store, site, now, &Change::of(Resource::Codes, Action::Added).to("prm_1").counting(7))?;
        let key = Key::generate(KeyKind::Secret, Mode::Live, &SystemIds)?;
        store.add_key(site, &key, now)?;
        store.end_key(&key.hash(), now)?;
        let code = store.find_code(site, &CodeKey::normalize("GIFT").expect("a code"))?.expect("the code");
        store.retire_code(&code, now)
    });
    edited.expect("an edit");
    let told =
        json!({ "emails": ["eleni@example.com"], "phones": ["+302101234567"], "tags": ["vip"], "standing_bp": 500 });
    assert!(tell(ledger, "42", told));
    let origins = ledger.write(move |store, _| store.set_origins(site, &["https://studio.example".into()]));
    origins.expect("its origins");
    let (secret, until) = (
        |number, created_at| CartSecret { number, bytes: [9; 32], created_at, valid_until: None },
        ledger.now() + TimeDelta::days(1),
    );
    for number in [1, 2] {
        let secret = secret(number, ledger.now());
        ledger.write(move |store, _| store.add_cart_secret(site, &secret, until)).expect("a secret");
    }
    assert_eq!(ledger.refused(&Asked::of("late", "LAST")), "usage_limit_reached", "and an answer that is kept");
}

/// Columns that have no value in any row.
fn never_filled(all: &[u8]) -> Vec<String> {
    let mut never = Vec::new();
    for table in &TABLES {
        let head = format!("{{\"table\":\"{}\"", table.name);
        let lines = all.split(|byte| *byte == b'\n').skip_while(|line| !line.starts_with(head.as_bytes())).skip(1);
        let rows: Vec<Vec<Value>> = lines
            .take_while(|line| line.starts_with(b"["))
            .map(|line| serde_json::from_slice(line).expect("a row"))
            .collect();
        for (at, column) in table.columns.iter().enumerate() {
            if rows.iter().all(|row| row[at].is_null()) {
                never.push(format!("{}.{}", table.name, column.name));
            }
        }
    }
    never
}

/// What is exported fills an empty database, and exported again it is the same, byte by byte. Whoever works on the other finds all as it was.
///
/// # Panics
/// When the contract is broken.
pub fn an_export_fills_another_database_which_is_then_the_same<D: Database>() {
    let ledger = Ledger::<D>::open();
    busy(&ledger);
    let all = exported(&ledger.database().name());
    let other = D::new();
    let read = imported(&other.name(), &all).expect("an import");
    assert_eq!(read.rows.len(), TABLES.len());
    let empty: Vec<_> = read.rows.iter().filter(|(_, rows)| *rows == 0).collect();
    assert!(empty.is_empty(), "of these nothing is tried: {empty:?}");
    assert_eq!(never_filled(&all), [""; 0], "of these nothing is tried");
    assert!(exported(&other.name()) == all, "it is the same");
    let other = Ledger::with(other);
    other.wait(TimeDelta::hours(1));
    other.audit();
    assert_eq!(other.redemptions(), ledger.redemptions());
    assert_eq!(other.refused(&Asked::of("later", "LAST")), "usage_limit_reached");
    let _ = other.granted(&Asked::of("another", "FREELY"));
    let again =
        other.reserve(&Asked::of("reserved", "FREELY").by(json!({ "email": "ana@example.com", "account": "1" })));
    assert!(matches!(again, Reserved::Replayed(_)), "{again:?}");
    let number = other.write(|store, now| {
        let site = store.find_site("studio")?.expect("the studio");
        let policy = site.draft.clone();
        let secret = tearoff_server::store::Secret { version: 1, bytes: [7; 32] };
        store.add_site("third", &policy, [&secret, &secret], now)
    });
    assert_eq!(number.expect("a site").0, 3, "and numbers go on");
    other.audit();
}

/// A writer that writes to the ledger whenever it is written to.
struct Meanwhile<'l, D> {
    ledger: &'l Ledger<D>,
    written: Vec<u8>,
    orders: usize,
}

impl<D: Database> Write for Meanwhile<'_, D> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if bytes.starts_with(b"{\"table\"") {
            let _ = self.ledger.granted(&Asked::of(format!("meanwhile {}", self.orders), "FREELY"));
            self.orders += 1;
        }
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// However much is written while it goes on: what is exported is one state, and nobody who writes waits for it.
///
/// # Panics
/// When the contract is broken.
pub fn an_export_is_one_state_beside_who_writes<D: Database>() {
    let ledger = Ledger::<D>::open();
    let _ = ledger.granted(&Asked::of("before", "FREELY"));
    let mut out = Meanwhile { ledger: &ledger, written: Vec::new(), orders: 0 };
    // The state is chosen by the first row that is read, after two lines.
    let told = export(&ledger.database().name(), &mut out, &mut |_| {}).expect("an export");
    let rows = |table: &str| told.rows.iter().find(|(name, _)| *name == table).expect("the table").1;
    assert_eq!(out.orders, TABLES.len());
    let redeemed = rows("redemptions");
    assert!(redeemed >= 1 && redeemed < out.orders as u64, "{redeemed}");
    assert_eq!((rows("uses"), rows("answers")), (redeemed, redeemed), "of one state");
    let other = D::new();
    let _ = imported(&other.name(), &out.written).expect("an import");
    Ledger::with(other).audit();
}

/// What has anything in it is not added to.
///
/// # Panics
/// When the contract is broken.
pub fn a_database_with_anything_in_it_is_not_imported_into<D: Database>() {
    let ledger = Ledger::<D>::open();
    let all = exported(&ledger.database().name());
    let database = D::new();
    let _ = imported(&database.name(), &all).expect("an import");
    let refused = imported(&database.name(), &all).expect_err("a refusal");
    assert!(matches!(refused, TransferError::NotEmpty { table: "sites" }), "{refused}");
    assert!(exported(&database.name()) == all, "it is as it was");
}

/// An export whose lines were changed by somebody who mends its counts and its sum.
fn changed(all: &[u8], change: impl FnOnce(&mut Vec<String>)) -> Vec<u8> {
    let text = String::from_utf8(all.to_vec()).expect("text");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let foot: Value = serde_json::from_str(&lines.pop().expect("a last line")).expect("a foot");
    change(&mut lines);
    let mut counts = foot["rows"].clone();
    let mut table = String::new();
    for line in &lines {
        match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(head)) if head.contains_key("table") => {
                table = head["table"].as_str().expect("a name").to_owned();
                counts[&table] = 0.into();
            }
            Ok(Value::Object(_)) => {}
            _ => counts[&table] = (counts[&table].as_u64().expect("a count") + 1).into(),
        }
    }
    let mut changed = lines.join("\n").into_bytes();
    changed.push(b'\n');
    let sum: String = Sha256::digest(&changed).iter().map(|byte| format!("{byte:02x}")).collect();
    let counts: Vec<String> = TABLES.iter().map(|table| format!("\"{}\":{}", table.name, counts[table.name])).collect();
    changed.extend(format!("{{\"rows\":{{{}}},\"sha256\":\"{sum}\"}}\n", counts.join(",")).into_bytes());
    changed
}

/// The line on which a table begins, from 0.
fn begins(lines: &[String], table: &str) -> usize {
    lines.iter().position(|line| line.starts_with(&format!("{{\"table\":\"{table}\""))).expect("the table")
}

/// Writes `value` into a column of a table's first row.
fn bend(lines: &mut [String], table: &str, column: &str, value: Value) {
    let at = begins(lines, table);
    let column = TABLES
        .iter()
        .find(|one| one.name == table)
        .expect("the table")
        .columns
        .iter()
        .position(|one| one.name == column);
    let mut row: Vec<Value> = serde_json::from_str(&lines[at + 1]).expect("a row");
    row[column.expect("the column")] = value;
    lines[at + 1] = Value::from(row).to_string();
}

/// Changes an export in one place; what is said of it.
type Bent = (&'static str, Box<dyn FnOnce(&mut Vec<String>)>);

fn bent(says: &'static str, change: impl FnOnce(&mut Vec<String>) + 'static) -> Bent {
    (says, Box::new(change))
}

fn head(says: &'static str, name: &'static str, value: impl Into<Value> + 'static) -> Bent {
    bent(says, move |lines| {
        let mut head: Value = serde_json::from_str(&lines[0]).expect("a head");
        head[name] = value.into();
        lines[0] = head.to_string();
    })
}

fn column(says: &'static str, table: &'static str, column: &'static str, value: impl Into<Value> + 'static) -> Bent {
    bent(says, move |lines| bend(lines, table, column, value.into()))
}

/// Lines that nobody has written who writes exports, though the sums are right.
fn hostile() -> Vec<Bent> {
    let whole = "must have a whole number of 64 bits in the column `number` of `sites`";
    vec![
        head("line 1 is not how an export begins", "tearoff", "promotions"),
        head("line 1 is not how an export begins", "more", 1),
        head("line 1 says that the export has the format 2", "format", 2),
        head("line 1 says that the export is of schema 9999", "schema", 9999),
        head("line 1 says that the export is of schema 1,", "schema", 1),
        head("line 1 says that the export is of engine 9999", "engine", 9999),
        bent("line 2 must begin the table `sites`", |lines| lines[1] = "{\"table\":\"sites\"}".into()),
        bent("must begin the table `origins`", |lines| {
            let (origins, keys) = (begins(lines, "origins"), begins(lines, "keys"));
            drop(lines.drain(origins..keys));
        }),
        bent("must begin the table `keys`", |lines| {
            let at = begins(lines, "keys");
            lines[at] = lines[at].replace("hash", "hush");
        }),
        bent("must begin the table `origins`", |lines| {
            let (origins, keys) = (begins(lines, "origins"), begins(lines, "keys"));
            lines.swap(origins, keys);
        }),
        bent("must be the last, with the number of rows", |lines| {
            lines.push("{\"table\":\"more\",\"columns\":{}}".into())
        }),
        bent("line 3 must be a row of `sites`, a list of 7 values", |lines| lines[2] = "[]".into()),
        bent("line 3 must be a row of `sites`", |lines| lines[2] = "7".into()),
        bent("line 3 must be a row of `sites`", |lines| lines[2] = "[".repeat(100_000)),
        bent("line 3 must be a row of `sites`", |lines| lines[2] = String::new()),
        bent("line 2 must begin the table `sites`", |lines| lines.iter_mut().for_each(|line| line.push('\r'))),
        column(whole, "sites", "number", "1"),
        column(whole, "sites", "number", 1.5),
        column(whole, "sites", "number", u64::MAX),
        column(whole, "sites", "number", Value::Null),
        column(whole, "sites", "number", true),
        column("must have a text without U+0000 in the column `id` of `sites`", "sites", "id", 7),
        column("must have a text without U+0000 in the column `id` of `sites`", "sites", "id", "stu\0dio"),
        column("must have bytes in base64url without padding in the column `hash` of `keys`", "keys", "hash", "a+b/"),
        column("must have bytes in base64url without padding in the column `hash` of `keys`", "keys", "hash", "YQ=="),
        column("base64url without padding, or null in the column `recorded`", "redemptions", "recorded", "%"),
        column("must come after the row before it, in the order of the primary key of `sites`", "sites", "number", 2),
        bent("line 4 must come after the row before it", |lines| lines[3] = lines[2].clone()),
        column("line 4 is a row that `sites` does not take: the database failed", "sites", "id", "annex"),
        column("is a row that `keys` does not take", "keys", "kind", 7),
        column("is a row that `keys` does not take", "keys", "site", 99),
        column("is a row that `redemptions` does not take", "redemptions", "discount_minor", -1),
        column("is a row that `counters` does not take", "counters", "used", -1),
        column("is a row that `uses` does not take", "uses", "promotion", 99),
    ]
}

/// What is no export, or not all of one, or was changed, is refused with its line, and leaves the database empty.
///
/// # Panics
/// When the contract is broken.
pub fn what_is_no_whole_export_is_refused_and_nothing_of_it_stays<D: Database>() {
    let ledger = Ledger::<D>::open();
    busy(&ledger);
    let all = exported(&ledger.database().name());
    let database = D::new();
    let refuse = |export: &[u8], says: &str| {
        let refused = imported(&database.name(), export).err().map(|refused| refused.to_string());
        let refused = refused.unwrap_or_else(|| panic!("it is imported, and should be refused: {says}"));
        assert!(refused.contains(says) && refused.ends_with("; nothing was imported"), "{says}: {refused}");
    };
    assert!(changed(&all, |_| {}) == all, "the table is about what it changes and nothing else");
    for (says, change) in hostile() {
        refuse(&changed(&all, change), says);
    }
    let lines: Vec<&[u8]> = all.split_inclusive(|byte| *byte == b'\n').collect();
    let is = |what: &[u8]| lines.iter().position(|line| line.starts_with(what)).expect("a line");
    refuse(b"", "line 1 is not how an export begins");
    refuse(b"\n", "line 1 is not how an export begins");
    refuse(b"PRAGMA", "line 1 is not how an export begins");
    refuse(b"\xFF\xFE\n", "line 1 is not how an export begins");
    for cut in [1, 2, 3, is(b"{\"table\":\"codes\""), lines.len() - 1] {
        refuse(&lines[..cut].concat(), &format!("line {} is cut, or missing", cut + 1));
    }
    refuse(&all[..all.len() - 1], &format!("line {} is cut", lines.len()));
    refuse(&all[..all.len() / 2], "is cut, or missing");
    refuse(&[&all[..], b"\n"].concat(), "must be the last, and more follows");
    refuse(&[&all[..], &all[..]].concat(), "must be the last, and more follows");
    let without =
        [&lines[..is(b"{\"table\":\"uses\"") + 1], &lines[is(b"{\"table\":\"uses\"") + 2..]].concat().concat();
    refuse(&without, "counts other rows than there are");
    let word = all.windows(5).position(|bytes| bytes == b"annex").expect("the annex");
    let mut another = all.clone();
    another[word] = b'A';
    refuse(&another, "has another sum than the lines before it");
    let long = [&lines[..2].concat()[..], &vec![b'['; 17 * 1024 * 1024]].concat();
    refuse(&long, "line 3 has more than 16777216 bytes");
    let _ = imported(&database.name(), &all).expect("after all that it is empty");
    assert!(exported(&database.name()) == all);
}
