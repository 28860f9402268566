//! How a server is set up: flags, environment and file; and that a start that is refused leaves nothing behind.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use serde_json::json;
use tearoff_http_tests::harness::Harness;
use tearoff_http_tests::process::{Start, program, run_to_its_end};
use tearoff_http_tests::site::Site;
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");

fn serve(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = program(SERVER);
    command.arg("serve").args(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn settings_are_told_with_where_they_come_from_and_without_secrets() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("tearoff.toml");
    std::fs::write(&file, "database = \"postgres://ana:hush@db.example/codes\"\nguess-burst = 3\n").unwrap();
    let file = file.to_str().unwrap();
    let told = serve(
        &["--check-config", "--listen", "127.0.0.1:1"],
        &[("TEAROFF_CONFIG", file), ("TEAROFF_GUESS_BURST", "4")],
    );
    let said = text(&told.stdout);
    assert!(told.status.success() && told.stderr.is_empty(), "{}", text(&told.stderr));
    let lines: Vec<String> = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "listen = \"127.0.0.1:1\" # --listen",
        "database = \"postgres://ana:…@db.example/codes\" # file",
        "guess-burst = 4 # TEAROFF_GUESS_BURST",
        "guesses-per-minute = 6 # default",
        "# seed is not set",
        "# metrics-listen is not set",
    ] {
        assert!(lines.iter().any(|told| told == line), "{line}: {said}");
    }
    assert!(!said.contains("hush"), "{said}");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let arguments =
        ["--lisen", "127.0.0.1:1", "--guess-burst", "0", "--database", "mysql://ana:hush@db.example", "--check-config"];
    let refused =
        serve(&arguments, &[("TEAROFF_WWW", "/nowhere"), ("TEAROFF_COLOUR", "red"), ("TEAROFF_CONFIG", "/none.toml")]);
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    for place in ["`--lisen`", "`--guess-burst`", "`--database`", "`TEAROFF_WWW`", "`TEAROFF_COLOUR`", "`/none.toml`"] {
        assert_eq!(
            said.lines().filter(|line| line.starts_with(&format!("tearoff: {place}"))).count(),
            1,
            "{place}: {said}"
        );
    }
    assert!(said.lines().count() == 6 && !said.contains("hush"), "{said}");
}

/// A server that is set up by a file and the environment alone serves.
#[test]
fn no_flag_is_needed() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &[Site::studio("studio")]);
    let file = folder.path().join("tearoff.toml");
    let seed = serde_json::Value::from(start.seed().to_str().unwrap());
    std::fs::write(&file, format!("seed = {seed}\nlisten = \"127.0.0.1:0\"\npublic-origin = [\"http://localhost\"]\n"))
        .unwrap();
    let database = format!("sqlite:{}", start.database().display());
    let start =
        start.with_nothing_said().with("TEAROFF_CONFIG", file.to_str().unwrap()).with("TEAROFF_DATABASE", &database);
    let mut process = start.run();
    assert_eq!(process.stranger().with_key(&Site::studio("studio").secret).get("/v1/site").status, 200);
    assert!(process.stop().success());
}

/// What was not there is not there afterwards, whatever the reason.
#[test]
fn a_refused_start_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &[Site::studio("studio")]);
    let refuse = |start: &Start, why: &str| {
        let before = files(folder.path());
        let (status, said) = run_to_its_end(start.command());
        assert!(!status.success() && said.contains(why), "{said}");
        assert_eq!(files(folder.path()), before, "{why}");
    };
    let good = std::fs::read(start.seed()).unwrap();
    let mut site = Site::seed(&[Site::studio("studio")]);
    site["sites"][0]["keys"][0] = json!("nonsense");
    let bad = site.to_string();
    let demo = include_str!("../../../www/booking/seed.json");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let no_bundle = TempDir::new().unwrap();
    std::fs::create_dir_all(no_bundle.path().join("1/2/3/4/5/6/7/8/9")).unwrap();
    let refuse_all = || {
        std::fs::write(start.seed(), &bad).unwrap();
        refuse(&start, "sites[0].keys[0]");
        std::fs::write(start.seed(), demo).unwrap();
        refuse(&start.clone().with_settings(&["--public-origin", "https://codes.example"]), "--allow-published-keys");
        std::fs::write(start.seed(), &good).unwrap();
        refuse(&start.clone().with_settings(&["--listen", &taken]), "cannot be listened on");
        refuse(&start.clone().with_settings(&["--www", no_bundle.path().to_str().unwrap()]), "to be the bundle");
    };
    refuse_all();
    // On a database that is there, without its lock or with it.
    assert!(start.run().stop().success());
    let kept = std::fs::read(start.database()).unwrap();
    refuse_all();
    std::fs::remove_file(folder.path().join("test.sqlite.lock")).unwrap();
    refuse_all();
    assert_eq!(std::fs::read(start.database()).unwrap(), kept, "and the database is as it was");
    // On what is none.
    std::fs::write(start.database(), "no database, but long enough to be taken for something").unwrap();
    refuse(&start, "test.sqlite");
}

/// A site that no key opens is of no use to anybody, and nothing else would say so.
#[test]
fn sites_without_a_key_are_warned_of() {
    let folder = TempDir::new().unwrap();
    let start = Start::new(SERVER, folder.path(), &[]);
    let warned = |start: &Start| {
        let mut process = start.run();
        assert!(process.stop().success());
        let log = process.log();
        log.lines()
            .filter(|line| line.contains("WARN") && line.contains("nobody can use"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let none = warned(&start);
    assert!(
        none.len() == 1 && none[0].contains("there is no site") && none[0].contains("tearoff site add"),
        "{none:?}"
    );
    let mut seed = Site::seed(&[Site::studio("studio"), Site::bare("silent")]);
    seed["sites"][1]["keys"] = json!([]);
    std::fs::write(start.seed(), seed.to_string()).unwrap();
    let one = warned(&start);
    assert!(one.len() == 1 && one[0].contains("silent") && !one[0].contains("studio"), "{one:?}");
    std::fs::write(start.seed(), Site::seed(&[Site::studio("studio"), Site::bare("silent")]).to_string()).unwrap();
    assert_eq!(warned(&start), [""; 0]);
    // Its keys stay when they are taken out of the seed, as they should be.
    std::fs::write(start.seed(), seed.to_string()).unwrap();
    assert_eq!(warned(&start), [""; 0]);
}

/// Whoever types the server's name meets the owner's own front page, or else the demo, or else the description of the interface.
#[test]
fn the_front_page_is_the_owners_where_there_is_one() {
    let folder = TempDir::new().unwrap();
    let front = || {
        let www = folder.path().to_owned();
        let harness = Harness::configured(vec![Site::studio("studio")], move |config| config.www = Some(www));
        let answer = harness.stranger().get("/?promo=OLEA10");
        (answer.status, answer.header("location").to_owned(), answer.text())
    };
    let (status, to, _) = front();
    assert_eq!((status, to.as_str()), (307, "/docs"), "there is no page");
    std::fs::create_dir(folder.path().join("booking")).unwrap();
    std::fs::write(folder.path().join("booking/index.html"), "<!doctype html><title>Demo</title>").unwrap();
    let (status, to, _) = front();
    assert_eq!((status, to.as_str()), (307, "/booking/?promo=OLEA10"));
    std::fs::write(folder.path().join("index.html"), "<!doctype html><title>My studio</title>").unwrap();
    let (status, _, text) = front();
    assert_eq!(status, 200);
    assert!(text.contains("My studio"), "{text}");
}
