//! An S3 of the tests' own: moto from PyPI, which keeps its objects in memory and is gone with the tests.

use crate::leash::end_with_this_process;
use crate::{Answer, Client, Folder, tools, until};
use std::fs::File;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// What the server is made of. It takes any credentials.
const REQUIREMENTS: &str = "moto[s3]==5.2.5\nflask==3.1.3\nflask-cors==6.0.5\n";

/// One server for all tests of this process, started by the first that asks.
pub fn s3() -> &'static S3 {
    static SERVER: OnceLock<S3> = OnceLock::new();
    SERVER.get_or_init(|| S3::start(&[]))
}

/// A running server on loopback, which takes buckets in the path.
#[derive(Debug)]
pub struct S3 {
    address: SocketAddr,
}

impl S3 {
    /// Starts a server, which ends with this process; with its own `options`, such as `-c CERT -k KEY` for TLS.
    pub fn start(options: &[&str]) -> S3 {
        let program = tools::python("s3-venv", REQUIREMENTS, "moto_server");
        let folder = std::mem::ManuallyDrop::new(Folder::new("s3"));
        let log = folder.join("log");
        let said = File::create(&log).unwrap();
        let mut child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .args(options)
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .unwrap_or_else(|error| panic!("start moto: {error}"));
        end_with_this_process(&child, "KILL", folder.path());
        let address = until("moto to say where it listens", Duration::from_secs(60), || {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            assert!(child.try_wait().unwrap().is_none(), "moto ended: {said}");
            let (_, rest) = said.split_once("://")?;
            rest.split_once(char::is_whitespace)?.0.parse().ok()
        });
        std::thread::spawn(move || child.wait());
        S3 { address }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://ADDRESS`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes an empty bucket.
    pub fn create(&self, bucket: &str) {
        self.done("PUT", &format!("/{bucket}"), b"");
    }

    /// Names of all objects of a bucket, in order (at most 1,000).
    pub fn objects(&self, bucket: &str) -> Vec<String> {
        self.names(&format!("/{bucket}?list-type=2"))
    }

    /// Names of objects whose upload in parts was begun and neither ended nor given up.
    pub fn unfinished(&self, bucket: &str) -> Vec<String> {
        self.names(&format!("/{bucket}?uploads"))
    }

    fn names(&self, path: &str) -> Vec<String> {
        let text = self.done("GET", path, b"").text();
        text.split("<Key>").skip(1).filter_map(|rest| Some(rest.split_once("</Key>")?.0.to_owned())).collect()
    }

    /// The bytes of an object, if it is there.
    pub fn get(&self, bucket: &str, name: &str) -> Option<Vec<u8>> {
        let answer = self.ask("GET", &format!("/{bucket}/{name}"), b"");
        (answer.status == 200).then_some(answer.body)
    }

    /// Replaces or makes an object.
    pub fn put(&self, bucket: &str, name: &str, bytes: &[u8]) {
        self.done("PUT", &format!("/{bucket}/{name}"), bytes);
    }

    /// Removes an object.
    pub fn remove(&self, bucket: &str, name: &str) {
        self.done("DELETE", &format!("/{bucket}/{name}"), b"");
    }

    fn ask(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        // Any signature will do, but who brings none is a stranger, who may not read.
        let signed = "AWS4-HMAC-SHA256 Credential=test/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        Client::new(self.address).ask(method, path, &[("Authorization", signed)], body)
    }

    fn done(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let answer = self.ask(method, path, body);
        assert!(matches!(answer.status, 200..=299), "{method} {path}: {} {}", answer.status, answer.text());
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_objects_and_tells_them() {
        s3().create("own");
        s3().put("own", "a/b", b"text");
        assert_eq!(s3().objects("own"), ["a/b"]);
        assert_eq!(s3().get("own", "a/b").as_deref(), Some(&b"text"[..]));
        s3().remove("own", "a/b");
        assert_eq!((s3().objects("own").len(), s3().get("own", "a/b")), (0, None));
        assert!(s3().unfinished("own").is_empty());
    }
}
