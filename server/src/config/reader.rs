//! Reads settings one after another, and keeps all that is wrong with them.

use super::given::{CONFIG, Given};
use super::setting::{Effective, Origin, Setting, Values};

/// Reads what is given. Every setting that is read is declared by that, so that there is one list of them.
pub(crate) struct Reader<'a> {
    given: &'a Given,
    declared: Vec<Setting>,
    effective: Vec<Effective>,
    faults: Vec<String>,
}

/// What was found out on the way.
pub(crate) struct Read {
    /// The settings there are.
    pub(crate) declared: Vec<Setting>,
    /// What each of them is.
    pub(crate) effective: Vec<Effective>,
    /// What is wrong, each as a sentence that says where, and what would be right.
    pub(crate) faults: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Reads what is given.
    pub(crate) fn new(given: &'a Given) -> Self {
        let faults = given.unread().into_iter().map(str::to_owned).collect();
        Self { given, declared: Vec::new(), effective: Vec::new(), faults }
    }

    /// A setting with one value, which must be given unless there is a default.
    pub(super) fn one<T>(&mut self, setting: Setting, parse: fn(&str) -> Result<T, String>) -> Option<T> {
        // What is in a file that cannot be read is not known to be missing.
        let is_missing = setting.default.is_none() && self.given.unread().is_none();
        let (name, value) = (setting.name, setting.value);
        let read = self.maybe(setting, parse)?;
        if read.is_none() && is_missing {
            let (flag, variable) = (Origin::Flag.name(name, ""), Origin::Variable.name(name, ""));
            self.faults.push(format!(
                "`{name}` is not given: it stands after {flag}, in {variable}, or in a file as `{name} = \"{value}\"`"
            ));
        }
        read
    }

    /// A setting with one value or none. `None` where it is at fault.
    pub(super) fn maybe<T>(&mut self, setting: Setting, parse: fn(&str) -> Result<T, String>) -> Option<Option<T>> {
        let (origin, texts) = self.texts(&setting)?;
        let values = texts.first().map(|text| Values::One(setting.told(text)));
        self.effective.push(Effective { name: setting.name, values, origin });
        if texts.len() > 1 {
            self.fault(origin, setting.name, "is given several times, and must be given once");
        }
        let read = texts.first().map(|text| self.value(origin, &setting, text, parse)).transpose();
        self.declared.push(setting);
        read.ok()
    }

    /// A setting with any number of values.
    pub(super) fn list<T>(&mut self, setting: Setting, parse: fn(&str) -> Result<T, String>) -> Option<Vec<T>> {
        let (origin, mut texts) = self.texts(&setting)?;
        if origin == Origin::Variable {
            let parts =
                texts.iter().flat_map(|text| text.split([',', ' ', '\n', '\t'])).filter(|part| !part.is_empty());
            texts = parts.map(str::to_owned).collect();
        }
        let shown = texts.iter().map(|text| setting.told(text)).collect();
        self.effective.push(Effective { name: setting.name, values: Some(Values::List(shown)), origin });
        let read: Vec<_> = texts.iter().map(|text| self.value(origin, &setting, text, parse)).collect();
        self.declared.push(setting.several());
        read.into_iter().collect::<Result<_, AtFault>>().ok()
    }

    /// Ends reading: what nobody has read is no setting.
    pub(crate) fn finish(mut self) -> Read {
        let known = |name: &str| self.declared.iter().any(|setting| setting.name == name);
        let unknown: Vec<_> = self.given.names().filter(|(_, name)| !known(name)).collect();
        let names: Vec<_> = self.declared.iter().map(|setting| setting.name).collect();
        for (origin, name) in unknown {
            let right = if name == CONFIG {
                "is for the command line and the environment: a file names no other".to_owned()
            } else {
                unknown_name(name, &names, |known| origin.name(known, &self.given.file()))
            };
            let fault = format!("{} {right}", origin.name(name, &self.given.file()));
            self.faults.push(fault);
        }
        Read { declared: self.declared, effective: self.effective, faults: self.faults }
    }

    /// The texts of a setting, with where they stand.
    fn texts(&mut self, setting: &Setting) -> Option<(Origin, Vec<String>)> {
        match self.given.find(setting.name) {
            None => Some((Origin::Default, setting.default.iter().cloned().collect())),
            Some((origin, Ok(texts))) => Some((origin, texts.clone())),
            Some((origin, Err(fault))) => {
                let fault = fault.clone();
                self.declared.push(setting.clone());
                self.fault(origin, setting.name, &fault);
                None
            }
        }
    }

    fn value<T>(
        &mut self,
        origin: Origin,
        setting: &Setting,
        text: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Result<T, AtFault> {
        parse(text).map_err(|wanted| {
            // What may hold a secret is not told, nor what nobody could read.
            let is = if setting.masked.is_some() { String::new() } else { format!("is `{}`: ", shown(text)) };
            self.fault(origin, setting.name, &format!("{is}{wanted}"));
            AtFault
        })
    }

    fn fault(&mut self, origin: Origin, name: &str, fault: &str) {
        self.faults.push(format!("{} {fault}", origin.name(name, &self.given.file())));
    }
}

/// A value that is none; what is wrong with it is kept.
struct AtFault;

/// What was written, short enough to be told back.
fn shown(text: &str) -> String {
    const SHOWN_MAX: usize = 200;
    text.chars().filter(|character| !character.is_control()).take(SHOWN_MAX).collect()
}

/// What to say of a name that no setting has.
pub(crate) fn unknown_name(name: &str, names: &[&str], told: impl Fn(&str) -> String) -> String {
    match nearest(name, names) {
        Some(nearest) => format!("is no setting; perhaps {} is meant", told(nearest)),
        None => "is no setting; `tearoff serve --help` lists them".to_owned(),
    }
}

/// The name that is most like another, where one is like it at all.
fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    const APART_MAX: usize = 3;
    let apart = names.iter().map(|known| (distance(name, known), *known));
    apart.min().filter(|(apart, known)| *apart <= APART_MAX.min(known.len() / 2)).map(|(_, known)| known)
}

/// How many letters must be written, struck out or replaced to make one text of another.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index.saturating_add(1);
        let mut next = vec![left];
        for (above, with) in row.iter().skip(1).zip(other.chars()) {
            let replaced = diagonal.saturating_add(usize::from(letter != with));
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognized() {
        let names = ["listen", "database", "seed"];
        for (written, meant) in [
            ("lisen", Some("listen")),
            ("data-base", Some("database")),
            ("seeds", Some("seed")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, &names), meant, "{written}");
        }
        assert_eq!((distance("", "abc"), distance("abc", "abc"), distance("kitten", "sitting")), (3, 0, 3));
    }
}
