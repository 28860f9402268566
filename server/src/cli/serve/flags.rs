//! The flags of `tearoff serve`: one for each setting, whatever settings there are.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::config::{CONFIG, Given, Reader, Setting, declare, unknown_name};

/// What stands on the command line.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Flags {
    /// Each setting's values, by its name.
    pub(super) texts: BTreeMap<String, Vec<String>>,
    /// Whether to tell the settings, and not to serve.
    pub(super) check_config: bool,
}

const CHECK_CONFIG: &str = "check-config";

/// Every setting there is.
fn settings() -> Vec<Setting> {
    let given = Given::default();
    let mut reader = Reader::new(&given);
    // Nothing is given; only what could be is wanted.
    let _ = declare(&mut reader);
    reader.finish().declared
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let config = "TOML file with settings, each by its name, such as `listen = \"127.0.0.1:8600\"`";
        let config = Setting::new(CONFIG, "FILE", config);
        let check = Arg::new(CHECK_CONFIG).long(CHECK_CONFIG).action(ArgAction::SetTrue);
        let check =
            check.help("Tell what would be served with, as a file of settings without its secrets, and do not serve");
        let flags = std::iter::once(config).chain(settings()).map(flag);
        command.args(flags).arg(check)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn flag(setting: Setting) -> Arg {
    let mut help = setting.help.to_owned();
    if setting.is_list {
        help.push_str("; may be given several times");
    }
    // A switch is off where nobody says otherwise, as everybody expects.
    let default = setting.default.filter(|_| !setting.value.is_empty());
    if let Some(default) = default {
        help.push_str(&format!(" [default: {default}]"));
    }
    // Whether it may be given several times is judged with all the rest.
    let arg = Arg::new(setting.name).long(setting.name).help(help).action(ArgAction::Append);
    if setting.value.is_empty() {
        arg.num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .hide_possible_values(true)
            .value_name("BOOL")
    } else {
        arg.value_name(setting.value)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let names = settings().into_iter().map(|setting| setting.name).chain([CONFIG]);
        let given = |name: &str| Some((name.to_owned(), matches.get_many::<String>(name)?.cloned().collect()));
        Ok(Self { texts: names.filter_map(given).collect(), check_config: matches.get_flag(CHECK_CONFIG) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What to say of a flag that is none.
pub(in crate::cli) fn unknown_flag(name: &str) -> String {
    let names: Vec<_> = settings().into_iter().map(|setting| setting.name).chain([CONFIG, CHECK_CONFIG]).collect();
    format!("`--{name}` {}", unknown_name(name, &names, |known| format!("`--{known}`")))
}
