//! LibreOffice edits a document at its URL, and a colleague sees that it does.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use kontor_e2e::tools;
use kontor_testkit::{Client, Folder, Server, signal};

use super::DRIVE;
use crate::office::ANNA;

const DOCUMENT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document \
    xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
    xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" office:version=\"1.2\" \
    office:mimetype=\"application/vnd.oasis.opendocument.text\"><office:body><office:text>\
    <text:p>written by hand</text:p></office:text></office:body></office:document>\n";

/// LibreOffice, steered by the script beside this file: a line for each step.
struct Writer {
    child: Child,
    tell: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Writer {
    fn open(server: &Server, path: &str, home: &Folder) -> Self {
        tools::debian("soffice", "libreoffice-writer-nogui");
        let module = Path::new("/usr/lib/python3/dist-packages/uno.py");
        kontor_testkit::tools::installed("python3-uno", || module.exists().then_some(()));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/files/libreoffice_edit.py");
        let url = server.url(path).replacen("http://", "vnd.sun.star.webdav://", 1);
        let pipe = format!("kontor{}", std::process::id());
        // Debian's own Python: the module is made for that one.
        let mut command = Command::new("timeout");
        command
            .args(["--signal=INT", "300", "/usr/bin/python3"])
            .arg(script)
            .args([&url, ANNA.name, ANNA.password, &pipe])
            .arg(home.join("profile"));
        command.env("HOME", home.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (tell, said) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, tell, said: BufReader::new(said) }
    }

    /// What it says next; nothing if it has ended.
    fn next(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn go_on(&mut self) -> String {
        self.tell.write_all(b"\n").unwrap();
        self.next()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Interrupted, the script takes LibreOffice with it; if it has ended there is nobody to interrupt.
        if matches!(self.child.try_wait(), Ok(None)) {
            signal("INT", self.child.id());
        }
        let _ = self.child.wait();
    }
}

/// Who has it locked, as any client sees it.
fn locked(client: &Client, path: &str) -> bool {
    let ask = b"<propfind xmlns=\"DAV:\"><prop><lockdiscovery/></prop></propfind>";
    let answer = client.ask("PROPFIND", path, &[("Depth", "0"), ("Content-Type", "application/xml")], ask);
    assert_eq!(answer.status, 207, "{}", answer.text());
    answer.text().contains("<D:exclusive/>")
}

#[test]
fn a_document_is_edited_at_its_url() {
    let server = Server::start(&[ANNA]);
    let (home, anna) = (Folder::new("libreoffice"), server.client_of(ANNA));
    let path = format!("{DRIVE}letter.fodt");
    let flat = [("Content-Type", "application/vnd.oasis.opendocument.text-flat-xml")];
    assert_eq!(anna.ask("PUT", &path, &flat, DOCUMENT.as_bytes()).status, 201);
    let mut writer = Writer::open(&server, &path, &home);
    assert_eq!(writer.next(), "open: written by hand");
    assert!(locked(&anna, &path), "a second client sees that somebody works on it");
    let other = anna.ask("PUT", &path, &flat, b"not now");
    assert_eq!(other.status, 423, "{}", other.text());
    assert_eq!(writer.go_on(), "saved");
    assert!(anna.get(&path).unwrap().contains("changed by LibreOffice"));
    assert!(locked(&anna, &path), "it goes on working");
    assert_eq!(writer.go_on(), "closed");
    assert!(!locked(&anna, &path));
    assert_eq!(anna.ask("PUT", &path, &flat, DOCUMENT.as_bytes()).status, 204);
}
