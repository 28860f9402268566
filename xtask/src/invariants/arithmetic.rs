//! Finds arithmetic on amounts: on names that end in `_minor` or `_bp`.

const METHODS: [&str; 6] = [".checked_", ".saturating_", ".wrapping_", ".overflowing_", ".div_euclid", ".rem_euclid"];

/// The expressions in one line of code, up to a few letters around the operator.
pub(super) fn on_amounts(code: &str) -> Vec<String> {
    let names = code
        .match_indices("_minor")
        .map(|(at, end)| (at, at + end.len()))
        .chain(code.match_indices("_bp").map(|(at, end)| (at, at + end.len())));
    let found = names.filter_map(|(at, end)| {
        let (before, after) = (code.get(..at)?, code.get(end..)?);
        if after.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
            return None;
        }
        let name_at = before
            .rfind(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '.'))
            .map_or(0, |at| at + 1);
        let name = code.get(name_at..end)?;
        (acts_after(after) || acts_before(code.get(..name_at)?)).then(|| name.to_owned())
    });
    found.collect()
}

/// Whether an operator or a method that calculates follows.
fn acts_after(after: &str) -> bool {
    let after = after.trim_start();
    let operator = after.starts_with(['+', '*', '/', '%']) || (after.starts_with('-') && !after.starts_with("->"));
    operator || METHODS.iter().any(|method| after.starts_with(method))
}

/// Whether an operator that takes two values stands before. A star may be a dereference and a minus a sign: those count only after
/// a name or a closing bracket.
fn acts_before(before: &str) -> bool {
    let before = before.trim_end();
    if before.ends_with(['+', '%']) || (before.ends_with('/') && !before.ends_with("//")) {
        return true;
    }
    let operand = |left: &str| {
        left.trim_end().ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ')' | ']'))
    };
    let keyword = |left: &str| {
        ["return", "in", "else", "match", "if", "break"].iter().any(|word| left.trim_end().ends_with(word))
    };
    before.strip_suffix(['*', '-']).is_some_and(|left| operand(left) && !keyword(left))
}

#[cfg(test)]
mod tests {
    use super::on_amounts;

    #[test]
    fn calculations_are_found_and_passing_on_is_not() {
        for (code, want) in [
            ("a_minor + b", 1),
            ("total - quote.discount_minor", 1),
            ("subtotal_minor - discount_minor", 2),
            ("x.total_minor.checked_sub(y)", 1),
            ("total_minor -= 1", 1),
            ("amount * percent_bp / 10_000", 1),
            ("fn total_minor() -> i64", 0),
            ("let total_minor = quote.total_minor;", 0),
            ("if *total_minor == seen.total_minor", 0),
            ("return -total_minor", 0),
            ("Some(a_minor), b_minor: c_minor", 0),
            ("a_minority + 1", 0),
        ] {
            assert_eq!(on_amounts(code).len(), want, "{code}: {:?}", on_amounts(code));
        }
    }
}
