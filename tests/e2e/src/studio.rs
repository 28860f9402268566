//! The demo studio, served by the real binary.

use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::{free_port, path_from_environment, wait_for_port};

/// The secret key of the demo seed.
const SECRET_KEY: &str = "sk_demo_00000000000000000000000000";

/// A running server with a database of its own.
#[derive(Debug)]
pub struct Studio {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Studio {
    /// Starts the server with the demo studio's seed, its origins set to where it is.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn open() -> Self {
        let port = free_port();
        let folder = TempDir::new().expect("a temporary folder");
        let seed = folder.path().join("seed.json");
        let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/booking/seed.json");
        let mut demo: Value =
            serde_json::from_slice(&std::fs::read(demo).expect("the demo seed")).expect("the seed is JSON");
        demo["sites"][0]["origins"] = serde_json::json!([format!("http://127.0.0.1:{port}")]);
        std::fs::write(&seed, demo.to_string()).expect("writing the seed");
        let mut server = Command::new(path_from_environment("TEAROFF_SERVER"));
        // They are this test's, and would be taken for settings.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TEAROFF_")) {
            server.env_remove(name);
        }
        let mut process = server
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--database", &format!("sqlite:{}", folder.path().join("studio.sqlite").display())])
            .arg("--www")
            .arg(path_from_environment("TEAROFF_WWW"))
            .arg("--seed")
            .arg(&seed)
            .stdin(Stdio::null())
            .spawn()
            .expect("the server starts");
        wait_for_port(port, &mut process);
        Self { process, port, _folder: folder }
    }

    /// An address of this server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// All redemptions recorded, as the owner lists them.
    ///
    /// # Panics
    /// When the server does not answer.
    #[must_use]
    pub fn redemptions(&self) -> Vec<Value> {
        let mut listed: Value = ureq::get(self.url("v1/redemptions?limit=100"))
            .header("Authorization", format!("Bearer {SECRET_KEY}"))
            .call()
            .and_then(|mut answer| answer.body_mut().read_json())
            .expect("the list of redemptions");
        match listed["redemptions"].take() {
            Value::Array(items) => items,
            other => panic!("no list of redemptions: {other}"),
        }
    }

    /// Redeems a code once, as a host's backend would.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn redeem(&self, order: &str, code: &str, total_minor: i64) {
        let body = serde_json::json!({
            "order": order, "codes": [code], "place": true, "seen": { "total_minor": total_minor },
            "cart": { "lines": [{ "id": "1", "item": "yoga", "occurrences": [{ "start": "2030-01-01T18:00" }] }] },
        });
        ureq::post(self.url("v1/redemptions"))
            .header("Authorization", format!("Bearer {SECRET_KEY}"))
            .header("Idempotency-Key", order)
            .send_json(&body)
            .expect("the code is redeemed");
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
