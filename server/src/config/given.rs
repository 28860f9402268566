//! What is given: on the command line, in the environment, in a file. Nothing of it is checked here but its form.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::setting::{Origin, PREFIX};

/// The setting that names the file. It is none of the file's own.
pub(crate) const CONFIG: &str = "config";

/// Texts, or why there are none.
type Texts = Result<Vec<String>, String>;

/// What is given, by where and by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    places: BTreeMap<Origin, BTreeMap<String, Texts>>,
    file: Option<PathBuf>,
    /// Why the file could not be read: what it would have given is not known.
    unread: Option<String>,
}

impl Given {
    /// Gathers what was given by flags, by the variables of the environment that begin with `TEAROFF_`, and in the file that either
    /// names as `config`.
    pub(crate) fn gather(
        flags: BTreeMap<String, Vec<String>>,
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Self {
        let flags = flags.into_iter().map(|(name, texts)| (name, Ok(texts))).collect();
        let mut given = Self { places: BTreeMap::from([(Origin::Flag, flags)]), ..Self::default() };
        given.places.insert(Origin::Variable, variables.filter_map(of_variable).collect());
        let named = given.find(CONFIG).map(|(origin, texts)| (origin, texts.clone()));
        for origin in [Origin::Flag, Origin::Variable] {
            given.places.entry(origin).or_default().remove(CONFIG);
        }
        match named {
            None => {}
            Some((_, Ok(texts))) if texts.len() == 1 => given.read(Path::new(&texts.concat())),
            Some((origin, _)) => given.unread = Some(format!("{} must be one path", origin.name(CONFIG, ""))),
        }
        given
    }

    fn read(&mut self, path: &Path) {
        self.file = Some(path.to_owned());
        match read(path) {
            Ok(values) => drop(self.places.insert(Origin::File, values)),
            Err(fault) => self.unread = Some(format!("`{}` {fault}", path.display())),
        }
    }

    /// What is given of a setting where it counts: a flag beats the environment, and that the file.
    pub(super) fn find(&self, name: &str) -> Option<(Origin, &Texts)> {
        self.places.iter().find_map(|(origin, values)| Some((*origin, values.get(name)?)))
    }

    /// All names that are given, with where.
    pub(super) fn names(&self) -> impl Iterator<Item = (Origin, &str)> {
        self.places.iter().flat_map(|(origin, values)| values.keys().map(|name| (*origin, name.as_str())))
    }

    /// The file's path; empty where there is none.
    pub(super) fn file(&self) -> String {
        self.file.as_deref().map(|path| path.display().to_string()).unwrap_or_default()
    }

    /// Why the file that was named could not be read.
    pub(super) fn unread(&self) -> Option<&str> {
        self.unread.as_deref()
    }
}

/// The setting that a variable names, where it is one of ours, and its value.
fn of_variable((variable, value): (OsString, OsString)) -> Option<(String, Texts)> {
    let name = variable.to_str()?.strip_prefix(PREFIX).filter(|name| !is_of_kubernetes(name, &value))?;
    let name = name.to_lowercase().replace('_', "-");
    let texts = value.into_string().map(|text| vec![text]).map_err(|_| "must be UTF-8".to_owned());
    Some((name, texts))
}

/// Whether Kubernetes has made a variable, the rest of whose name this is: it does for every service, also for one by the name of `tearoff`, and
/// nobody can be blamed for those.
fn is_of_kubernetes(rest: &str, value: &OsStr) -> bool {
    let ends_in = |part: &str| rest == part || rest.ends_with(&format!("_{part}"));
    let is_protocol = |part: &str| part == "TCP" || part == "UDP";
    let parts: Vec<&str> = rest.split('_').collect();
    // `PORT_8600_TCP`, and what is more of it.
    let is_port = |three: &[&str]| match three {
        ["PORT", number, protocol] => number.parse::<u16>().is_ok() && is_protocol(protocol),
        _ => false,
    };
    ends_in("SERVICE_HOST")
        || rest.contains("SERVICE_PORT")
        || (ends_in("PORT") && value.to_string_lossy().contains("://"))
        || parts.windows(3).any(is_port)
}

/// The values of a file, by their names.
fn read(path: &Path) -> Result<BTreeMap<String, Texts>, String> {
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let text = str::from_utf8(&bytes).map_err(|_| "is not UTF-8".to_owned())?;
    let table: Table = text.parse().map_err(|error| not_toml(text, &error))?;
    Ok(table.into_iter().map(|(name, value)| (name, texts(value))).collect())
}

/// Where it is no TOML. The line itself is not told, for it may hold a password.
fn not_toml(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count().saturating_add(1);
    format!("is not TOML: {} in line {line}", error.message().replace('\n', ", "))
}

fn texts(value: Value) -> Texts {
    const WANTED: &str = "must be a text, a whole number, `true` or `false`, or a list of those";
    let text = |value: Value| match value {
        Value::String(text) => Ok(text),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Boolean(is) => Ok(is.to_string()),
        _ => Err(WANTED.to_owned()),
    };
    match value {
        Value::Array(values) => values.into_iter().map(text).collect(),
        value => text(value).map(|text| vec![text]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::setting::variable;
    use super::*;

    #[test]
    fn a_variable_has_the_name_of_its_setting() {
        for name in ["listen", "guesses-per-minute"] {
            let (found, _) = of_variable((variable(name).into(), "1".into())).unwrap();
            assert_eq!(found, name);
        }
        assert!(of_variable(("PATH".into(), "/".into())).is_none());
    }

    /// As it makes them for a service `tearoff`, and for one `tearoff-web`.
    #[test]
    fn what_kubernetes_makes_is_no_setting() {
        for (rest, value, is_its) in [
            ("SERVICE_HOST", "10.0.0.1", true),
            ("SERVICE_PORT", "8600", true),
            ("SERVICE_PORT_HTTP", "8600", true),
            ("PORT", "tcp://10.0.0.1:8600", true),
            ("PORT_8600_TCP", "tcp://10.0.0.1:8600", true),
            ("PORT_8600_TCP_ADDR", "10.0.0.1", true),
            ("WEB_SERVICE_HOST", "10.0.0.1", true),
            ("WEB_PORT_8600_UDP_PROTO", "udp", true),
            ("PORT", "8600", false),
            ("LISTEN", "tcp://10.0.0.1:8600", false),
            ("PORT_HTTP_TCP", "", false),
            ("SERVICE", "", false),
        ] {
            assert_eq!(is_of_kubernetes(rest, value.as_ref()), is_its, "{rest}");
        }
    }
}
