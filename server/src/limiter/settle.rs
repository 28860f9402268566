//! What servers with one database tell each other of what was spent.
//!
//! A thread of its own adds up what is due and hands it to a table that all share, in one statement for all that waits and without a durable
//! commit: what is lost with the power is a few minutes' memory of guesses. **A guess is settled before it is answered**, and not
//! answered where all servers together have borne as much already; so any number of servers answer no more guesses than one. A good code
//! spends none and is not settled. Requests, of which far more are allowed, are told of in blocks of [`REQUESTS_A_GUESS`], before the last of
//! them does anything; so each further server may bear one less than a block too many.
//!
//! While the database does not answer in time, or is away, every server goes by what it knows itself: so many servers then bear at the most so
//! many budgets. What they could not tell they tell later: what waits for the database is told when it is back, and what found no place in
//! the queue with what is next charged to the same account.
//!
//! [`REQUESTS_A_GUESS`]: super::REQUESTS_A_GUESS

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::budget::{Budget, Cost};
use super::{Kind, TooMany};
use crate::store::{SharedLimits, Spending, Stored};

/// How long an answer waits for the others. Longer than a healthy database takes by far; nobody should notice a sick one.
const PATIENCE: Duration = Duration::from_millis(100);
/// Most who wait at once; beyond it what this server knows decides.
pub(super) const QUEUE_MAX: usize = 1024;
/// How often what has come back is forgotten.
const FORGETTING: Duration = Duration::from_secs(60);
/// How long to leave a database alone that has failed.
const PAUSE: Duration = Duration::from_secs(1);
/// Most of one spending, in microseconds: a year.
const MICROSECONDS_MAX: u64 = 365 * 24 * 60 * 60 * 1_000_000;

/// A place, with one of its budgets.
pub(super) type Purse = (u16, Kind);

/// What is due to one budget.
#[derive(Clone, Debug)]
pub(super) struct Due {
    purse: Purse,
    cost: Cost,
    bound_nanoseconds: u64,
    arrears_nanoseconds: i64,
}

impl Due {
    pub(super) const fn of(place: u16, kind: Kind, budget: Budget, cost: Cost) -> Self {
        Self { purse: (place, kind), cost, bound_nanoseconds: budget.bound(), arrears_nanoseconds: 0 }
    }

    /// The same, with what was answered before and could not be told: it is told whether this is refused or not. Below zero it was given back.
    pub(super) const fn with_arrears(self, arrears_nanoseconds: i64) -> Self {
        Self { arrears_nanoseconds, ..self }
    }

    /// Whose it is.
    pub(super) const fn purse(&self) -> Purse {
        self.purse
    }

    /// What is spent, in nanoseconds.
    pub(super) const fn time(&self) -> u64 {
        self.cost.spent
    }

    fn microseconds(&self) -> i64 {
        microseconds(self.cost.spent)
    }

    /// What is spent and what could not be told before, in nanoseconds.
    pub(super) fn all_time(&self) -> i64 {
        i64::try_from(self.cost.spent).unwrap_or(i64::MAX).saturating_add(self.arrears_nanoseconds)
    }

    /// The same in microseconds.
    fn all_microseconds(&self) -> i64 {
        let arrears = microseconds(self.arrears_nanoseconds.unsigned_abs());
        self.microseconds() + if self.arrears_nanoseconds < 0 { -arrears } else { arrears }
    }
}

fn microseconds(nanoseconds: u64) -> i64 {
    (nanoseconds / 1000).min(MICROSECONDS_MAX).try_into().unwrap_or(i64::MAX)
}

/// Whether anybody was told in time.
#[derive(Debug)]
pub(super) enum Told {
    /// The others have said so.
    InTime(Settled),
    /// They will be told.
    Late,
    /// There was no place in the queue: nobody will be told.
    Nobody,
}

/// What became of what was due.
#[derive(Debug)]
pub(super) struct Settled {
    /// Whether, and until when, it is too much; then nothing of it was spent.
    pub(super) refused: Option<TooMany>,
    /// What all servers together owe to each budget.
    pub(super) owed_microseconds: Vec<u64>,
}

/// Who waits, or gives back.
#[derive(Debug)]
enum Message {
    Spent(Vec<Due>, oneshot::Sender<Settled>),
    GivenBack(Due),
}

/// Where what is due is told.
#[derive(Debug)]
pub(super) struct Settler(SyncSender<Message>);

