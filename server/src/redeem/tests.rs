//! The queue and its end. What is written through it is tested with a real store.

use std::sync::{Arc, Mutex, mpsc};

use super::*;
use crate::clock::SystemClock;

/// A writer that does nothing but what its commit is told to do.
struct Fake<F>(F);

impl<F: FnMut(usize) -> Result<(), StoreError> + Send> Writer for Fake<F> {
    fn commit(&mut self, items: &mut [&mut dyn Item]) -> Result<(), StoreError> {
        // The sweep is one of them.
        (self.0)(items.len() - 1)
    }
}

fn start(commit: impl FnMut(usize) -> Result<(), StoreError> + Send + 'static) -> (Batcher, Ended) {
    Batcher::start(Box::new(Fake(commit)), Arc::new(SystemClock)).unwrap()
}

async fn submit(batcher: &Batcher) -> Result<(), Failed> {
    batcher.submit(SiteNumber(1), |_, _| Ok(())).await
}

#[tokio::test]
async fn after_a_failed_commit_everybody_is_told_and_nothing_more_is_written() {
    let (batcher, ended) = start(|_| Err(StoreError::Database("the disk is gone".into())));
    assert!(matches!(submit(&batcher).await, Err(Failed::Store(_))));
    assert!(matches!(ended.await, Ok(Err(_))));
    assert!(!batcher.is_open());
    assert!(matches!(submit(&batcher).await, Err(Failed::Unavailable(Unavailable::Stopping))));
}

#[tokio::test]
async fn a_busy_database_ends_nothing() {
    let mut tries = 0;
    let (batcher, ended) = start(move |_| {
        tries += 1;
        if tries == 1 { Err(StoreError::Busy) } else { Ok(()) }
    });
    assert!(matches!(submit(&batcher).await, Err(Failed::Store(StoreError::Busy))));
    assert!(batcher.is_open());
    let _ = submit(&batcher).await;
    drop(batcher);
    assert!(matches!(ended.await, Ok(Ok(()))));
}

#[tokio::test]
async fn when_the_writer_dies_everybody_learns_of_it() {
    let (batcher, ended) = start(|_| panic!("made for the test"));
    assert!(matches!(submit(&batcher).await, Err(Failed::Unavailable(Unavailable::Stopping))));
    assert!(ended.await.is_err());
    assert!(!batcher.is_open());
}

#[tokio::test]
async fn what_waits_gathers_into_few_commits_and_the_queue_has_an_end() {
    let (go, gone) = mpsc::channel::<()>();
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&sizes);
    let (batcher, ended) = start(move |count| {
        seen.lock().unwrap().push(count);
        gone.recv().map_err(|_| StoreError::Database("nobody".into()))
    });
    let waiting: Vec<_> = (0..QUEUE_MAX)
        .map(|_| {
            let batcher = batcher.clone();
            tokio::spawn(async move { submit(&batcher).await })
        })
        .collect();
    while batcher.places.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(submit(&batcher).await, Err(Failed::Unavailable(Unavailable::Busy))), "not without bound");
    for _ in 0..QUEUE_MAX {
        go.send(()).unwrap();
    }
    for one in waiting {
        let _ = one.await.unwrap();
    }
    drop(batcher);
    assert!(matches!(ended.await, Ok(Ok(()))), "it ends when nobody can queue any more");
    let sizes = sizes.lock().unwrap();
    assert_eq!(sizes.iter().sum::<usize>(), QUEUE_MAX);
    assert!(sizes.len() <= 1 + QUEUE_MAX / BATCH_MAX + 1, "{sizes:?}");
}
