//! The server against its own description: thousands of requests that the document allows, or just does not, each answered as it says.

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure, Outcome};
use crate::process::{self, Run};
use crate::provision::schemathesis;
use crate::serve;
use crate::temporary::Temporary;
use crate::workspace::Workspace;

/// The same requests each time.
const SEED: &str = "20261121";
/// So many more are tried of each operation, once those at the borders of every field are done.
const EXAMPLES: &str = "60";
/// The secret key of the demo's seed, which is published.
const KEY: &str = "sk_demo_00000000000000000000000000";
/// What is not asked: that all that the schemas allow is taken. They cannot say what several fields must be together, that a currency or a zone
/// exists, or that integers have no decimal point (`core/WIRE.md`).
const NOT_CHECKED: &str = "positive_data_acceptance";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// Where a key is revoked or replaced, it may be the very one that asks; then all that follows is answered 401, and nothing more is found out.
/// So that is asked apart, of another server.
const OF_KEYS: [&str; 2] = ["/v1/keys", "/v1/keys/{id}"];

/// Asks a server with the demo's site, and another one about keys.
///
/// # Errors
/// When an answer is none that the description has, or the server fails, or something cannot be started.
pub(super) fn holds(workspace: &Workspace) -> Outcome<()> {
    let asked = ask(workspace, &["--exclude-path", OF_KEYS[0], "--exclude-path", OF_KEYS[1]])?;
    if asked.as_deref() != Some("200") {
        return Err(Failure::new("the key that asked does not open the site any more: too little was tried"));
    }
    ask(workspace, &["--include-path", OF_KEYS[0], "--include-path", OF_KEYS[1]]).map(drop)
}

/// Asks a new server, and tells with which status the key that asked is answered at the end.
fn ask(workspace: &Workspace, what: &[&str]) -> Outcome<Option<String>> {
    let program = schemathesis::ensure(workspace)?;
    let server = serve::build(workspace)?;
    let temporary = Temporary::new()?;
    let address = free_address()?;
    let mut running = Run::new(server)
        .args(["serve", "--listen", &address.to_string(), "--log-level", "error", "--database"])
        .arg(format!("sqlite:{}", temporary.path().join("tearoff.sqlite").display()))
        .arg("--seed")
        .arg(workspace.root.join("www/booking/seed.json"))
        // It is ours, and would be taken for a setting.
        .without_env("TEAROFF_CACHE")
        .start()?;
    let begun = Instant::now();
    while !serve::is_ready(address) {
        if begun.elapsed() > READY_WITHIN || running.ended()?.is_some() || process::interrupted() {
            return Err(Failure::new("the server did not become ready"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let document = format!("http://{address}/v1/openapi.json");
    let told = Run::new(program)
        .arg("--config-file")
        .arg(workspace.root.join("xtask/schemathesis/schemathesis.toml"))
        .args(["run", &document, "--header", &format!("Authorization: Bearer {KEY}")])
        .args(["--checks", "all", "--exclude-checks", NOT_CHECKED, "--continue-on-failure", "--warnings", "off"])
        .args(["--seed", SEED, "--max-examples", EXAMPLES, "--no-color", "--generation-database", "none"])
        .args(what)
        .directory(temporary.path())
        .minutes(6)
        .output()?;
    told.lines().filter(|line| line.contains("generated")).for_each(|line| println!("{line}"));
    if running.ended()?.is_some() {
        return Err(Failure::new("the server ended by itself"));
    }
    let status = serve::status(address, "/v1/site", Some(KEY));
    running.stop()?;
    Ok(status)
}

/// An address of this machine that nobody listens on.
fn free_address() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context(|| "no address is free")?;
    listener.local_addr().context(|| "an address is not told")
}
