//! ARCHITECTURE.md lists every law by its sentence, and no other.

use std::fs;
use std::path::{Path, PathBuf};

/// The sources below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    folders.iter().flat_map(|folder| sources(folder)).chain(files).collect()
}

/// What stands in comments right above each test.
fn sentences(source: &str) -> Vec<String> {
    let (mut sentences, mut words) = (Vec::new(), Vec::new());
    for line in source.lines().map(str::trim) {
        match line.strip_prefix("///") {
            Some(told) => words.extend(told.split_whitespace()),
            None if line == "#[test]" && !words.is_empty() => {
                sentences.push(std::mem::take(&mut words).join(" "));
            }
            None => words.clear(),
        }
    }
    sentences
}

/// The entries of the list of laws.
fn listed(architecture: &str) -> Vec<String> {
    let list = architecture.split("### Laws").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the list");
    let entries = list.split("\n- ").skip(1);
    entries.map(|entry| entry.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn each_law_has_its_sentence_in_the_tour() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &Path| fs::read_to_string(path).expect("a text");
    let mut laws: Vec<String> = ["laws", "audit"]
        .iter()
        .flat_map(|folder| sources(&here.join("tests").join(folder)))
        .flat_map(|path| sentences(&read(&path)))
        .collect();
    let mut told = listed(&read(&here.join("../../ARCHITECTURE.md")));
    laws.sort_unstable();
    told.sort_unstable();
    assert!(laws.len() > 40, "the laws were not found");
    assert_eq!(told, laws);
}
