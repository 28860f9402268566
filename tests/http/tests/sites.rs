//! `tearoff site`: a first site with keys of its own, and further keys for whoever lost theirs.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tearoff_http_tests::process::{Start, program};
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

fn database(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("test.sqlite").display())
}

fn site(folder: &Path, arguments: &[&str]) -> Output {
    program(SERVER).arg("site").args(arguments).args(["--database", &database(folder)]).output().unwrap()
}

fn studio(folder: &Path, more: &[&str]) -> Output {
    let needed = ["add", "studio", "--currency", "EUR", "--zone", "Europe/Athens"];
    site(folder, &[&needed[..], more].concat())
}

/// The database may be named in the environment: a list of processes shows what stands on a command line.
#[test]
fn the_environment_may_name_the_database() {
    let folder = TempDir::new().unwrap();
    let arguments = ["site", "add", "studio", "--currency", "EUR", "--zone", "UTC"];
    let nowhere = program(SERVER).args(arguments).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(refusal(&nowhere).contains("`--database` is needed, or `TEAROFF_DATABASE`"), "{}", refusal(&nowhere));
    let added = program(SERVER).args(arguments).env("TEAROFF_DATABASE", database(folder.path())).output().unwrap();
    assert_eq!(told(&added)["site"], "studio");
    let all = program(SERVER).arg("export").env("TEAROFF_DATABASE", database(folder.path())).output().unwrap();
    assert!(all.status.success(), "{}", refusal(&all));
    let wrong = program(SERVER).arg("export").env("TEAROFF_DATABASE", "mysql://root:secret@host").output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(refusal(&wrong).contains("`TEAROFF_DATABASE` must"), "{}", refusal(&wrong));
    assert!(!refusal(&wrong).contains("secret"), "{}", refusal(&wrong));
}

fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{}", refusal(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refusal(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_site_of_ones_own_is_ready_to_be_used() {
    let folder = TempDir::new().unwrap();
    let keys = told(&studio(folder.path(), &["--preset", "booking_rewards", "--origin", "https://studio.example"]));
    let mut process = Start::new(SERVER, folder.path(), &[]).run();
    for (name, may_change) in
        [("secret_key", true), ("test_secret_key", true), ("publishable_key", false), ("test_publishable_key", false)]
    {
        let client = process.stranger().with_key(keys[name].as_str().unwrap());
        let answer = client.get("/v1/site");
        assert_eq!(answer.status, if may_change { 200 } else { 403 }, "{name}: {}", answer.text());
        if may_change {
            assert_eq!(answer.json()["id"], "studio");
            assert_eq!(answer.json()["policy"]["currency"], "EUR");
            assert_eq!(answer.json()["policy"]["zone"], "Europe/Athens");
            assert_eq!(answer.json()["policy"]["confirm_on"], "paid", "as the preset has it");
            assert_eq!(answer.json()["origins"], json!(["https://studio.example"]));
        }
    }
    process.stop();

    let (kept, found) =
        (keys["secret_key"].as_str().unwrap(), std::fs::read(folder.path().join("test.sqlite")).unwrap());
    assert!(!found.windows(kept.len()).any(|bytes| bytes == kept.as_bytes()), "keys are kept as hashes");
}

#[test]
fn whoever_lost_the_keys_gets_others_and_the_lost_ones_go_on() {
    let folder = TempDir::new().unwrap();
    let first = told(&studio(folder.path(), &[]));
    let second = told(&site(folder.path(), &["keys", "studio"]));
    let process = Start::new(SERVER, folder.path(), &[]).run();
    for keys in [&first, &second] {
        let client = process.stranger().with_key(keys["secret_key"].as_str().unwrap());
        assert_eq!(client.get("/v1/keys").json()["keys"].as_array().unwrap().len(), 8);
    }
    assert_ne!(first["secret_key"], second["secret_key"]);
}

#[test]
fn what_is_wrong_is_named_and_no_site_is_added() {
    let folder = TempDir::new().unwrap();
    let table: &[(&[&str], &str)] = &[
        (&["add", "Studio!", "--currency", "EUR", "--zone", "UTC"], "`ID` must have 1 to 64 lower-case letters"),
        (&["add", "studio", "--currency", "EURO", "--zone", "UTC"], "`--currency` "),
        (&["add", "studio", "--currency", "EUR", "--zone", "Moon/Base"], "`--zone` "),
        (&["add", "studio", "--currency", "EUR", "--zone", "UTC", "--preset", "none"], "`--preset` "),
        (&["add", "studio", "--currency", "EUR", "--zone", "UTC", "--origin", "studio"], "`--origin` "),
        (&["keys", "studio"], "`ID` is the id of no site"),
    ];
    for (arguments, wanted) in table {
        let output = site(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(refusal(&output).contains(wanted), "{arguments:?}: {}", refusal(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}: a key that opens nothing is not told");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no database is left of a path that was mistyped");
    told(&studio(folder.path(), &[]));
    let again = studio(folder.path(), &[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(refusal(&again).contains("`ID` is the id of a site that is there already"), "{}", refusal(&again));
}

/// Whoever mends one thing after another runs a program as often as there are things.
#[test]
fn all_that_is_wrong_is_told_at_once() {
    let folder = TempDir::new().unwrap();
    let site = ["site", "add", "Studio!", "--currency", "EURO", "--zone", "Moon/Base", "--preset", "none"];
    let more = ["--origin", "studio", "--database", "mysql://nowhere"];
    let output = program(SERVER).args(site).args(more).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = refusal(&output);
    for wanted in ["`ID` ", "`--currency` ", "`--zone` ", "`--preset` ", "`--origin` ", "`--database` "] {
        assert_eq!(told.lines().filter(|line| line.starts_with(&format!("tearoff: {wanted}"))).count(), 1, "{told}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_a_server_writes_to_is_left_to_it() {
    let folder = TempDir::new().unwrap();
    let _process = Start::new(SERVER, folder.path(), &[]).run();
    let output = studio(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(refusal(&output).contains("is in use by another server"), "{}", refusal(&output));
}
