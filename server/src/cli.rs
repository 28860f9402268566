//! The command line.

mod arguments;
mod audit;
mod backtest;
mod backup;
mod database;
mod export;
mod import;
mod lines;
mod progress;
mod quote;
mod replay;
mod serve;
mod site;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lines::{Broken, ended};

use crate::wire::SCHEMA;

/// Promo codes for booking pages
#[derive(Debug, Parser)]
#[command(name = "tearoff", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the HTTP interface, and the bundle where one is given
    ///
    /// Each setting but `--check-config` may also stand in the environment, as `TEAROFF_` and its name in capitals, with `_` for `-`; or in the
    /// TOML file that `--config` names, by its name, as `listen = "127.0.0.1:8600"`. A flag beats the environment, and the environment the
    /// file. Of what may be given several times a file has a list, and a variable the values between commas. Unknown names are refused, and
    /// everything that is wrong is told at once. Relative paths are below the folder in which the server is started.
    Serve(serve::Flags),
    /// Answer evaluation requests, one JSON object per line
    ///
    /// Every line is answered by one line, in order: the engine's answer with its trace, or
    /// `{"line":N,"error":{"errors":[{"field":…,"code":…,"message":…}]}}` for a line that is at fault, an empty one included. The exit
    /// code is 0 when all was read, whatever was in it, 2 when the input cannot be read, 1 when nobody takes the answers.
    Quote(quote::Input),
    /// Look for promotions that never apply, contradict themselves, or are shadowed, and for what they may cost at the most
    ///
    /// Writes one JSON object per finding, or readable text on a terminal. The exit code is 1 when there is a finding that is no
    /// note, and 2 when the file cannot be read. Example: `tearoff audit core/examples/audit.json`
    Audit(audit::Input),
    /// Evaluate kept answers again and tell what differs
    ///
    /// Reads what `tearoff quote --keep-request` wrote, also by another engine. Writes one line per answer that is another today, and
    /// at the end a line with the counts. The exit code is 1 when something differs or is at fault, and 2 when the input cannot be read. Example:
    /// `tearoff quote --keep-request core/examples/request.jsonl | tearoff replay`
    ///
    /// With `--all --database sqlite:PATH` it evaluates every redemption that a database keeps, of all sites, from the bytes that are kept: cart,
    /// facts, terms versions. It writes one line per redemption of which a byte, a sum or a digest is another, with what was and what is.
    /// Where all were decided by other engines nothing is compared, which is told; the exit code is 2.
    Replay(replay::Input),
    /// Try a draft promotion on past orders: what it would have cost, who would have won, who would have lost
    ///
    /// Every order is evaluated as it was, and again with the draft, its code entered after the others. Writes one JSON object at
    /// the end, and before that a line for each order that is at fault. The exit code is 2 when the input cannot be read, or every order of
    /// it is at fault. Example:
    /// `tearoff backtest --promotion core/examples/draft.json core/examples/orders.jsonl`
    Backtest(backtest::Input),
    /// Copy a database, also one that a server is writing to, and check the copy
    ///
    /// The copy is one consistent state with all that was acknowledged before it began. It is readable for its owner only, and one file:
    /// a server can be started on it as it is. Nothing is overwritten; the name is given when the copy is whole, has passed SQLite's checks and
    /// is on the disk. Writes one JSON object: how many `redemptions` it holds, and its `bytes`. The exit code is 2 when there is no copy.
    /// Example: `tearoff backup --database sqlite:tearoff.sqlite --to tearoff-$(date +%F).sqlite`
    Backup(backup::Input),
    /// Add a site, or a key to a site
    #[command(subcommand)]
    Site(site::Command),
    /// Write everything of a database as JSON lines, also of one that servers are writing to
    ///
    /// All sites, promotions with every version of their terms, codes, customers, redemptions, counters and answers, of either kind of database,
    /// for `tearoff import` into either kind: two databases that hold the same give the same bytes. It is one consistent state. The first line
    /// says which schema it is of; then comes each table, a line that names its columns and a line for each row, with bytes in base64url;
    /// the last line counts the rows and has the SHA-256 of all lines before it.
    ///
    /// The export holds secrets as they are stored: what signs snapshots and carts, what customers are hashed with, the hashes of keys, every
    /// code. Whoever has it can act as the site. `--output` makes a file that is readable for its owner only, overwrites nothing, gives the name
    /// when all of it is on the disk, and writes how many `rows` there are of each table as one JSON object; without it, the lines are written to
    /// standard output and nothing else is. The exit code is 2 when there is no whole export, and 1 when nobody takes it to its end.
    /// Example: `tearoff export --database sqlite:tearoff.sqlite --output tearoff.jsonl`
    Export(export::Input),
    /// Fill an empty database with what `tearoff export` wrote
    ///
    /// The database, of either kind, is made, or its tables are, where they are not there; no server may write to it meanwhile. Everything
    /// is added in one transaction: an export that is cut, was changed, is of another schema, or holds a row that cannot be, is refused with
    /// its line, and nothing is imported. A database with anything in it is refused. Writes how many `rows` there are of each table, as one
    /// JSON object. The exit code is 2 when nothing was imported.
    /// Example: `tearoff import --database postgres://tearoff@127.0.0.1/tearoff tearoff.jsonl`
    Import(import::Input),
    /// Print the JSON Schema of all that goes in and out, version 1
    ///
    /// As it stands it is the schema of one line of `tearoff quote`; answers and other files stand under `$defs`.
    Schema,
}

/// Runs what the command line asks for.
#[must_use]
pub fn run() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let told = |broken: Broken| (broken.to_string(), broken.exit_code());
    let given: Vec<OsString> = env::args_os().collect();
    let (arguments, unknown) = match arguments::parse::<Arguments>(given.clone()) {
        Ok(parsed) => parsed,
        // Help and version are no errors.
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            eprint!("{}", arguments::told(&error, given.iter()));
            return ExitCode::from(2);
        }
    };
    let outcome = match arguments.command {
        Command::Serve(flags) => serve::run(flags, unknown).map_err(|message| (message, ExitCode::FAILURE)),
        Command::Quote(input) => quote::run(&input).map(done).map_err(told),
        Command::Audit(input) => audit::run(&input).map_err(told),
        Command::Replay(input) => replay::run(&input).map_err(told),
        Command::Backtest(input) => backtest::run(&input).map(done).map_err(told),
        Command::Backup(input) => backup::run(&input).map(done).map_err(told),
        Command::Site(command) => site::run(&command).map(done).map_err(told),
        Command::Export(input) => export::run(&input).map(done).map_err(told),
        Command::Import(input) => import::run(&input).map(done).map_err(told),
        Command::Schema => print_schema().map(done).map_err(told),
    };
    outcome.unwrap_or_else(|(message, code)| {
        eprintln!("tearoff: {message}");
        code
    })
}

fn print_schema() -> Result<(), Broken> {
    ended(io::stdout().write_all(SCHEMA.as_bytes()).map_err(Broken::from))
}
