//! DAV:sync-collection over whole trees: a client that follows the answers ends up with what a fresh PROPFIND tells.

use crate::report_scene::*;
use crate::scene::{Reply, Scene};
use kontor_door_dav::Settings;
use kontor_groupware::Policy;
use kontor_model::{Grant, Grantee, Kind, Right, Rights, Role, Timestamp};
use kontor_store::postgres::PostgresOptions;
use kontor_wire_dav::name::dav;
use std::collections::BTreeMap;

const HOME: &str = "/dav/files/anna/";

fn asked(token: &str, limit: usize) -> String {
    asked_at("infinite", token, limit)
}

fn asked_at(level: &str, token: &str, limit: usize) -> String {
    let limit = match limit {
        0 => String::new(),
        limit => format!("<D:limit><D:nresults>{limit}</D:nresults></D:limit>"),
    };
    let inside = format!(
        "<D:sync-token>{token}</D:sync-token><D:sync-level>{level}</D:sync-level>{limit}\
         <D:prop><D:getetag/><D:resourcetype/></D:prop>"
    );
    body("D:sync-collection", &inside)
}

async fn sync(scene: &Scene, who: &str, top: &str, token: &str, limit: usize) -> Reply {
    scene.ask(who, &format!("REPORT {top}\n\n{}", asked(token, limit))).await
}

/// What is told below Anna's drive: paths that are there, paths that are gone.
fn told(reply: &Reply) -> (String, String) {
    let mut lists = (Vec::new(), Vec::new());
    for one in reply.multistatus().responses {
        let path = one.href().strip_prefix(HOME).unwrap().to_owned();
        match one.status() {
            None => lists.0.push(path),
            Some(404) => lists.1.push(path),
            Some(status) => lists.0.push(format!("{path}={status}")),
        }
    }
    lists.0.sort();
    lists.1.sort();
    (lists.0.join(" "), lists.1.join(" "))
}

fn pair(there: &str, gone: &str) -> (String, String) {
    (there.to_owned(), gone.to_owned())
}

async fn act(scene: &Scene, line: &str) {
    let (method, rest) = line.split_once(' ').unwrap();
    let (path, to) = rest.split_once(' ').map_or((rest, None), |(path, to)| (path, Some(to)));
    let to = to.map_or_else(String::new, |to| format!("Destination: {HOME}{to}\n"));
    let text = if method == "PUT" { "text" } else { "" };
    let reply = scene.anna(&format!("{method} {HOME}{path}\n{to}\n{text}")).await;
    assert!([201, 204].contains(&reply.status), "{line}: {}", reply.status);
}

async fn furnished() -> Scene {
    let scene = Scene::new().await;
    for line in ["MKCOL a", "MKCOL a/b", "PUT top", "PUT a/one", "PUT a/b/two"] {
        act(&scene, line).await;
    }
    scene
}

async fn grant(scene: &Scene, path: &str, rights: Option<Rights>) {
    let anna = scene.asker("anna").await;
    let ben = scene.office.principal(&anna, "ben").await.unwrap().id;
    let place = scene.office.place(&anna, "anna", &[Kind::Files], path).await.unwrap();
    let grants = rights.map(|rights| vec![Grant { grantee: Grantee::Account(ben), rights }]);
    scene.office.set_grants(&anna, &place, grants).await.unwrap();
}

