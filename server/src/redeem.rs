//! Redeeming, and the one thread that writes.
//!
//! Whatever writes is queued as a piece of work. The writer takes what has gathered while the last commit ran, sites in turn, does
//! it within one durable commit, and only then answers. A piece that fails leaves no trace and harms no other. When somebody else writes
//! to the database, or it cannot be reached, those who wait are told to come back. When a commit fails nothing is known of the disk any
//! more: everybody is told, and the writer ends, which stops the server.

mod reserve;
mod reverse;
mod step;
mod turns;

use std::sync::Arc;
use std::thread;

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::clock::Clock;
use crate::store::{Item, SiteNumber, StoreError, Stored, Undo, Write, Writer};
pub use reserve::{Replaced, Reservation, Reserved, Seen, foreign_snapshot, replace, reserve};
pub use reverse::{Reversing, left, reverse};
pub use step::{Stepped, expire_holds, step};
use turns::Turns;

/// Most pieces of work waiting or being done; beyond it callers are told to come back. At some 10,000 a second it is a tenth of a
/// second's work.
pub const QUEUE_MAX: usize = 1024;
/// Most pieces within one commit: enough to make its cost vanish, few enough to keep it short.
const BATCH_MAX: usize = 256;

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// Too much is waiting already.
    #[error("the server is busy")]
    Busy,
    /// The writer has ended.
    #[error("the server is stopping")]
    Stopping,
}

/// Why a piece of work gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It was not done.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// It failed, or its commit did.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where work is queued for the writer.
#[derive(Clone, Debug)]
pub struct Batcher {
    queue: mpsc::UnboundedSender<Queued>,
    places: Arc<Semaphore>,
}

/// How the writer ended: well, because nobody can queue work any more; by a failed commit; or, when the sender is gone, by a panic.
pub type Ended = oneshot::Receiver<Result<(), StoreError>>;

impl Batcher {
    /// Starts the writer's thread.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(writer: Box<dyn Writer>, clock: Arc<dyn Clock>) -> std::io::Result<(Self, Ended)> {
        let (queue, queued) = mpsc::unbounded_channel();
        let (tell, ended) = oneshot::channel();
        thread::Builder::new().name("writer".into()).spawn(move || {
            // Nobody may be listening any more; then nobody needs to know.
            let _ = tell.send(write(writer, queued, &*clock));
        })?;
        Ok((Self { queue, places: Arc::new(Semaphore::new(QUEUE_MAX)) }, ended))
    }

    /// Whether there is a writer to queue work for.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.queue.is_closed()
    }

    /// Does `work` within the next batch, and answers when it is durable. It is done even if the caller goes away. `work` is given the
    /// batch's one instant, at which all holds whose time was over have been ended. It is done again, from nothing, where several
    /// servers share a database and the first commit met another's.
    ///
    /// # Errors
    /// [`Failed`]. After [`StoreError`] nothing of the work is recorded.
    pub async fn submit<T, F>(&self, site: SiteNumber, work: F) -> Result<T, Failed>
    where
        T: Send + 'static,
        F: FnMut(&dyn Write, DateTime<Utc>) -> Stored<T> + Send + 'static,
    {
        self.queue(site, true, work).await
    }

    /// Does `work` that decides nothing by what is counted, within the next batch, as [`submit`](Self::submit) does. It need not wait until
    /// holds whose time is over have been ended, of which there may be many after a stop.
    ///
    /// # Errors
    /// [`Failed`], as there.
    pub async fn submit_uncounted<T, F>(&self, site: SiteNumber, work: F) -> Result<T, Failed>
    where
        T: Send + 'static,
        F: FnMut(&dyn Write, DateTime<Utc>) -> Stored<T> + Send + 'static,
    {
        self.queue(site, false, work).await
    }

    async fn queue<T, F>(&self, site: SiteNumber, counts: bool, work: F) -> Result<T, Failed>
    where
        T: Send + 'static,
        F: FnMut(&dyn Write, DateTime<Utc>) -> Stored<T> + Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Unavailable::Busy)?;
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Work { site, work, now: DateTime::default(), done: None, reply });
        self.queue.send(Queued { site, counts, job, _place: place }).map_err(|_| Unavailable::Stopping)?;
        answer.await.map_err(|_| Unavailable::Stopping)?.map_err(Failed::Store)
    }
}

