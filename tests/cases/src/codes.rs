//! Codes as their owners spell them, and as visitors type them.

use crate::Random;

const WORDS: [&str; 8] = ["WELCOME", "Summer Sale", "gift-2026", "early_bird", "VIP", "x", "Stay  Warm", "10 OFF"];

/// A code of a promotion, in its owner's spelling, unlike any that is taken.
pub(crate) fn owned(random: &mut Random, taken: &mut Vec<String>) -> String {
    let word = *random.pick(&WORDS);
    let number = taken.len();
    let code = format!("{word}{number}");
    taken.push(code.clone());
    match random.below(12) {
        0 => format!(" {code}\t"),
        1 => full_width(&code),
        2 => code.to_lowercase(),
        _ => code,
    }
}

/// A code as somebody types it who has it from a poster, a telephone, or a mail with odd spaces.
pub(crate) fn typed(random: &mut Random, code: &str) -> String {
    let spelled = match random.below(6) {
        0 => code.to_ascii_lowercase(),
        1 => code.to_ascii_uppercase(),
        2 => full_width(code),
        3 => code.chars().map(|letter| if random.chance(50) { letter.to_ascii_lowercase() } else { letter }).collect(),
        _ => code.to_owned(),
    };
    let space = *random.pick(&["", "", " ", "\t", "\u{a0}", "\u{3000}", "\r\n", "\u{2003} "]);
    let spelled = if random.chance(30) { spelled.replace(' ', &format!(" {space}")) } else { spelled };
    match random.below(4) {
        0 => format!("{space}{spelled}"),
        1 => format!("{spelled}{space}"),
        _ => spelled,
    }
}

/// A code of no promotion, or a text that cannot be a code.
pub(crate) fn unknown(random: &mut Random) -> String {
    let long = "A".repeat(64);
    let texts = [
        "NOBODY",
        "nobody",
        " nobody ",
        "",
        " ",
        "50%",
        "WELCOME\u{200b}0",
        "W\u{415}LCOME0",
        "\u{17f}ave",
        "straße",
        "<script>",
        "' OR 1=1 --",
        "🎁🎁🎁",
        long.as_str(),
        "an overlong text that goes on and on, well beyond what anybody would call a promo code",
    ];
    (*random.pick(&texts)).to_owned()
}

/// The forms that input methods of East Asia type.
fn full_width(code: &str) -> String {
    let wide = |letter: char| match letter {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(letter) + 0xfee0).unwrap_or(letter),
        _ => letter,
    };
    code.chars().map(wide).collect()
}