#[tokio::test]
async fn a_tree_is_told_and_then_what_changed_in_it() {
    let scene = furnished().await;
    let first = sync(&scene, "anna", HOME, "", 0).await.is(207);
    assert_eq!(told(&first), pair("a/ a/b/ a/b/two a/one top", ""));
    let again = sync(&scene, "anna", HOME, &first.token(), 0).await.is(207);
    assert_eq!((told(&again), again.token()), (pair("", ""), first.token()), "nothing happened");
    for line in ["PUT a/b/two", "PUT a/b/three", "DELETE top", "MKCOL c", "PUT c/four"] {
        act(&scene, line).await;
    }
    let second = sync(&scene, "anna", HOME, &first.token(), 0).await.is(207);
    assert_eq!(told(&second), pair("a/b/ a/b/three a/b/two c/ c/four", "top"));
    // Below a folder, from a token of its own.
    let inner = sync(&scene, "anna", &format!("{HOME}a/"), "", 0).await.is(207);
    assert_eq!(told(&inner), pair("a/b/ a/b/three a/b/two a/one", ""));
    act(&scene, "PUT top").await;
    act(&scene, "DELETE a/b/two").await;
    let inner = sync(&scene, "anna", &format!("{HOME}a/"), &inner.token(), 0).await.is(207);
    assert_eq!(told(&inner), pair("a/b/", "a/b/two"));
    assert_eq!(told(&sync(&scene, "anna", HOME, &second.token(), 0).await), pair("a/b/ top", "a/b/two"));
}

#[tokio::test]
async fn a_folder_that_moved_is_gone_here_and_new_there() {
    let scene = furnished().await;
    let token = sync(&scene, "anna", HOME, "", 0).await.token();
    act(&scene, "MOVE a/b b").await;
    act(&scene, "PUT b/new").await;
    let moved = sync(&scene, "anna", HOME, &token, 0).await.is(207);
    assert_eq!(told(&moved), pair("a/ b/ b/new b/two", "a/b/"));
    act(&scene, "COPY b a/c").await;
    act(&scene, "DELETE b").await;
    let copied = sync(&scene, "anna", HOME, &moved.token(), 0).await.is(207);
    assert_eq!(told(&copied), pair("a/ a/c/ a/c/new a/c/two", "b/"));
    // A file where a folder was, and the other way round.
    for line in ["DELETE a/c", "PUT a/c", "DELETE top", "MKCOL top", "PUT top/in"] {
        act(&scene, line).await;
    }
    let swapped = sync(&scene, "anna", HOME, &copied.token(), 0).await.is(207);
    assert_eq!(told(&swapped), pair("a/ a/c top/ top/in", "a/c/ top"));
}

#[tokio::test]
async fn a_folder_that_comes_out_of_the_trash_is_new_with_all_that_is_in_it() {
    let scene = furnished().await;
    let first = sync(&scene, "anna", HOME, "", 0).await.token();
    act(&scene, "DELETE a").await;
    let gone = sync(&scene, "anna", HOME, &first, 0).await.is(207);
    assert_eq!(told(&gone), pair("", "a/"));
    let anna = scene.asker("anna").await;
    let root = scene.office.trash(&anna, "anna", None, 9).await.unwrap()[0].tree.root;
    scene.office.restore_collection(&anna, "anna", root, None).await.unwrap();
    let back = sync(&scene, "anna", HOME, &gone.token(), 0).await.is(207);
    assert_eq!(told(&back), pair("a/ a/b/ a/b/two a/one", ""));
    // Who heard of neither may be sent to start afresh, but misses nothing.
    let late = sync(&scene, "anna", HOME, &first, 0).await;
    assert!(late.status == 403 || told(&late) == pair("a/ a/b/ a/b/two a/one", ""), "{}", late.body);
    act(&scene, "PUT a/b/new").await;
    let next = sync(&scene, "anna", HOME, &back.token(), 0).await.is(207);
    assert_eq!(told(&next), pair("a/b/ a/b/new", ""));
}

