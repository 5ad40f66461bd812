//! Large bodies in a bucket: what a server says that cannot have it, and one that can.

use crate::house::{ANNA, binary, finish, kontor};
use kontor_testkit::{Fault, Folder, Proxy, S3, Server, run, s3, tools};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

/// One line, and the exit code of what is refused, whoever needs the store.
#[track_caller]
fn refused(configuration: &str, holds: &[&str]) {
    let folder = Folder::new("bucket");
    // Time enough on a busy machine to hear what the other side says, and not just that it takes long.
    let text = format!("[blobs]\npatience_seconds = 6\n{configuration}\n");
    let file = folder.write("kontor.toml", text);
    let file = file.to_str().unwrap();
    let listen = ["--config", file, "serve", "--listen", "127.0.0.1:0"];
    for args in [
        &listen[..],
        &[
            "--config",
            file,
            "user",
            "create",
            "x",
            "--email",
            "x@example.org",
            "--full-name",
            "X",
            "--password",
            "p p p p p",
        ],
    ] {
        let said = kontor(&folder.join("data"), args);
        let one = said.err.lines().filter(|line| line.starts_with("kontor: ")).collect::<Vec<_>>();
        assert_eq!((said.code, one.len()), (1, 1), "{said:?}");
        for words in holds {
            assert!(one[0].contains(words), "{words:?} is not in {said:?}");
        }
        assert!(!said.err.contains("very secret"), "{said:?}");
    }
}

fn bucket(name: &str, endpoint: &str) -> String {
    format!(
        "url = \"s3://{name}\"\nendpoint = \"{endpoint}\"\naccess_key = \"a\"\nsecret_key = \"very secret\""
    )
}

#[test]
fn a_bucket_that_cannot_be_had_ends_the_start() {
    let there = s3().endpoint();
    s3().create("cli-good");
    refused(&bucket("cli-no-such", &there), &["s3://cli-no-such", "NoSuchBucket"]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(&bucket("x", &format!("http://{nobody}")), &["cannot reach the blob store s3://x", "refused"]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    refused(&bucket("x", &silent), &["cannot reach the blob store s3://x"]);
    refused(&bucket("x", "http://s3.example.invalid"), &["blobs.allow_plain_http"]);
    refused(&bucket("x", "https://s3.example.invalid"), &["cannot reach the blob store s3://x"]);
    refused(&bucket("x", "ftp://x"), &["blobs.endpoint"]);
    for (status, words) in [(403, "refuses us"), (500, "500")] {
        let proxy = Proxy::http(s3().address());
        proxy.set(Fault::Answer { status, of: 1 });
        refused(&bucket("cli-good", &format!("http://{}", proxy.address())), &["s3://cli-good", words]);
    }
    refused("url = \"s3://\"", &["blobs.url"]);
    refused("url = \"s3://b\"\naccess_key = \"a\"", &["blobs.access_key and blobs.secret_key"]);
    refused("url = \"s3://b\"\nsecret_key_file = \"/nonexistent\"", &["/nonexistent"]);
    refused("url = \"/proc/nowhere\"", &["/proc/nowhere"]);
}

/// PEM texts: an authority, and a certificate for loopback of its with the key.
fn certificates() -> [String; 3] {
    let own = KeyPair::generate().unwrap();
    let mut above = CertificateParams::new(Vec::new()).unwrap();
    above.distinguished_name.push(DnType::CommonName, "Authority of a test");
    above.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = above.self_signed(&own).unwrap().pem();
    let (issuer, key) = (Issuer::new(above, own), KeyPair::generate().unwrap());
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    [authority, certificate.signed_by(&key, &issuer).unwrap().pem(), key.serialize_pem()]
}

#[test]
fn a_bucket_behind_tls_is_believed_if_its_authority_is_named() {
    let folder = Folder::new("bucket-tls");
    let [authority, certificate, key] = certificates();
    let (ca, cert) = (folder.write("ca.pem", authority), folder.write("cert.pem", certificate));
    let key = folder.write("key.pem", key);
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let server = S3::start(&["-c", &text(&cert), "-k", &text(&key)]);
    let endpoint = format!("https://{}", server.address());
    let mut make = Command::new(tools::debian("curl", "curl"));
    make.args(["--silent", "--show-error", "--fail", "--cacert", &text(&ca), "-X", "PUT"]);
    run(make.arg(format!("{endpoint}/cli-tls")), "", Duration::from_secs(60)).said_if_ok();

    refused(&bucket("cli-tls", &endpoint), &["cannot reach the blob store s3://cli-tls", "ertificate"]);
    let named = |file: &str| format!("{}\nca_file = \"{file}\"", bucket("cli-tls", &endpoint));
    refused(&named("/nonexistent.pem"), &["/nonexistent.pem"]);
    refused(&named(&text(&key)), &["there is no certificate in it"]);

    let mut kontor = Server::of(binary(), &[]);
    kontor.stop();
    std::fs::remove_dir_all(kontor.data()).unwrap();
    kontor.move_to(None);
    kontor.lay_bodies("cli-tls", &endpoint, 15);
    kontor.set_always("KONTOR_BLOBS_CA_FILE", &text(&ca));
    kontor.create(ANNA);
    kontor.restart();
    let large = super::moving::bodies::event("tls.ics");
    let (anna, path) = (kontor.client_of(ANNA), "/dav/calendars/anna/default/tls.ics");
    anna.put(path, &large);
    assert_eq!(anna.get(path), Some(large));
    assert_eq!(
        std::fs::read_dir(kontor.data().join("blobs")).map_or(0, Iterator::count),
        0,
        "it is in the bucket"
    );
    // Who names none of it is told what is missing.
    kontor.stop();
    let mut elsewhere = kontor.serving();
    elsewhere.env("KONTOR_BLOBS_URL", kontor.data().join("blobs")).env_remove("KONTOR_BLOBS_ENDPOINT");
    elsewhere.env_remove("KONTOR_BLOBS_ACCESS_KEY").env_remove("KONTOR_BLOBS_SECRET_KEY");
    let said = finish(&mut elsewhere, "");
    assert!(said.code == 1 && said.err.contains("holds nothing of this store"), "{said:?}");
}
