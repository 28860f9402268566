//! Several server processes on one PostgreSQL database (R60): no limit is exceeded and nothing acknowledged is lost, also when they are
//! killed all the time.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use tearoff_http_tests::client::Client;
use tearoff_http_tests::crowd::Crowd;
use tearoff_http_tests::process::{Process, Start};
use tearoff_http_tests::site::{Site, lookup, reservation, terms};
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
    crowd: Crowd,
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
        let crowd = Crowd::before(processes.iter().map(door).collect(), ("HOT", 1620));
        let limited = json!({ "limits": { "total": uses } });
        let made =
            crowd.door(0).post("/v1/promotions", &json!({ "codes": ["HOT"], "terms": terms("Hot", 1000, &limited) }));
        assert_eq!(made.status, 201, "{}", made.text());
        Self {
            cluster,
            database,
            starts,
            processes: processes.into_iter().map(Mutex::new).collect(),
            crowd,
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
                        self.crowd.insist(&format!("order-{order}"), order % SERVERS);
                    }
                });
            }
        });
        self.is_over.store(true, Ordering::SeqCst);
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
            self.crowd.open(victim, door(&process));
            killed += 1;
        }
        killed
    }

    /// Holds what was answered against what is in the database.
    fn check(&self, orders: usize, uses: usize) {
        let acknowledged = self.crowd.acknowledged.lock().unwrap();
        assert_eq!((acknowledged.len(), self.crowd.refused()), (uses, orders - uses));
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
            let told = acknowledged[&order].strip_prefix("red_").unwrap().replace('-', "");
            assert_eq!(told, id, "{order}");
        }
        // Asked again, with another server than before, each is told the same.
        for (order, id) in acknowledged.iter().step_by(acknowledged.len().div_ceil(50)) {
            let first: usize = order.strip_prefix("order-").unwrap().parse().unwrap();
            let again = self.crowd.door(first + 1).reserve(order, &reservation(order, "HOT", 1620));
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
    assert_eq!(rush.crowd.unanswered(), 0);
    rush.check(orders, uses);
}

fn rush_among_kills(orders: usize, uses: usize, every: Duration) {
    let rush = Rush::of(uses);
    let killed = thread::scope(|scope| {
        let killer = scope.spawn(|| rush.kill(2026, every));
        rush.reserve(orders);
        killer.join().unwrap()
    });
    assert!(killed > 0 && rush.crowd.unanswered() > 0, "no caller noticed any of {killed} kills");
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

/// Two servers on one database that bear so many wrong codes at once, and hardly any more within a test.
struct Pair {
    database: Database,
    doors: [Client; 2],
    _processes: [Process; 2],
    _folders: [TempDir; 2],
}

const BURST: usize = 12;

/// What became of wrong codes.
#[derive(Clone, Copy, Debug, Default)]
struct Guessed {
    answered: usize,
    /// Answered by a server that may have waited for the database in vain: then it goes by what it knows itself.
    alone: usize,
}

impl Guessed {
    /// How long a server waits, by `limiter/settle.rs`.
    const PATIENCE: Duration = Duration::from_millis(100);

    /// Holds that all together were answered as many as one server alone would have: none less, and none more but those that the servers
    /// answered alone, and those that came back meanwhile.
    fn check(self, began: Instant) {
        let came_back = usize::try_from(began.elapsed().as_secs() / 60).unwrap() + 1;
        let most = BURST + self.alone + came_back;
        assert!((BURST..=most).contains(&self.answered), "{self:?}, at most {most}");
    }
}

impl std::iter::Sum for Guessed {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            answered: sum.answered + one.answered,
            alone: sum.alone + one.alone,
        })
    }
}

impl Pair {
    fn start() -> Self {
        Self::whose_pages_redeem(3)
    }

    /// The same, whose pages may redeem so often in an hour.
    fn whose_pages_redeem(often: usize) -> Self {
        let database = Cluster::shared().whole_database();
        let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
        let sites = [Site::studio("studio").whose_tag_redeems()];
        let (burst, often) = (BURST.to_string(), often.to_string());
        let settings = ["--guess-burst", &burst, "--guesses-per-minute", "1", "--page-redemptions-per-hour", &often];
        let start = |folder: &TempDir| {
            Start::new(SERVER, folder.path(), &sites).on(&database.url).with_settings(&settings).run()
        };
        let processes = [start(&folders[0]), start(&folders[1])];
        let page = |process: &Process| process.stranger().with_key(&sites[0].publishable);
        let doors = [page(&processes[0]), page(&processes[1])];
        Self { database, doors, _processes: processes, _folders: folders }
    }

