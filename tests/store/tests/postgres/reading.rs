//! Reading for many at once.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tearoff_postgres_tests::{Cluster, Proxy};
use tearoff_server::config;
use tearoff_server::store::{self, Read, Readers, StoreError};
use tearoff_store_tests::{Database, Ledger};

use crate::Postgres;

const PATIENCE: Duration = Duration::from_secs(20);

fn readers(database: &impl Database) -> Arc<dyn Readers> {
    store::open_to_read(&database.name()).expect("readers")
}

/// Has `work` done with what others ask at the same time; what it finds comes through the channel.
fn ask<T: Send + 'static>(readers: &dyn Readers, work: impl FnOnce(&dyn Read) -> T + Send + 'static) -> Receiver<T> {
    let (tell, told) = channel();
    readers.read_together(Box::new(move |read| drop(tell.send(work(read)))));
    told
}

/// What many ask together is asked once, and never remembered: whoever asks after a change sees it.
#[test]
fn nobody_is_told_of_a_state_from_before_they_asked() {
    let ledger = Ledger::<Postgres>::open();
    let (site, readers) = (ledger.site("studio").number, readers(ledger.database()));
    for round in 0..40 {
        let origin = format!("https://{round}.example");
        let written = origin.clone();
        ledger.write(move |store, _| store.set_origins(site, std::slice::from_ref(&written))).expect("written");
        let asking: Vec<_> = (0..30)
            .map(|_| ask(&*readers, move |read| read.site(site).expect("a read").expect("a site").origins.clone()))
            .collect();
        for told in asking {
            assert_eq!(told.recv_timeout(PATIENCE).expect("an answer"), [origin.as_str()]);
        }
    }
}

/// Whoever fails or panics is on their own.
#[test]
fn who_goes_wrong_harms_no_other() {
    let ledger = Ledger::<Postgres>::open();
    let (site, readers) = (ledger.site("studio").number, readers(ledger.database()));
    let is_there = move |read: &dyn Read| read.site(site).is_ok_and(|site| site.is_some());
    for _ in 0..10 {
        let asking: Vec<_> = (0..30)
            .map(|number| match number % 10 {
                3 => ask(&*readers, |_| panic!("made for the test")),
                // PostgreSQL's texts hold no such character, and what it refuses ends a transaction.
                6 => ask(&*readers, |read| read.knows_origin("\0").is_err()),
                _ => ask(&*readers, is_there),
            })
            .collect();
        let told: Vec<_> = asking.iter().map(|told| told.recv_timeout(PATIENCE).ok()).collect();
        for (number, told) in told.into_iter().enumerate() {
            assert_eq!(told, if number % 10 == 3 { None } else { Some(true) }, "{number}");
        }
    }
}

/// While the database is away all who ask are told so soon, and answered when it is back.
#[test]
fn those_who_ask_while_it_is_away_are_told_at_once() {
    struct Behind(Proxy);
    impl Database for Behind {
        fn new() -> Self {
            Self(Proxy::to(&Cluster::shared().database()))
        }

        fn name(&self) -> config::Database {
            config::Database::parse(&self.0.url()).expect("an address")
        }
    }
    let ledger = Ledger::<Behind>::open();
    let (site, readers) = (ledger.site("studio").number, readers(ledger.database()));
    let look = || -> Vec<_> {
        (0..30).map(|_| ask(&*readers, move |read| read.site(site).map(|site| site.is_some()))).collect()
    };
    let answers = |asking: Vec<Receiver<_>>| -> Vec<_> {
        asking.into_iter().map(|told| told.recv_timeout(PATIENCE).expect("an answer")).collect()
    };
    assert!(answers(look()).iter().all(|found| matches!(found, Ok(true))));
    ledger.database().0.go_down();
    let begun = Instant::now();
    let told = answers(look());
    assert!(told.iter().all(|found| matches!(found, Err(StoreError::Busy))), "{told:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    ledger.database().0.come_back();
    assert!(answers(look()).iter().all(|found| matches!(found, Ok(true))));
}
