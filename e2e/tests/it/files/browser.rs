//! Chromium on the page that a folder is: what is dropped on it is there, and no name is more than text.

use std::fs;
use std::time::Duration;

use kontor_e2e::Chromium;
use kontor_testkit::{Folder, Server, until};
use serde_json::{Value, json};

use super::DRIVE;
use crate::office::ANNA;

/// Names that are hard for pages, for URLs, and for both.
const BILL: &str = "Größe #1 & 100% gültig.txt";
const TRAP: &str = "<img src=x onerror=\"window.caught = 1\">.txt";
/// The folder, as its name and as its URL.
const NAME: &str = "Büro #7";
const URL: &str = "B%C3%BCro%20%237/";

/// A browser on a new folder of Anna's drive.
fn opened() -> (Server, Chromium, Folder) {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    assert_eq!(anna.ask("MKCOL", &format!("{DRIVE}{URL}"), &[], b"").status, 201);
    let mut browser = Chromium::start(ANNA.name, ANNA.password);
    browser.open(&server.url(&format!("{DRIVE}{URL}")));
    (server, browser, Folder::new("dropped"))
}

/// Names and sizes of the rows, as people see them.
fn rows(browser: &mut Chromium) -> Value {
    browser.value(
        "[...document.querySelectorAll('tbody tr')].map(row => \
         [row.querySelector('th').innerText, row.querySelector('.size').innerText])",
    )
}

fn wait_for_rows(browser: &mut Chromium, count: usize) {
    let there = format!(
        "document.readyState === 'complete' && document.querySelectorAll('tbody tr').length === {count}"
    );
    browser.wait("the rows to be there", &there);
}

#[test]
fn what_is_dropped_on_a_folder_is_there() {
    let (server, mut browser, folder) = opened();
    let anna = server.client_of(ANNA);
    assert_eq!(browser.value("document.querySelector('.empty').innerText"), "Nothing here yet.");
    let film: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).collect();
    let dropped = [folder.write(BILL, "1,234.56"), folder.write("film.mkv", &film)];
    browser.drop_files(&[&dropped[0], &dropped[1]]);
    wait_for_rows(&mut browser, 2);
    assert_eq!(rows(&mut browser), json!([["film.mkv", "2.8 MB"], [BILL, "8 B"]]));
    assert_eq!(anna.ask("GET", &format!("{DRIVE}{URL}film.mkv"), &[], b"").body, film);
    // Once more under the same name: it asks first, and says what came of it.
    folder.write(BILL, "78");
    browser.drop_files(&[&dropped[0]]);
    browser.wait(
        "the row to change",
        "document.querySelector('tbody tr:last-child .size')?.innerText === '2 B'",
    );
    assert_eq!(browser.asked, [format!("Replace {BILL}?")]);
    // And back.
    let link = format!(
        "[...document.querySelectorAll('a[download]')].find(a => a.ariaLabel === 'Download {BILL}').click()"
    );
    browser.value(&link);
    let got = browser.downloads().join(BILL);
    until("the download", Duration::from_secs(60), || {
        browser.value("0");
        fs::read_to_string(&got).ok().filter(|text| text == "78")
    });
    assert!(browser.thrown.is_empty(), "{:?}", browser.thrown);
}

#[test]
fn a_refused_file_is_told_of_by_name() {
    let (server, mut browser, folder) = opened();
    server.client_of(ANNA).ask("DELETE", &format!("{DRIVE}{URL}"), &[], b"");
    let file = folder.write(BILL, "lost");
    browser.drop_files(&[&file]);
    browser.wait("what came of it", "document.querySelector('#add .bad') !== null");
    let told = browser.value("document.querySelector('#add .bad').innerText");
    assert_eq!(told, format!("{BILL}: the folder is gone"));
}

#[test]
fn names_are_text_and_pages_run_nothing_but_their_own() {
    let (server, mut browser, folder) = opened();
    browser.drop_files(&[&folder.write(TRAP, "x")]);
    wait_for_rows(&mut browser, 1);
    assert_eq!(rows(&mut browser), json!([[TRAP, "1 B"]]));
    assert_eq!(browser.value("document.images.length"), 0);
    assert_eq!(browser.value("window.caught ?? null"), Value::Null);
    // What got onto the page all the same would be refused, and the page's own script is not.
    let refused = browser.value(
        "new Promise(done => {
            addEventListener('securitypolicyviolation', event => done([event.effectiveDirective, window.caught ?? null]));
            const script = document.createElement('script');
            script.textContent = 'window.caught = 2';
            document.body.append(script);
        })",
    );
    assert_eq!(refused, json!(["script-src-elem", null]));
    assert_eq!(browser.value("document.getElementById('add').hidden"), false);
    // Up by the crumbs, and down again by the row.
    let crumbs = "[...document.querySelectorAll('nav li')].map(one => one.innerText)";
    assert_eq!(browser.value(crumbs), json!(["Files", ANNA.name, NAME]));
    browser.value("document.querySelectorAll('nav a')[1].click()");
    browser.wait(
        "the folder above",
        &format!("location.pathname === '{DRIVE}' && document.readyState === 'complete'"),
    );
    assert_eq!(rows(&mut browser), json!([[format!("{NAME}/"), ""]]));
    browser.value("document.querySelector('tbody a').click()");
    browser.wait(
        "the folder",
        &format!("location.pathname === '{DRIVE}{URL}' && document.readyState === 'complete'"),
    );
    assert_eq!(rows(&mut browser), json!([[TRAP, "1 B"]]));
    assert!(browser.thrown.is_empty(), "{:?}", browser.thrown);
    drop(server);
}

