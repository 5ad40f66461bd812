//! DAV:sync-collection: a client that follows the answers always ends up with what the server has.

use crate::report_scene::*;
use crate::scene::{Reply, Scene, card, event};
use kontor_door_dav::Settings;
use kontor_groupware::Policy;
use kontor_model::{Role, Timestamp};
use kontor_wire_dav::name::dav;
use std::collections::BTreeMap;

/// What is asked with this token and limit.
fn asked(token: &str, limit: usize) -> String {
    let limit = match limit {
        0 => String::new(),
        limit => format!("<D:limit><D:nresults>{limit}</D:nresults></D:limit>"),
    };
    let inside = format!(
        "<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{limit}<D:prop><D:getetag/></D:prop>"
    );
    body("D:sync-collection", &inside)
}

async fn sync(scene: &Scene, token: &str, limit: usize) -> Reply {
    scene.anna(&format!("REPORT {CALENDAR}\nDepth: 0\n\n{}", asked(token, limit))).await
}

/// What is told: names there, names gone.
fn told(reply: &Reply) -> (String, String) {
    (reply.names(), reply.names_with(404))
}

fn pair(there: &str, gone: &str) -> (String, String) {
    (there.to_owned(), gone.to_owned())
}

async fn remove(scene: &Scene, name: &str) {
    scene.anna(&format!("DELETE {CALENDAR}{name}.ics\n\n")).await.is(204);
}

#[tokio::test]
async fn changes_are_told_from_one_token_to_the_next() {
    let scene = Scene::new().await;
    let empty = sync(&scene, "", 0).await.is(207);
    assert_eq!(told(&empty), pair("", ""));
    let etag = scene.event("a").await;
    scene.event("b").await;
    scene.event("c").await;
    remove(&scene, "c").await;
    let first = sync(&scene, "", 0).await.is(207);
    assert_eq!(told(&first), pair("a b", ""), "nothing is gone for who had nothing");
    assert_eq!(first.value("a.ics", &dav::GETETAG), etag);
    assert_eq!(told(&sync(&scene, &first.token(), 0).await.is(207)), pair("", ""));
    assert_eq!(sync(&scene, &first.token(), 0).await.token(), first.token());
    assert_eq!(told(&sync(&scene, &empty.token(), 0).await.is(207)).0, "a b");
    scene.put(&format!("{CALENDAR}b.ics"), &event("b").replace("SUMMARY:b", "SUMMARY:B")).await;
    scene.event("d").await;
    remove(&scene, "a").await;
    let second = sync(&scene, &first.token(), 0).await.is(207);
    assert_eq!(told(&second), pair("b d", "a"));
    remove(&scene, "d").await;
    let etag = scene.event("a").await;
    let third = sync(&scene, &second.token(), 0).await.is(207);
    assert_eq!(told(&third), pair("a", "d"), "what is there again is there");
    assert_eq!(third.value("a.ics", &dav::GETETAG), etag);
    assert_eq!(told(&sync(&scene, &first.token(), 0).await), pair("a b", "d"), "each member once");
    let asked = crate::scene::props("D:sync-token CS:getctag");
    let found = scene.anna(&format!("PROPFIND {CALENDAR}\nDepth: 0\n\n{asked}")).await.is(207);
    assert_eq!(found.text("D:sync-token"), third.token());
}

#[tokio::test]
async fn moves_and_properties_are_changes_too() {
    let scene = Scene::new().await;
    scene.event("a").await;
    scene.event("b").await;
    let token = sync(&scene, "", 0).await.token();
    scene.anna(&format!("MOVE {CALENDAR}a.ics\nDestination: {CALENDAR}z.ics\n\n")).await.is(201);
    let set = "<propertyupdate xmlns='DAV:'><set><prop><x xmlns='urn:x'>1</x></prop></set></propertyupdate>";
    scene.anna(&format!("PROPPATCH {CALENDAR}b.ics\n\n{set}")).await.is(207);
    assert_eq!(told(&sync(&scene, &token, 0).await.is(207)), pair("b z", "a"));
}

