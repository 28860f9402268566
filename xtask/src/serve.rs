//! `cargo xtask serve`: the whole of Tearoff on this machine, with a demo studio's booking page.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::bundle;
use crate::failure::{Context, Failure, FileContext, Outcome};
use crate::process::{Ended, Run};
use crate::progress;
use crate::workspace::Workspace;

const ADDRESS: &str = "127.0.0.1:8600";
/// The server migrates and seeds its database before it answers.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// Longer than anyone looks at a demo.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// `cargo xtask serve`.
///
/// # Errors
/// When something cannot be built, the address is taken, or the server ends by itself.
pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    let workspace = Workspace::find()?;
    let listen: SocketAddr = arguments
        .value("--listen")
        .unwrap_or(ADDRESS)
        .parse()
        .context(|| "`--listen` needs an address like 127.0.0.1:8600")?;
    // Said now, not after minutes of building.
    TcpListener::bind(listen)
        .map(drop)
        .context(|| format!("`{listen}` cannot be listened on; `--listen` chooses another address"))?;
    workspace.bound_target()?;
    bundle::ensure(&workspace)?;
    let server = build(&workspace)?;
    let database = workspace.root.join("target/demo/tearoff.sqlite");
    prepare(&database, arguments.has("--fresh"))?;
    let mut running = Run::new(server)
        .args(["serve", "--listen", &listen.to_string(), "--database"])
        .arg(format!("sqlite:{}", database.display()))
        .arg("--www")
        .arg(workspace.dist())
        .arg("--seed")
        .arg(workspace.root.join("www/booking/seed.json"))
        // It is ours, and would be taken for a setting.
        .without_env("TEAROFF_CACHE")
        .args(arguments.has("--allow-published-keys").then_some("--allow-published-keys"))
        .start()?;
    let begun = Instant::now();
    while begun.elapsed() < READY_WITHIN
        && !is_ready(listen)
        && running.ended()?.is_none()
        && !crate::process::interrupted()
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    if is_ready(listen) {
        println!("\n    Demo booking page: http://{listen}/booking/\n    Ctrl-C stops it.\n");
    }
    match running.wait_at_most(FOR_EVER)? {
        Ended::Itself(status) => Err(Failure::new(format!("the server ended by itself with {status}"))),
        Ended::Interrupted | Ended::TooLate => {
            progress::step("the server has stopped");
            Ok(())
        }
    }
}

/// Builds the server as the tests do, so that both share what is compiled.
///
/// # Errors
/// When it does not compile.
pub(crate) fn build(workspace: &Workspace) -> Outcome<PathBuf> {
    progress::long_step("building the server", "4 minutes at first, then seconds");
    workspace.cargo("build").args(["-p", "tearoff-server", "--bin", "tearoff"]).minutes(30).run()?;
    Ok(workspace.target.join("debug/tearoff"))
}

fn prepare(database: &Path, fresh: bool) -> Outcome<()> {
    if let Some(folder) = database.parent() {
        if fresh && folder.exists() {
            fs::remove_dir_all(folder).file(folder)?;
        }
        fs::create_dir_all(folder).file(folder)?;
    }
    Ok(())
}

/// Whether the server says that it can do its work.
pub(crate) fn is_ready(listen: SocketAddr) -> bool {
    status(listen, "/readyz", None).is_some_and(|status| status == "200")
}

/// The status with which a `GET` is answered; `None` where there is no answer.
pub(crate) fn status(listen: SocketAddr, path: &str, key: Option<&str>) -> Option<String> {
    let limit = Duration::from_millis(500);
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&listen, limit)?;
        stream.set_read_timeout(Some(limit))?;
        let key = key.map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: {listen}\r\n{key}Connection: close\r\n\r\n").as_bytes())?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(String::from_utf8_lossy(&head).into_owned())
    };
    ask().ok()?.strip_prefix("HTTP/1.1 ").map(str::to_owned)
}