impl Settler {
    pub(super) fn start(limits: Box<dyn SharedLimits>) -> std::io::Result<Self> {
        let (queue, told) = sync_channel(QUEUE_MAX);
        thread::Builder::new().name("limits".into()).spawn(move || keep(limits, &told))?;
        Ok(Self(queue))
    }

    /// What became of it, if that is known in time.
    pub(super) async fn settle(&self, due: Vec<Due>) -> Told {
        let (reply, answer) = oneshot::channel();
        if self.0.try_send(Message::Spent(due, reply)).is_err() {
            return Told::Nobody;
        }
        match timeout(PATIENCE, answer).await {
            Ok(Ok(settled)) => Told::InTime(settled),
            _ => Told::Late,
        }
    }

    /// Tells of what is given back; whether there was a place in the queue.
    pub(super) fn give_back(&self, due: Due) -> bool {
        self.0.try_send(Message::GivenBack(due)).is_ok()
    }
}

/// What nobody has been told of yet.
type Untold = BTreeMap<Purse, i64>;

/// Settles until nobody can ask any more.
fn keep(mut limits: Box<dyn SharedLimits>, told: &Receiver<Message>) {
    let (mut untold, mut forgotten_at) = (Untold::new(), Instant::now());
    loop {
        let first = match told.recv_timeout(FORGETTING) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let mut waiting = Vec::new();
        for one in first.into_iter().chain(told.try_iter().take(QUEUE_MAX)) {
            match one {
                Message::Spent(due, reply) => {
                    due.iter().for_each(|due| *untold.entry(due.purse).or_default() += due.all_microseconds());
                    waiting.push((due, reply));
                }
                Message::GivenBack(due) => *untold.entry(due.purse).or_default() -= due.microseconds(),
            }
        }
        // What is refused is given back at once.
        let settled = settle(&mut *limits, &mut untold, waiting);
        if let Err(error) = settled.and_then(|()| settle(&mut *limits, &mut untold, Vec::new())) {
            tracing::warn!(%error, "the other servers are not told of what was spent");
            thread::sleep(PAUSE);
        }
        if forgotten_at.elapsed() >= FORGETTING {
            forgotten_at = Instant::now();
            if let Err(error) = limits.forget() {
                tracing::debug!(%error, "what has come back is not forgotten");
            }
        }
    }
}

/// Tells all that is untold, and whoever waits what became of it. Where that fails it stays untold, and nobody is answered.
fn settle(
    limits: &mut dyn SharedLimits,
    untold: &mut Untold,
    waiting: Vec<(Vec<Due>, oneshot::Sender<Settled>)>,
) -> Stored<()> {
    untold.retain(|_, microseconds| *microseconds != 0);
    if untold.is_empty() && waiting.is_empty() {
        return Ok(());
    }
    let spendings: Vec<Spending> = untold
        .iter()
        .map(|(&(place, kind), &microseconds)| Spending { place, budget: kind as u8, microseconds })
        .collect();
    let owed = limits.spend(&spendings)?;
    // What stood there before any of those who wait.
    let mut owed: BTreeMap<Purse, i64> = untold.keys().copied().zip(owed).collect();
    untold.clear();
    for (due, _) in &waiting {
        due.iter().for_each(|due| *owed.entry(due.purse).or_default() -= due.microseconds());
    }
    for (due, reply) in waiting {
        if reply.is_closed() {
            // It was answered without us, and is spent.
            due.iter().for_each(|due| *owed.entry(due.purse).or_default() += due.microseconds());
            continue;
        }
        let mut refused = None;
        for (index, one) in due.iter().enumerate() {
            let owed = owed.entry(one.purse).or_default();
            // Fully come back is the most there is.
            let before = (*owed).max(0);
            *owed = before + one.microseconds();
            let over = before + microseconds(one.cost.needed) - microseconds(one.bound_nanoseconds);
            if one.cost.needed > 0 && over > 0 {
                refused = Some((index, over));
                break;
            }
        }
        if let Some((last, _)) = refused {
            for one in due.iter().take(last + 1) {
                *owed.entry(one.purse).or_default() -= one.microseconds();
            }
            for one in &due {
                *untold.entry(one.purse).or_default() -= one.microseconds();
            }
        }
        let left = |one: &Due| owed.get(&one.purse).copied().unwrap_or_default().max(0).unsigned_abs();
        // Whoever has just ceased to wait is answered without.
        let _ = reply.send(Settled {
            refused: refused.map(|(_, over)| TooMany::after(Duration::from_micros(over.unsigned_abs()))),
            owed_microseconds: due.iter().map(left).collect(),
        });
    }
    Ok(())
}
