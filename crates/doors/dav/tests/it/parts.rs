//! Large files, and parts of files (RFC 9110 14).

use crate::scene::Scene;

const FILE: &str = "/dav/files/anna/large.txt";

/// Text of so many bytes in which no place looks like another.
fn text(bytes: usize) -> String {
    let mut text: String = (0..bytes / 7).map(|n| format!("{:06} ", n % 1_000_000)).collect();
    text.extend(std::iter::repeat_n('.', bytes - text.len()));
    text
}

#[tokio::test]
async fn large_files_come_back_as_they_went() {
    let scene = Scene::new().await;
    for size in [0, 1, 65_536, 65_537, 300_000, 11_000_000] {
        let body = text(size);
        let put = scene.anna(&format!("PUT {FILE}\nContent-Type: text/plain\n\n{body}")).await;
        assert!(put.status == 201 || put.status == 204, "{size}: {}", put.status);
        let tag = put.header("etag").to_owned();
        let got = scene.anna(&format!("GET {FILE}")).await.is(200);
        assert!(got.body == body, "{size}");
        assert_eq!(got.header("etag"), tag);
        let head = scene.anna(&format!("HEAD {FILE}")).await.is(200);
        assert_eq!(head.header("content-length"), size.to_string());
        scene.anna(&format!("GET {FILE}\nIf-None-Match: {tag}\n\n")).await.is(304);
    }
    scene.anna(&format!("COPY {FILE}\nDestination: /dav/files/anna/copy.txt\n\n")).await.is(201);
    scene.anna(&format!("PUT {FILE}\n\nsmall")).await.is(204);
    let copy = scene.anna("GET /dav/files/anna/copy.txt").await.is(200);
    assert!(copy.body == text(11_000_000));
}

#[tokio::test]
async fn a_file_that_is_too_large_changes_nothing() {
    let mut policy = kontor_groupware::Policy::default();
    policy.limits.max_file_size = 100_000;
    let scene = Scene::with(policy, kontor_door_dav::Settings::default()).await;
    scene.anna(&format!("PUT {FILE}\n\n{}", text(100_000))).await.is(201);
    scene.anna(&format!("PUT {FILE}\n\n{}", text(100_001))).await.is(413).has("max_file_size");
    assert!(scene.anna(&format!("GET {FILE}")).await.is(200).body == text(100_000));
}

#[tokio::test]
async fn parts_are_given_as_asked() {
    let scene = Scene::new().await;
    for size in [1_000, 200_000] {
        let body = text(size);
        scene.anna(&format!("PUT {FILE}\nContent-Type: text/plain\n\n{body}")).await;
        let part = async |range: &str, expect: &str, content_range: &str| {
            let got = scene.anna(&format!("GET {FILE}\nRange: bytes={range}\n\n")).await.is(206);
            assert!(got.body == expect, "{range}");
            assert_eq!(got.header("content-range"), content_range);
        };
        part("0-9", &body[..10], &format!("bytes 0-9/{size}")).await;
        part("990-", &body[990..], &format!("bytes 990-{}/{size}", size - 1)).await;
        part("-5", &body[size - 5..], &format!("bytes {}-{}/{size}", size - 5, size - 1)).await;
        part("5-999999999", &body[5..], &format!("bytes 5-{}/{size}", size - 1)).await;
        let got = scene.anna(&format!("GET {FILE}\nRange: bytes=0-1,10-11\n\n")).await.is(206);
        assert!(got.header("content-type").starts_with("multipart/byteranges; boundary="));
        got.has(&format!("Content-Range: bytes 10-11/{size}\r\n\r\n{}", &body[10..12]));
        let none = scene.anna(&format!("GET {FILE}\nRange: bytes={size}-\n\n")).await.is(416);
        assert_eq!(none.header("content-range"), format!("bytes */{size}"));
        for passed_over in ["lines=0-1", "bytes=9-1", "bytes=x", "bytes=0-5,3-9"] {
            let got = scene.anna(&format!("GET {FILE}\nRange: {passed_over}\n\n")).await.is(200);
            assert!(got.body == body, "{passed_over}");
        }
    }
}

/// Who has the beginning of a file that changed since gets the whole new one.
#[tokio::test]
async fn a_part_is_one_of_the_file_that_was_meant() {
    let scene = Scene::new().await;
    let old = scene.anna(&format!("PUT {FILE}\n\n{}", text(100_000))).await.is(201);
    let tag = old.header("etag").to_owned();
    let ask = format!("GET {FILE}\nRange: bytes=10-19\nIf-Range: {tag}\n\n");
    scene.anna(&ask).await.is(206);
    scene.anna(&format!("PUT {FILE}\n\n{}", text(100_001))).await.is(204);
    let new = scene.anna(&ask).await.is(200);
    assert!(new.body == text(100_001));
    scene.anna(&format!("GET {FILE}\nRange: bytes=10-19\nIf-Match: {tag}\n\n")).await.is(412);
}

/// However it is handed out, nothing that somebody put there acts in the name of who looks at it.
#[tokio::test]
async fn parts_are_files_too() {
    let scene = Scene::new().await;
    for size in [1_000, 200_000] {
        scene.anna(&format!("PUT {FILE}\nContent-Type: text/html\n\n{}", text(size))).await;
        for (range, status) in [("", 200), ("0-9", 206), ("0-9,20-29", 206), ("999999-", 416)] {
            let ask = if range.is_empty() { String::new() } else { format!("\nRange: bytes={range}\n\n") };
            let got = scene.anna(&format!("GET {FILE}{ask}")).await.is(status);
            got.says("x-content-type-options", "nosniff")
                .says("content-disposition", "attachment")
                .says("content-security-policy", "sandbox; default-src 'none'");
        }
    }
}

/// Who wants to see what is there instead sees what is small; a large file must be asked for.
#[tokio::test]
async fn a_large_file_is_not_told_along_with_a_refusal() {
    let scene = Scene::new().await;
    let stale = format!("PUT {FILE}\nIf-Match: \"1-1\"\nPrefer: return=representation\n\nnew");
    for (size, told) in [(1_000, true), (65_536, true), (65_537, false), (200_000, false)] {
        scene.anna(&format!("PUT {FILE}\n\n{}", text(size))).await;
        let refused = scene.anna(&stale).await.is(412);
        assert_eq!(refused.body == text(size), told, "{size}");
        assert_eq!(refused.headers.contains_key("preference-applied"), told, "{size}");
    }
}