#[tokio::test]
async fn body_and_depth_may_be_asked_as_clients_do() {
    let scene = Scene::new().await;
    scene.event("a").await;
    let whole = asked("", 0).replace("<D:getetag/>", "<C:calendar-data/>");
    for header in ["Depth: 0", "Depth: 1", "Depth: infinity", "X-No: depth"] {
        let reply = scene.anna(&format!("REPORT {CALENDAR}\n{header}\n\n{whole}")).await.is(207);
        assert_eq!(reply.data("a"), event("a"), "{header}");
    }
    for level in ["1", "infinite"] {
        let text = asked("", 0).replace("<D:sync-level>1", &format!("<D:sync-level>{level}"));
        assert_eq!(scene.report(CALENDAR, &text).await.is(207).names(), "a", "{level}");
    }
    let text = asked("", 0).replace("<D:sync-level>1", "<D:sync-level>2");
    scene.report(CALENDAR, &text).await.is(400);
    scene.put(&format!("{BOOK}k.vcf"), &card("k")).await;
    assert_eq!(scene.report(BOOK, &asked("", 0)).await.is(207).names(), "k");
    scene.report("/dav/calendars/anna/", &asked("", 0)).await.is(403).has("<D:supported-report/>");
}

/// A pit of others: a token never issued accepted as valid.
#[tokio::test]
async fn only_tokens_that_were_given_out_are_taken() {
    let scene = Scene::new().await;
    scene.event("a").await;
    scene.event("b").await;
    let token = sync(&scene, "", 0).await.token();
    let begun = sync(&scene, "", 1).await.token();
    let tasks = scene.report(TASKS, &asked("", 0)).await.token();
    let (stem, number) = token.rsplit_once(':').unwrap();
    let next: i64 = number.parse::<i64>().unwrap() + 1;
    for bad in [
        "1".to_owned(),
        "http://sabre.io/ns/sync/3".to_owned(),
        "data:,anything".to_owned(),
        format!("{stem}:{next}"),
        format!("{stem}:-1"),
        format!("{stem}:0{number}"),
        format!("{stem}:{number}x"),
        format!("{stem}:99999999999999999999"),
        format!("{stem}:{next}:612e696373"),
        format!("{stem}:0:612e696373"),
        format!("{begun}0"),
        format!("{begun}:00"),
        format!("{stem}:{number}:2f"),
        format!("{stem}:{number}:"),
        token.to_uppercase(),
        tasks,
    ] {
        for limit in [0, 1] {
            let reply = sync(&scene, &bad, limit).await;
            reply.is(403).has("<D:error").has("<D:valid-sync-token/>").lacks("multistatus");
        }
    }
    sync(&scene, &format!(" {token}\n"), 0).await.is(207);
    let text = asked("", 0).replace("<D:sync-token></D:sync-token>", "");
    assert_eq!(scene.report(CALENDAR, &text).await.is(207).names(), "a b", "no token at all is a beginning");
}

#[tokio::test]
async fn a_calendar_made_again_is_another_one() {
    let scene = Scene::new().await;
    let made = "/dav/calendars/anna/new/";
    let make = format!("MKCALENDAR {made}\n\n");
    scene.anna(&make).await.is(201);
    scene.put(&format!("{made}a.ics"), &event("a")).await;
    let token = scene.report(made, &asked("", 0)).await.token();
    scene.anna(&format!("DELETE {made}\n\n")).await.is(204);
    scene.report(made, &asked(&token, 0)).await.is(404);
    scene.anna(&make).await.is(201);
    scene.report(made, &asked(&token, 0)).await.is(403).has("<D:valid-sync-token/>");
}

