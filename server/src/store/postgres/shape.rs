//! What a statement touches, read off its text.
//!
//! Our statements are few and written alike: conditions are joined by `AND`, and an insertion names its columns. Where a text is otherwise,
//! nothing is concluded from it, and what depends on it is asked anew.

use crate::store::sql::Value;

/// How a condition compares a column with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compares {
    Equal,
    AtMost,
    Above,
}

/// A condition that every row of an answer meets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    column: Box<str>,
    compares: Compares,
    value: usize,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It asks, and holds nothing.
    Asks,
    /// It asks, and holds what it finds.
    Holds,
    /// It adds one row of the values it is given, or changes the one that is in the way.
    Adds,
    /// Anything else.
    Other,
}

/// What a statement touches.
#[derive(Debug)]
pub(super) struct Shape {
    /// Its number on this connection.
    pub(super) number: usize,
    /// Its text.
    pub(super) text: Box<str>,
    kind: Kind,
    /// Of one that adds: whether it changes a row that is in the way.
    pub(super) mends: bool,
    tables: Vec<Box<str>>,
    /// Of one that asks: what each row of its answer meets.
    terms: Vec<Term>,
    /// Of one that adds: the columns by which the row that it touches is known, each with its value.
    known_by: Vec<(Box<str>, usize)>,
}

/// What a row that is added must be like to be among the rows of an answer: each comparison with the index of the row's value, and that of the value
/// that is asked about.
#[derive(Debug)]
pub(super) struct Relation(Vec<(Compares, usize, usize)>);

impl Relation {
    /// Whether what is asked with `values` may be answered otherwise once `row` is added.
    pub(super) fn sees(&self, values: &[Value<'_>], row: &[Value<'_>]) -> bool {
        !self.0.iter().any(|(compares, at, value)| match (row.get(*at), values.get(*value)) {
            (Some(Value::Integer(is)), Some(Value::Integer(wanted))) => match compares {
                Compares::Equal => is != wanted,
                Compares::AtMost => is > wanted,
                Compares::Above => is <= wanted,
            },
            (Some(is), Some(wanted)) => *compares == Compares::Equal && is != wanted,
            _ => false,
        })
    }
}

impl Shape {
    pub(super) fn of(number: usize, text: &str) -> Self {
        let words: Vec<&str> = text.split(is_between).filter(|word| !word.is_empty()).collect();
        let holds = words.contains(&"FOR");
        let kind = match words.first() {
            Some(&"SELECT") if holds => Kind::Holds,
            Some(&"SELECT") => Kind::Asks,
            Some(&"INSERT") if row_of_values(text).is_some() => Kind::Adds,
            _ => Kind::Other,
        };
        let terms = if kind == Kind::Asks && is_plain(&words) { terms(&words) } else { Vec::new() };
        let known_by = if kind == Kind::Adds { known_by(text) } else { Vec::new() };
        let mends = text.contains("ON CONFLICT");
        Self { number, text: text.into(), kind, mends, tables: tables(&words), terms, known_by }
    }

    /// Whether it only asks, and what it was answered holds until somebody writes.
    pub(super) fn asks(&self) -> bool {
        self.kind == Kind::Asks
    }

    /// Whether it is about single orders, of which each is asked for once or twice and none is small.
    pub(super) fn is_of_one_order(&self) -> bool {
        self.tables.iter().any(|table| matches!(&**table, "redemptions" | "uses" | "answers" | "reversals"))
    }

    /// Whether it asks, and holds what it finds.
    pub(super) fn holds(&self) -> bool {
        self.kind == Kind::Holds
    }

    /// Whether it adds one row, and could add several as well.
    pub(super) fn adds(&self) -> bool {
        self.kind == Kind::Adds
    }

    /// Whether it can be asked of several values at once: its rows are few, and their order is nobody's affair.
    pub(super) fn asks_in_any_order(&self) -> bool {
        self.asks() && (!self.text.contains("ORDER BY") || self.text.ends_with("LIMIT 1"))
    }

    /// The text that asks for many rows of values at once, each column a list of one of these types. Before each row of the answer stands the
    /// number of its values, from 1.
    pub(super) fn for_askings(&self, types: &[&str]) -> String {
        let names = (1..=types.len()).map(|value| format!("v{value}")).collect::<Vec<_>>().join(", ");
        let each = self.text.replace('?', "asked.v");
        format!(
            "SELECT asked.n, found.* FROM unnest({}) WITH ORDINALITY AS asked ({names}, n) CROSS JOIN LATERAL ({each}) AS found",
            lists(types)
        )
    }

