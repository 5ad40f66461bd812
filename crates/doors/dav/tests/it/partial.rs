//! Parts of files that are written: PATCH as sabre/dav has it, PUT with Content-Range as Apache has it.

use crate::scene::{Reply, Scene, event};

const FILE: &str = "/dav/files/anna/part.txt";

async fn put(scene: &Scene, body: &str) -> String {
    let put = scene.anna(&format!("PUT {FILE}\nContent-Type: text/plain\n\n{body}")).await;
    assert!(put.status < 300, "{}", put.status);
    put.header("etag").to_owned()
}

/// Writes a part at a range, with more headers, each with a line break before it.
async fn patch(scene: &Scene, range: &str, more: &str, body: &str) -> Reply {
    let kind = "Content-Type: application/x-sabredav-partialupdate";
    scene.anna(&format!("PATCH {FILE}\n{kind}\nX-Update-Range: {range}{more}\n\n{body}")).await
}

async fn put_part(scene: &Scene, range: &str, more: &str, body: &str) -> Reply {
    scene.anna(&format!("PUT {FILE}\nContent-Range: bytes {range}{more}\n\n{body}")).await
}

async fn text(scene: &Scene) -> String {
    scene.anna(&format!("GET {FILE}")).await.is(200).says("content-type", "text/plain").body
}

/// The table of https://sabre.io/dav/http-patch/, on ten digits.
#[tokio::test]
async fn a_part_goes_where_it_is_said() {
    let scene = Scene::new().await;
    for (range, expect) in [
        ("bytes=0-3", "----567890"),
        ("bytes=1-4", "1----67890"),
        ("bytes=0-", "----567890"),
        ("bytes=-4", "123456----"),
        ("bytes=-2", "12345678----"),
        ("bytes=-99", "----567890"),
        ("bytes=2-", "12----7890"),
        ("bytes=8-11", "12345678----"),
        ("bytes=12-", "1234567890\0\0----"),
        ("append", "1234567890----"),
    ] {
        let old = put(&scene, "1234567890").await;
        let tag = patch(&scene, range, "", "----").await.is(204).header("etag").to_owned();
        assert_eq!(text(&scene).await, expect, "{range}");
        assert_ne!(tag, old);
        let got = scene.anna(&format!("GET {FILE}\nIf-None-Match: {tag}\n\n")).await;
        got.is(304);
    }
}

#[tokio::test]
async fn a_part_is_put_as_apache_takes_it() {
    let scene = Scene::new().await;
    for (range, expect) in [
        ("3-6/*", "123----890"),
        ("3-6/10", "123----890"),
        ("10-13/14", "1234567890----"),
        ("12-15/*", "1234567890\0\0----"),
        // Who says how long the whole is has no more than that.
        ("0-3/4", "----"),
        ("2-5/8", "12----78"),
    ] {
        put(&scene, "1234567890").await;
        put_part(&scene, range, "", "----").await.is(204);
        assert_eq!(text(&scene).await, expect, "{range}");
    }
    // From nothing, part by part.
    scene.anna(&format!("DELETE {FILE}\n\n")).await.is(204);
    put_part(&scene, "0-2/6", "\nContent-Type: text/plain", "abc").await.is(201);
    assert_eq!(text(&scene).await, "abc");
    put_part(&scene, "3-5/6", "", "def").await.is(204);
    assert_eq!(text(&scene).await, "abcdef");
}

#[tokio::test]
async fn parts_of_large_files_join_up() {
    let scene = Scene::new().await;
    let whole: String = (0..1_200_000).map(|n| format!("{n:08} ")).collect();
    put(&scene, "").await;
    let mut at = 0;
    for size in [40_000, 40_000, 3_000_000, whole.len() - 3_080_000] {
        patch(&scene, "append", "", &whole[at..at + size]).await.is(204);
        at += size;
    }
    assert!(text(&scene).await == whole);
    let middle = "x".repeat(70_000);
    put_part(&scene, "5000000-5069999/*", "", &middle).await.is(204);
    assert!(text(&scene).await == format!("{}{middle}{}", &whole[..5_000_000], &whole[5_070_000..]));
    put_part(&scene, "0-9/10", "", "0123456789").await.is(204);
    assert_eq!(text(&scene).await, "0123456789");
}

