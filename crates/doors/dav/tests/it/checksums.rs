//! Checksums of what is put and of what is handed out (RFC 9530, RFC 3230).

use crate::scene::{Scene, event};
use kontor_wire_dav::header::{Syntax, write_digest};
use sha2::{Digest, Sha256};

const FILE: &str = "/dav/files/anna/film.bin";

fn text(bytes: usize, seed: usize) -> String {
    (0..bytes).map(|n| char::from(b'a' + u8::try_from((n / 3 + seed) % 26).unwrap())).collect()
}

fn fields(body: &str) -> String {
    write_digest(Syntax::Fields, &Sha256::digest(body).into())
}

fn instance(body: &str) -> String {
    write_digest(Syntax::Instance, &Sha256::digest(body).into())
}

#[tokio::test]
async fn what_came_otherwise_than_it_was_sent_changes_nothing() {
    let scene = Scene::new().await;
    for size in [5, 65_536, 300_000, 3_200_000] {
        let (old, new) = (text(size, 0), text(size, 1));
        for header in ["Repr-Digest", "Content-Digest"] {
            let put = |body: &str, digest: &str| format!("PUT {FILE}\n{header}: {digest}\n\n{body}");
            let refused = scene.anna(&put(&new, &fields(&old))).await.is(400);
            refused.has(header).has(&fields(&new));
            scene.anna(&format!("GET {FILE}")).await.is(404);
            scene.anna(&put(&old, &format!("md5=:AAAA:, {}", fields(&old)))).await.is(201);
            scene.anna(&put(&new, &fields(&old))).await.is(400);
            assert!(scene.anna(&format!("GET {FILE}")).await.is(200).body == old, "{size}");
            scene.anna(&put(&new, "sha-512=:AAAA:")).await.is(204);
            scene.anna(&format!("DELETE {FILE}")).await.is(204);
        }
        let put = |sum: &str| format!("PUT {FILE}\nDigest: {sum}\n\n{new}");
        scene.anna(&put(&instance(&old))).await.is(400);
        scene.anna(&put(&instance(&new))).await.is(201);
        scene.anna(&format!("DELETE {FILE}")).await.is(204);
    }
}

#[tokio::test]
async fn a_part_and_the_whole_have_sums_of_their_own() {
    let scene = Scene::new().await;
    for size in [20, 200_000] {
        let (old, part) = (text(size, 0), text(10, 7));
        let whole = format!("{}{part}{}", &old[..5], &old[15..]);
        scene.anna(&format!("PUT {FILE}\n\n{old}")).await;
        let put =
            |headers: &str| format!("PUT {FILE}\nContent-Range: bytes 5-14/{size}\n{headers}\n\n{part}");
        for wrong in [
            format!("Content-Digest: {}", fields(&whole)),
            format!("Repr-Digest: {}", fields(&part)),
            format!("Content-Digest: {}\nRepr-Digest: {}", fields(&part), fields(&old)),
        ] {
            scene.anna(&put(&wrong)).await.is(400);
            assert!(scene.anna(&format!("GET {FILE}")).await.is(200).body == old, "{wrong}");
        }
        let right = format!("Content-Digest: {}\nRepr-Digest: {}", fields(&part), fields(&whole));
        scene.anna(&put(&right)).await.is(204);
        assert!(scene.anna(&format!("GET {FILE}")).await.is(200).body == whole);
        // What is sent with PATCH is a description of a change: that is what it says something of.
        let patch = |headers: &str| {
            let kind = "Content-Type: application/x-sabredav-partialupdate\nX-Update-Range: append";
            format!("PATCH {FILE}\n{kind}\n{headers}\n\n{part}")
        };
        scene.anna(&patch(&format!("Repr-Digest: {}", fields(&whole)))).await.is(400);
        assert!(scene.anna(&format!("GET {FILE}")).await.is(200).body == whole);
        scene.anna(&patch(&format!("Repr-Digest: {}", fields(&part)))).await.is(204);
        assert!(scene.anna(&format!("GET {FILE}")).await.is(200).body == whole + &part);
    }
}

#[tokio::test]
async fn who_asks_is_told_the_sum() {
    let scene = Scene::new().await;
    for size in [0, 5, 100_000, 2_200_000] {
        let body = text(size, 3);
        scene.anna(&format!("PUT {FILE}\n\n{body}")).await;
        let all = "Want-Repr-Digest: sha-256=10\nWant-Content-Digest: sha-256=1\nWant-Digest: sha-256";
        let got = scene.anna(&format!("GET {FILE}\n{all}\n\n")).await.is(200);
        assert_eq!(got.header("repr-digest"), fields(&body));
        assert_eq!(got.header("content-digest"), fields(&body));
        assert_eq!(got.header("digest"), instance(&body));
        let head = scene.anna(&format!("HEAD {FILE}\n{all}\n\n")).await.is(200);
        assert_eq!(head.header("repr-digest"), fields(&body));
        assert!(!head.headers.contains_key("content-digest"));
        for unasked in ["", "Want-Repr-Digest: sha-512=3, sha-256=0\n", "Want-Digest: md5\n"] {
            let got = scene.anna(&format!("GET {FILE}\n{unasked}\n")).await.is(200);
            assert!(!got.headers.contains_key("repr-digest") && !got.headers.contains_key("digest"));
        }
        if size > 5 {
            let got = scene.anna(&format!("GET {FILE}\nRange: bytes=1-5\n{all}\n\n")).await.is(206);
            assert_eq!(got.header("repr-digest"), fields(&body));
            assert!(!got.headers.contains_key("content-digest"));
        }
    }
}

#[tokio::test]
async fn events_have_sums_too() {
    let scene = Scene::new().await;
    let path = "/dav/calendars/anna/default/lunch.ics";
    let event = event("lunch");
    scene.anna(&format!("PUT {path}\nContent-Digest: {}\n\n{event}", fields("other"))).await.is(400);
    scene.anna(&format!("GET {path}")).await.is(404);
    scene.anna(&format!("PUT {path}\nRepr-Digest: {}\n\n{event}", fields(&event))).await.is(201);
    let got = scene.anna(&format!("GET {path}\nWant-Repr-Digest: sha-256=1\n\n")).await.is(200);
    assert_eq!(got.header("repr-digest"), fields(&event));
}
