//! The examples of the description are what the server is asked and says today.

use tearoff_http_tests::examples::{committed, text};

/// The text with what is drawn at random left out: one id more anywhere would make all that come after it others.
fn without_ids(text: &str) -> String {
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let is_drawn = |word: &str| word.len() >= 16 && word.contains(|letter: char| letter.is_ascii_digit());
    let mut left = String::new();
    for word in text.split_inclusive(|letter| !is_of_word(letter)) {
        let bare = word.trim_end_matches(|letter| !is_of_word(letter));
        left.push_str(if is_drawn(bare) { "drawn" } else { bare });
        left.push_str(word.get(bare.len()..).unwrap_or_default());
    }
    left
}

#[test]
fn what_is_committed_is_what_the_server_says() {
    let (kept, said) = (without_ids(&std::fs::read_to_string(committed()).unwrap()), without_ids(&text()));
    let differs = kept.lines().zip(said.lines()).find(|(kept, said)| kept != said);
    assert_eq!(differs, None, "write them anew: cargo run -p tearoff-http-tests --bin interface-examples");
    assert_eq!(kept.lines().count(), said.lines().count());
}
