//! Reads the command line, so that all that is wrong with it is told at once, and no password ever.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Error, Parser};

use super::serve::unknown_flag;

/// What was understood; and of what stands behind `serve` and is no flag, or lacks its value, a sentence each, to be told with everything else
/// that is wrong.
///
/// # Errors
/// clap's. It is told by [`told`] only.
pub(super) fn parse<P: Parser>(mut arguments: Vec<OsString>) -> Result<(P, Vec<String>), Error> {
    let mut unknown = Vec::new();
    loop {
        let error = match P::try_parse_from(&arguments) {
            Ok(parsed) => return Ok((parsed, unknown)),
            Err(error) => error,
        };
        let is_serve = arguments.get(1).is_some_and(|command| command == "serve");
        if let Some(at) = without_value(&arguments, &error).filter(|_| is_serve) {
            unknown.push(format!("`{}` needs a value", arguments.remove(at).to_string_lossy()));
            continue;
        }
        let Some(at) = stranger(&arguments, &error).filter(|_| is_serve) else { return Err(error) };
        let stranger = arguments.remove(at);
        let stranger = stranger.to_string_lossy();
        unknown.push(match stranger.strip_prefix("--") {
            Some(flag) => unknown_flag(flag.split('=').next().unwrap_or_default()),
            // It may be anything, a password too.
            None => "what follows `serve` must be flags and their values, and something else stands there".into(),
        });
        // Its value, most likely.
        let is_value = |next: &OsString| !next.to_string_lossy().starts_with('-');
        if stranger.starts_with("--") && !stranger.contains('=') && arguments.get(at).is_some_and(is_value) {
            arguments.remove(at);
        }
    }
}

/// Where a flag stands that lacks its value.
fn without_value(arguments: &[OsString], error: &Error) -> Option<usize> {
    let Some(ContextValue::String(told)) = error.get(ContextKind::InvalidArg) else { return None };
    let is_empty =
        matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty());
    let flag = told.split(' ').next().filter(|_| error.kind() == ErrorKind::InvalidValue && is_empty)?;
    arguments.iter().rposition(|argument| argument == flag)
}

/// Where the argument stands that clap does not know.
fn stranger(arguments: &[OsString], error: &Error) -> Option<usize> {
    let Some(ContextValue::String(told)) = error.get(ContextKind::InvalidArg) else { return None };
    let is_told = |argument: &OsString| {
        let argument = argument.to_string_lossy();
        argument == told.as_str() || argument.split('=').next() == Some(told.as_str())
    };
    let at = arguments.iter().skip(2).position(is_told).map(|at| at.saturating_add(2));
    at.filter(|_| error.kind() == ErrorKind::UnknownArgument)
}

/// What clap says, without any argument, or value of one, that may hold a password.
pub(super) fn told<'a>(error: &Error, arguments: impl Iterator<Item = &'a OsString>) -> String {
    let told = error.render().to_string();
    arguments.filter(|argument| may_be_secret(argument)).fold(told, |told, argument| {
        let argument = argument.to_string_lossy();
        let value =
            argument.split_once('=').filter(|(name, _)| name.starts_with("--")).map_or(&*argument, |(_, value)| value);
        told.replace(value, "…")
    })
}

fn may_be_secret(argument: &OsStr) -> bool {
    let argument = argument.to_string_lossy();
    argument.contains('@') || argument.contains("postgres")
}

#[cfg(test)]
mod tests {
    use super::super::Arguments;
    use super::*;

    fn refused(arguments: &[&str]) -> String {
        let arguments: Vec<OsString> = ["tearoff"].iter().chain(arguments).map(OsString::from).collect();
        match parse::<Arguments>(arguments.clone()) {
            Ok((_, unknown)) => unknown.join("; "),
            Err(error) => told(&error, arguments.iter()),
        }
    }

    #[test]
    fn every_unknown_flag_of_serve_is_told() {
        let said =
            refused(&["serve", "--lisen", "127.0.0.1:1", "--colour=red", "--database", "sqlite:a", "more", "-x"]);
        assert!(
            said.starts_with("`--lisen` is no setting; perhaps `--listen` is meant; `--colour` is no setting"),
            "{said}"
        );
        assert_eq!(said.matches("something else stands there").count(), 2, "{said}");
        assert_eq!(refused(&["serve", "--database", "sqlite:a", "--guess-burst", "1", "--guess-burst", "2"]), "");
        assert_eq!(
            refused(&["serve", "--listen", "--colour", "--database"]),
            "`--colour` is no setting; `tearoff serve --help` lists them; `--listen` needs a value; `--database` needs a value"
        );
    }

    #[test]
    fn a_password_is_never_told() {
        let url = "postgres://ana:hush@db.example/codes";
        for arguments in [
            &["serve", url][..],
            &["serve", "--databse", url],
            &["serve", &format!("--databse={url}")],
            &["serve", &format!("--check-config={url}")],
            &["serve", &format!("-d{url}")],
            &[url],
            &["quote", "a", url],
            &["quote", &format!("--keep-request={url}")],
            &["replay", "--all", url],
            &["replay", "--databse", url],
        ] {
            let said = refused(arguments);
            assert!(!said.is_empty() && !said.contains("hush"), "{arguments:?}: {said}");
        }
    }
}