/// Nobody knows what was in a folder that is gone: where another one has its name, all is listed anew.
#[tokio::test]
async fn one_folder_in_the_place_of_another_is_a_fresh_start() {
    let scene = furnished().await;
    let token = sync(&scene, "anna", HOME, "", 0).await.token();
    act(&scene, "DELETE a/b").await;
    act(&scene, "MKCOL a/b").await;
    sync(&scene, "anna", HOME, &token, 0).await.is(403).has("<D:valid-sync-token/>");
    // Made and gone since: nobody knew it.
    let token = sync(&scene, "anna", HOME, "", 0).await.token();
    for line in ["MKCOL x", "PUT x/1", "DELETE x", "MKCOL x", "PUT x/2"] {
        act(&scene, line).await;
    }
    assert_eq!(told(&sync(&scene, "anna", HOME, &token, 0).await.is(207)), pair("x/ x/2", ""));
    // The top itself.
    let inner = format!("{HOME}a/");
    let token = sync(&scene, "anna", &inner, "", 0).await.token();
    act(&scene, "MOVE a moved").await;
    sync(&scene, "anna", &format!("{HOME}moved/"), &token, 0).await.is(403).has("<D:valid-sync-token/>");
}

#[tokio::test]
async fn a_limit_cuts_trees_into_pages() {
    let scene = furnished().await;
    let (mut token, mut pages) = (String::new(), Vec::new());
    loop {
        let reply = sync(&scene, "anna", HOME, &token, 2).await.is(207);
        token = reply.token();
        let more = reply.is_truncated(HOME);
        pages.push(told(&reply).0.replace("=507", ""));
        if !more {
            break;
        }
        act(&scene, "PUT a/b/two").await;
    }
    assert_eq!(pages, [" a/ top", " a/b/ a/one", "a/b/two"]);
    // What came while it was told comes next.
    assert_eq!(told(&sync(&scene, "anna", HOME, &token, 0).await), pair("a/b/ a/b/two", ""));
}

#[tokio::test]
async fn properties_of_a_folder_are_a_change_of_it() {
    let scene = furnished().await;
    let token = sync(&scene, "anna", HOME, "", 0).await.token();
    let set = "<propertyupdate xmlns='DAV:'><set><prop><x xmlns='urn:x'>1</x></prop></set></propertyupdate>";
    scene.anna(&format!("PROPPATCH {HOME}a/b/\n\n{set}")).await.is(207);
    assert_eq!(told(&sync(&scene, "anna", HOME, &token, 0).await.is(207)), pair("a/b/", ""));
}

#[tokio::test]
async fn only_tokens_of_this_tree_and_this_asker_are_taken() {
    let scene = furnished().await;
    grant(&scene, "files", Some(Role::Reader.rights())).await;
    let tree = sync(&scene, "anna", HOME, "", 0).await.is(207).token();
    let level_1 = asked("", 0).replace("infinite", "1");
    let flat = scene.anna(&format!("REPORT {HOME}\n\n{level_1}")).await.is(207).token();
    let inner = sync(&scene, "anna", &format!("{HOME}a/"), "", 0).await.token();
    let bens = sync(&scene, "ben", HOME, "", 0).await.is(207).token();
    let (stem, number) = tree.rsplit_once(':').unwrap();
    let number: i64 = number.parse().unwrap();
    let others = [flat.clone(), inner, bens.clone(), format!("{stem}:{}", number + 1), format!("{stem}:1")];
    for bad in others.iter().map(String::as_str).chain(["1", "urn:kontor:tree:"]) {
        sync(&scene, "anna", HOME, bad, 0).await.is(403).has("<D:valid-sync-token/>");
    }
    let level_1 = asked(&tree, 0).replace("infinite", "1");
    scene.anna(&format!("REPORT {HOME}\n\n{level_1}")).await.is(403).has("<D:valid-sync-token/>");
    sync(&scene, "ben", HOME, &bens, 0).await.is(207);
    let all = Timestamp::from_secs(crate::scene::NOW + 10);
    while scene.store.trim(all).await.unwrap().more {}
    sync(&scene, "anna", HOME, &tree, 0).await.is(403).has("<D:valid-sync-token/>");
}

