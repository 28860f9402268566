//! A network that can be cut: it stands between a server and its database, and breaks when it is told to.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::Database;

/// When the connection that says `COMMIT` is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Never.
    Never,
    /// Before the database hears of it: the commit does not hold.
    Before,
    /// Before the answer comes back: the commit holds.
    After,
}

const CUTS: [Cut; 3] = [Cut::Never, Cut::Before, Cut::After];

/// A network between a server and a database.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    database: Database,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    socket: PathBuf,
    cut: AtomicU8,
    is_down: AtomicBool,
    open: Mutex<Vec<(TcpStream, UnixStream)>>,
}

impl Proxy {
    /// A network to this database.
    ///
    /// # Panics
    /// When there is no port.
    #[must_use]
    pub fn to(database: &Database) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            socket: database.socket.clone(),
            cut: AtomicU8::new(0),
            is_down: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                accepting.connect(stream);
            }
        });
        Self { address, database: database.clone(), shared }
    }

    /// The database's address through this network.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://tearoff@{}/{}{}", self.address, self.database.name, self.database.options)
    }

    /// Cuts the connection with the next commit.
    pub fn cut_next_commit(&self, cut: Cut) {
        let number = CUTS.iter().position(|other| *other == cut).unwrap_or_default();
        self.shared.cut.store(number.try_into().unwrap_or_default(), Ordering::SeqCst);
    }

    /// Whether a cut is still to come.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.shared.cut.load(Ordering::SeqCst) != 0
    }

    /// Cuts every connection, and lets none in.
    ///
    /// # Panics
    /// When a thread has.
    pub fn go_down(&self) {
        self.shared.is_down.store(true, Ordering::SeqCst);
        for (client, server) in self.shared.open.lock().expect("the connections").drain(..) {
            close(&client, &server);
        }
    }

    /// Lets connections in again.
    pub fn come_back(&self) {
        self.shared.is_down.store(false, Ordering::SeqCst);
    }
}

fn close(client: &TcpStream, server: &UnixStream) {
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

impl Shared {
    fn connect(self: &Arc<Self>, client: TcpStream) {
        if self.is_down.load(Ordering::SeqCst) {
            return;
        }
        let Ok(server) = UnixStream::connect(&self.socket) else { return };
        let (Ok(from), Ok(to)) = (client.try_clone(), server.try_clone()) else { return };
        let _ = client.set_nodelay(true);
        let (Ok(client_again), Ok(server_again)) = (client.try_clone(), server.try_clone()) else { return };
        self.open.lock().expect("the connections").push((client_again, server_again));
        let forward = Arc::clone(self);
        let (Ok(client_cut), Ok(server_cut)) = (client.try_clone(), server.try_clone()) else { return };
        let is_committing = Arc::new(AtomicBool::new(false));
        let committing = Arc::clone(&is_committing);
        thread::spawn(move || {
            let only_reads = AtomicBool::new(false);
            pass(from, to, |bytes| {
                let says = |words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
                only_reads.fetch_or(says(b"READ ONLY"), Ordering::SeqCst);
                let commits = says(b"COMMIT") && !only_reads.load(Ordering::SeqCst);
                if commits && forward.takes(Cut::Before) {
                    close(&client_cut, &server_cut);
                    return false;
                }
                committing.store(commits && forward.takes(Cut::After), Ordering::SeqCst);
                true
            });
        });
        let (Ok(client_end), Ok(server_end)) = (client.try_clone(), server.try_clone()) else { return };
        thread::spawn(move || {
            pass(server, client, |_| {
                let cut = is_committing.load(Ordering::SeqCst);
                if cut {
                    close(&client_end, &server_end);
                }
                !cut
            });
        });
    }

    /// Whether this is the cut that is to come; it comes once.
    fn takes(&self, cut: Cut) -> bool {
        let number = self.cut.load(Ordering::SeqCst);
        let is = CUTS.get(usize::from(number)) == Some(&cut);
        is && self.cut.compare_exchange(number, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

/// Passes bytes on until either end closes, or `may` says no.
fn pass(mut from: impl Read, mut to: impl Write, may: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let bytes = &buffer[..count];
        if !may(bytes) || to.write_all(bytes).is_err() {
            return;
        }
    }
}
