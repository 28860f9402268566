//! Reading for many at once: what is asked at the same time is read of one state, and the same question is asked once.
//!
//! Every request asks whose key it carries, and most of those that come together carry the same few. Whoever reads takes all who have come
//! since and answers them together. Nothing is kept from one round for the next: nobody is told of a state from before they asked.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio_postgres::Config;

use super::connection::Link;
use super::sight::Sight;
use crate::store::Together;
use crate::store::sql::Session;

/// Most that read for many.
pub(super) const READING: usize = 3;
/// How many must wait before one more begins to read: fewer are better off with all who come until the one who reads is done.
const CROWD: usize = 16;
/// Most who are answered together: each waits for all of them.
const ROUND_MAX: usize = 64;

/// Those who read for many. They end when this is dropped.
pub(super) struct Rounds(Arc<Hall>);

/// Where those who ask wait.
#[derive(Default)]
struct Hall {
    waiting: Mutex<Waiting>,
    come: Condvar,
}

#[derive(Default)]
struct Waiting {
    queue: VecDeque<Together>,
    /// How many read.
    reading: usize,
    is_over: bool,
}

impl Waiting {
    /// Whether one more is to read.
    fn wants_one(&self) -> bool {
        let enough = if self.reading == 0 { 1 } else { CROWD };
        self.queue.len() >= enough
    }
}

impl Hall {
    fn enter(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for those of the next round; none when all is over.
    fn next(&self) -> Option<Vec<Together>> {
        let idle = |waiting: &mut Waiting| !waiting.wants_one() && !waiting.is_over;
        let mut waiting = self.come.wait_while(self.enter(), idle).unwrap_or_else(PoisonError::into_inner);
        if waiting.is_over {
            return None;
        }
        waiting.reading += 1;
        let many = waiting.queue.len().min(ROUND_MAX);
        Some(waiting.queue.drain(..many).collect())
    }

    fn done(&self) {
        let mut waiting = self.enter();
        waiting.reading -= 1;
        // Whoever is done looks again by itself; of the others one may be needed as well.
        let is_wanted = waiting.wants_one();
        drop(waiting);
        if is_wanted {
            self.come.notify_one();
        }
    }
}

impl Rounds {
    /// Starts their threads. One that the machine does not give is missed by nobody while there are others; with none nobody is answered.
    pub(super) fn begin(config: &Config) -> Self {
        let hall = Arc::<Hall>::default();
        for _ in 0..READING {
            let (config, hall) = (config.clone(), Arc::clone(&hall));
            if let Err(error) = thread::Builder::new().name("reader".into()).spawn(move || read(&config, &hall)) {
                tracing::error!(%error, "a thread that reads could not be started");
            }
        }
        Self(hall)
    }

    /// Has `work` done in the next round.
    pub(super) fn join(&self, work: Together) {
        let mut waiting = self.0.enter();
        waiting.queue.push_back(work);
        let is_wanted = waiting.wants_one();
        drop(waiting);
        if is_wanted {
            self.0.come.notify_one();
        }
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        let mut waiting = self.0.enter();
        waiting.is_over = true;
        // Whoever still waits is not answered.
        let left = std::mem::take(&mut waiting.queue);
        drop(waiting);
        self.0.come.notify_all();
        drop(left);
    }
}

fn read(config: &Config, hall: &Hall) {
    let mut link = None;
    while let Some(waiting) = hall.next() {
        link = round(config, link, waiting);
        hall.done();
    }
}

/// Does all this on one state, or, after something went wrong, what is left on another.
fn round(config: &Config, link: Option<Link>, waiting: Vec<Together>) -> Option<Link> {
    let mut sight = Sight::of_many(config, link);
    for work in waiting {
        let done = catch_unwind(AssertUnwindSafe(|| work(&Session(&sight))));
        if done.is_err() {
            // Nobody knows where it stopped; its caller has been dropped with it.
            sight = Sight::of_many(config, None);
        } else if sight.is_over() {
            sight = Sight::of_many(config, sight.end());
        }
    }
    sight.end()
}
