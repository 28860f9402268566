//! Cells of comma-separated values (RFC 4180).

/// What is written above the codes.
pub(super) const CODES_HEAD: &str = "promotion,code,state,used,created_at,retired_at\r\n";

/// One row.
pub(super) fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    cells.join(",") + "\r\n"
}

/// A text as a cell. A spreadsheet takes what begins with one of four characters, or with one's full-width form, for a formula, and runs
/// it: an apostrophe before it says that it is a text.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    if is_formula || text.contains([',', '"', '\r', '\n']) {
        return format!("\"{guard}{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_two_cells() {
        for (text, wanted) in [
            ("SUMMER 26", "SUMMER 26"),
            ("", ""),
            ("-10", "\"'-10\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("\u{ff0d}10", "\"'\u{ff0d}10\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\nb", "\"a\nb\""),
            ("A-1", "A-1"),
        ] {
            assert_eq!(cell(text), wanted, "{text:?}");
        }
        assert_eq!(row(&["a", "", "b,c"]), "a,,\"b,c\"\r\n");
    }
}
