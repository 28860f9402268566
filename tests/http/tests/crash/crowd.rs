//! Callers under way when a server dies.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::Duration;

use tearoff_http_tests::client::Client;
use tearoff_http_tests::site::reservation;

/// Callers who do not give up: each asks again, under its own key, until it has an answer.
pub(super) struct Crowd {
    pub(super) server: RwLock<Client>,
    pub(super) acknowledged: Mutex<BTreeMap<String, String>>,
    pub(super) refused: AtomicUsize,
    pub(super) unanswered: AtomicUsize,
    pub(super) given_up: AtomicBool,
}

impl Crowd {
    pub(super) fn before(server: Client) -> Self {
        Self {
            server: RwLock::new(server),
            acknowledged: Mutex::default(),
            refused: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            given_up: AtomicBool::new(false),
        }
    }

    pub(super) fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    pub(super) fn insist(&self, order: &str) {
        let body = reservation(order, "FIFTY", 1620);
        while !self.given_up.load(Ordering::SeqCst) {
            let server = self.server.read().unwrap().clone();
            let asked =
                server.request("POST", "/v1/redemptions").header("idempotency-key", order).json(&body).try_send();
            match asked {
                // 200: it was recorded before, and the answer to that was lost.
                Ok(answer) if matches!(answer.status, 200 | 201) => {
                    let id = answer.json()["id"].as_str().unwrap().to_owned();
                    self.acknowledged.lock().unwrap().insert(order.to_owned(), id);
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
