//! Large bodies in a bucket that fails, is slow or is away, seen by clients: who needs one is told to come back, everybody
//! else notices nothing, and what was acknowledged is there.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::scope;
use std::time::Duration;

use kontor_testkit::{Answer, Client, Fault, Postgres, Proxy, Server, s3, until};

use crate::office::{ANNA, CALENDAR, CARDS, card, event};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// An event of some hundred KiB.
fn large(uid: &str) -> String {
    let words: String = (0..8_000).map(|n| format!("{uid} {n}\r\n ")).collect();
    let text = event(uid, "20260302T100000Z", &format!("{words}end"));
    assert!(text.len() > 64 << 10);
    text
}

fn path(uid: &str) -> String {
    format!("{CALENDAR}{uid}.ics")
}

/// A server whose bucket is behind a proxy.
fn behind(bucket: &str, proxy: &Proxy) -> Server {
    s3().create(bucket);
    let mut server = Server::prepare();
    server.lay_bodies(bucket, &format!("http://{}", proxy.address()), 2);
    server.create(ANNA);
    server.restart();
    server
}

#[track_caller]
fn must_wait(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text());
    let seconds = answer.header("retry-after").expect("Retry-After").parse::<u32>().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
}

/// Puts it, and comes back as long as it is told to.
#[track_caller]
fn put_patiently(client: &Client, uid: &str, text: &str) {
    until(&format!("PUT {uid}"), PATIENCE, || {
        let answer = client.ask("PUT", &path(uid), &[], text.as_bytes());
        if answer.status == 503 {
            must_wait(&answer);
            return None;
        }
        assert!(matches!(answer.status, 201 | 204), "{} {}", answer.status, answer.text());
        Some(())
    });
}

/// Small items come and go, one after the other, until `over`; how many.
fn small_ones(client: &Client, over: &AtomicBool) -> usize {
    for n in 0.. {
        let uid = format!("small{}", n % 9);
        let text = event(&uid, "20260302T100000Z", &format!("{n}"));
        let answer = client.ask("PUT", &path(&uid), &[], text.as_bytes());
        assert!(matches!(answer.status, 201 | 204), "{} {}", answer.status, answer.text());
        assert_eq!(client.get(&path(&uid)).as_ref(), Some(&text));
        client.put(&format!("{CARDS}{uid}.vcf"), &card(&uid, "Small"));
        let listed = client.ask("PROPFIND", CALENDAR, &[("Depth", "1")], b"");
        assert_eq!(listed.status, 207, "{}", listed.text());
        if over.load(Ordering::SeqCst) {
            return n;
        }
    }
    unreachable!("it ends");
}

#[test]
fn whoever_needs_a_bucket_that_is_away_is_told_to_come_back() {
    let proxy = Proxy::http(s3().address());
    let server = behind("e2e-away", &proxy);
    let anna = server.client_of(ANNA);
    put_patiently(&anna, "there", &large("there"));
    let all_bad = Fault::Answer { status: 500, of: 1 };
    for (round, fault) in [all_bad, Fault::Stall, Fault::Cut].into_iter().enumerate() {
        proxy.set(fault);
        let (fresh, over) = (format!("fresh{round}"), AtomicBool::new(false));
        let done = scope(|threads| {
            let small = threads.spawn(|| small_ones(&server.client_of(ANNA), &over));
            let asked = [("PUT", path(&fresh), large(&fresh)), ("GET", path("there"), String::new())];
            let asked = asked.map(|(method, path, body)| {
                let anna = &anna;
                threads.spawn(move || anna.ask(method, &path, &[], body.as_bytes()))
            });
            asked.into_iter().for_each(|answer| must_wait(&answer.join().unwrap()));
            // What is known without the body is told.
            assert_eq!(anna.ask("PROPFIND", &path("there"), &[("Depth", "0")], b"").status, 207);
            over.store(true, Ordering::SeqCst);
            small.join().unwrap()
        });
        assert!(done > 0, "{fault:?}");
        assert_eq!(anna.get(&path(&fresh)), None, "what was not acknowledged is not there");
        proxy.set(Fault::None);
        put_patiently(&anna, &fresh, &large(&fresh));
        assert_eq!(anna.get(&path(&fresh)), Some(large(&fresh)));
        assert_eq!(anna.get(&path("there")), Some(large("there")));
    }
    assert!(server.said().contains("the blob store cannot be used"), "{}", server.said());
    // A slow one is waited for.
    proxy.set(Fault::Slow(Duration::from_millis(20)));
    assert_eq!(anna.get(&path("there")), Some(large("there")));
    put_patiently(&anna, "slow", &large("slow"));
}

/// What writers were promised: text by uid.
#[derive(Default)]
struct Promised(Mutex<BTreeMap<String, String>>);

