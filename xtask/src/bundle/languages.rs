//! The language files that a release serves beside the widget, one object of names and sentences each.

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::tree;

/// One language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Language {
    /// Its code, such as `de`.
    pub(crate) name: String,
    /// Its file as it is served.
    pub(crate) json: String,
}

/// The languages in `folder`, in the order of their codes.
///
/// # Errors
/// When a file cannot be read, or is no language's.
pub(crate) fn read(folder: &Path) -> Outcome<Vec<Language>> {
    let mut languages = tree::files(folder)?.iter().map(|file| of(file)).collect::<Outcome<Vec<_>>>()?;
    languages.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(languages)
}

fn of(file: &Path) -> Outcome<Language> {
    let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if file.extension().is_none_or(|extension| extension != "json") || name.is_empty() {
        return Err(Failure::new(format!("`{}` is no language file", file.display())));
    }
    Ok(Language { name: name.to_owned(), json: packed(&tree::read_text(file)?) })
}

/// The same without line breaks and what indents: no text of JSON holds a line break.
fn packed(json: &str) -> String {
    json.lines().map(|line| line.trim().replacen("\": ", "\":", 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::packed;

    #[test]
    fn sentences_stay_as_they_are() {
        let json = "{\n  \"open\": \"Add: \\\"a\\\"\",\n  \"total\": \"Total {total}.\"\n}\n";
        assert_eq!(packed(json), "{\"open\":\"Add: \\\"a\\\"\",\"total\":\"Total {total}.\"}");
    }
}
