//! The words after a command's name, checked against what that command declares.

use crate::failure::{Failure, Outcome};

/// One option of a command.
pub(crate) struct Flag {
    /// Its name, with the two dashes; or a word that stands alone.
    pub(crate) name: &'static str,
    /// What its value is called in the help, or `None` for a switch.
    pub(crate) value: Option<&'static str>,
    /// One line of help.
    pub(crate) help: &'static str,
}

/// The options given, in their order.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    given: Vec<(&'static str, String)>,
}

impl Arguments {
    /// Reads `--name value`, `--name=value` and `--switch`.
    ///
    /// # Errors
    /// When a word is not one of `flags`, or a value is missing or too much.
    pub(crate) fn parse(words: impl Iterator<Item = String>, flags: &[Flag]) -> Outcome<Self> {
        let mut given = Vec::new();
        let mut words = words;
        while let Some(word) = words.next() {
            let (name, inline) = match word.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            let Some(flag) = flags.iter().find(|flag| flag.name == name) else {
                return Err(Failure::new(format!("unknown option `{name}`; `cargo xtask` lists what there is")));
            };
            let value = match (flag.value, inline) {
                (None, None) => String::new(),
                (None, Some(_)) => return Err(Failure::new(format!("`{name}` takes no value"))),
                (Some(_), Some(value)) => value,
                (Some(kind), None) => {
                    words.next().ok_or_else(|| Failure::new(format!("`{name}` needs a value: {kind}")))?
                }
            };
            given.push((flag.name, value));
        }
        Ok(Self { given })
    }

    /// Whether the switch was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| *given == name)
    }

    /// The last value given for `name`.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.given.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// Every value given for `name`; each may be a comma-separated list.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let values = self.given.iter().filter(|(given, _)| *given == name);
        values.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// The last value given for `name` as a whole number.
    ///
    /// # Errors
    /// When it is not one.
    pub(crate) fn number(&self, name: &str) -> Outcome<Option<u64>> {
        let number = |text: &str| text.replace('_', "").parse();
        let parsed = self
            .value(name)
            .map(|text| number(text).map_err(|_| Failure::new(format!("`{name}` needs a whole number, not `{text}`"))));
        parsed.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Flag};

    const FLAGS: &[Flag] = &[
        Flag { name: "--only", value: Some("STEP"), help: "" },
        Flag { name: "--cases", value: Some("N"), help: "" },
        Flag { name: "--check", value: None, help: "" },
    ];

    fn parse(words: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(words.iter().map(ToString::to_string), FLAGS).map_err(|failure| failure.to_string())
    }

    #[test]
    fn reads_every_form() {
        let arguments = parse(&["--only", "a,b", "--only=c", "--check", "--cases", "20_000"]).expect("valid");
        assert_eq!(arguments.values("--only"), ["a", "b", "c"]);
        assert!(arguments.has("--check"));
        assert_eq!(arguments.number("--cases").expect("a number"), Some(20_000));
        assert!(!parse(&[]).expect("valid").has("--check"));
    }

    #[test]
    fn names_what_is_wrong() {
        for (words, want) in [
            (&["--onyl"][..], "unknown option `--onyl`; `cargo xtask` lists what there is"),
            (&["--only"][..], "`--only` needs a value: STEP"),
            (&["--check=yes"][..], "`--check` takes no value"),
        ] {
            assert_eq!(parse(words).expect_err("invalid"), want);
        }
        assert!(parse(&["--cases", "many"]).expect("parses").number("--cases").is_err());
    }
}
