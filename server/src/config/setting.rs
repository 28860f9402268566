//! A setting: its one name, what it means, and where its value may stand.

use std::fmt;

/// One setting. It has the same name everywhere: `--name` on the command line, `TEAROFF_NAME` in the environment, `name = …` in a file.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// Lower-case words, joined by hyphens.
    pub(crate) name: &'static str,
    /// What stands for its value in the help; empty for a switch, which is `true` or `false`.
    pub(crate) value: &'static str,
    /// What it means, for the help.
    pub(crate) help: &'static str,
    /// Its value where nobody gives one.
    pub(crate) default: Option<String>,
    /// Whether it may have several values.
    pub(crate) is_list: bool,
    /// Tells its value without what is secret in it; absent where nothing is.
    pub(crate) masked: Option<fn(&str) -> String>,
}

impl Setting {
    /// A setting without a default.
    pub(crate) const fn new(name: &'static str, value: &'static str, help: &'static str) -> Self {
        Self { name, value, help, default: None, is_list: false, masked: None }
    }

    /// The same, with a value where nobody gives one.
    pub(super) fn or(self, default: impl ToString) -> Self {
        Self { default: Some(default.to_string()), ..self }
    }

    /// The same, which may have several values.
    pub(super) fn several(self) -> Self {
        Self { is_list: true, ..self }
    }

    /// The same, whose value is told only as `masked` tells it.
    pub(super) fn masked(self, masked: fn(&str) -> String) -> Self {
        Self { masked: Some(masked), ..self }
    }

    /// What its value may be told as.
    pub(super) fn told(&self, text: &str) -> String {
        self.masked.map_or_else(|| text.to_owned(), |masked| masked(text))
    }
}

/// The variable of the environment that holds the setting of this name.
pub(crate) fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_uppercase().replace('-', "_"))
}

/// What every variable of ours begins with.
pub(crate) const PREFIX: &str = "TEAROFF_";

/// Where a value stands. The earlier of these beats the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// On the command line.
    Flag,
    /// In the environment.
    Variable,
    /// In the file of `--config`.
    File,
    /// Nowhere.
    Default,
}

impl Origin {
    /// A name as it stands there.
    pub(crate) fn name(self, name: &str, file: &str) -> String {
        match self {
            Self::Flag => format!("`--{name}`"),
            Self::Variable => format!("`{}`", variable(name)),
            Self::File => format!("`{name}` in `{file}`"),
            Self::Default => format!("`{name}`"),
        }
    }
}

/// What a setting is, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effective {
    /// Which.
    pub(crate) name: &'static str,
    /// Its values, masked; `None` where it has none.
    pub(crate) values: Option<Values>,
    /// Where it was given.
    pub(crate) origin: Origin,
}

/// The values of a setting, as a file would hold them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// A single one.
    One(String),
    /// Any number.
    List(Vec<String>),
}

impl fmt::Display for Effective {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // JSON's texts are TOML's.
        let text = |text: &String| serde_json::Value::from(text.as_str()).to_string();
        let is_bare = |text: &str| text == "true" || text == "false" || text.parse::<u64>().is_ok();
        let line = match &self.values {
            None => return write!(out, "# {} is not set", self.name),
            Some(Values::One(value)) if is_bare(value) => format!("{} = {value}", self.name),
            Some(Values::One(value)) => format!("{} = {}", self.name, text(value)),
            Some(Values::List(values)) => {
                format!("{} = [{}]", self.name, values.iter().map(text).collect::<Vec<_>>().join(", "))
            }
        };
        let origin = match self.origin {
            Origin::Flag => format!("--{}", self.name),
            Origin::Variable => variable(self.name),
            Origin::File => "file".into(),
            Origin::Default => "default".into(),
        };
        write!(out, "{line:<50} # {origin}")
    }
}