    /// Asks for one wrong code.
    fn guess_one(&self, index: usize) -> Guessed {
        let begun = Instant::now();
        let answer = self.doors[index % 2].post("/v1/lookups", &lookup(&format!("WRONG{index}")));
        assert!(matches!(answer.status, 200 | 429), "{}", answer.text());
        let answered = usize::from(answer.status == 200);
        let alone = if begun.elapsed() < Guessed::PATIENCE { 0 } else { answered };
        Guessed { answered, alone }
    }

    /// Asks for so many wrong codes, each of one server and then the other.
    fn guess(&self, count: usize) -> Guessed {
        (0..count).map(|index| self.guess_one(index)).sum()
    }
}

#[test]
fn two_servers_bear_as_many_guesses_as_one() {
    let pair = Pair::start();
    let began = Instant::now();
    pair.guess(4 * BURST).check(began);
    assert_eq!(pair.doors[0].post("/v1/lookups", &lookup("WRONG")).status, 429);
    let rows = pair.database.number("SELECT count(*) FROM spendings");
    // Guesses and requests of the address, and the guesses of its site.
    assert!((1..=3).contains(&rows), "{rows} rows for one address");
}

/// All at once, so that neither server has heard of the other's when it begins.
#[test]
fn two_servers_bear_as_many_guesses_as_one_at_once() {
    let pair = Pair::start();
    let began = Instant::now();
    let guessed: Guessed = thread::scope(|scope| {
        let pair = &pair;
        let asking: Vec<_> = (0..4 * BURST).map(|index| scope.spawn(move || pair.guess_one(index))).collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).sum()
    });
    guessed.check(began);
}

/// What was no guess is not told to anybody, but for the requests, in blocks.
#[test]
fn good_codes_are_nobodys_affair() {
    let pair = Pair::start();
    // More than two blocks of each server.
    for index in 0..140 {
        assert_eq!(pair.doors[index % 2].post("/v1/lookups", &lookup("WELCOME20")).status, 200);
    }
    assert_eq!(pair.database.number("SELECT count(*) FROM spendings WHERE budget <> 1"), 0);
    assert_eq!(pair.database.number("SELECT count(*) FROM spendings WHERE budget = 1"), 1, "requests are told of");
    assert!(pair.guess(BURST).answered == BURST, "and costs nothing");
}

/// What is recorded is told so, also where all servers together have borne as many requests as they may.
#[test]
fn what_a_page_has_redeemed_is_never_answered_as_too_much() {
    let pair = Pair::whose_pages_redeem(1_000_000);
    let redeem = |index: usize| {
        let order = format!("order-{index}");
        let mut body = reservation(&order, "WELCOME20", 1440);
        body["place"] = true.into();
        let answer = pair.doors[index % 2].reserve(&order, &body);
        assert!(matches!(answer.status, 201 | 429), "{}", answer.text());
        (answer.status == 201).then_some(order)
    };
    let (callers, orders) = (8, 30 * BURST + 8 * 30);
    let answered: BTreeSet<String> = thread::scope(|scope| {
        let of_caller = |caller: usize| (caller..orders).step_by(callers).filter_map(redeem).collect::<Vec<_>>();
        let asking: Vec<_> = (0..callers).map(|caller| scope.spawn(move || of_caller(caller))).collect();
        asking.into_iter().flat_map(|asked| asked.join().unwrap()).collect()
    });
    assert!(answered.len() < orders, "no budget was spent");
    let rows = pair.database.look().query("SELECT order_reference FROM redemptions", &[]).unwrap();
    let recorded: BTreeSet<String> = rows.into_iter().map(|row| row.get(0)).collect();
    let otherwise: Vec<_> = recorded.symmetric_difference(&answered).collect();
    assert!(otherwise.is_empty(), "recorded and refused, or the other way round: {otherwise:?}");
}

