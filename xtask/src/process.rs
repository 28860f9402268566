//! Runs other programs: never with a keyboard, always with a time limit, and never left behind.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::failure::{Context, Failure, Outcome};

/// How long a program may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(15);
/// How often a running program is looked at.
const GLANCE: Duration = Duration::from_millis(20);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static LISTENING: OnceLock<()> = OnceLock::new();

/// Whether the person at the terminal, or the system, asked this program to end.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// A program about to run.
pub(crate) struct Run {
    command: Command,
    limit: Duration,
}

impl Run {
    /// `program` without arguments, limited to one minute.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        // Its own group, so that it and all its children can be ended together, and a Ctrl-C reaches it once, through us.
        command.stdin(Stdio::null()).process_group(0);
        Self { command, limit: Duration::from_secs(60) }
    }

    /// Adds one argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    pub(crate) fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, arguments: I) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets one environment variable.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes one environment variable away.
    pub(crate) fn without_env(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs in `directory`.
    pub(crate) fn directory(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// May take at most so many minutes.
    pub(crate) fn minutes(mut self, minutes: u64) -> Self {
        self.limit = Duration::from_secs(60 * minutes);
        self
    }

    /// May take at most so many seconds.
    pub(crate) fn seconds(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// The command as it could be typed, for messages.
    pub(crate) fn typed(&self) -> String {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
        words.join(" ")
    }

    /// Runs it, showing what it writes.
    ///
    /// # Errors
    /// When it does not start, fails, or exceeds its limit.
    pub(crate) fn run(mut self) -> Outcome<()> {
        let mut running = self.start()?;
        let ended = running.wait_at_most(self.limit);
        self.verdict(ended, "")
    }

    /// Runs it silently and returns what it wrote to its output; what it wrote to both streams is part of a failure.
    ///
    /// # Errors
    /// As [`Run::run`].
    pub(crate) fn output(mut self) -> Outcome<String> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = self.start()?;
        let written = running.child.stdout.take().map(read_aside);
        let complaints = running.child.stderr.take().map(read_aside);
        let ended = running.wait_at_most(self.limit);
        let collect = |reader: Option<thread::JoinHandle<String>>| {
            reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
        };
        let (written, complaints) = (collect(written), collect(complaints));
        self.verdict(ended, &format!("{written}{complaints}"))?;
        Ok(written)
    }

    /// Starts it and returns without waiting.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn start(&mut self) -> Outcome<Running> {
        listen()?;
        if interrupted() {
            return Err(Failure::new("interrupted"));
        }
        let child = self.command.spawn().context(|| format!("`{}` could not be started", self.typed()))?;
        Ok(Running { child })
    }

    fn verdict(&self, ended: Outcome<Ended>, written: &str) -> Outcome<()> {
        let what = match ended? {
            Ended::Itself(status) if status.success() => return Ok(()),
            Ended::Itself(status) => format!("ended with {status}"),
            Ended::TooLate => format!("was stopped after {} seconds", self.limit.as_secs()),
            Ended::Interrupted => return Err(Failure::new("interrupted")),
        };
        let written = written.trim_end();
        let separator = if written.is_empty() { "" } else { "\n" };
        Err(Failure::new(format!("`{}` {what}{separator}{written}", self.typed())))
    }
}

/// How a program's run came to its end.
pub(crate) enum Ended {
    /// It ended by itself.
    Itself(ExitStatus),
    /// Its time was over.
    TooLate,
    /// We were asked to end, so it was too.
    Interrupted,
}

/// A program that runs. It is ended when this value is dropped.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Waits until it ends, its time is over, or we are asked to end; in the last two cases it is ended, gently first.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(crate) fn wait_at_most(&mut self, limit: Duration) -> Outcome<Ended> {
        let deadline = Instant::now().checked_add(limit);
        loop {
            if let Some(status) = self.ended()? {
                // What it started and left running, as a failed test leaves its browser.
                self.signal(Signal::SIGTERM);
                return Ok(Ended::Itself(status));
            }
            if interrupted() {
                self.stop()?;
                return Ok(Ended::Interrupted);
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.stop()?;
                return Ok(Ended::TooLate);
            }
            thread::sleep(GLANCE);
        }
    }

    /// Its exit status, if it has ended.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(crate) fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        self.child.try_wait().context(|| "a program cannot be waited for")
    }

    /// Asks its whole group to end, waits for that, and ends it by force when it does not.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(crate) fn stop(&mut self) -> Outcome<ExitStatus> {
        self.signal(Signal::SIGTERM);
        let asked = Instant::now();
        while asked.elapsed() < GRACE {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            thread::sleep(GLANCE);
        }
        self.signal(Signal::SIGKILL);
        self.child.wait().context(|| "a program cannot be waited for")
    }

    fn signal(&self, signal: Signal) {
        // A process number fits; a group that is gone already needs no signal.
        if let Ok(group) = i32::try_from(self.child.id()) {
            let _gone = killpg(Pid::from_raw(group), signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.ended(), Ok(None)) {
            let _ended = self.stop();
        }
    }
}

fn read_aside(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _partial = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// From now on Ctrl-C and a request to terminate are noticed, and passed on to what runs, in place of ending us at once.
fn listen() -> Outcome<()> {
    if LISTENING.set(()).is_err() {
        return Ok(());
    }
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst)).context(|| "signals cannot be listened to")
}

/// The full path of `program`, if the search path has it.
pub(crate) fn find(program: &str) -> Option<std::path::PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::Run;
    use std::time::Instant;

    #[test]
    fn a_program_that_takes_too_long_is_ended_with_its_children() {
        let begun = Instant::now();
        let failure = Run::new("sh").args(["-c", "sleep 30 & wait"]).seconds(1).output().expect_err("too slow");
        assert!(begun.elapsed().as_secs() < 10);
        assert!(failure.to_string().contains("was stopped after 1 seconds"), "{failure}");
    }

    #[test]
    fn what_a_program_leaves_running_ends_with_it() {
        let begun = Instant::now();
        let written = Run::new("sh").args(["-c", "sleep 30 & echo done"]).output().expect("ends at once");
        assert_eq!(written, "done\n");
        assert!(begun.elapsed().as_secs() < 10, "its output was held open");
    }

    #[test]
    fn a_failure_shows_command_and_what_it_wrote() {
        let failure = Run::new("sh").args(["-c", "echo why >&2; exit 3"]).output().expect_err("exit 3");
        assert_eq!(failure.to_string(), "`sh -c echo why >&2; exit 3` ended with exit status: 3\nwhy");
    }

    #[test]
    fn nothing_waits_for_a_keyboard() {
        assert_eq!(Run::new("cat").output().expect("ends at once"), "");
    }
}
