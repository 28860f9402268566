//! The command line.

mod quote;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    Serve(crate::config::Settings),
    /// Answer evaluation requests, one JSON object per line
    ///
    /// Every line is answered by one line, in order: the engine's answer with its trace, or
    /// `{"line":N,"error":{"errors":[{"field":…,"code":…,"message":…}]}}` for a line that is at fault, an empty one included. The exit
    /// code is 0 when all was read, whatever was in it, 2 when the input cannot be read, 1 when nobody takes the answers.
    Quote(quote::Input),
}

/// Runs what the command line asks for.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(settings) => serve::run(&settings).map_err(|message| (message, ExitCode::FAILURE)),
        Command::Quote(input) => quote::run(&input).map_err(|broken| (broken.to_string(), broken.exit_code())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err((message, code)) => {
            eprintln!("tearoff: {message}");
            code
        }
    }
}
