//! The table of steps and what each does.

use crate::bench::counts;
use crate::bundle;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::progress;
use crate::provision::wasm_target::{self, BARE, BROWSER};
use crate::temporary::Temporary;
use crate::workspace::Workspace;
use crate::{invariants, lockfile, parity, provision, serve};

use super::{Step, browser, description};

/// Needs a browser and a server, and so a step of its own.
const STORIES: &str = "tests/e2e";
/// Asks the server over HTTP.
pub(crate) const REQUESTS: &str = "tests/http";

/// What is asked of the server over HTTP once more where it keeps its records in PostgreSQL. Left out are `servers`, which is about nothing
/// else, and what looks into SQLite's file.
const ON_POSTGRES: [&str; 18] = [
    "bad_input",
    "budgets",
    "codes",
    "corpus",
    "customers",
    "described",
    "edit_log",
    "export",
    "idempotency",
    "keys",
    "lifecycle",
    "limits",
    "quotes",
    "reversal",
    "rotation",
    "signed_carts",
    "walk",
    "warnings",
];
/// What holds on SQLite only: on PostgreSQL a private code that is read takes a journey more than one that is not there, which a clock can tell; and a
/// hundred thousand codes are written there in time, but not by much where this is built without optimisation and the machine is busy.
const ON_SQLITE_ONLY: [&str; 2] =
    ["private_codes_take_as_long_as_unknown_ones", "a_hundred_thousand_codes_keep_nobody_waiting"];

/// In the order in which they run.
pub(super) const STEPS: [Step; 14] = [
    Step { name: "provision", proves: "every tool is there", run: provision::everything },
    Step { name: "format", proves: "one style of writing", run: format },
    Step { name: "bare", proves: "core needs no operating system and no browser", run: bare },
    Step { name: "invariants", proves: "each concern stays in its place", run: invariants::check },
    Step { name: "clippy", proves: "no warning, on this machine and for the browser", run: clippy },
    Step { name: "native", proves: "unit tests, laws, corpus by core and over HTTP", run: native },
    Step { name: "postgres", proves: "the corpus and what a server promises, on PostgreSQL", run: postgres },
    Step { name: "description", proves: "the server answers as its description says", run: description::holds },
    Step { name: "documentation", proves: "examples in the documentation run", run: documentation },
    Step { name: "instructions", proves: "core does no more work than it did", run: counts::check },
    Step { name: "parity", proves: "core, model and browser agree on random cases", run: parity::of_the_test_run },
    Step { name: "browser", proves: "corpus by core as WebAssembly, widget, in headless Chromium", run: browser::all },
    Step { name: "sizes", proves: "loader and widget within their budgets", run: sizes },
    Step { name: "stories", proves: "whole stories in headless Chromium against a real server", run: stories },
];

fn format(workspace: &Workspace) -> Outcome<()> {
    workspace.cargo("fmt").args(["--all", "--check"]).minutes(2).run()
}

fn bare(workspace: &Workspace) -> Outcome<()> {
    let toolchain = wasm_target::ensure(workspace)?;
    [BARE, BROWSER].iter().try_for_each(|triple| {
        toolchain.cargo(workspace, "build", triple).args(["--quiet", "-p", "tearoff-core"]).run()
    })
}

fn clippy(workspace: &Workspace) -> Outcome<()> {
    let denied = ["--", "--deny", "warnings"];
    workspace.cargo("clippy").args(["--workspace", "--all-targets"]).args(denied).run()?;
    let toolchain = wasm_target::ensure(workspace)?;
    let tests = lockfile::package_name(workspace, browser::PACKAGE)?;
    if !toolchain.has_clippy() {
        progress::warning("no clippy for the browser's target: what is compiled for it alone is not checked");
        return Ok(());
    }
    let packages = ["-p", "tearoff-widget", "-p", &tests, "--all-targets"];
    toolchain.cargo(workspace, "clippy", BROWSER).args(packages).args(denied).run()
}

fn native(workspace: &Workspace) -> Outcome<()> {
    let elsewhere = [lockfile::package_name(workspace, browser::PACKAGE)?, lockfile::package_name(workspace, STORIES)?];
    let exclude = elsewhere.iter().flat_map(|package| ["--exclude", package.as_str()]);
    let has_nextest = process::find("cargo-nextest").is_some();
    let run = if has_nextest {
        workspace.cargo("nextest").args(["run", "--no-fail-fast"])
    } else {
        workspace.cargo("test").args(["--no-fail-fast", "--lib", "--bins", "--tests"])
    };
    let databases = provision::postgres::ensure()?;
    run.arg("--workspace").args(exclude).env(provision::postgres::FOLDER, databases).minutes(40).run()
}

fn postgres(workspace: &Workspace) -> Outcome<()> {
    let package = lockfile::package_name(workspace, REQUESTS)?;
    let databases = provision::postgres::ensure()?;
    let targets = ON_POSTGRES.iter().flat_map(|target| ["--test", target]);
    // One process per target, and so one PostgreSQL server for all of its tests.
    let run = workspace.cargo("test").args(["--no-fail-fast", "-p", &package]).args(targets);
    let run = run.arg("--").args(ON_SQLITE_ONLY.iter().flat_map(|test| ["--skip", test]));
    run.env(provision::postgres::FOLDER, databases).env("TEAROFF_TEST_DATABASE", "postgres").minutes(30).run()
}

fn documentation(workspace: &Workspace) -> Outcome<()> {
    workspace.cargo("test").args(["--doc", "-p", "tearoff-core"]).run()
}

fn sizes(workspace: &Workspace) -> Outcome<()> {
    let sizes = bundle::ensure(workspace)?;
    print!("{}", sizes.table());
    bundle::check(&sizes)
}

fn stories(workspace: &Workspace) -> Outcome<()> {
    let package = lockfile::package_name(workspace, STORIES)?;
    let found = provision::browser::ensure()?;
    bundle::ensure(workspace)?;
    let server = serve::build(workspace)?;
    let temporary = Temporary::new()?;
    // One story at a time: each looks at the clock of a browser that shares the machine with the server.
    let run = workspace.cargo("test").args(["-p", &package, "--", "--test-threads=1"]);
    let run = run
        .env("CHROME", &found.chrome)
        .env("CHROMEDRIVER", &found.driver)
        .env("TEAROFF_SERVER", &server)
        .env("TEAROFF_WWW", workspace.dist())
        .env("TMPDIR", temporary.path())
        .minutes(20)
        .run();
    run.map_err(|failure| {
        Failure::new(format!("{failure}\n(chrome {}, driver {})", found.chrome.display(), found.driver.display()))
    })
}