#[tokio::test]
async fn what_is_kept_from_somebody_is_not_told() {
    let scene = furnished().await;
    act(&scene, "MKCOL a/hidden").await;
    act(&scene, "PUT a/hidden/x").await;
    act(&scene, "MKCOL a/shut").await;
    act(&scene, "PUT a/shut/y").await;
    sync(&scene, "ben", HOME, "", 0).await.is(404);
    grant(&scene, "files/a", Some(Role::Reader.rights())).await;
    grant(&scene, "files/a/hidden", Some(Rights::NONE)).await;
    grant(&scene, "files/a/shut", Some(Rights::of(&[Right::Look]))).await;
    let top = format!("{HOME}a/");
    let ask = async |token: &str| sync(&scene, "ben", &top, token, 0).await;
    let first = ask("").await.is(207).lacks("hidden").has("<D:sync-traversal-supported/>");
    let token = first.token();
    assert_eq!(told(&first), pair("a/b/ a/b/two a/one a/shut/=403", ""));
    act(&scene, "PUT a/hidden/z").await;
    act(&scene, "PUT a/shut/z").await;
    act(&scene, "PUT a/b/z").await;
    assert_eq!(told(&ask(&token).await.is(207)), pair("a/b/ a/b/z", ""));
    // What he saw of the tree may no longer be what he may see.
    grant(&scene, "files/a/b", Some(Rights::NONE)).await;
    ask(&token).await.is(403).has("<D:valid-sync-token/>");
    let token = ask("").await.is(207).lacks("a/b").token();
    // Nor is he told of the end of what he never saw.
    act(&scene, "DELETE a/hidden").await;
    ask(&token).await.is(403).lacks("hidden").has("<D:valid-sync-token/>");
    let token = ask("").await.is(207).token();
    // Of the end of what he saw he is.
    act(&scene, "MKCOL a/open").await;
    let token = ask(&token).await.is(207).has("a/open/").token();
    act(&scene, "DELETE a/open").await;
    let reply = ask(&token).await.is(207);
    assert_eq!(told(&reply), pair("", "a/open/"));
    act(&scene, "MOVE a/shut shut").await;
    ask(&reply.token()).await.is(403).lacks("shut").has("<D:valid-sync-token/>");
    assert_eq!(told(&ask("").await.is(207)), pair("a/one", ""));
}

#[tokio::test]
async fn nor_is_it_told_to_who_follows_one_folder_alone() {
    let scene = furnished().await;
    act(&scene, "MKCOL a/hidden").await;
    act(&scene, "MKCOL a/away").await;
    grant(&scene, "files/a", Some(Role::Reader.rights())).await;
    grant(&scene, "files/a/hidden", Some(Rights::NONE)).await;
    grant(&scene, "files/a/away", Some(Rights::NONE)).await;
    let ask = async |who: &str, token: &str| {
        scene.ask(who, &format!("REPORT {HOME}a/\n\n{}", asked_at("1", token, 0))).await
    };
    let (begun, owners) = (ask("ben", "").await.is(207), ask("anna", "").await.is(207).token());
    assert_eq!(told(&begun), pair("a/b/ a/one", ""));
    // Of the end of what he saw he is told.
    act(&scene, "DELETE a/one").await;
    act(&scene, "DELETE a/b").await;
    let reply = ask("ben", &begun.token()).await.is(207);
    assert_eq!(told(&reply), pair("", "a/b a/one"));
    for line in ["DELETE a/hidden", "MOVE a/away away"] {
        let token = ask("ben", "").await.is(207).token();
        act(&scene, line).await;
        for token in [&token, &begun.token()] {
            ask("ben", token).await.is(403).lacks("hidden").lacks("away").has("<D:valid-sync-token/>");
        }
    }
    assert_eq!(told(&ask("ben", "").await.is(207)), pair("", ""));
    let reply = ask("anna", &owners).await.is(207);
    assert_eq!(told(&reply).1.split(' ').count(), 4);
}

