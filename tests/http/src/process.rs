//! The server as a process of its own, which can be stopped, killed and started again on the same database.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::Client;
use crate::site::Site;

/// A program without the settings that whoever runs the tests may have in the environment.
#[must_use]
pub fn program(path: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TEAROFF_")) {
        command.env_remove(name);
    }
    command
}

/// How long a process may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server process with a folder that outlives it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
}

/// How a process is started.
#[derive(Clone, Debug)]
pub struct Start {
    program: PathBuf,
    folder: PathBuf,
    database: String,
    open_files: Option<(u32, String)>,
    environment: Vec<(String, String)>,
    settings: Vec<String>,
    is_silent: bool,
}

impl Start {
    /// `program` on the database in `folder`, with these sites.
    ///
    /// # Panics
    /// When the seed cannot be written.
    #[must_use]
    pub fn new(program: &str, folder: &Path, sites: &[Site]) -> Self {
        std::fs::write(folder.join("seed.json"), Site::seed(sites).to_string()).expect("writing the seed");
        Self {
            program: program.into(),
            folder: folder.to_owned(),
            database: format!("sqlite:{}", folder.join("test.sqlite").display()),
            open_files: None,
            environment: Vec::new(),
            settings: Vec::new(),
            is_silent: false,
        }
    }

    /// The same, with a variable of its environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same on this database, which other processes may serve as well.
    #[must_use]
    pub fn on(self, database: &str) -> Self {
        Self { database: database.to_owned(), ..self }
    }

    /// The same, started with so many files that it may open: the soft limit, and the hard one as `ulimit` takes it.
    #[must_use]
    pub fn with_open_files(self, soft: u32, hard: &str) -> Self {
        Self { open_files: Some((soft, hard.to_owned())), ..self }
    }

    /// The same, with more settings.
    #[must_use]
    pub fn with_settings(mut self, settings: &[&str]) -> Self {
        self.settings.extend(settings.iter().map(|&setting| setting.to_owned()));
        self
    }

    /// The same, with nothing on the command line: no database, no seed, no address.
    #[must_use]
    pub fn with_nothing_said(self) -> Self {
        Self { is_silent: true, ..self }
    }

    /// The file with the seed, to be written anew.
    #[must_use]
    pub fn seed(&self) -> PathBuf {
        self.folder.join("seed.json")
    }

    /// The database file, where it is one.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.join("test.sqlite")
    }

    /// The command, its output not yet arranged for.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = match &self.open_files {
            None => program(&self.program),
            Some((soft, hard)) => {
                let mut shell = program("sh");
                let limited = format!("ulimit -Hn {hard} 2>/dev/null; ulimit -Sn {soft} && exec \"$0\" \"$@\"");
                shell.arg("-c").arg(limited).arg(&self.program);
                shell
            }
        };
        let usual = [["--listen", "127.0.0.1:0"], ["--guesses-per-minute", "1000000"], ["--guess-burst", "1000000"]];
        let is_said = |name: &str| self.settings.iter().any(|setting| setting == name);
        command.arg("serve").envs(self.environment.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        if self.is_silent {
            return command;
        }
        command
            .args(usual.iter().filter(|[name, _]| !is_said(name)).flatten())
            .arg("--database")
            .arg(&self.database)
            .arg("--seed")
            .arg(self.folder.join("seed.json"))
            .args(&self.settings);
        command
    }

    /// Starts it and waits until it listens.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn run(&self) -> Process {
        let mut child = self.command().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the server starts");
        let log = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().expect("its log"));
        let (tell, told) = mpsc::channel();
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if let Some(address) = listening(&line) {
                    // Whoever waited may have given up.
                    let _ = tell.send(address);
                }
                let mut kept = kept.lock().expect("the log");
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        let address = told.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("the server does not listen: {}", log.lock().expect("the log"))
        });
        Process { child, address, log }
    }
}

/// Where it listens, if this line of its log says so, in either format.
fn listening(line: &str) -> Option<String> {
    let event: Value = serde_json::from_str(line).unwrap_or_default();
    if event["message"] == "listening" {
        return event["address"].as_str().map(str::to_owned);
    }
    line.split_once("listening address=").map(|(_, address)| address.trim().to_owned())
}

/// Runs a command that must end by itself; tells how, and what it said.
///
/// # Panics
/// When it does not end, which is what a server does that should not have started.
#[must_use]
pub fn run_to_its_end(mut command: Command) -> (ExitStatus, String) {
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut process = Process { child, address: String::new(), log: Arc::default() };
    let mut said = String::new();
    let status = process.ended();
    let read = process.child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
    assert!(read.is_some_and(|read| read.is_ok()));
    (status, said)
}

impl Process {
    /// Somebody without a key.
    #[must_use]
    pub fn stranger(&self) -> Client {
        Client::new(&format!("http://{}", self.address))
    }

    /// What it has logged so far.
    ///
    /// # Panics
    /// When the thread that reads it has.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Kills it, as a machine does that has no memory left (SIGKILL).
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        self.child.kill().expect("killing");
        self.child.wait().expect("its end");
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// When it does not.
    pub fn stop(&mut self) -> ExitStatus {
        self.ask_to_stop();
        self.ended()
    }

    /// Asks it to stop (SIGTERM).
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn ask_to_stop(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal, such as `TERM`.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().expect("kill");
        assert!(sent.success());
    }

    /// Whether it has not ended yet.
    ///
    /// # Panics
    /// When that cannot be found out.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("its end").is_none()
    }

    /// Where it listens: an address with its port.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When it does not.
    pub fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its end") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