#[tokio::test]
async fn trimmed_tokens_are_refused_and_the_client_recovers() {
    let scene = Scene::new().await;
    for name in ["a", "b", "c", "d"] {
        scene.event(name).await;
    }
    let old = sync(&scene, "", 0).await.token();
    let begun = sync(&scene, "", 2).await.token();
    remove(&scene, "b").await;
    remove(&scene, "c").await;
    scene.event("e").await;
    let fresh = sync(&scene, "", 0).await.token();
    let all = Timestamp::from_secs(crate::scene::NOW + 10);
    while scene.store.trim(all).await.unwrap().more {}
    for token in [&old, &begun] {
        sync(&scene, token, 0).await.is(403).has("<D:valid-sync-token/>");
    }
    assert_eq!(told(&sync(&scene, &fresh, 0).await.is(207)), pair("", ""), "who is up to date stays so");
    let mut client = Client::default();
    client.follow(&scene, 1, async || {}).await;
    assert_eq!(client.names(), "a d e");
    remove(&scene, "d").await;
    client.follow(&scene, 1, async || {}).await;
    assert_eq!(client.names(), "a e");
}

/// A pit of others: a limit that silently drops members. Here 507 on the collection says that there is more, and the
/// token says from where.
#[tokio::test]
async fn a_limit_is_told_on_the_collection() {
    let scene = Scene::new().await;
    for name in ["a", "b", "c", "d", "e"] {
        scene.event(name).await;
    }
    let first = sync(&scene, "", 2).await.is(207);
    assert_eq!(told(&first), pair("a b", ""));
    assert!(first.is_truncated(CALENDAR));
    let second = sync(&scene, &first.token(), 2).await.is(207);
    assert_eq!(told(&second), pair("c d", ""));
    assert!(second.is_truncated(CALENDAR));
    let third = sync(&scene, &second.token(), 2).await.is(207);
    assert_eq!((told(&third), third.is_truncated(CALENDAR)), (pair("e", ""), false));
    let exactly = sync(&scene, "", 5).await.is(207);
    assert_eq!((exactly.names().as_str(), exactly.is_truncated(CALENDAR)), ("a b c d e", false));
    remove(&scene, "a").await;
    remove(&scene, "b").await;
    scene.event("f").await;
    let fourth = sync(&scene, &third.token(), 2).await.is(207);
    assert_eq!((told(&fourth), fourth.is_truncated(CALENDAR)), (pair("", "a b"), true));
    let fifth = sync(&scene, &fourth.token(), 2).await.is(207);
    assert_eq!((told(&fifth), fifth.is_truncated(CALENDAR)), (pair("f", ""), false));
    let zero = asked("", 0).replace("<D:prop>", "<D:limit><D:nresults>0</D:nresults></D:limit><D:prop>");
    scene.report(CALENDAR, &zero).await.is(400);
}

/// Pages of the store are not pages of the protocol: a first synchronisation over many of them tells nothing as gone.
#[tokio::test]
async fn a_long_first_synchronisation_is_whole() {
    let scene = Scene::with(Policy::default(), Settings { page: 3, ..Settings::default() }).await;
    for n in 0..20 {
        scene.event(&format!("n{n:02}")).await;
    }
    for n in (0..20).step_by(3) {
        remove(&scene, &format!("n{n:02}")).await;
    }
    let reply = sync(&scene, "", 0).await.is(207);
    let expect: Vec<String> = (0..20).filter(|n| n % 3 != 0).map(|n| format!("n{n:02}")).collect();
    assert_eq!(told(&reply), pair(&expect.join(" "), ""));
    let reply = sync(&scene, "", 8).await.is(207);
    assert_eq!((told(&reply), reply.is_truncated(CALENDAR)), (pair(&expect[..8].join(" "), ""), true));
}

