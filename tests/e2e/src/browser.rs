//! A headless Chromium with its driver, and what WebDriver itself does not offer: its log and its development tools.

use std::process::{Child, Command, Stdio};

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::{free_port, path_from_environment, wait_for_port};

/// Without a window, a graphics card, or a look at any host but the one under test.
const SWITCHES: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,1000",
];

/// A browser and the driver that steers it.
#[derive(Debug)]
pub struct Browser {
    /// The WebDriver session.
    pub client: Client,
    driver: Child,
}

impl Browser {
    /// Starts both.
    ///
    /// # Panics
    /// When either does not start.
    pub async fn start() -> Self {
        let port = free_port();
        let mut driver = Command::new(path_from_environment("CHROMEDRIVER"))
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the driver starts");
        wait_for_port(port, &mut driver);
        let options = json!({ "binary": path_from_environment("CHROME"), "args": SWITCHES });
        let capabilities: Capabilities = [
            ("goog:chromeOptions".to_owned(), options),
            ("goog:loggingPrefs".to_owned(), json!({ "performance": "ALL", "browser": "ALL" })),
        ]
        .into_iter()
        .collect();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("the browser starts");
        Self { client, driver }
    }

    /// Ends the session.
    ///
    /// # Panics
    /// When the browser cannot be asked to.
    pub async fn close(mut self) {
        self.client.clone().close().await.expect("the browser closes");
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }

    /// Runs a command of Chromium's development tools.
    ///
    /// # Panics
    /// When it fails.
    pub async fn tools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(ChromeCommand { path: "goog/cdp/execute", body }).await.expect("a command of the tools")
    }

    /// Takes what the browser logged since the last call: the events of its network, by address.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub async fn requests_since(&self) -> Vec<String> {
        let body = json!({ "type": "performance" });
        let log = self.client.issue_cmd(ChromeCommand { path: "se/log", body }).await.expect("the browser's log");
        let entries = log.as_array().cloned().unwrap_or_default();
        let parsed = entries.iter().filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        parsed
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent")
            .map(|event| event["message"]["params"]["request"]["url"].to_string())
            .collect()
    }

    /// Takes what the page wrote to its console since the last call, errors only.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub async fn errors_since(&self) -> Vec<String> {
        let body = json!({ "type": "browser" });
        let log = self.client.issue_cmd(ChromeCommand { path: "se/log", body }).await.expect("the browser's log");
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.iter().filter(|entry| entry["level"] == "SEVERE").map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A command that only Chromium's driver knows, below the session's address.
#[derive(Debug)]
struct ChromeCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for ChromeCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