/// The contrast of text with what is behind it (WCAG 2.1, 1.4.3), the least on the page; and the colour behind it.
const CONTRAST: &str = "(() => {
    const parts = css => css.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [[r, 0.2126], [g, 0.7152], [b, 0.0722]].reduce((sum, [c, share]) => {
        c /= 255;
        return sum + share * (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    }, 0);
    const behind = at => {
        for (; at; at = at.parentElement) {
            const color = parts(getComputedStyle(at).backgroundColor);
            if (color.length < 4 || color[3] > 0) return color;
        }
        return [255, 255, 255];
    };
    const texts = [...document.querySelectorAll('nav li, nav a, thead th, tbody th a, .size, time, .get a, #add p, #add button')];
    const ratios = texts.filter(one => one.innerText).map(one => {
        const [a, b] = [light(parts(getComputedStyle(one).color)), light(behind(one))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
    return [ratios.length, Math.min(...ratios), behind(document.body).join()];
})()";

#[test]
fn a_page_can_be_read_in_the_dark_and_on_a_phone() {
    let (_server, mut browser, folder) = opened();
    let long = format!("{}.txt", "unbroken".repeat(25));
    browser.drop_files(&[&folder.write(&long, "x"), &folder.write(BILL, "y")]);
    wait_for_rows(&mut browser, 2);
    let mut behind = Vec::new();
    for scheme in ["light", "dark"] {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        browser.command("Emulation.setEmulatedMedia", json!({"features": features}));
        let seen = browser.value(CONTRAST);
        assert!(seen[0].as_u64().unwrap() >= 10, "{scheme}: {seen}");
        assert!(seen[1].as_f64().unwrap() >= 4.5, "{scheme}: {seen}");
        behind.push(seen[2].clone());
    }
    assert_ne!(behind[0], behind[1]);
    for width in [320, 412, 1280] {
        let screen = json!({"width": width, "height": 740, "deviceScaleFactor": 2, "mobile": width < 1000});
        browser.command("Emulation.setDeviceMetricsOverride", screen);
        let seen = browser.value("[document.documentElement.scrollWidth, innerWidth]");
        assert_eq!(seen, json!([width, width]));
        let inside = "[...document.querySelectorAll('tbody th, .get a, #add button')].every(one => {
            const at = one.getBoundingClientRect();
            return at.left >= 0 && at.right <= innerWidth && at.width > 0;
        })";
        assert_eq!(browser.value(inside), true, "at {width}");
    }
}

#[test]
fn what_was_removed_comes_back_by_a_button() {
    let (server, mut browser, _folder) = opened();
    let anna = server.client_of(ANNA);
    assert_eq!(anna.ask("PUT", &format!("{DRIVE}{URL}a.txt"), &[], b"text").status, 201);
    assert_eq!(anna.ask("DELETE", &format!("{DRIVE}{URL}"), &[], b"").status, 204);
    browser.open(&server.url(DRIVE));
    browser.value("document.querySelector('a[href=\"?trash\"]').click()");
    browser.wait("the trash", "document.title === 'Trash' && document.readyState === 'complete'");
    assert_eq!(rows(&mut browser), json!([[format!("files/{NAME}"), "4 B"]]));
    browser.value("document.querySelector('form button').click()");
    browser.wait("it to be gone from there", "document.querySelector('.empty') !== null");
    assert_eq!(browser.value("document.querySelector('.empty').innerText"), "The trash is empty.");
    assert_eq!(anna.get(&format!("{DRIVE}{URL}a.txt")).as_deref(), Some("text"));
    // A page of somebody else leads a browser there in vain, though it shows the password by itself.
    assert_eq!(anna.ask("DELETE", &format!("{DRIVE}{URL}"), &[], b"").status, 204);
    browser.open(&format!("{}?trash", server.url(DRIVE)));
    let id = browser.value("document.querySelector('input[name=id]').value");
    let form = format!(
        "data:text/html,<form method=post action='{}?trash'><input name=id value={}></form>",
        server.url(DRIVE),
        id.as_str().unwrap()
    );
    browser.open(&form);
    browser.value("document.forms[0].submit()");
    browser.wait("the answer", "location.protocol === 'http:' && document.readyState === 'complete'");
    assert_eq!(anna.get(&format!("{DRIVE}{URL}a.txt")), None);
    assert!(browser.thrown.is_empty(), "{:?}", browser.thrown);
}