    /// Whether two rows are one to what changes the row that is in the way: then one statement cannot bring both.
    pub(super) fn is_one_row(&self, row: &[Value<'_>], other: &[Value<'_>]) -> bool {
        self.known_by.iter().all(|(_, at)| row.get(*at) == other.get(*at))
    }

    /// Whether both are about a table.
    pub(super) fn shares_table(&self, other: &Self) -> bool {
        self.tables.iter().any(|table| other.tables.contains(table))
    }

    /// How what `added` adds may change what this asks; `None` where it never does.
    pub(super) fn relation(&self, added: &Self) -> Option<Relation> {
        let table = added.tables.first().filter(|table| self.tables.contains(table))?;
        let column_of = |term: &Term| match term.column.split_once('.') {
            Some((of, column)) => (*of == **table).then(|| column.to_owned()),
            None => (self.tables.len() == 1).then(|| term.column.to_string()),
        };
        let compared = |term: &Term| {
            let column = column_of(term)?;
            let (_, at) = added.known_by.iter().find(|(known, _)| **known == *column)?;
            Some((term.compares, *at, term.value))
        };
        Some(Relation(self.terms.iter().filter_map(compared).collect()))
    }

    /// The text that adds many rows at once, each column a list of one of these types.
    pub(super) fn for_rows(&self, types: &[&str]) -> String {
        let Some((before, _, after)) = row_of_values(&self.text) else { return self.text.to_string() };
        format!("{before}SELECT * FROM unnest({}){after}", lists(types))
    }
}

fn lists(types: &[&str]) -> String {
    let list = |(at, kind): (usize, &&str)| format!("?{}::{kind}[]", at + 1);
    types.iter().enumerate().map(list).collect::<Vec<_>>().join(", ")
}

fn is_between(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '(' | ')' | ',')
}

/// Whether all conditions must hold, and none stands within another query.
fn is_plain(words: &[&str]) -> bool {
    const OTHERWISE: [&str; 6] = ["OR", "NOT", "LEFT", "CASE", "EXISTS", "UNION"];
    words.iter().filter(|word| **word == "SELECT").count() == 1 && !words.iter().any(|word| OTHERWISE.contains(word))
}

fn tables(words: &[&str]) -> Vec<Box<str>> {
    let named = words.array_windows().filter(|[before, _]| ["FROM", "JOIN", "INTO", "UPDATE"].contains(before));
    let names =
        named.map(|[_, name]| *name).filter(|name| name.starts_with(|letter: char| letter.is_ascii_lowercase()));
    names.map(Into::into).collect()
}

fn terms(words: &[&str]) -> Vec<Term> {
    let term = |[column, compares, value]: &[&str; 3]| {
        let compares = match *compares {
            "=" => Compares::Equal,
            "<=" => Compares::AtMost,
            ">" => Compares::Above,
            _ => return None,
        };
        Some(Term { column: column.trim_start_matches('+').into(), compares, value: placeholder(value)? })
    };
    words.array_windows().filter_map(term).collect()
}

/// The index of a placeholder's value.
fn placeholder(word: &str) -> Option<usize> {
    word.strip_prefix('?')?.parse::<usize>().ok()?.checked_sub(1)
}

/// An insertion's text before `VALUES`, its row of values, and what follows; only where the row is `?1, ?2, …` and nothing else is asked.
fn row_of_values(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("VALUES (")?;
    let (row, after) = rest.split_once(')')?;
    let is_next = |(index, word): (usize, &str)| placeholder(word.trim()) == Some(index);
    let is_whole = row.split(',').enumerate().all(is_next) && !after.contains('?') && !after.contains("RETURNING");
    is_whole.then_some((before, row, after))
}

