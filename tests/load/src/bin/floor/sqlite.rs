//! Group commit on SQLite, and nothing else: a counter under its limit, and one row.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::{mpsc, oneshot};

use crate::body::{Body, INDEXES, Told};

/// Most rows of one commit.
const BATCH_MAX: usize = 256;
struct Job {
    body: Body,
    number: u64,
    reply: oneshot::Sender<Option<i64>>,
}

/// Redemptions into `file`, each in so many trees and with so many bytes that nobody reads.
pub(crate) fn router(file: &str, trees: usize, bytes: usize) -> Router {
    let connection = Connection::open(file).expect("the database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE promotion (code TEXT PRIMARY KEY, used INTEGER NOT NULL, most INTEGER NOT NULL) STRICT, WITHOUT ROWID;
             CREATE TABLE redemption (number INTEGER PRIMARY KEY, id BLOB NOT NULL, site INTEGER NOT NULL, reference TEXT NOT NULL,
                idempotency_key BLOB NOT NULL, code TEXT NOT NULL, made_at INTEGER NOT NULL, kept_until INTEGER NOT NULL,
                total INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;",
        )
        .expect("the tables");
    for index in INDEXES.iter().take(trees.saturating_sub(1)) {
        connection.execute_batch(&format!("CREATE {index}")).expect("an index");
    }
    for code in tearoff_load::site::codes() {
        let values = params![code, tearoff_load::site::MOST];
        connection.execute("INSERT INTO promotion VALUES (?1, 0, ?2)", values).expect("a promotion");
    }
    let (queue, queued) = mpsc::channel(4096);
    thread::spawn(move || write(&connection, queued, &vec![7; bytes]));
    Router::new().route("/v1/redemptions", post(redeem)).with_state(queue)
}

async fn redeem(
    State(queue): State<mpsc::Sender<Job>>,
    Json(body): Json<Body>,
) -> Result<(StatusCode, Json<Told>), StatusCode> {
    static NUMBERS: AtomicU64 = AtomicU64::new(0);
    let (reply, answer) = oneshot::channel();
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    queue.send(Job { body, number, reply }).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    match answer.await {
        Ok(Some(used)) => Ok((StatusCode::CREATED, Json(Told { used }))),
        Ok(None) => Err(StatusCode::CONFLICT),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn write(connection: &Connection, mut queue: mpsc::Receiver<Job>, bytes: &[u8]) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH_MAX {
            match queue.try_recv() {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        connection.execute_batch("BEGIN IMMEDIATE").expect("beginning");
        let used: Vec<_> = batch.iter().map(|job| record(connection, job, bytes).expect("a row")).collect();
        connection.execute_batch("COMMIT").expect("committing");
        for (job, used) in batch.into_iter().zip(used) {
            // Whoever went away is not told.
            let _ = job.reply.send(used);
        }
    }
}

fn record(connection: &Connection, job: &Job, bytes: &[u8]) -> rusqlite::Result<Option<i64>> {
    let Some(code) = job.body.codes.first() else { return Ok(None) };
    let raise = "UPDATE promotion SET used = used + 1 WHERE code = ?1 AND used < most RETURNING used";
    let used = connection.prepare_cached(raise)?.query_row([code], |row| row.get(0)).optional()?;
    if used.is_some() {
        // Ids are in the order of time, and idempotency keys in none.
        let id = u128::from(job.number).to_be_bytes();
        let key = u128::from(job.number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_be_bytes();
        let add = "INSERT INTO redemption (id, site, reference, idempotency_key, code, made_at, kept_until, total, bytes) \
                   VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let at = i64::try_from(job.number).unwrap_or_default() + 1_800_000_000_000;
        let total = job.body.seen.as_ref().map_or(0, |seen| seen.total_minor);
        connection.prepare_cached(add)?.execute(params![id, job.body.order, key, code, at, at, total, bytes])?;
    }
    Ok(used)
}
