//! What is written first on PostgreSQL: each request raises its counter under the limit and adds its row, as large and in as many indexes as one of
//! ours, in a transaction of its own on one of 16 connections. Its two statements may be written as one, which holds the counter for less long.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use tokio::sync::Semaphore;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, NoTls, Row, Statement};

use crate::body::{Body, INDEXES, Told};

const CONNECTIONS: usize = 16;
const SCHEMA: &str = "CREATE TABLE promotion (code TEXT PRIMARY KEY, used BIGINT NOT NULL, most BIGINT NOT NULL);
    CREATE TABLE redemption (id UUID NOT NULL, site BIGINT NOT NULL, reference TEXT NOT NULL, idempotency_key UUID NOT NULL,
        code TEXT NOT NULL, made_at BIGINT NOT NULL, kept_until BIGINT NOT NULL, total BIGINT NOT NULL, bytes BYTEA NOT NULL);";
const RAISE: &str = "UPDATE promotion SET used = used + 1 WHERE code = $1 AND used < most RETURNING used";
/// Ids are in the order of time, and idempotency keys in none.
const ROW: &str = "lpad(to_hex($5::bigint), 32, '0')::uuid, 1, $2, gen_random_uuid(), $1, $5, $5, $3, $4";

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// As `BEGIN`, two statements and `COMMIT`.
    AsTransaction,
    /// As one statement.
    AsOne,
}

/// A connection, with its statements prepared.
struct Link {
    client: Client,
    raise: Statement,
    add: Statement,
    both: Statement,
}

/// Connections, and as many permits as there are of them.
struct Pool {
    idle: Mutex<Vec<Link>>,
    places: Semaphore,
    written: Written,
    bytes: Vec<u8>,
}

/// Redemptions into `database`, each in so many trees and with so many bytes that nobody reads.
pub(crate) async fn router(database: &str, trees: usize, bytes: usize, written: Written) -> Router {
    let owner = connect(database).await;
    owner.batch_execute(SCHEMA).await.expect("the tables");
    for index in INDEXES.iter().take(trees.saturating_sub(1)) {
        owner.batch_execute(&format!("CREATE {index}")).await.expect("an index");
    }
    for code in tearoff_load::site::codes() {
        let most = i64::from(tearoff_load::site::MOST);
        owner.execute("INSERT INTO promotion VALUES ($1, 0, $2)", &[&code, &most]).await.expect("a promotion");
    }
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS {
        idle.push(Link::prepare(connect(database).await).await.expect("the statements"));
    }
    let pool = Pool { idle: Mutex::new(idle), places: Semaphore::new(CONNECTIONS), written, bytes: vec![7; bytes] };
    Router::new().route("/v1/redemptions", post(redeem)).with_state(Arc::new(pool))
}

async fn connect(database: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

impl Link {
    async fn prepare(client: Client) -> Result<Self, Error> {
        let raise = client.prepare(RAISE).await?;
        let add = client.prepare(&format!("INSERT INTO redemption VALUES ({ROW})")).await?;
        let both = format!(
            "WITH raised AS ({RAISE}), added AS (INSERT INTO redemption SELECT {ROW} FROM raised) SELECT used FROM raised"
        );
        let both = client.prepare(&both).await?;
        Ok(Self { client, raise, add, both })
    }

    async fn redeem(&mut self, written: Written, row: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, Error> {
        if written == Written::AsOne {
            return self.client.query_opt(&self.both, row).await;
        }
        let transaction = self.client.transaction().await?;
        let raised = transaction.query_opt(&self.raise, &row[..1]).await?;
        if raised.is_some() {
            transaction.execute(&self.add, row).await?;
        }
        transaction.commit().await?;
        Ok(raised)
    }
}

async fn redeem(State(pool): State<Arc<Pool>>, Json(body): Json<Body>) -> Result<(StatusCode, Json<Told>), StatusCode> {
    static NUMBERS: AtomicI64 = AtomicI64::new(1_800_000_000_000);
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let code = body.codes.first().ok_or(StatusCode::BAD_REQUEST)?;
    let total = body.seen.map_or(0, |seen| seen.total_minor);
    let _place = pool.places.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let mut link = pool.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().expect("one for each place");
    let raised = link.redeem(pool.written, &[code, &body.order, &total, &pool.bytes, &number]).await;
    pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(link);
    let row = raised.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::CONFLICT)?;
    Ok((StatusCode::CREATED, Json(Told { used: row.get(0) })))
}
