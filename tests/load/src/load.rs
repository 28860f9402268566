//! Sending: one thread, many connections, and what came of it.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::event::epoll;

use crate::request::{Answer, Request};

/// How fast requests are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Each connection sends the next when it has an answer.
    AsAnswered,
    /// So many a second, evenly, whatever becomes of them; one that finds no connection free waits, and its time runs.
    PerSecond(f64),
}

/// What is sent for how long.
#[derive(Clone, Copy, Debug)]
pub struct Stint<'a> {
    /// To whom.
    pub address: SocketAddr,
    /// The requests, in turn.
    pub requests: &'a [Request],
    /// The status that each answer must have.
    pub status: u16,
    /// How many connections.
    pub clients: usize,
    /// How fast.
    pub pace: Pace,
    /// For how long nothing is counted.
    pub warm_up: Duration,
    /// For how long it is counted after that.
    pub counted: Duration,
}

/// What came of a stint.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Came {
    /// Answers a second.
    pub rate: f64,
    /// The latency that half of them did not exceed, in milliseconds.
    pub p50: f64,
    /// The latency that 99 of 100 did not exceed, in milliseconds.
    pub p99: f64,
}

struct Connection {
    stream: TcpStream,
    answer: Answer,
    out: Vec<u8>,
    /// When the request under way was sent, or was due.
    since: Option<Instant>,
}

impl Connection {
    fn open(address: SocketAddr, watch: &OwnedFd, index: usize) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        stream.set_nonblocking(true).expect("not blocking");
        let data = epoll::EventData::new_u64(index as u64);
        epoll::add(watch, &stream, data, epoll::EventFlags::IN).expect("watching");
        Self { stream, answer: Answer::default(), out: Vec::new(), since: None }
    }

    fn send(&mut self, request: &Request, number: u64, since: Instant) {
        request.write(number, &mut self.out);
        let mut rest = self.out.as_slice();
        while !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(written) => rest = &rest[written..],
                // Never seen: a request is far smaller than what a socket holds.
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
                Err(error) => panic!("sending: {error}"),
            }
        }
        self.since = Some(since);
    }

    /// Reads what has come; tells since when the request was under way, once it is answered.
    fn receive(&mut self, status: u16) -> Option<Instant> {
        let read = match self.stream.read(self.answer.room()) {
            Ok(0) => panic!("the server closed a connection"),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => panic!("receiving: {error}"),
        };
        let told = self.answer.take(read)?;
        assert_eq!(told, status, "{}", self.answer.body());
        self.answer.forget();
        self.since.take()
    }
}

/// Sends for the time of the stint. Each request has a number of its own, from `numbers` on.
///
/// # Panics
/// When an answer has another status, or a connection breaks.
#[must_use]
pub fn send(stint: &Stint<'_>, numbers: &mut u64) -> Came {
    let watch = epoll::create(epoll::CreateFlags::CLOEXEC).expect("epoll");
    let mut connections: Vec<Connection> =
        (0..stint.clients).map(|index| Connection::open(stint.address, &watch, index)).collect();
    let mut next = |connection: &mut Connection, since| {
        *numbers += 1;
        let index = usize::try_from(*numbers).expect("64 bits") % stint.requests.len();
        connection.send(&stint.requests[index], *numbers, since);
    };
    let begun = Instant::now();
    let (counts_from, ends) = (begun + stint.warm_up, begun + stint.warm_up + stint.counted);
    let mut idle: Vec<usize> = (0..stint.clients).collect();
    let mut due = begun;
    let mut took: Vec<u64> = Vec::with_capacity(1 << 17);
    let mut events = Vec::with_capacity(stint.clients);
    let mut now = begun;
    loop {
        match stint.pace {
            Pace::AsAnswered if now < ends => idle.drain(..).for_each(|index| next(&mut connections[index], now)),
            Pace::PerSecond(rate) => {
                while due <= now && due < ends && !idle.is_empty() {
                    let index = idle.pop().expect("one is idle");
                    next(&mut connections[index], due);
                    due += Duration::from_secs_f64(1.0 / rate);
                }
            }
            Pace::AsAnswered => {}
        }
        if now >= ends && idle.len() == stint.clients {
            break;
        }
        let until = match stint.pace {
            Pace::PerSecond(_) if !idle.is_empty() && due < ends => due,
            _ => ends,
        };
        let timeout = if now < ends { until.saturating_duration_since(now) } else { Duration::from_secs(30) };
        events.clear();
        let timeout = Timespec::try_from(timeout).expect("a short time");
        epoll::wait(&watch, rustix::buffer::spare_capacity(&mut events), Some(&timeout)).expect("waiting");
        now = Instant::now();
        assert!(now < ends + Duration::from_secs(30), "the server does not answer");
        for event in &events {
            let index = usize::try_from(event.data.u64()).expect("an index");
            if let Some(since) = connections[index].receive(stint.status) {
                if (counts_from..ends).contains(&now) {
                    took.push(u64::try_from((now - since).as_nanos()).unwrap_or(u64::MAX));
                }
                idle.push(index);
            }
        }
    }
    let answered = took.len() as f64 / stint.counted.as_secs_f64();
    if let Pace::PerSecond(rate) = stint.pace {
        took.extend(overdue(due.max(counts_from), ends, rate));
    }
    came(took, answered)
}

/// What was due and found no connection free has waited until the end at least: who does not keep pace is not the quicker for it.
fn overdue(mut due: Instant, ends: Instant, rate: f64) -> Vec<u64> {
    let mut waited = Vec::new();
    while due < ends {
        waited.push(u64::try_from((ends - due).as_nanos()).unwrap_or(u64::MAX));
        due += Duration::from_secs_f64(1.0 / rate);
    }
    waited
}

fn came(mut took: Vec<u64>, rate: f64) -> Came {
    took.sort_unstable();
    let at = |share: f64| {
        let index = (took.len() as f64 * share) as usize;
        took.get(index.min(took.len().saturating_sub(1))).map_or(0.0, |nanoseconds| *nanoseconds as f64 / 1e6)
    };
    Came { rate, p50: at(0.5), p99: at(0.99) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use std::time::Instant;

    use super::{came, overdue};

    #[test]
    fn what_was_never_sent_has_waited() {
        let now = Instant::now();
        let ends = now + Duration::from_secs(1);
        assert_eq!(overdue(ends, ends, 10.0), [0; 0]);
        let waited = overdue(ends - Duration::from_millis(250), ends, 10.0);
        assert_eq!(waited, [250_000_000, 150_000_000, 50_000_000]);
    }

    #[test]
    fn latencies_are_ranked() {
        let milliseconds = (1..=200).rev().map(|number| number * 1_000_000).collect();
        let came = came(milliseconds, 100.0);
        assert_eq!((came.p50, came.p99), (101.0, 199.0));
        assert_eq!(super::came(Vec::new(), 0.0).p99, 0.0);
    }
}
