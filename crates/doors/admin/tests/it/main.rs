//! The door over a real office: who may give commands, what they do, what monitoring is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use http::Method;
use kontor_door_admin::{AdminDoor, Answer, Command, Figure, FigureKind, Parts, Probe, UserCreate, execute};
use kontor_groupware::{Asker, NewUser, Office, Policy};
use kontor_listen::{Body, Door, Peer, Request, RequestBody, RequestId, Routes, Server, Settings};
use kontor_model::{AccountName, Origin, SystemChance, SystemClock};
use kontor_store::sqlite::{SqliteOptions, open};
use std::sync::Arc;

const OWNER: u32 = 1000;

struct House {
    _folder: tempfile::TempDir,
    office: Office,
    door: AdminDoor,
}

async fn house(probe: Probe) -> House {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &SqliteOptions::default()).unwrap();
    let (clock, chance) = (Arc::new(SystemClock), Arc::new(SystemChance));
    let parts = kontor_groupware::Parts { store, clock, chance, policy: Policy::default() };
    let office = Office::open(parts).await.unwrap();
    let figure = || vec![Figure::single("kontor_x", "X.", FigureKind::Gauge, 2.5)];
    let door = AdminDoor::new(Parts {
        office: office.clone(),
        owner: OWNER,
        version: "0.0.0",
        meter: Server::new(Settings::default(), Routes::new()).meter(),
        probe,
        export: Box::new(|| Box::pin(async { Ok(Body::full("all of it")) })),
        rows: Box::new(|| Box::pin(async { Ok(Body::full("row by row")) })),
        survey: Box::new(|| Box::pin(async { Ok(Body::full("each of them")) })),
        figures: Box::new(figure),
    });
    House { _folder: folder, office, door }
}

fn well() -> Probe {
    Arc::new(|| Box::pin(async { Ok(()) }))
}

impl House {
    async fn ask(&self, method: Method, path: &str, uid: Option<u32>, body: &str) -> (u16, String) {
        let head = http::Request::builder().method(method).uri(path).body(()).unwrap().into_parts().0;
        let peer = Peer { uid, ..Peer::loopback() };
        let body = RequestBody::from(bytes_of(body));
        let answer = self.door.handle(Request { head, body, peer, id: RequestId(7) }).await;
        let (parts, body) = answer.into_parts();
        let text = String::from_utf8(body.collect(1 << 20).await.unwrap().to_vec()).unwrap();
        (parts.status.as_u16(), text)
    }

    async fn command(&self, uid: Option<u32>, json: &str) -> (u16, String) {
        self.ask(Method::POST, "/command", uid, json).await
    }
}

fn bytes_of(text: &str) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(text.as_bytes())
}

const CREATE: &str =
    r#"{"command":"user-create","name":"anna","email":"a@example.org","full_name":"Anna","password":"p"}"#;

