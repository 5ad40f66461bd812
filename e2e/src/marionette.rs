//! Steers Thunderbird over Marionette, Mozilla's remote protocol: `LENGTH:JSON` messages on a loopback port, each a
//! command `[0, id, name, parameters]` or an answer `[1, id, error, result]`.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kontor_testkit::{Folder, until};
use serde_json::{Value, json};

use crate::tools;

/// A headless Thunderbird with an empty profile of its own, ended when dropped.
pub struct Marionette {
    child: Child,
    stream: TcpStream,
    last: u64,
    _home: Folder,
}

/// Longest that one script may take.
const SCRIPT: Duration = Duration::from_secs(60);

impl Marionette {
    /// Starts Thunderbird and opens a session in its privileged context.
    pub fn start() -> Marionette {
        let thunderbird = tools::debian("thunderbird", "thunderbird");
        let home = Folder::new("thunderbird");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        home.write("profile/user.js", preferences(port));
        let log = File::create(home.join("log")).unwrap();
        let mut child = Command::new(thunderbird)
            .args(["--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile"])
            .arg(home.join("profile"))
            .env("HOME", home.path())
            .env("MOZ_HEADLESS", "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|e| panic!("starting thunderbird: {e}"));
        let stream = until("Thunderbird to listen", Duration::from_secs(90), || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("Thunderbird ended with {status}");
            }
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        stream.set_read_timeout(Some(SCRIPT * 2)).unwrap();
        let mut us = Marionette { child, stream, last: 0, _home: home };
        us.read(); // its greeting
        us.command(
            "WebDriver:NewSession",
            json!({"capabilities": {"alwaysMatch": {"acceptInsecureCerts": true}}}),
        );
        us.command("WebDriver:SetTimeouts", json!({"script": SCRIPT.as_millis() as u64}));
        us.command("Marionette:SetContext", json!({"value": "chrome"}));
        us
    }

    /// Runs the body of an async function of `args` in Thunderbird's main window and returns what it returns; panics
    /// with what it throws.
    #[track_caller]
    pub fn script(&mut self, body: &str, args: Value) -> Value {
        let script = format!(
            "const [args, done] = arguments;
             (async () => {{ {body} }})().then(
               value => done({{ value: value === undefined ? null : value }}),
               error => done({{ error: `${{error}}\n${{error?.stack ?? ''}}` }}));"
        );
        let answer = self.command("WebDriver:ExecuteAsyncScript", json!({"script": script, "args": [args]}));
        match &answer["value"] {
            Value::Object(ended) if ended.contains_key("value") => ended["value"].clone(),
            Value::Object(ended) => {
                panic!("the script threw {}\n{body}", ended["error"].as_str().unwrap_or("?"))
            }
            other => panic!("the script did not end (a dialogue came up?): {other}\n{body}"),
        }
    }

    #[track_caller]
    fn command(&mut self, name: &str, parameters: Value) -> Value {
        self.last += 1;
        let message = json!([0, self.last, name, parameters]).to_string();
        self.stream.write_all(format!("{}:{message}", message.len()).as_bytes()).unwrap();
        let answer = self.read();
        assert!(answer[2].is_null(), "{name}: {}: {}", answer[2]["error"], answer[2]["message"]);
        answer[3].clone()
    }

    fn read(&mut self) -> Value {
        let mut length = 0usize;
        loop {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).expect("Thunderbird answers");
            match byte[0] {
                b':' => break,
                digit => length = length * 10 + usize::from(digit - b'0'),
            }
        }
        let mut message = vec![0; length];
        self.stream.read_exact(&mut message).expect("Thunderbird answers in full");
        serde_json::from_slice(&message).unwrap()
    }
}

impl Drop for Marionette {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// No first-run pages, no updates, no telemetry: nothing but the calendar talks to the network.
fn preferences(port: u16) -> String {
    format!(
        r#"user_pref("marionette.port", {port});
user_pref("app.update.enabled", false);
user_pref("app.donation.eoy.version.viewed", 999);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mail.spotlight.firstRunDone", true);
user_pref("mail.winsearch.firstRunDone", true);
user_pref("toolkit.telemetry.enabled", false);
"#
    )
}
