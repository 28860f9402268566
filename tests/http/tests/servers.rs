//! Several server processes on one PostgreSQL database (R60): no limit is exceeded and nothing acknowledged is lost, also when they are
//! killed all the time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::Duration;

use serde_json::json;
use tearoff_http_tests::client::Client;
use tearoff_http_tests::process::{Process, Start};
use tearoff_http_tests::site::{Site, reservation, terms};
use tearoff_postgres_tests::{Cluster, Database};
use tempfile::TempDir;

const SERVER: &str = env!("CARGO_BIN_EXE_server-under-test");
const SERVERS: usize = 4;
const CALLERS: usize = 64;

/// Four processes, a promotion with a limit, and callers who do not give up.
struct Rush {
    cluster: Cluster,
    database: Database,
    starts: Vec<Start>,
    processes: Vec<Mutex<Process>>,
    doors: Vec<RwLock<Client>>,
    acknowledged: Mutex<BTreeMap<usize, String>>,
    refused: AtomicUsize,
    unanswered: AtomicUsize,
    is_over: AtomicBool,
    _folders: Vec<TempDir>,
}

impl Rush {
    /// Starts the servers at once, on an empty database and with one seed, and makes the promotion.
    fn of(uses: usize) -> Self {
        let cluster = Cluster::start();
        let database = cluster.whole_database();
        let folders: Vec<_> = (0..SERVERS).map(|_| TempDir::new().unwrap()).collect();
        let sites = [Site::studio("studio")];
        let starts: Vec<_> =
            folders.iter().map(|folder| Start::new(SERVER, folder.path(), &sites).on(&database.url)).collect();
        let processes: Vec<Process> = thread::scope(|scope| {
            let starting: Vec<_> = starts.iter().map(|start| scope.spawn(|| start.run())).collect();
            starting.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let doors: Vec<_> = processes.iter().map(|process| RwLock::new(door(process))).collect();
        let limited = json!({ "limits": { "total": uses } });
        let made = doors[0]
            .read()
            .unwrap()
            .post("/v1/promotions", &json!({ "codes": ["HOT"], "terms": terms("Hot", 1000, &limited) }));
        assert_eq!(made.status, 201, "{}", made.text());
        Self {
            cluster,
            database,
            starts,
            processes: processes.into_iter().map(Mutex::new).collect(),
            doors,
            acknowledged: Mutex::default(),
            refused: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            _folders: folders,
        }
    }

    /// Reserves so many orders, each with whichever server answers.
    fn reserve(&self, orders: usize) {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..CALLERS {
                scope.spawn(|| {
                    loop {
                        let order = next.fetch_add(1, Ordering::SeqCst);
                        if order >= orders {
                            return;
                        }
                        self.insist(order);
                    }
                });
            }
        });
        self.is_over.store(true, Ordering::SeqCst);
    }

    fn insist(&self, order: usize) {
        let key = format!("order-{order}");
        let body = reservation(&key, "HOT", 1620);
        for door in (0..SERVERS).cycle().skip(order % SERVERS) {
            let server = self.doors[door].read().unwrap().clone();
            let asked =
                server.request("POST", "/v1/redemptions").header("idempotency-key", &key).json(&body).try_send();
            match asked {
                // 200: it was recorded before, and the answer to that was lost.
                Ok(answer) if matches!(answer.status, 200 | 201) => {
                    let id = answer.json()["id"].as_str().unwrap().to_owned();
                    self.acknowledged.lock().unwrap().insert(order, id);
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

    /// Kills one server after another, which one by the seed, and starts it again, until the rush is over. Tells how many.
    fn kill(&self, seed: u64, every: Duration) -> usize {
        let (mut random, mut killed) = (seed, 0);
        while !self.is_over.load(Ordering::SeqCst) {
            thread::sleep(every);
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let victim = usize::try_from(random >> 33).unwrap() % SERVERS;
            let mut process = self.processes[victim].lock().unwrap();
            process.kill();
            *process = self.starts[victim].run();
            *self.doors[victim].write().unwrap() = door(&process);
            killed += 1;
        }
        killed
    }

    /// Holds what was answered against what is in the database.
    fn check(&self, orders: usize, uses: usize) {
        let acknowledged = self.acknowledged.lock().unwrap();
        assert_eq!((acknowledged.len(), self.refused.load(Ordering::SeqCst)), (uses, orders - uses));
        let ids: BTreeSet<_> = acknowledged.values().collect();
        assert_eq!(ids.len(), uses, "each order has a redemption of its own");
        let count = |sql: &str| usize::try_from(self.database.number(sql)).unwrap();
        assert_eq!(count("SELECT count(*) FROM redemptions"), uses);
        assert_eq!(count("SELECT count(DISTINCT order_reference) FROM redemptions"), uses);
        assert_eq!(count("SELECT count(*) FROM uses"), uses);
        assert_eq!(count("SELECT max(used) FROM counters"), uses, "the counter is the number of records");
        assert_eq!(count("SELECT count(*) FROM answers WHERE redemption IS NOT NULL"), uses);
        let rows =
            self.database.look().query("SELECT order_reference, encode(id, 'hex') FROM redemptions", &[]).unwrap();
        for row in rows {
            let (order, id): (String, String) = (row.get(0), row.get(1));
            let order: usize = order.strip_prefix("order-").unwrap().parse().unwrap();
            let told = acknowledged[&order].strip_prefix("red_").unwrap().replace('-', "");
            assert_eq!(told, id, "order-{order}");
        }
        // Asked again, with another server than before, each is told the same.
        for (order, id) in acknowledged.iter().step_by(acknowledged.len().div_ceil(50)) {
            let key = format!("order-{order}");
            let server = self.doors[(order + 1) % SERVERS].read().unwrap().clone();
            let again = server.reserve(&key, &reservation(&key, "HOT", 1620));
            assert_eq!((again.expect(200)["id"].as_str(), again.is_replayed()), (Some(id.as_str()), true));
        }
        let log = self.cluster.log();
        assert!(!log.contains("deadlock detected"), "{log}");
    }
}

fn door(process: &Process) -> Client {
    process.stranger().with_key(&Site::studio("studio").secret)
}

fn rush(orders: usize, uses: usize) {
    let rush = Rush::of(uses);
    rush.reserve(orders);
    assert_eq!(rush.unanswered.load(Ordering::SeqCst), 0);
    rush.check(orders, uses);
}

fn rush_among_kills(orders: usize, uses: usize, every: Duration) {
    let rush = Rush::of(uses);
    let killed = thread::scope(|scope| {
        let killer = scope.spawn(|| rush.kill(2026, every));
        rush.reserve(orders);
        killer.join().unwrap()
    });
    assert!(killed > 0 && rush.unanswered.load(Ordering::SeqCst) > 0, "no caller noticed any of {killed} kills");
    rush.check(orders, uses);
}

#[test]
fn four_servers_give_exactly_as_many_uses_as_there_are() {
    rush(2000, 500);
}

#[test]
fn four_servers_that_are_killed_all_the_time() {
    rush_among_kills(2000, 500, Duration::from_millis(200));
}

#[test]
#[ignore = "`cargo xtask soak` runs it"]
fn soak_four_servers() {
    rush(20_000, 5000);
}

#[test]
#[ignore = "`cargo xtask soak` runs it"]
fn soak_four_servers_that_are_killed_all_the_time() {
    rush_among_kills(20_000, 5000, Duration::from_secs(1));
}