impl Promised {
    /// Puts large bodies one after the other, until `over`; comes back when told to, and when the server is gone.
    fn write(&self, who: usize, clients: &[Client], over: &AtomicBool) {
        for n in 0.. {
            let uid = format!("w{who}-{}", n % 3);
            let text = large(&format!("{uid} {n}")).replace(&format!("UID:{uid} {n}"), &format!("UID:{uid}"));
            for attempt in 0.. {
                if over.load(Ordering::SeqCst) {
                    // Whether the last one was done is not known.
                    self.0.lock().unwrap().remove(&uid);
                    return;
                }
                let client = &clients[(who + attempt) % clients.len()];
                match client.try_ask("PUT", &path(&uid), &[], text.as_bytes()) {
                    Ok(answer) if matches!(answer.status, 201 | 204) => break,
                    Ok(answer) => must_wait(&answer),
                    Err(_) => std::thread::sleep(Duration::from_millis(20)),
                }
            }
            self.0.lock().unwrap().insert(uid, text);
        }
    }

    #[track_caller]
    fn kept(&self, client: &Client) {
        let promised = self.0.lock().unwrap();
        for (uid, text) in promised.iter() {
            assert_eq!(client.get(&path(uid)).as_ref(), Some(text), "{uid}");
        }
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[test]
fn nothing_acknowledged_is_lost_while_the_bucket_comes_and_goes_and_the_server_dies() {
    let proxy = Proxy::http(s3().address());
    let mut server = behind("e2e-flapping", &proxy);
    let (promised, over, clients) = (Promised::default(), AtomicBool::new(false), [server.client_of(ANNA)]);
    scope(|threads| {
        for who in 0..4 {
            let (promised, over, clients) = (&promised, &over, &clients);
            threads.spawn(move || promised.write(who, clients, over));
        }
        let grows = |by: usize| {
            let before = proxy.requests();
            until("requests to the bucket", PATIENCE, || {
                (proxy.requests() as usize >= before as usize + by).then_some(())
            });
        };
        for fault in [Fault::Answer { status: 500, of: 3 }, Fault::Cut, Fault::Answer { status: 503, of: 2 }]
        {
            grows(10);
            proxy.set(fault);
            if fault == Fault::Cut {
                std::thread::sleep(Duration::from_millis(500)); // nobody counts what does not get through
            } else {
                grows(10);
            }
            proxy.set(Fault::None);
            server.kill();
            server.restart();
        }
        grows(10);
        over.store(true, Ordering::SeqCst);
    });
    assert!(promised.count() > 0);
    promised.kept(&clients[0]);
    // What there is, is whole; objects that nobody was promised are known to a row, and go in time.
    server.command(&["verify", "--quiet"]);
}

#[test]
fn nodes_share_a_bucket_and_one_of_them_dies() {
    let database = Postgres::start("bucket");
    let url = database.create("kontor");
    s3().create("e2e-shared");
    let mut nodes = [Server::node(&url), Server::node(&url)];
    for (n, node) in nodes.iter_mut().enumerate() {
        node.lay_bodies("e2e-shared", &s3().endpoint(), 15);
        if n == 0 {
            node.create(ANNA);
        }
        node.restart();
    }
    let clients = nodes.each_ref().map(|node| node.client_of(ANNA));
    put_patiently(&clients[0], "one", &large("one"));
    assert_eq!(clients[1].get(&path("one")), Some(large("one")), "the other node has it at once");
    let (promised, over, rounds) = (Promised::default(), AtomicBool::new(false), AtomicUsize::new(0));
    scope(|threads| {
        for who in 0..4 {
            let (promised, over, clients) = (&promised, &over, &clients);
            threads.spawn(move || promised.write(who, clients, over));
        }
        for node in &mut nodes {
            until("promises", PATIENCE, || (promised.count() > rounds.load(Ordering::SeqCst)).then_some(()));
            rounds.fetch_add(2, Ordering::SeqCst);
            node.kill();
            node.restart();
        }
        over.store(true, Ordering::SeqCst);
    });
    clients.iter().for_each(|client| promised.kept(client));
    // A node that is pointed at another bucket does not start.
    nodes[1].stop();
    s3().create("e2e-other");
    nodes[1].lay_bodies("e2e-other", &s3().endpoint(), 15);
    let mut strange = nodes[1].serving();
    let ran = kontor_testkit::run(&mut strange, "", PATIENCE);
    assert!(ran.code == Some(1) && ran.complained.contains("s3://e2e-other/kontor"), "{ran:?}");
    assert_eq!(ran.complained.lines().filter(|line| line.starts_with("kontor: ")).count(), 1, "{ran:?}");
}