#[tokio::test]
async fn what_does_not_fit_changes_nothing() {
    let scene = Scene::new().await;
    let tag = put(&scene, "1234567890").await;
    for range in ["bytes=0-2", "bytes=0-9", "bytes=0-18446744073709551615"] {
        patch(&scene, range, "", "----").await.is(416);
    }
    for range in ["", "bytes=-0", "bytes=4-1", "bytes=0-1,3-4", "lines=0-3", "prepend"] {
        patch(&scene, range, "", "----").await.is(400).has("x-update-range");
    }
    for range in ["0-2/*", "0-9/10", "0-18446744073709551615/*"] {
        put_part(&scene, range, "", "----").await.is(416);
    }
    for range in ["0-3", "*/4", "0-3/3", "4-1/9"] {
        put_part(&scene, range, "", "----").await.is(400).has("content-range");
    }
    let other = scene.anna(&format!("PATCH {FILE}\nX-Update-Range: append\n\n----")).await.is(415);
    other.says("accept-patch", "application/x-sabredav-partialupdate");
    patch(&scene, "append", "\nContent-Encoding: gzip", "----").await.is(415);
    let none = "PATCH /dav/files/anna/none\nContent-Type: application/x-sabredav-partialupdate";
    scene.anna(&format!("{none}\nX-Update-Range: append\n\n----")).await.is(404);
    scene.anna(&format!("{none}\n\n----")).await.is(400).has("append, or bytes=");
    assert_eq!(text(&scene).await, "1234567890");
    scene.anna(&format!("GET {FILE}\nIf-None-Match: {tag}\n\n")).await.is(304);
}

#[tokio::test]
async fn no_part_makes_a_file_too_large() {
    let mut policy = kontor_groupware::Policy::default();
    policy.limits.max_file_size = 1_000;
    let scene = Scene::with(policy, kontor_door_dav::Settings::default()).await;
    put(&scene, &"1".repeat(998)).await;
    patch(&scene, "append", "", "abc").await.is(413).has("max_file_size");
    patch(&scene, "bytes=4000000000000-", "", "a").await.is(413).has("max_file_size");
    patch(&scene, "bytes=18446744073709551615-", "", "a").await.is(413).has("max_file_size");
    put_part(&scene, "1000-1000/*", "", "a").await.is(413).has("max_file_size");
    patch(&scene, "append", "", "ab").await.is(204);
    assert_eq!(text(&scene).await.len(), 1_000);
}

#[tokio::test]
async fn conditions_and_locks_hold_for_parts() {
    let scene = Scene::new().await;
    let old = put(&scene, "1234567890").await;
    let tag = patch(&scene, "append", &format!("\nIf-Match: {old}"), "a").await.is(204);
    let tag = tag.header("etag").to_owned();
    patch(&scene, "append", &format!("\nIf-Match: {old}"), "b").await.is(412);
    put_part(&scene, "0-0/*", &format!("\nIf-Match: {old}"), "b").await.is(412);
    put_part(&scene, "0-0/*", "\nIf-None-Match: *", "b").await.is(412);
    put_part(&scene, "0-0/*", &format!("\nIf-Match: {tag}"), "A").await.is(204);
    patch(&scene, "append", "\nIf-Match: *", "b").await.is(204);
    let new = format!("PUT {FILE}x\nContent-Range: bytes 0-0/1");
    scene.anna(&format!("{new}\nIf-Match: *\n\nx")).await.is(412);
    scene.anna(&format!("{new}\nIf-None-Match: *\n\nx")).await.is(201);
    let info =
        "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";
    let taken = scene.anna(&format!("LOCK {FILE}\n\n{info}")).await.is(200);
    let token = taken.header("lock-token").to_owned();
    patch(&scene, "append", "", "c").await.is(423);
    put_part(&scene, "0-0/*", "", "c").await.is(423);
    patch(&scene, "append", &format!("\nIf: ({token})"), "c").await.is(204);
    assert_eq!(text(&scene).await, "A234567890abc");
}

