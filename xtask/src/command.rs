//! The commands: one table, from which both the help and the dispatch are made.

use crate::arguments::{Arguments, Flag};
use crate::failure::{Failure, Outcome};
use crate::progress;
use crate::workspace::Workspace;
use crate::{bench, bundle, fuzz, parity, provision, serve, soak, suite};

struct Command {
    name: &'static str,
    summary: &'static str,
    flags: &'static [Flag],
    run: fn(&Arguments) -> Outcome<()>,
}

const COMMANDS: [Command; 9] = [
    Command {
        name: "serve",
        summary: "builds everything and runs the demo booking page until Ctrl-C",
        flags: &[
            Flag { name: "--listen", value: Some("ADDRESS"), help: "where to listen, 127.0.0.1:8600 if not said" },
            Flag { name: "--fresh", value: None, help: "forgets what was redeemed in earlier demos" },
            Flag {
                name: "--allow-published-keys",
                value: None,
                help: "listens for others too, who know the demo's keys",
            },
        ],
        run: serve::run,
    },
    Command {
        name: "test",
        summary: "runs every check; what continuous integration runs",
        flags: &[
            Flag { name: "--only", value: Some("STEP,…"), help: "runs these steps alone" },
            Flag { name: "--skip", value: Some("STEP,…"), help: "leaves these steps out" },
            Flag { name: "--list", value: None, help: "names the steps" },
        ],
        run: suite::run,
    },
    Command { name: "ci", summary: "the same as `test` with all its steps", flags: &[], run: suite::run },
    Command {
        name: "bundle",
        summary: "makes www/dist: loader, widget and demo page, compressed",
        flags: &[Flag { name: "--check", value: None, help: "fails when a file is over its size budget" }],
        run: bundle::run,
    },
    Command {
        name: "parity",
        summary: "random carts: core against a naive model, and native against the browser",
        flags: &[
            Flag { name: "--cases", value: Some("N"), help: "how many, 50000 if not said" },
            Flag { name: "--seed", value: Some("S"), help: "where the random numbers begin, 1 if not said" },
        ],
        run: parity::run,
    },
    Command {
        name: "fuzz",
        summary: "spoiled inputs for as long as one likes: nothing that is sent may make core panic",
        flags: &[
            Flag {
                name: "--target",
                value: Some("NAME,…"),
                help: "code, request, snapshot or stored; all if not said",
            },
            Flag { name: "--seconds", value: Some("N"), help: "how long each is tried, 60 if not said" },
            Flag { name: "--blind", value: None, help: "without libFuzzer" },
        ],
        run: fuzz::run,
    },
    Command {
        name: "soak",
        summary: "the long forms of what `test` tries briefly: 300 crashes, four servers on PostgreSQL, a million random cases, ten minutes of each fuzzer",
        flags: &[],
        run: soak::run,
    },
    Command {
        name: "bench",
        summary: "prints the figures that the project quotes; all of them if no part is named",
        flags: &[
            Flag { name: bench::SIZES, value: None, help: "what the files served weigh" },
            Flag { name: bench::CORE, value: None, help: "core's speed and weight, beside others and what it aims at" },
            Flag { name: bench::SERVER, value: None, help: "redemptions and quotes a second, beside floors" },
            Flag {
                name: bench::CRASH,
                value: None,
                help: "kills and power cuts under load, and what was lost: nothing",
            },
            Flag { name: bench::ROUNDS, value: Some("N"), help: "of `server`: how many rounds, 7 if not said" },
            Flag { name: bench::SECONDS, value: Some("S"), help: "of `server`: how long each stint, 1 if not said" },
            Flag {
                name: bench::PARTS,
                value: Some("PART,…"),
                help: "of `server`: sqlite, postgres, quotes or history; all if not said",
            },
        ],
        run: bench::run,
    },
    Command {
        name: "setup",
        summary: "installs every tool that the other commands need",
        flags: &[],
        run: |_| provision::everything(&Workspace::find()?),
    },
];

/// Runs the command that `words` ask for; without words, lists them all.
///
/// # Errors
/// When there is no such command, or it fails.
pub(crate) fn run(mut words: impl Iterator<Item = String>) -> Outcome<()> {
    let name = words.next();
    let Some(name) = name.filter(|name| !["help", "--help", "-h"].contains(&name.as_str())) else {
        print!("{}", help());
        return Ok(());
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return Err(Failure::new(format!("unknown command `{name}`; `cargo xtask` lists what there is")));
    };
    let begun = std::time::Instant::now();
    (command.run)(&Arguments::parse(words, command.flags)?)?;
    progress::step(&format!("{name}: done in {}", progress::spoken(begun.elapsed())));
    Ok(())
}

fn help() -> String {
    let mut help = String::from("Usage: cargo xtask <command> [options]\n");
    for command in &COMMANDS {
        help.push_str(&format!("\n  {:<10}{}\n", command.name, command.summary));
        for flag in command.flags {
            let usage = format!("{} {}", flag.name, flag.value.unwrap_or_default());
            help.push_str(&format!("            {usage:<20}{}\n", flag.help));
        }
    }
    help.push_str(
        "\nMissing tools are installed where that is allowed, and named with the command to type where it is not.\n\
         Caches are in TEAROFF_CACHE, XDG_CACHE_HOME/tearoff or ~/.cache/tearoff; cargo builds there too, unless CARGO_TARGET_DIR is set.\n",
    );
    help
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, help};

    #[test]
    fn the_help_names_every_command_and_option_once() {
        let help = help();
        for command in &COMMANDS {
            assert!(help.contains(&format!("\n  {} ", command.name)), "{}", command.name);
            assert!(command.flags.iter().all(|flag| help.contains(flag.name)));
            assert_eq!(COMMANDS.iter().filter(|other| other.name == command.name).count(), 1);
        }
    }
}
