#![doc = include_str!("../README.md")]

mod programs;
mod proxy;

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use programs::Programs;
pub use proxy::{Cut, Proxy};

/// How long a server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the server listens on within its folder.
const SOCKET: &str = ".s.PGSQL.5432";

/// A PostgreSQL server. It ends with this value, or with the process.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: Programs,
    keeper: Child,
    /// The keeper ends the server when this is closed.
    leash: Option<ChildStdin>,
    databases: AtomicUsize,
}

impl Cluster {
    /// The one server of this process. It is stopped when the process ends, however it ends.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server for a test that stops it.
    ///
    /// # Panics
    /// When it does not start; the panic says what is missing.
    #[must_use]
    pub fn start() -> Self {
        let programs = Programs::find();
        // Short, because a socket's path may have some hundred bytes only. The keeper removes it.
        let folder = TempDir::with_prefix_in("pg", "/tmp").expect("a folder").keep();
        programs.own(&folder);
        let data = folder.join("data");
        let made = programs
            .command("initdb")
            .arg("-D")
            .arg(&data)
            .args(["--auth=trust", "--username=tearoff", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"])
            // What is synced here is only the empty cluster; the server itself syncs.
            .arg("--no-sync")
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let (keeper, leash) = keep(&programs, &folder, &data);
        let cluster = Self { folder, programs, keeper, leash: Some(leash), databases: AtomicUsize::new(0) };
        cluster.wait_until_it_answers();
        cluster
    }

    fn wait_until_it_answers(&self) {
        let begun = Instant::now();
        while postgres::Client::connect(&self.url("postgres"), postgres::NoTls).is_err() {
            assert!(begun.elapsed() < PATIENCE, "the PostgreSQL server does not answer: {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// An empty database of its own: a schema that its address leads to, which is made in no time, where a database is copied file by file.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn database(&self) -> Database {
        let name = self.next_name();
        self.look("postgres").batch_execute(&format!("CREATE SCHEMA {name}")).expect("a schema");
        self.within("postgres", &format!("?options=-csearch_path%3D{name}"))
    }

    /// An empty database that is one to PostgreSQL as well.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn whole_database(&self) -> Database {
        let name = self.next_name();
        self.look("postgres").batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
        self.within(&name, "")
    }

    fn next_name(&self) -> String {
        format!("test_{}", self.databases.fetch_add(1, Ordering::SeqCst))
    }

    fn within(&self, name: &str, options: &str) -> Database {
        Database {
            url: format!("{}{options}", self.url(name)),
            socket: self.folder.join(SOCKET),
            name: name.to_owned(),
            options: options.to_owned(),
        }
    }

    /// The address of one of its databases.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://tearoff@{folder}/{database}")
    }

    fn look(&self, database: &str) -> postgres::Client {
        postgres::Client::connect(&self.url(database), postgres::NoTls).expect("a connection")
    }

    /// Stops the server at once, as a crash does, and starts it again after `pause`.
    ///
    /// # Panics
    /// When it does not stop or start.
    pub fn crash(&self, pause: Duration) {
        let stopped = self.control(&["stop", "-m", "immediate"]);
        assert!(stopped, "it is stopped");
        thread::sleep(pause);
        assert!(self.control(&["start", "-W", "-o", &self.options()]), "it starts");
        self.wait_until_it_answers();
    }

    fn options(&self) -> String {
        options(&self.folder).join(" ")
    }

    fn control(&self, told: &[&str]) -> bool {
        let mut command = self.programs.command("pg_ctl");
        command.args(told).arg("-D").arg(self.folder.join("data")).arg("-l").arg(self.folder.join("log"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().expect("pg_ctl runs").success()
    }

    /// What the server has logged.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.leash.take());
        let _ = self.keeper.wait();
    }
}

/// One database.
#[derive(Clone, Debug)]
pub struct Database {
    /// Its address.
    pub url: String,
    /// The socket that its server listens on.
    pub socket: PathBuf,
    /// Its name.
    pub name: String,
    options: String,
}

impl Database {
    /// A connection, to look into it.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn look(&self) -> postgres::Client {
        postgres::Client::connect(&self.url, postgres::NoTls).expect("a connection")
    }

    /// The first column of the first row of a query.
    ///
    /// # Panics
    /// When there is none, or it is something else.
    #[must_use]
    pub fn number(&self, sql: &str) -> i64 {
        self.look().query_one(sql, &[]).expect("a row").get(0)
    }
}

/// How the server is started: nothing that makes it less durable.
fn options(folder: &Path) -> [String; 4] {
    let socket = format!("-k{}", folder.display());
    ["-clisten_addresses=".into(), socket, "-cmax_connections=200".into(), "-cshared_buffers=128MB".into()]
}

/// Starts the server under somebody who ends it, whatever becomes of this process: a static is never dropped, and a test may be killed.
fn keep(programs: &Programs, folder: &Path, data: &Path) -> (Child, ChildStdin) {
    const KEEPER: &str = "folder=$1; control=$2; shift 2; \"$@\" >\"$folder/log\" 2>&1 </dev/null & \
                          trap '' INT TERM; read -r _; \
                          \"$control\" stop -m immediate -s -D \"$folder/data\" >/dev/null 2>&1; rm -rf \"$folder\"";
    let mut keeper = programs.run("sh");
    keeper.args(["-c", KEEPER, "keeper"]).arg(folder).arg(programs.path("pg_ctl")).arg(programs.path("postgres"));
    keeper.arg("-D").arg(data).args(options(folder));
    keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut keeper = keeper.spawn().expect("the keeper starts");
    let leash = keeper.stdin.take().expect("the leash");
    (keeper, leash)
}