/// Requests that are refused because all guesses are spent are told of as any other: all servers together bear a budget of them.
#[test]
fn requests_are_shared_where_guesses_are_spent() {
    let pair = Pair::start();
    let _ = pair.guess(2 * BURST);
    for index in 0..140 {
        assert_eq!(pair.doors[index % 2].post("/v1/lookups", &lookup("WELCOME20")).status, 429);
    }
    // By the database's clock, of the 140 that cost two seconds each at least two blocks of each server.
    let owed = "SELECT count(*) FROM spendings WHERE budget = 1 AND \
                full_at > (extract(epoch FROM clock_timestamp()) + 90) * 1000000";
    assert_eq!(pair.database.number(owed), 1, "what was refused is not told of");
}

#[test]
fn two_servers_let_pages_redeem_as_often_as_one() {
    let pair = Pair::start();
    let redeem = |index: usize| {
        let mut order = reservation(&format!("order-{index}"), "WELCOME20", 1440);
        order["place"] = true.into();
        pair.doors[index % 2].reserve(&format!("order-{index}"), &order).status
    };
    let told: Vec<u16> = (0..6).map(redeem).collect();
    assert_eq!(told, [201, 201, 201, 429, 429, 429]);
    // What is refused for another reason costs neither of them anything.
    assert_eq!(pair.database.number("SELECT count(*) FROM redemptions"), 3);
}

/// While nobody can tell the other anything each goes by what it knows itself, and nobody waits long.
#[test]
fn a_server_that_cannot_tell_the_other_has_its_own_limit() {
    let pair = Pair::start();
    let mut holder = pair.database.look();
    holder.batch_execute("BEGIN; LOCK TABLE spendings IN ACCESS EXCLUSIVE MODE").unwrap();
    let begun = Instant::now();
    let answered = pair.guess(4 * BURST).answered;
    assert!((2 * BURST..=2 * BURST + 2).contains(&answered), "{answered}");
    let each = begun.elapsed() / u32::try_from(4 * BURST).unwrap();
    assert!(each < Duration::from_millis(500), "{each:?} each");
    // What was answered meanwhile is told later: it has been spent.
    holder.batch_execute("ROLLBACK").unwrap();
    let owed =
        "SELECT count(*) FROM spendings WHERE full_at > (extract(epoch FROM clock_timestamp()) + 20 * 60) * 1000000";
    let begun = Instant::now();
    while pair.database.number(owed) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "what was spent is not told");
        thread::sleep(Duration::from_millis(50));
    }
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

/// Two of an owner's programs paste the same list at the same moment: both find every code free, one adds them, and the other, which comes too
/// late, finds them there.
#[test]
fn a_list_that_is_overtaken_by_itself_is_there_already() {
    const CODES: usize = 50;
    let pair = Pair::start();
    let owners = pair.doors.each_ref().map(|door| door.clone().with_key(&Site::studio("studio").secret));
    let made = owners[0].post("/v1/promotions", &json!({ "codes": [], "terms": terms("Pasted", 1000, &json!({})) }));
    let path = format!("/v1/promotions/{}/codes", made.expect(201)["id"].as_str().unwrap());
    let list: Vec<String> = (0..CODES).map(|code| format!("PASTED-{code}")).collect();
    // Until both have looked, nobody can write to the site.
    let mut holder = pair.database.look();
    holder.batch_execute("BEGIN; SELECT number FROM sites FOR UPDATE").unwrap();
    let told = thread::scope(|scope| {
        let paste = |owner: &Client| owner.post(&path, &json!({ "codes": list }));
        let pasting = owners.each_ref().map(|owner| scope.spawn(move || paste(owner)));
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let begun = Instant::now();
        while pair.database.number(waiting) < 2 {
            assert!(begun.elapsed() < Duration::from_secs(30), "both wait for the site");
            thread::sleep(Duration::from_millis(5));
        }
        holder.batch_execute("COMMIT").unwrap();
        pasting.map(|one| one.join().unwrap().expect(200))
    });
    let mut counts =
        told.map(|answer| ["added", "already_there", "refused"].map(|name| answer[name].as_u64().unwrap()));
    counts.sort_unstable();
    assert_eq!(counts, [[0, CODES as u64, 0], [CODES as u64, 0, 0]]);
    assert_eq!(pair.database.number("SELECT count(*) FROM codes WHERE spelling LIKE 'PASTED-%'"), 50);
}