/// The columns by which the row is known that is touched: all that are given, or, where one in the way is changed, those that it is in the
/// way by.
fn known_by(text: &str) -> Vec<(Box<str>, usize)> {
    let list = |text: &str| -> Vec<String> {
        let inner = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inner, _)| inner);
        inner.split(',').map(|name| name.trim().to_owned()).collect()
    };
    let columns = list(text);
    let in_the_way = text.split_once("ON CONFLICT").map(|(_, after)| list(after));
    let is_known_by = |column: &String| in_the_way.as_ref().is_none_or(|names| names.contains(column));
    (0..).zip(columns).filter(|(_, column)| is_known_by(column)).map(|(at, column)| (column.into(), at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADD: &str = "INSERT INTO redemptions (id, site, order_reference, expires_at) VALUES (?1, ?2, ?3, ?4)";
    const KEEP: &str = "INSERT INTO answers (site, key, until) VALUES (?1, ?2, ?3) ON CONFLICT (site, key) DO UPDATE SET \
                        until = excluded.until";

    fn shape(text: &str) -> Shape {
        Shape::of(0, text)
    }

    fn sees(asks: &Shape, values: &[Value<'_>], added: &Shape, row: &[Value<'_>]) -> bool {
        asks.relation(added).is_some_and(|relation| relation.sees(values, row))
    }

    fn row(order: &'static str, expires_at: i64) -> Vec<Value<'static>> {
        vec![Value::Bytes(vec![1].into()), Value::Integer(1), Value::Text(order.into()), Value::Integer(expires_at)]
    }

    #[test]
    fn what_asks_of_another_row_does_not_see_one_that_is_added() {
        let added = shape(ADD);
        let sees = |text: &str, values: &[Value<'_>]| sees(&shape(text), values, &added, &row("A-1", 50));
        let order = |order: &'static str| [Value::Integer(1), Value::Text(order.into())];
        let of_order = "SELECT id FROM redemptions WHERE site = ?1 AND order_reference = ?2";
        assert!(sees(of_order, &order("A-1")) && !sees(of_order, &order("A-2")));
        let ended = "SELECT id FROM redemptions WHERE state = 0 AND expires_at <= ?1";
        assert!(sees(ended, &[Value::Integer(50)]) && !sees(ended, &[Value::Integer(49)]));
        let later = "SELECT id FROM redemptions WHERE expires_at > ?1 ORDER BY id";
        assert!(sees(later, &[Value::Integer(49)]) && !sees(later, &[Value::Integer(50)]));
        assert!(!sees("SELECT id FROM sites WHERE id = ?1", &[Value::Integer(1)]));
        let joined = "SELECT 1 FROM uses JOIN redemptions ON redemptions.id = uses.redemption WHERE uses.site = ?1";
        assert!(sees(joined, &[Value::Integer(2)]), "another table's column says nothing");
    }

    #[test]
    fn nothing_is_concluded_from_what_is_written_otherwise() {
        let added = shape(ADD);
        for text in [
            "SELECT id FROM redemptions WHERE site = ?1 OR order_reference = ?2",
            "SELECT id FROM redemptions WHERE NOT order_reference = ?2 AND site = ?1",
            "SELECT count(*) FROM redemptions",
        ] {
            assert!(
                sees(&shape(text), &[Value::Integer(9), Value::Text("B".into())], &added, &row("A-1", 0)),
                "{text}"
            );
        }
        let kept = shape(KEEP);
        let row = [Value::Integer(1), Value::Bytes(vec![7].into()), Value::Integer(50)];
        let old = shape("SELECT key FROM answers WHERE until <= ?1");
        assert!(sees(&old, &[Value::Integer(3)], &kept, &row), "the row in the way may have been an old one");
        let other = shape("SELECT until FROM answers WHERE site = ?1 AND key = ?2");
        assert!(!sees(&other, &[Value::Integer(1), Value::Bytes(vec![8].into())], &kept, &row));
    }

    #[test]
    fn several_values_are_asked_of_at_once() {
        let one = shape("SELECT id FROM sites WHERE id = ?1 AND number = ?2");
        assert_eq!(
            one.for_askings(&["text", "int8"]),
            "SELECT asked.n, found.* FROM unnest(?1::text[], ?2::int8[]) WITH ORDINALITY AS asked (v1, v2, n) \
             CROSS JOIN LATERAL (SELECT id FROM sites WHERE id = asked.v1 AND number = asked.v2) AS found"
        );
        assert!(one.asks_in_any_order() && !shape("SELECT id FROM sites ORDER BY id").asks_in_any_order());
        assert!(shape("SELECT id FROM sites ORDER BY id LIMIT 1").asks_in_any_order());
    }

    #[test]
    fn several_rows_are_added_at_once() {
        assert_eq!(
            shape(KEEP).for_rows(&["int8", "bytea", "int8"]),
            "INSERT INTO answers (site, key, until) SELECT * FROM unnest(?1::int8[], ?2::bytea[], ?3::int8[]) \
             ON CONFLICT (site, key) DO UPDATE SET until = excluded.until"
        );
        for text in [
            "INSERT INTO sites (id, at, also) VALUES (?1, ?2, ?2)",
            "INSERT INTO sites (id) VALUES (?1) RETURNING number",
            "INSERT INTO sites SELECT id FROM sites WHERE id = ?1",
            "INSERT INTO a (b) VALUES (?1) ON CONFLICT (b) DO UPDATE SET c = ?2",
        ] {
            assert!(!shape(text).adds(), "{text}");
        }
        assert!(shape("SELECT 1 FROM sites").asks() && !shape("SELECT 1 FROM sites FOR UPDATE SKIP LOCKED").asks());
    }
}