#[tokio::test]
async fn only_root_and_the_owner_give_commands() {
    let house = house(well()).await;
    for uid in [None, Some(1), Some(OWNER + 1), Some(65534)] {
        let (status, text) = house.command(uid, CREATE).await;
        assert!(status == 403 && text.contains("commands are taken"), "{uid:?}: {status} {text}");
    }
    assert_eq!(house.command(Some(0), r#"{"command":"user-list"}"#).await, (200, r#"{"users":[]}"#.into()));
    let (status, text) = house.command(Some(OWNER), CREATE).await;
    assert!(status == 200 && text.starts_with(r#"{"user":{"name":"anna","#), "{status} {text}");
}

#[tokio::test]
async fn commands_that_are_refused() {
    let house = house(well()).await;
    let check = async |json: &str, status: u16, holds: &str| {
        let (got, text) = house.command(Some(0), json).await;
        assert!(
            got == status && text.starts_with("{\"error\":\"") && text.contains(holds),
            "{json}: {got} {text}"
        );
        assert!(!text.contains("hush"), "{text}");
    };
    assert_eq!(house.command(Some(0), CREATE).await.0, 200);
    check(CREATE, 409, "taken by another user").await;
    check(r#"{"command":"user-show","name":"ben"}"#, 404, "there is no user ben").await;
    check(r#"{"command":"user-password","name":"anna","password":""}"#, 422, "").await;
    check(r#"{"command":"sing","password":"hush"}"#, 400, "not a known command").await;
    check(r#"{"command":"user-create","name":"x","password":"hush","colour":1}"#, 400, "not a known command")
        .await;
    check("nonsense hush", 400, "not a known command (line 1").await;
    check(&format!("\"{}\"", "x".repeat(70_000)), 413, "too large").await;
    let app = |more: &str| format!(r#"{{"command":"app-password-create","name":"anna","label":"x"{more}}}"#);
    check(&app(r#","scopes":["fax"]"#), 422, "fax").await;
    check(&app(r#","expires":"tomorrow"#.to_owned().as_str()), 400, "").await;
    check(&app(r#","expires":"tomorrow""#), 422, "tomorrow").await;
    check(r#"{"command":"app-password-revoke","name":"anna","id":9}"#, 404, "no app password of that number")
        .await;
}

#[tokio::test]
async fn limits_of_an_account_are_set_and_told() {
    let house = house(well()).await;
    assert_eq!(house.command(Some(0), CREATE).await.0, 200);
    let check = async |more: &str, expected: &str| {
        let json = format!(r#"{{"command":"user-quota","name":"anna"{more}}}"#);
        let told = format!(r#"{{"quota":{{"name":"anna","used":0,{expected}}}}}"#);
        assert_eq!(house.command(Some(0), &json).await, (200, told), "{more}");
    };
    let all = r#""default":["warn","soft","hard"]"#;
    let none = r#""level":"free","warn":null,"soft":null,"hard":null"#;
    check("", &format!("{none},{all}")).await;
    let some = r#""level":"free","warn":5,"soft":null,"hard":9,"default":["soft"]"#;
    check(r#","warn":{"bytes":5},"hard":{"bytes":9}"#, some).await;
    let changed = r#""level":"free","warn":5,"soft":7,"hard":null,"default":[]"#;
    check(r#","hard":"none","soft":{"bytes":7}"#, changed).await;
    check("", changed).await;
    let (status, list) = house.command(Some(0), r#"{"command":"quota-list"}"#).await;
    assert_eq!((status, list), (200, format!(r#"{{"quotas":[{{"name":"anna","used":0,{changed}}}]}}"#)));
    check(r#","warn":"default","hard":"default","soft":"default""#, &format!("{none},{all}")).await;
    let unknown = r#"{"command":"user-quota","name":"ben","hard":"none"}"#;
    let (status, text) = house.command(Some(0), unknown).await;
    assert!(status == 404 && text.contains("there is no user ben"), "{status} {text}");
}

#[tokio::test]
async fn the_public_store_is_made_told_and_opened() {
    let house = house(well()).await;
    let check = async |json: &str, status: u16, expected: &str| {
        let (was, text) = house.command(Some(0), json).await;
        assert!(was == status && text.contains(expected), "{json}: {was} {text}");
    };
    let told = |everyone: &str, rights: &str| {
        format!(
            r#"{{"public_store":{{"name":"public","everyone":"{everyone}","rights":"{rights}","used":0}}}}"#
        )
    };
    let show = r#"{"command":"public-store"}"#;
    let create = r#"{"command":"public-store-create"}"#;
    check(show, 404, "there is no public store").await;
    check(r#"{"command":"user-create","name":"public","email":"p@example.org","full_name":"P"}"#, 200, "")
        .await;
    check(create, 409, "the name public is taken by a user").await;
    check(r#"{"command":"user-delete","name":"public"}"#, 200, "").await;
    check(create, 200, &told("editor", "flriwWdDk")).await;
    check(create, 409, "already exists").await;
    check(r#"{"command":"public-store","everyone":"reader"}"#, 200, &told("reader", "flr")).await;
    check(r#"{"command":"public-store","everyone":"owner"}"#, 422, "is not a role for everybody").await;
    check(show, 200, &told("reader", "flr")).await;
    check(r#"{"command":"user-delete","name":"public"}"#, 422, "is not removed: take away instead").await;
}

#[tokio::test]
async fn the_same_without_the_socket() {
    let house = house(well()).await;
    let new = UserCreate {
        name: "anna".into(),
        email: "a@example.org".into(),
        full_name: "Anna".into(),
        password: None,
        admin: true,
    };
    let Answer::User(made) = execute(&house.office, Command::UserCreate(new)).await.unwrap() else {
        panic!()
    };
    assert!(made.admin && made.active);
    let (status, text) = house.command(Some(0), r#"{"command":"user-show","name":"anna"}"#).await;
    assert_eq!((status, serde_json::from_str(&text).unwrap()), (200, Answer::User(made)));
}

#[tokio::test]
async fn many_accounts_are_told_in_pages() {
    let house = house(well()).await;
    let system = Asker::system(Origin::Admin);
    for n in 0..1_300 {
        let name = AccountName::new(&format!("u{n:04}")).unwrap();
        let new = NewUser::person(name, "Some One", &format!("u{n}@example.org"), None);
        house.office.create_user(&system, new).await.unwrap();
    }
    let (mut after, mut all, mut pages) = (None, Vec::new(), 0);
    loop {
        let Answer::Users(users) = execute(&house.office, Command::UserList { after }).await.unwrap() else {
            panic!()
        };
        after = users.last().map(|user| user.name.clone());
        if after.is_none() {
            break;
        }
        all.extend(users.into_iter().map(|user| user.name));
        pages += 1;
    }
    assert_eq!((all.len(), pages), (1_300, 2));
    assert!(all.is_sorted() && all.first().is_some_and(|first| first == "u0000"));
}

#[tokio::test]
async fn what_monitoring_is_told() {
    let house = house(well()).await;
    assert_eq!(house.ask(Method::GET, "/healthz", None, "").await, (200, "ok\n".into()));
    let (status, page) = house.ask(Method::GET, "/metrics", None, "").await;
    assert!(status == 200 && page.contains("\nkontor_x 2.5\n"), "{page}");
    assert_eq!(house.ask(Method::POST, "/metrics", None, "").await.0, 405);
    assert_eq!(house.ask(Method::GET, "/command", Some(0), "").await.0, 405);
    assert_eq!(house.ask(Method::GET, "/other", None, "").await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_not_well() {
    let ill: Probe = Arc::new(|| Box::pin(async { Err("no space left".to_owned()) }));
    let answer = house(ill).await.ask(Method::GET, "/healthz", None, "").await;
    assert_eq!(answer, (503, "the store is not well: no space left\n".into()));
    let silent: Probe = Arc::new(|| Box::pin(std::future::pending()));
    let answer = house(silent).await.ask(Method::GET, "/healthz", None, "").await;
    assert_eq!(answer, (503, "the store has not answered for 5 s\n".into()));
}

#[tokio::test]
async fn only_root_and_the_owner_get_everything() {
    let house = house(well()).await;
    for uid in [None, Some(1), Some(OWNER + 1)] {
        let (status, text) = house.ask(Method::POST, "/backup", uid, "").await;
        assert!(status == 403 && !text.contains("all of it"), "{uid:?}: {status} {text}");
    }
    for uid in [0, OWNER] {
        assert_eq!(house.ask(Method::POST, "/backup", Some(uid), "").await, (200, "all of it".to_owned()));
    }
    assert_eq!(house.ask(Method::GET, "/backup", Some(0), "").await.0, 405);
    assert_eq!(house.ask(Method::POST, "/survey", Some(1), "").await.0, 403);
    assert_eq!(house.ask(Method::POST, "/survey", Some(OWNER), "").await, (200, "each of them".to_owned()));
    assert_eq!(house.ask(Method::GET, "/survey", Some(0), "").await.0, 405);
    assert_eq!(house.ask(Method::POST, "/rows", Some(1), "").await.0, 403);
    assert_eq!(house.ask(Method::POST, "/rows", Some(OWNER), "").await, (200, "row by row".to_owned()));
    assert_eq!(house.ask(Method::GET, "/rows", Some(0), "").await.0, 405);
}
