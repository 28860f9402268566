//! What is written first on PostgreSQL: each request raises its counter under the limit and adds its row, in one statement on one of 16
//! connections.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use tokio::sync::Semaphore;
use tokio_postgres::{Client, NoTls, Statement};

use crate::body::{Body, Told};

const CONNECTIONS: usize = 16;
const SCHEMA: &str = "CREATE TABLE promotion (code TEXT PRIMARY KEY, used BIGINT NOT NULL, most BIGINT NOT NULL);
    CREATE TABLE redemption (id UUID PRIMARY KEY, code TEXT NOT NULL, reference TEXT NOT NULL, total BIGINT NOT NULL);";
const REDEEM: &str = "WITH raised AS (UPDATE promotion SET used = used + 1 WHERE code = $1 AND used < most RETURNING used), \
    added AS (INSERT INTO redemption SELECT gen_random_uuid(), $1, $2, $3 FROM raised) SELECT used FROM raised";

/// Connections with the statement prepared, and as many permits as there are of them.
struct Pool {
    idle: Mutex<Vec<(Client, Statement)>>,
    places: Semaphore,
}

pub(crate) async fn router(database: &str) -> Router {
    let owner = connect(database).await;
    owner.batch_execute(SCHEMA).await.expect("the tables");
    for code in tearoff_load::site::codes() {
        let most = i64::from(tearoff_load::site::MOST);
        owner.execute("INSERT INTO promotion VALUES ($1, 0, $2)", &[&code, &most]).await.expect("a promotion");
    }
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS {
        let client = connect(database).await;
        let statement = client.prepare(REDEEM).await.expect("the statement");
        idle.push((client, statement));
    }
    let pool = Pool { idle: Mutex::new(idle), places: Semaphore::new(CONNECTIONS) };
    Router::new().route("/v1/redemptions", post(redeem)).with_state(Arc::new(pool))
}

async fn connect(database: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

async fn redeem(State(pool): State<Arc<Pool>>, Json(body): Json<Body>) -> Result<(StatusCode, Json<Told>), StatusCode> {
    let code = body.codes.first().ok_or(StatusCode::BAD_REQUEST)?;
    let total = body.seen.map_or(0, |seen| seen.total_minor);
    let _place = pool.places.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let (client, statement) =
        pool.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().expect("one for each place");
    let row = client.query_opt(&statement, &[code, &body.order, &total]).await;
    pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push((client, statement));
    let row = row.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::CONFLICT)?;
    Ok((StatusCode::CREATED, Json(Told { used: row.get(0) })))
}