#[tokio::test]
async fn who_may_not_read_is_told_so() {
    let scene = Scene::new().await;
    scene.event("a").await;
    let ask = async || scene.ask("ben", &format!("REPORT {CALENDAR}\n\n{}", asked("", 0))).await;
    ask().await.is(404);
    scene.grant_ben("default", Role::FreeBusy.rights()).await;
    ask().await.is(404);
    scene.grant_ben("default", kontor_model::Rights::of(&[kontor_model::Right::Look])).await;
    ask().await.is(403).has("<D:need-privileges>").has("<D:read/>");
    scene.grant_ben("default", Role::Reader.rights()).await;
    assert_eq!(ask().await.is(207).names(), "a");
}

/// A client that keeps what it was told.
#[derive(Default)]
struct Client {
    token: String,
    known: BTreeMap<String, String>,
}

impl Client {
    /// Asks until nothing more is to come; `between` happens after each answer that was cut short.
    async fn follow(&mut self, scene: &Scene, limit: usize, between: impl AsyncFn()) {
        for _ in 0..1000 {
            let reply = sync(scene, &self.token, limit).await.is(207);
            let truncated = reply.is_truncated(CALENDAR);
            let mut count = 0;
            for one in reply.multistatus().responses {
                match one.status() {
                    Some(404) => drop(self.known.remove(one.href())),
                    Some(507) => continue,
                    Some(status) => panic!("{status}"),
                    None => {
                        let etag = one.property(&dav::GETETAG).unwrap().text().into_owned();
                        self.known.insert(one.href().to_owned(), etag);
                    }
                }
                count += 1;
            }
            assert!(limit == 0 || count <= limit, "{count} of {limit}");
            assert!(!truncated || count > 0, "a page that tells nothing would never end");
            self.token = reply.token();
            if !truncated {
                return;
            }
            between().await;
        }
        panic!("it never ends");
    }

    fn names(&self) -> String {
        let name = |href: &String| href.rsplit('/').next().unwrap().replace(".ics", "");
        self.known.keys().map(name).collect::<Vec<_>>().join(" ")
    }
}

/// Whatever changes while clients with all sorts of limits follow, in the end they know what there is.
#[tokio::test]
async fn nobody_misses_anything_under_concurrent_changes() {
    let scene = Scene::with(Policy::default(), Settings { page: 2, ..Settings::default() }).await;
    let seed = std::cell::Cell::new(42_u64);
    let random = |below: u64| {
        // A linear congruence (Knuth); its upper bits are good enough here.
        seed.set(seed.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        (seed.get() >> 33) % below
    };
    let act = async || {
        let name = format!("i{}", random(12));
        let path = format!("{CALENDAR}{name}.ics");
        match random(5) {
            0 | 1 => {
                let text = event(&name).replace("SUMMARY:", &format!("SUMMARY:{} ", random(1000)));
                // Refused where a move took the UID elsewhere.
                drop(scene.anna(&format!("PUT {path}\n\n{text}")).await);
            }
            2 | 3 => drop(scene.anna(&format!("DELETE {path}\n\n")).await),
            _ => {
                let to = format!("{CALENDAR}i{}.ics", random(12));
                let text = format!("MOVE {path}\nDestination: {to}\nOverwrite: T\n\n");
                drop(scene.anna(&text).await);
            }
        }
    };
    let mut clients: Vec<(usize, Client)> = [0, 1, 2, 3, 7].map(|limit| (limit, Client::default())).into();
    for round in 0..60 {
        for _ in 0..random(6) {
            act().await;
        }
        if round % 7 == 6 {
            clients.push((1 + round % 3, Client::default()));
            clients.remove(0);
        }
        for (limit, client) in &mut clients {
            if random(3) == 0 {
                continue;
            }
            // Changes between its pages, then once more in peace.
            client.follow(&scene, *limit, &act).await;
            client.follow(&scene, *limit, async || {}).await;
            let whole = sync(&scene, "", 0).await.is(207);
            let expect: BTreeMap<String, String> = whole
                .multistatus()
                .responses
                .iter()
                .map(|one| (one.href().to_owned(), one.property(&dav::GETETAG).unwrap().text().into_owned()))
                .collect();
            assert_eq!(client.known, expect, "round {round}, limit {limit}");
        }
    }
}
