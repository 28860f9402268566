//! Callers who do not give up, also while servers die: each asks again, under its own key, until it has an answer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use crate::client::Client;
use crate::site::reservation;

/// What callers were told.
#[derive(Debug)]
pub struct Crowd {
    /// Whom they ask: one server after another, each of which may be another one after it was killed.
    doors: Vec<RwLock<Client>>,
    /// The code that all want to use, and what an order costs with it, in minor units.
    wanted: (&'static str, u64),
    /// The redemption of each order that was acknowledged.
    pub acknowledged: Mutex<BTreeMap<String, String>>,
    refused: AtomicUsize,
    unanswered: AtomicUsize,
    given_up: AtomicBool,
}

impl Crowd {
    /// A crowd before these servers, for the uses of a code, at what an order costs with it.
    #[must_use]
    pub fn before(servers: Vec<Client>, wanted: (&'static str, u64)) -> Self {
        Self {
            doors: servers.into_iter().map(RwLock::new).collect(),
            wanted,
            acknowledged: Mutex::default(),
            refused: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            given_up: AtomicBool::new(false),
        }
    }

    /// How many orders were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// How many were told that there is no use left.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// How often nobody answered.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.unanswered.load(Ordering::SeqCst)
    }

    /// The server behind a door, as it is now.
    #[must_use]
    pub fn door(&self, door: usize) -> Client {
        let door = &self.doors[door % self.doors.len()];
        door.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another server behind a door.
    pub fn open(&self, door: usize, server: Client) {
        *self.doors[door].write().unwrap_or_else(PoisonError::into_inner) = server;
    }

    /// Whoever has no answer yet goes without.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::SeqCst);
    }

    /// Asks for an order until there is an answer, first at this door.
    ///
    /// # Panics
    /// When the answer is none that may be given.
    pub fn insist(&self, order: &str, first: usize) {
        let (code, total_minor) = self.wanted;
        let body = reservation(order, code, total_minor);
        for door in first.. {
            if self.given_up.load(Ordering::SeqCst) {
                return;
            }
            let server = self.door(door);
            let asked = server.request("POST", "/v1/redemptions").header("idempotency-key", order);
            match asked.json(&body).try_send() {
                // 200: it was recorded before, and the answer to that was lost.
                Ok(answer) if matches!(answer.status, 200 | 201) => {
                    let id = answer.json()["id"].as_str().expect("an id").to_owned();
                    let mut acknowledged = self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
                    acknowledged.insert(order.to_owned(), id);
                    return;
                }
                Ok(answer) if answer.status == 503 => thread::sleep(Duration::from_millis(20)),
                Ok(answer) => {
                    let _ = answer.problem(409, "usage_limit_reached");
                    self.refused.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                Err(_) => {
                    self.unanswered.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(10));
                }
            }
        }
    }
}
