//! Folders as a browser sees them.

use crate::scene::Scene;

#[tokio::test]
async fn a_folder_is_a_page() {
    let scene = Scene::new().await;
    scene.anna("MKCOL /dav/files/anna/letters\n\n").await.is(201);
    scene.anna("PUT /dav/files/anna/letters/%3Cb%3E&%20%22x%22.txt\n\nhello").await.is(201);
    scene.anna("MKCOL /dav/files/anna/letters/old\n\n").await.is(201);
    scene.anna("GET /dav/files/anna/letters").await.is(308).says("location", "/dav/files/anna/letters/");
    let page = scene.anna("GET /dav/files/anna/letters/\nAccept: text/html,*/*;q=0.8\n\n").await.is(200);
    let page =
        page.says("content-type", "text/html; charset=utf-8").says("x-content-type-options", "nosniff");
    let policy = page.header("content-security-policy").to_owned();
    let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    let page = page.has(&format!("<script nonce=\"{nonce}\">")).has("<a href=\"/dav/files/anna/\">anna</a>");
    let page =
        page.has("href=\"./old/\"").has("&lt;b&gt;&amp; &quot;x&quot;.txt").has("5 B").has("id=\"add\"");
    // The link leads to the file, and that is a file.
    page.lacks("<b>").has("href=\"./%3Cb%3E%26%20%22x%22.txt\"");
    let file = scene.anna("GET /dav/files/anna/letters/%3Cb%3E%26%20%22x%22.txt").await.is(200);
    file.says("x-content-type-options", "nosniff").says("content-disposition", "attachment").has("hello");
    let other = scene.anna("GET /dav/files/anna/letters/").await;
    assert_ne!(other.header("content-security-policy"), policy, "nobody can guess the next nonce");
    scene.anna("HEAD /dav/files/anna/letters/").await.is(200).lacks("<html");
    scene.anna("GET /dav/files/anna/letters/\nAccept: image/png\n\n").await.is(406);
    let listing = scene.anna("GET /dav/files/anna/letters/\nAccept: application/json\n\n").await.is(200);
    listing.says("content-type", "application/json").has(
        "{\"name\":\"old\",\"size\":null,\"modified\":\"2026-11-21T21:04:05Z\",\"media_type\":\"\"}],\"next\":null}",
    );
    scene.anna("GET /dav/files/anna/nothing/").await.is(404);
    scene.raw("GET /dav/files/anna/").await.is(401);
}

/// What a browser only shows is shown; what it would run is handed over as a file.
#[tokio::test]
async fn what_somebody_uploaded_is_never_a_page_of_ours() {
    let scene = Scene::new().await;
    for (media_type, shown) in [
        ("text/html", false),
        ("image/svg+xml", false),
        ("application/xhtml+xml; charset=utf-8", false),
        ("text/xml", false),
        ("Image/PNG", true),
        ("text/plain; charset=utf-8", true),
        ("application/pdf", true),
    ] {
        let put = format!("PUT /dav/files/anna/x\nContent-Type: {media_type}\n\n<script>");
        assert!(scene.anna(&put).await.status < 300);
        let (file, _) = scene.exchange("GET /dav/files/anna/x", b"").await;
        let header = |name: &str| file.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(
            header("content-disposition"),
            if shown { None } else { Some("attachment") },
            "{media_type}"
        );
        assert_eq!(header("content-security-policy").is_none(), shown, "{media_type}");
    }
}

#[tokio::test]
async fn who_may_only_read_is_not_asked_to_add() {
    let scene = Scene::new().await;
    scene.anna("MKCOL /dav/files/anna/open\n\n").await.is(201);
    let ace = "<D:ace><D:principal><D:href>/dav/principals/ben/</D:href></D:principal><D:grant><D:privilege>\
               <D:read/></D:privilege></D:grant></D:ace>";
    let acl = format!("ACL /dav/files/anna/open/\n\n<D:acl xmlns:D=\"DAV:\">{ace}</D:acl>");
    scene.anna(&acl).await.is(200);
    let page = scene.ask("ben", "GET /dav/files/anna/open/").await.is(200);
    page.has("Nothing here yet.").lacks("id=\"add\"");
    scene.ask("ben", "GET /dav/files/anna/").await.is(404);
}

