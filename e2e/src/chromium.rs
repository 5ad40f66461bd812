//! Steers Chromium over its DevTools protocol: JSON messages that end with a zero byte, on a pair of pipes.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use kontor_testkit::{Folder, until};
use serde_json::{Value, json};

use crate::tools;

/// A headless Chromium with an empty profile of its own and one page, ended when dropped. It signs in where it is asked to,
/// and says yes where a page asks.
pub struct Chromium {
    child: Child,
    to: File,
    from: Receiver<Value>,
    last: u64,
    session: Option<String>,
    login: (String, String),
    /// What pages asked by a dialogue, in order.
    pub asked: Vec<String>,
    /// What scripts of pages threw.
    pub thrown: Vec<String>,
    home: Folder,
}

/// Longest that an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

impl Chromium {
    /// Starts it; `user` and `password` are what it signs in with.
    pub fn start(user: &str, password: &str) -> Chromium {
        let chromium = tools::debian("chromium", "chromium");
        let home = Folder::new("chromium");
        let (input, output) = (home.join("in"), home.join("out"));
        let made = Command::new("mkfifo").args([&input, &output]).status().unwrap();
        assert!(made.success(), "mkfifo: {made}");
        let log = File::create(home.join("log")).unwrap();
        let child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<\"$IN\" 4>\"$OUT\"", "sh"])
            .arg(chromium)
            // A container has no user namespaces and little shared memory.
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .arg(format!("--user-data-dir={}", home.join("profile").display()))
            .arg("about:blank")
            .env("IN", &input)
            .env("OUT", &output)
            .env("HOME", home.path())
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|e| panic!("starting chromium: {e}"));
        let to = File::options().write(true).open(&input).unwrap();
        let from = messages(File::open(&output).unwrap());
        let login = (user.to_owned(), password.to_owned());
        let (asked, thrown) = (Vec::new(), Vec::new());
        let mut us = Chromium { child, to, from, last: 0, session: None, login, asked, thrown, home };
        us.begin();
        us
    }

    fn begin(&mut self) {
        let page = self.command("Target.createTarget", json!({"url": "about:blank"}));
        let page = json!({"targetId": page["targetId"], "flatten": true});
        let session = self.command("Target.attachToTarget", page);
        self.session = session["sessionId"].as_str().map(str::to_owned);
        self.command("Page.enable", json!({}));
        self.command("Runtime.enable", json!({}));
        self.command("Fetch.enable", json!({"handleAuthRequests": true}));
        let downloads = self.downloads();
        let allow = json!({"behavior": "allow", "downloadPath": downloads});
        self.command("Browser.setDownloadBehavior", allow);
    }

    /// Where it puts what is downloaded.
    pub fn downloads(&self) -> PathBuf {
        self.home.join("downloads")
    }

    /// Opens a page and waits until all of it is there.
    #[track_caller]
    pub fn open(&mut self, url: &str) {
        let gone = self.command("Page.navigate", json!({"url": url}));
        assert!(gone["errorText"].is_null(), "{url}: {}", gone["errorText"]);
        self.wait(
            "the page to be there",
            "document.readyState === 'complete' && location.href !== 'about:blank'",
        );
    }

    /// The value of an expression on the page, of what it promises, if it does; panics with what it throws.
    #[track_caller]
    pub fn value(&mut self, expression: &str) -> Value {
        self.try_value(expression).unwrap_or_else(|thrown| panic!("{thrown}\n{expression}"))
    }

    /// Waits until an expression on the page, or on the one that comes after it, is true.
    #[track_caller]
    pub fn wait(&mut self, what: &str, expression: &str) {
        // Whoever asks while a page goes is told that it went.
        until(what, PATIENCE, || self.try_value(expression).is_ok_and(|value| value == true).then_some(()));
    }

    /// Lets files fall on the middle of the page.
    pub fn drop_files(&mut self, files: &[&Path]) {
        let middle = self.value("[innerWidth / 2, innerHeight / 2]");
        for step in ["dragEnter", "dragOver", "drop"] {
            let data = json!({"items": [], "files": files, "dragOperationsMask": 1});
            let event = json!({"type": step, "x": middle[0], "y": middle[1], "data": data});
            self.command("Input.dispatchDragEvent", event);
        }
    }

    /// A command of the protocol, to the page if there is one.
    #[track_caller]
    pub fn command(&mut self, method: &str, parameters: Value) -> Value {
        self.try_command(method, parameters).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn try_value(&mut self, expression: &str) -> Result<Value, Value> {
        let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.try_command("Runtime.evaluate", asked)?;
        match &answer["exceptionDetails"] {
            Value::Null => Ok(answer["result"]["value"].clone()),
            thrown => Err(thrown.clone()),
        }
    }

    fn try_command(&mut self, method: &str, parameters: Value) -> Result<Value, Value> {
        let id = self.send(method, parameters);
        loop {
            let message = match self.from.recv_timeout(PATIENCE) {
                Ok(message) => message,
                Err(_) => {
                    panic!("Chromium does not answer to {method}; see {}", self.home.join("log").display())
                }
            };
            if message["id"] == id {
                let error = &message["error"];
                return if error.is_null() { Ok(message["result"].clone()) } else { Err(error.clone()) };
            }
            self.event(&message);
        }
    }

    fn send(&mut self, method: &str, parameters: Value) -> u64 {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        self.last
    }

    /// What it tells without being asked.
    fn event(&mut self, message: &Value) {
        let about = &message["params"];
        let request = about["requestId"].clone();
        match message["method"].as_str().unwrap_or_default() {
            "Fetch.requestPaused" => _ = self.send("Fetch.continueRequest", json!({"requestId": request})),
            "Fetch.authRequired" => {
                let (user, password) = &self.login;
                let answer =
                    json!({"response": "ProvideCredentials", "username": user, "password": password});
                let answer = json!({"requestId": request, "authChallengeResponse": answer});
                self.send("Fetch.continueWithAuth", answer);
            }
            "Page.javascriptDialogOpening" => {
                self.asked.push(about["message"].as_str().unwrap_or_default().to_owned());
                self.send("Page.handleJavaScriptDialog", json!({"accept": true}));
            }
            "Runtime.exceptionThrown" => self.thrown.push(about["exceptionDetails"].to_string()),
            _ => {}
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The messages of a pipe, read by a thread of their own so that waiting for one can end.
fn messages(pipe: File) -> Receiver<Value> {
    let (to, from) = channel();
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        loop {
            let mut message = Vec::new();
            if pipe.read_until(0, &mut message).is_err() || message.pop().is_none() {
                return;
            }
            let Ok(message) = serde_json::from_slice(&message) else { return };
            if to.send(message).is_err() {
                return;
            }
        }
    });
    from
}
