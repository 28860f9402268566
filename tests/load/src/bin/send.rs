//! `send seed` prints the seed of a server to be looked into; `send ADDRESS quotes|many|hot CLIENTS SECONDS [SERVER]` asks it for so long, and tells how
//! fast it answered. A floor is sent what that server has priced.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tearoff_load::load::{Pace, Stint, send};
use tearoff_load::site::{Wanted, quotes, redemptions, seed};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ([address, what, clients, seconds], server) = match *arguments.as_slice() {
        [address, what, clients, seconds] => ([address, what, clients, seconds], address),
        [address, what, clients, seconds, server] => ([address, what, clients, seconds], server),
        _ => return println!("{}", seed()),
    };
    let parse = |address: &str| -> SocketAddr { address.parse().expect("an address") };
    let (address, server) = (parse(address), parse(server));
    let (requests, status) = match what {
        "quotes" => (quotes(), 200),
        "many" => (redemptions(server, Wanted::Many), 201),
        _ => (redemptions(server, Wanted::Hot), 201),
    };
    let stint = Stint {
        address,
        requests: &requests,
        status,
        clients: clients.parse().expect("how many clients"),
        pace: Pace::AsAnswered,
        warm_up: Duration::from_millis(200),
        counted: Duration::from_secs(seconds.parse().expect("seconds")),
    };
    // Orders of another run are others.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
    let came = send(&stint, &mut (since.as_secs() % 100_000 * 10_000_000));
    println!("{:.0} a second, p50 {:.2} ms, p99 {:.2} ms", came.rate, came.p50, came.p99);
}