#[tokio::test]
async fn a_large_folder_comes_page_by_page() {
    let scene = Scene::new().await;
    for n in 0..1_005 {
        scene.anna(&format!("PUT /dav/files/anna/{n:04}%26\n\nx")).await.is(201);
    }
    let first = scene.anna("GET /dav/files/anna/?sort=size").await.is(200);
    let first = first.has("0000&amp;</a>").has("0999&amp;</a>").lacks("1000&amp;</a>");
    first.has("href=\"?after=0999%26\"").lacks("?sort=");
    let second = scene.anna("GET /dav/files/anna/?after=0999%26").await.is(200);
    second.has("1000&amp;</a>").has("1004&amp;</a>").lacks("0999&amp;</a>").lacks("rel=\"next\"");
}

/// What was removed comes back by a form, which is taken from our own page only.
#[tokio::test]
async fn the_trash_is_a_page_with_a_way_back() {
    let scene = Scene::new().await;
    for line in ["MKCOL /dav/files/anna/%3Cb%3E\n\n", "PUT /dav/files/anna/%3Cb%3E/x.txt\n\nhello"] {
        scene.anna(line).await.is(201);
    }
    scene.anna("GET /dav/files/anna/").await.is(200).has("<a href=\"?trash\">Trash</a>");
    scene.anna("GET /dav/files/anna/%3Cb%3E/").await.is(200).lacks("?trash");
    scene.anna("GET /dav/files/anna/?trash\nAccept: text/html\n\n").await.is(200).has("The trash is empty.");
    scene.anna("DELETE /dav/files/anna/%3Cb%3E/\n\n").await.is(204);
    let page = scene.anna("GET /dav/files/anna/?trash\nAccept: text/html\n\n").await.is(200);
    assert!(page.header("content-security-policy").contains("form-action 'self'"));
    let page =
        page.has("files/&lt;b&gt;").has("Folder, 1 items").has("by anna").lacks("<b>").lacks("<script");
    let id = page.body.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let told = scene.anna("GET /dav/files/anna/?trash\nAccept: application/json\n\n").await.is(200);
    told.has(&format!("{{\"trash\":[{{\"id\":\"{id}\",\"path\":\"files/<b>\"")).has("\"next\":null}");
    let post = |headers: &str, form: &str| format!("POST /dav/files/anna/?trash\n{headers}\n{form}");
    for foreign in [
        "",
        "Sec-Fetch-Site: cross-site\n",
        "Sec-Fetch-Site: none\n",
        "Origin: https://evil.example\n",
        "Origin: null\n",
    ] {
        scene.anna(&post(foreign, &format!("id={id}"))).await.is(403);
    }
    let ours = "Sec-Fetch-Site: same-origin\n";
    scene.anna(&post(ours, "id=xyz")).await.is(422);
    scene.anna(&post(ours, "id=77")).await.is(404);
    scene.ask("ben", &post(ours, &format!("id={id}"))).await.is(404);
    scene.ask("ben", "GET /dav/files/anna/?trash\nAccept: text/html\n\n").await.is(404);
    scene.anna("GET /dav/files/anna/%3Cb%3E/x.txt").await.is(404);
    let done = scene.anna(&post(ours, &format!("id={id}"))).await.is(303);
    done.says("location", "/dav/files/anna/?trash");
    scene.anna("GET /dav/files/anna/%3Cb%3E/x.txt").await.is(200).has("hello");
    scene.anna(&post("Host: x.example\nOrigin: https://x.example\n", &format!("id={id}"))).await.is(404);
}