#[tokio::test]
async fn who_may_only_read_writes_no_part() {
    let scene = Scene::new().await;
    scene.anna("MKCOL /dav/files/anna/open\n\n").await.is(201);
    scene.anna("PUT /dav/files/anna/open/x\n\nx").await.is(201);
    let ace = "<D:ace><D:principal><D:href>/dav/principals/ben/</D:href></D:principal><D:grant><D:privilege>\
               <D:read/></D:privilege></D:grant></D:ace>";
    scene.anna(&format!("ACL /dav/files/anna/open/\n\n<D:acl xmlns:D=\"DAV:\">{ace}</D:acl>")).await.is(200);
    let kind = "Content-Type: application/x-sabredav-partialupdate\nX-Update-Range: append";
    let part = "Content-Range: bytes 0-0/*";
    scene.ask("ben", &format!("PATCH /dav/files/anna/open/x\n{kind}\n\ny")).await.is(403);
    scene.ask("ben", &format!("PUT /dav/files/anna/open/x\n{part}\n\ny")).await.is(403);
    for hidden in ["part.txt", "none", "open2/x"] {
        scene.ask("ben", &format!("PATCH /dav/files/anna/{hidden}\n{kind}\n\ny")).await.is(404);
        scene.ask("ben", &format!("PUT /dav/files/anna/{hidden}\n{part}\n\ny")).await.is(404);
    }
    assert_eq!(scene.anna("GET /dav/files/anna/open/x").await.is(200).body, "x");
}

/// Calendar entries and contacts are looked at as a whole, folders have no bytes.
#[tokio::test]
async fn only_files_have_parts_to_be_written() {
    let scene = Scene::new().await;
    scene.event("a").await;
    let kind = "Content-Type: application/x-sabredav-partialupdate\nX-Update-Range: append";
    let entry = "/dav/calendars/anna/default/a.ics";
    let refused = scene.anna(&format!("PATCH {entry}\n{kind}\n\nx")).await.is(405);
    assert!(refused.header("allow").split(", ").all(|method| method != "PATCH"));
    scene.anna(&format!("PUT {entry}\nContent-Range: bytes 0-0/*\n\nx")).await.is(400).has("send the whole");
    let card = "PUT /dav/addressbooks/anna/default/a.vcf\nContent-Range: bytes 0-0/*\n\nx";
    scene.anna(card).await.is(400).has("send the whole");
    assert_eq!(scene.anna(&format!("GET {entry}")).await.is(200).body, event("a"));
    scene.anna("MKCOL /dav/files/anna/folder\n\n").await.is(201);
    for folder in ["folder", "folder/", ""] {
        scene.anna(&format!("PATCH /dav/files/anna/{folder}\n{kind}\n\nx")).await.is(405);
        let part = format!("PUT /dav/files/anna/{folder}\nContent-Range: bytes 0-0/*\n\nx");
        scene.anna(&part).await.is(405);
    }
    let told = scene.anna(&format!("OPTIONS {FILE}")).await.is(200);
    let told = told.says("accept-patch", "application/x-sabredav-partialupdate");
    assert!(told.header("dav").ends_with(", sabredav-partialupdate"));
    assert!(told.header("allow").split(", ").any(|method| method == "PATCH"));
    let elsewhere = scene.anna(&format!("OPTIONS {entry}")).await.is(200);
    assert!(
        !elsewhere.header("dav").contains("partialupdate") && !elsewhere.headers.contains_key("accept-patch")
    );
}

/// Each part is laid into the file as it is when it is put: none gets lost among others.
#[tokio::test]
async fn parts_that_are_sent_at_once_all_arrive() {
    let scene = Scene::new().await;
    put(&scene, "").await;
    let append = async |part: &'static str| {
        loop {
            let reply = patch(&scene, "append", "", part).await;
            if reply.status == 204 {
                return;
            }
            assert_eq!(reply.is(503).header("retry-after"), "1");
        }
    };
    tokio::join!(append("aaa"), append("bbb"), append("ccc"), append("ddd"));
    let text = text(&scene).await;
    assert_eq!(text.len(), 12, "{text}");
    assert!(["aaa", "bbb", "ccc", "ddd"].iter().all(|part| text.contains(part)), "{text}");
}
