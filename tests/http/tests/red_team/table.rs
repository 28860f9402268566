//! The table in `README.md` is true: it has every item once, and what it says of tests can be found.

use std::collections::BTreeMap;

use crate::i::read;

const TABLE: &str = include_str!("README.md");
const MODULES: [(&str, &str); 9] = [
    ("a", include_str!("a.rs")),
    ("b", include_str!("b.rs")),
    ("c", include_str!("c.rs")),
    ("c", include_str!("c_signed.rs")),
    ("d", include_str!("d.rs")),
    ("e", include_str!("e.rs")),
    ("f", include_str!("f.rs")),
    ("g", include_str!("g.rs")),
    ("i", include_str!("i.rs")),
];
/// How many items the list has under each letter.
const ITEMS: [(char, usize); 9] =
    [('A', 14), ('B', 10), ('C', 9), ('D', 10), ('E', 10), ('F', 19), ('G', 6), ('H', 12), ('I', 5)];

/// The rows: an item, how it stands, and what is said of that.
fn rows() -> Vec<(String, &'static str, &'static str)> {
    let cells = TABLE.lines().filter(|line| line.starts_with("| ")).map(|line| line.trim_matches('|').split(" | "));
    cells
        .map(|cells| cells.map(str::trim).collect::<Vec<_>>())
        .filter(|cells| cells[0].ends_with(|last: char| last.is_ascii_digit()))
        .map(|cells| (cells[0].to_owned(), cells[2], cells[3]))
        .collect()
}

/// The names of the tests in a source.
fn tests(source: &'static str) -> impl Iterator<Item = &'static str> {
    source.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next())
}

#[test]
fn every_item_stands_once_in_the_table() {
    let found: Vec<String> = rows().into_iter().map(|(item, ..)| item).collect();
    let wanted: Vec<String> =
        ITEMS.iter().flat_map(|(letter, count)| (1..=*count).map(move |number| format!("{letter}{number}"))).collect();
    assert_eq!(found, wanted);
}

#[test]
fn what_the_table_says_is_tested_is_tested() {
    let mut count = BTreeMap::<&str, usize>::new();
    for (item, standing, said) in rows() {
        *count.entry(standing).or_default() += 1;
        let own = format!("{}_", item.to_lowercase());
        let is_here = MODULES.iter().any(|(_, source)| tests(source).any(|test| test.starts_with(&own)));
        let named: Vec<&str> = said.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
        for name in &named {
            let (file, test) = name.split_once("::").expect("a file and a test");
            assert!(read(file).contains(&format!("fn {test}(")), "{item}: there is no {name}");
        }
        match standing {
            "here" | "in part" => assert!(is_here, "{item}"),
            "elsewhere" => assert!(!is_here && !named.is_empty(), "{item}"),
            "open" | "not built" | "not the server's" => assert!(!is_here && said.len() > 15, "{item}"),
            other => panic!("{item}: `{other}`"),
        }
        assert!(standing != "in part" || said.len() > 15, "{item} says what is missing");
    }
    let proved = ["here", "in part", "elsewhere"].iter().filter_map(|standing| count.get(standing)).sum::<usize>();
    assert!(proved >= 70, "{count:?}");
}

#[test]
fn every_test_has_its_item() {
    let items: Vec<String> = rows().into_iter().map(|(item, ..)| item.to_lowercase()).collect();
    for (module, source) in MODULES {
        for test in tests(source) {
            let item = test.split('_').next().unwrap_or_default();
            assert!(item.starts_with(module) && items.iter().any(|known| known == item), "{module}: {test}");
        }
    }
}
