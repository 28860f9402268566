//! Codes as people type them (R7, R8).

/// The key of a typed code: trimmed, inner white space collapsed, full-width forms folded, upper case. Nothing where the text cannot
/// be a code.
pub(crate) fn key(typed: &str) -> Option<String> {
    let words: Vec<String> = typed.split(char::is_whitespace).filter(|word| !word.is_empty()).map(upper).collect();
    let key = words.join(" ");
    let is_code = (1..=64).contains(&key.len())
        && key.chars().all(|letter| matches!(letter, 'A'..='Z' | '0'..='9' | ' ' | '-' | '_'));
    is_code.then_some(key)
}

fn upper(word: &str) -> String {
    let folded = word.chars().map(|letter| match u32::from(letter) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xff01 + 0x21).expect("ASCII"),
        _ => letter,
    });
    folded.map(|letter| letter.to_ascii_uppercase()).collect()
}

/// How a code that unlocks nothing is shown: by its key, or as typed, cut short, where it cannot be a code.
pub(crate) fn shown_unknown(typed: &str) -> String {
    key(typed).unwrap_or_else(|| typed.trim().chars().take(64).collect())
}

/// How a code that unlocks something is shown: as its owner spells it, or in upper case where the site is strict.
pub(crate) fn shown_known(owners: &str, alphabet: &str) -> String {
    match alphabet {
        "strict" => key(owners).expect("owners have codes"),
        _ => owners.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for (typed, wanted) in [
            (" save  10\t", Some("SAVE 10")),
            ("ｓａｖｅ　１０", Some("SAVE 10")),
            ("ſave", None),
            ("50%", None),
            ("  ", None),
        ] {
            assert_eq!(key(typed).as_deref(), wanted, "{typed:?}");
        }
    }
}