/// A client that keeps what it was told.
struct Client {
    who: &'static str,
    top: &'static str,
    limit: usize,
    token: String,
    known: BTreeMap<String, String>,
    /// Answers, and those that sent it to start afresh.
    answers: (usize, usize),
}

fn listed(reply: &Reply, known: &mut BTreeMap<String, String>) -> usize {
    let mut count = 0;
    for one in reply.multistatus().responses {
        let href = one.href().to_owned();
        match one.status() {
            Some(404) => {
                known.retain(|path, _| *path != href && !(href.ends_with('/') && path.starts_with(&href)))
            }
            Some(507) => continue,
            Some(status) => panic!("{status}"),
            None => {
                let etag = one.property(&dav::GETETAG).map(|etag| etag.text().into_owned());
                known.insert(href, etag.unwrap_or_default());
            }
        }
        count += 1;
    }
    count
}

impl Client {
    async fn follow(&mut self, scene: &Scene, between: impl AsyncFn()) {
        for _ in 0..1000 {
            let reply = sync(scene, self.who, self.top, &self.token, self.limit).await;
            self.answers.0 += usize::from(!self.token.is_empty());
            // It went, or is a file now.
            if reply.status == 404 || reply.body.contains("<D:supported-report/>") {
                self.known.clear();
                self.token.clear();
                return;
            }
            if reply.status == 403 {
                reply.has("<D:valid-sync-token/>");
                self.answers.1 += 1;
                self.known.clear();
                self.token.clear();
                continue;
            }
            let reply = reply.is(207);
            let truncated = reply.is_truncated(self.top);
            let count = listed(&reply, &mut self.known);
            assert!(self.limit == 0 || count <= self.limit, "{count} of {}", self.limit);
            self.token = reply.token();
            if !truncated {
                return;
            }
            between().await;
        }
        panic!("it never ends");
    }

    /// What there is.
    async fn truth(&self, scene: &Scene) -> BTreeMap<String, String> {
        let ask = crate::scene::props("D:getetag");
        let reply = scene.ask(self.who, &format!("PROPFIND {}\nDepth: infinity\n\n{ask}", self.top)).await;
        let mut known = BTreeMap::new();
        if reply.status != 404 {
            listed(&reply.is(207), &mut known);
        }
        known.retain(|path, _| path.starts_with(self.top) && path != self.top);
        known
    }
}

/// Everything that can happen to a tree, at random.
struct Weather<'s> {
    scene: &'s Scene,
    seed: std::cell::Cell<u64>,
}

impl Weather<'_> {
    fn random(&self, below: usize) -> usize {
        // A linear congruence (Knuth); its upper bits are good enough here.
        let next =
            self.seed.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.seed.set(next);
        usize::try_from(next >> 33).unwrap() % below
    }

    fn path(&self) -> String {
        let name = || ["a", "b", "c", "d"][self.random(4)];
        let names: Vec<_> = (0..1 + self.random(3)).map(|_| name()).collect();
        names.join("/")
    }

    /// One act; it may be refused.
    async fn change(&self) {
        let (one, other) = (self.path(), self.path());
        let to =
            format!("{HOME}{one}\nDestination: {HOME}{other}\nOverwrite: {}", ["T", "F"][self.random(2)]);
        let text = match self.random(26) {
            0..=8 => format!("PUT {HOME}{one}\n\n{}", self.random(1000)),
            9..=12 => format!("MKCOL {HOME}{one}\n\n"),
            13 | 14 => format!("DELETE {HOME}{one}\n\n"),
            15..=19 => format!("MOVE {to}\n\n"),
            20 | 21 => format!("COPY {to}\n\n"),
            22 => format!(
                "PROPPATCH {HOME}{one}\n\n<propertyupdate xmlns='DAV:'><set><prop><x xmlns='urn:x'>{}</x></prop></set>\
                 </propertyupdate>",
                self.random(9)
            ),
            23 => return self.regrant(&one).await,
            _ => return self.undo().await,
        };
        let status = self.scene.anna(&text).await.status;
        assert!(status < 500, "{text}: {status}");
    }

    /// Something that was removed comes back, or is gone for good.
    async fn undo(&self) {
        let anna = self.scene.asker("anna").await;
        let trash = self.scene.office.trash(&anna, "anna", None, 99).await.unwrap();
        let roots: Vec<_> = trash.iter().map(|one| one.tree.root).collect();
        if roots.is_empty() {
            return;
        }
        let root = roots[self.random(roots.len())];
        match self.random(4) {
            0 => self.scene.office.purge_collection(&anna, "anna", root).await.unwrap(),
            _ => drop(self.scene.office.restore_collection(&anna, "anna", root, None).await.unwrap()),
        }
    }

    async fn regrant(&self, path: &str) {
        let anna = self.scene.asker("anna").await;
        let path = format!("files/{path}");
        if self.random(3) == 0 && self.scene.office.place(&anna, "anna", &[Kind::Files], &path).await.is_ok()
        {
            let rights = [None, Some(Rights::NONE), Some(Role::Reader.rights())][self.random(3)];
            grant(self.scene, &path, rights).await;
        }
    }
}