/// A piece of work in the queue, with its place.
struct Queued {
    site: SiteNumber,
    /// Whether it decides by what is counted.
    counts: bool,
    job: Box<dyn Job>,
    _place: OwnedSemaphorePermit,
}

impl std::fmt::Debug for Queued {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Queued({:?})", self.site)
    }
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commit {
    /// It is durable.
    Held,
    /// It could not be done for now.
    Delayed,
    /// It failed.
    Failed,
}

impl Commit {
    const fn of(committed: &Result<(), StoreError>) -> Self {
        match committed {
            Ok(()) => Self::Held,
            Err(StoreError::Busy) => Self::Delayed,
            Err(_) => Self::Failed,
        }
    }
}

/// An item that somebody waits for.
trait Job: Item + Send {
    /// Sets the instant of the batch.
    fn set_now(&mut self, now: DateTime<Utc>);

    /// Answers, now that it is known what became of the commit.
    fn tell(self: Box<Self>, commit: Commit);
}

/// What `submit` was given, and what became of it.
struct Work<T, F> {
    site: SiteNumber,
    work: F,
    now: DateTime<Utc>,
    done: Option<Stored<T>>,
    reply: oneshot::Sender<Stored<T>>,
}

impl<T: Send, F: FnMut(&dyn Write, DateTime<Utc>) -> Stored<T> + Send> Item for Work<T, F> {
    fn site(&self) -> Option<SiteNumber> {
        Some(self.site)
    }

    fn run(&mut self, store: &dyn Write) -> Result<(), Undo> {
        let done = (self.work)(store, self.now);
        let outcome = if done.is_ok() { Ok(()) } else { Err(Undo) };
        self.done = Some(done);
        outcome
    }
}

impl<T: Send, F: FnMut(&dyn Write, DateTime<Utc>) -> Stored<T> + Send> Job for Work<T, F> {
    fn set_now(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }

    fn tell(self: Box<Self>, commit: Commit) {
        let lost = || Err(StoreError::Database("the commit failed".into()));
        let answer = match commit {
            Commit::Held => self.done.unwrap_or_else(lost),
            Commit::Delayed => Err(StoreError::Busy),
            Commit::Failed => lost(),
        };
        // A caller that went away is not told.
        let _ = self.reply.send(answer);
    }
}

/// Ends the holds whose time is over, at the head of every batch in which something is decided, so that it counts exactly.
struct Sweep(Option<DateTime<Utc>>);

impl Item for Sweep {
    fn site(&self) -> Option<SiteNumber> {
        None
    }

    fn run(&mut self, store: &dyn Write) -> Result<(), Undo> {
        let Some(now) = self.0 else { return Ok(()) };
        expire_holds(store, now).map(drop).map_err(|error| {
            // A busy store has the whole batch run again.
            if !matches!(error, StoreError::Busy) {
                tracing::error!(%error, "holds could not be ended");
            }
            Undo
        })
    }
}

fn write(
    mut writer: Box<dyn Writer>,
    mut queue: mpsc::UnboundedReceiver<Queued>,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let mut turns = Turns::default();
    loop {
        if turns.is_empty() {
            match queue.blocking_recv() {
                Some(queued) => turns.push(queued.site, queued),
                None => return Ok(()),
            }
        }
        while let Ok(queued) = queue.try_recv() {
            turns.push(queued.site, queued);
        }
        let mut batch = turns.take(BATCH_MAX);
        // One instant for all: a hold that ended after the sweep would be over for who decides and still there for who counts.
        let now = clock.now();
        let mut sweep = Sweep(batch.iter().any(|queued| queued.counts).then_some(now));
        batch.iter_mut().for_each(|queued| queued.job.set_now(now));
        let mut items: Vec<&mut dyn Item> = vec![&mut sweep];
        items.extend(batch.iter_mut().map(|queued| &mut *queued.job as &mut dyn Item));
        let committed = writer.commit(&mut items);
        let commit = Commit::of(&committed);
        for queued in batch {
            queued.job.tell(commit);
        }
        if commit == Commit::Delayed {
            tracing::warn!("the database is busy: a batch was not recorded");
        } else {
            committed?;
        }
    }
}

#[cfg(test)]
mod tests;
