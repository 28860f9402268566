//! Lines of the log, gathered and written together: else there would be a call to the system for each request, and those who serve would wait
//! for each other's.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How long lines are gathered: what a process logs in its last moment is lost where it is killed.
const GATHERED_FOR: Duration = Duration::from_millis(5);
/// Most bytes that wait to be written; beyond it those who log wait as well.
const BYTES_MAX: usize = 1024 * 1024;

/// Where lines are gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    lines: Mutex<Lines>,
    /// Something was logged, or nothing will be any more.
    came: Condvar,
    /// What there was is about to be written.
    taken: Condvar,
}

#[derive(Debug, Default)]
struct Lines {
    text: Vec<u8>,
    is_over: bool,
}

impl Gathered {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, text: &[u8]) {
        let lines = self.lines();
        let is_full = |lines: &mut Lines| lines.text.len() >= BYTES_MAX && !lines.is_over;
        let mut lines = self.taken.wait_while(lines, is_full).unwrap_or_else(PoisonError::into_inner);
        let is_first = lines.text.is_empty();
        lines.text.extend_from_slice(text);
        drop(lines);
        if is_first {
            self.came.notify_one();
        }
    }

    /// Puts what there is into `text`, which is empty, once something was logged; tells whether more may come.
    fn take(&self, text: &mut Vec<u8>) -> bool {
        let nothing = |lines: &mut Lines| lines.text.is_empty() && !lines.is_over;
        let lines = self.came.wait_while(self.lines(), nothing).unwrap_or_else(PoisonError::into_inner);
        let over = |lines: &mut Lines| !lines.is_over && lines.text.len() < BYTES_MAX;
        let gathered = self.came.wait_timeout_while(lines, GATHERED_FOR, over).unwrap_or_else(PoisonError::into_inner);
        let mut lines = gathered.0;
        mem::swap(&mut lines.text, text);
        self.taken.notify_all();
        !lines.is_over
    }

    fn end(&self) {
        self.lines().is_over = true;
        self.came.notify_one();
        self.taken.notify_all();
    }
}

/// A handle to where lines are gathered, for whoever logs.
#[derive(Clone, Debug)]
pub(super) struct Gathering(Arc<Gathered>);

impl Write for Gathering {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.add(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Gathering {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// The thread that writes lines. When this is dropped all are written.
#[derive(Debug)]
pub(crate) struct Written {
    gathered: Arc<Gathered>,
    writing: Option<JoinHandle<()>>,
}

impl Written {
    /// Begins to write what is gathered to `out`.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub(super) fn to(mut out: impl Write + Send + 'static) -> io::Result<(Self, Gathering)> {
        let gathered = Arc::new(Gathered::default());
        let writing = thread::Builder::new().name("log".into()).spawn({
            let gathered = Arc::clone(&gathered);
            move || {
                let (mut text, mut goes_on) = (Vec::new(), true);
                while goes_on {
                    goes_on = gathered.take(&mut text);
                    // Nobody can be told that nothing can be told.
                    let _ = out.write_all(&text);
                    text.clear();
                }
            }
        })?;
        let gathering = Gathering(Arc::clone(&gathered));
        Ok((Self { gathered, writing: Some(writing) }, gathering))
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        self.gathered.end();
        if let Some(writing) = self.writing.take() {
            let _ = writing.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Tells what is written at once.
    struct Told(mpsc::Sender<String>);

    impl Write for Told {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.send(String::from_utf8(text.to_vec()).unwrap()).unwrap();
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_soon_and_all_of_them_at_the_end() {
        let (tell, told) = mpsc::channel();
        let (written, mut gathering) = Written::to(Told(tell)).unwrap();
        gathering.write_all(b"one\n").unwrap();
        assert_eq!(told.recv_timeout(Duration::from_secs(10)).unwrap(), "one\n");
        gathering.write_all(b"two\n").unwrap();
        gathering.write_all(b"three\n").unwrap();
        drop(written);
        assert_eq!(told.try_iter().collect::<String>(), "two\nthree\n");
    }

    /// Whoever logs more than can be written waits, and nothing is lost or told out of turn.
    #[test]
    fn nothing_is_lost_where_writing_is_slow() {
        let (tell, told) = mpsc::sync_channel(0);
        struct Slow(mpsc::SyncSender<Vec<u8>>);
        impl Write for Slow {
            fn write(&mut self, text: &[u8]) -> io::Result<usize> {
                self.0.send(text.to_vec()).unwrap();
                Ok(text.len())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (written, gathering) = Written::to(Slow(tell)).unwrap();
        let line = [b'x'; 999];
        let count = 5 * BYTES_MAX / line.len();
        let logging = thread::spawn({
            let mut gathering = gathering.clone();
            move || {
                (0..count).for_each(|_| gathering.write_all(&line).unwrap());
                drop(written);
            }
        });
        let (mut bytes, mut longest) = (0, 0);
        while let Ok(text) = told.recv() {
            bytes += text.len();
            longest = longest.max(text.len());
        }
        logging.join().unwrap();
        assert_eq!(bytes, count * line.len());
        assert!(longest <= BYTES_MAX + line.len(), "{longest}");
    }
}