/// What happens, happens on `scene`; who follows asks `other`, which may be another node.
async fn weathered(scene: &Scene, other: &Scene, seed: u64, rounds: usize) {
    let weather = Weather { scene, seed: std::cell::Cell::new(seed) };
    // The drive is made when somebody looks.
    sync(scene, "anna", HOME, "", 0).await.is(207);
    grant(scene, "files", Some(Role::Reader.rights())).await;
    let client = |who, top, limit| Client {
        who,
        top,
        limit,
        token: String::new(),
        known: BTreeMap::new(),
        answers: (0, 0),
    };
    let mut clients = [
        client("anna", HOME, 0),
        client("anna", HOME, 1),
        client("anna", HOME, 3),
        client("anna", "/dav/files/anna/a/", 2),
        client("ben", HOME, 0),
        client("ben", HOME, 2),
    ];
    for round in 0..rounds {
        for _ in 0..weather.random(6) {
            weather.change().await;
        }
        for client in &mut clients {
            if weather.random(3) == 0 {
                continue;
            }
            // Changes between its pages, then once more in peace.
            client.follow(other, async || weather.change().await).await;
            client.follow(other, async || {}).await;
            let (who, top, limit) = (client.who, client.top, client.limit);
            assert_eq!(
                client.known,
                client.truth(scene).await,
                "seed {seed}, round {round}, {who} {top} {limit}"
            );
        }
    }
    // Most often what is known can be gone on from.
    let annas = clients.iter().filter(|one| one.who == "anna" && one.top == HOME);
    for Client { answers: (all, afresh), top, limit, .. } in annas {
        assert!(
            *all > rounds / 2 && afresh * 3 < *all,
            "{afresh} of {all} sent {top} {limit} to start afresh"
        );
    }
}

#[tokio::test]
async fn nobody_misses_anything_of_a_tree() {
    let settings = || Settings { page: 2, ..Settings::default() };
    // The last two once found what the others do not.
    for seed in (1..7).chain([24, 164]) {
        let scene = Scene::with(Policy::default(), settings()).await;
        weathered(&scene, &scene, seed, 60).await;
    }
    let url = kontor_testkit::postgres().create("trees");
    let store = kontor_store::postgres::open(&url, &PostgresOptions::default()).unwrap();
    let scene = Scene::over(store.clone(), Policy::default(), settings()).await;
    let beside = kontor_store::postgres::open(&url, &PostgresOptions::default()).unwrap();
    let other = Scene::beside(beside.clone(), Policy::default(), settings(), 8).await;
    weathered(&scene, &other, 9, 40).await;
    beside.close().await.unwrap();
    store.close().await.unwrap();
}
