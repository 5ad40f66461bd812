//! The table of rights: who may do what, made by doing it. `UPDATE_GOLDEN=1` writes it anew.

use crate::bed::{Bed, CALENDARS, collection, event, item};
use kontor_directory::{Scope, Scopes};
use kontor_groupware::{Asker, Expect, NewCollection, NewUser, Office, Place, Put};
use kontor_ical::timeline::Range;
use kontor_ical::zone::Zone;
use kontor_model::{
    AccountName, AdminLevel, Components, Error, Grant, Grantee, Kind, Origin, PrincipalKind, Properties,
    PropertyKey, Result, Right, Rights, Role,
};
use std::fmt::Write as _;

struct World {
    bed: Bed,
    owner: Asker,
    askers: Vec<(&'static str, Asker)>,
}

async fn world() -> World {
    let bed = Bed::new().await;
    let owner = bed.user("owner").await;
    let account = bed.user("account").await;
    let person = |name: &str| {
        NewUser::person(AccountName::new(name).unwrap(), name, &format!("{name}@example.com"), Some(name))
    };
    let guest = bed.made(NewUser { kind: PrincipalKind::Guest, ..person("guest") }).await;
    let admin = bed.made(NewUser { admin: AdminLevel::System, ..person("admin") }).await;
    let lesser = |of: &Asker, scopes: Scopes, read_only: bool| {
        let mut asker = of.clone();
        (asker.scopes, asker.read_only) = (scopes, read_only);
        asker
    };
    let askers = vec![
        ("owner", owner.clone()),
        ("owner, read-only", lesser(&owner, Scopes::ALL, true)),
        ("owner, contacts only", lesser(&owner, Scopes::of(&[Scope::Contacts]), false)),
        ("account", account.clone()),
        ("account, read-only", lesser(&account, Scopes::ALL, true)),
        ("guest", guest),
        ("administrator", admin),
        ("public", Asker::public(Origin::Dav)),
        ("system", bed.root.clone()),
    ];
    World { bed, owner, askers }
}

/// Name, entries on the root, entries on the collection.
type List = (&'static str, Vec<Grant>, Option<Vec<Grant>>);

fn lists(account: &Asker) -> Vec<List> {
    let to = |grantee: Grantee, rights: Rights| vec![Grant { grantee, rights }];
    let account = || Grantee::Account(account.principal.id);
    let mut all = vec![("nothing", vec![], None)];
    for role in [Role::FreeBusy, Role::Reader, Role::Dropbox, Role::Author, Role::Editor, Role::Manager] {
        all.push((role.word(), vec![], Some(to(account(), role.rights()))));
    }
    all.push(("editor on the root", to(account(), Role::Editor.rights()), None));
    all.push((
        "editor on the root, nothing here",
        to(account(), Role::Editor.rights()),
        Some(to(account(), Rights::NONE)),
    ));
    all.push((
        "editor on the root, another's entry here",
        to(account(), Role::Editor.rights()),
        Some(to(Grantee::Public, Role::Reader.rights())),
    ));
    all.push(("everyone reads", to(Grantee::Everyone, Role::Reader.rights()), None));
    all.push(("the public reads", to(Grantee::Public, Role::Reader.rights()), None));
    all.push(("the public drops", vec![], Some(to(Grantee::Public, Role::Dropbox.rights()))));
    let mut both = to(account(), Rights::of(&[Right::Manage]));
    both.extend(to(Grantee::Everyone, Role::FreeBusy.rights()));
    all.push(("manage alone, everyone free/busy", vec![], Some(both)));
    all
}

const VERBS: [&str; 15] = [
    "find",
    "look",
    "free/busy",
    "read",
    "add",
    "replace",
    "put",
    "change item",
    "remove",
    "move out",
    "copy in",
    "set",
    "grants",
    "share",
    "delete",
];

async fn act(office: &Office, who: &Asker, at: &Place, verb: &str) -> Result<()> {
    let a = item("a.ics");
    let put = |uid: &str, expect: Expect| Put { media_type: "", bytes: event(uid, 1).into(), expect };
    match verb {
        "find" => office.place(who, "owner", CALENDARS, at.collection.name.as_str()).await.map(|_| ()),
        "look" => office.version(who, at).await.map(|_| ()),
        "free/busy" => {
            let range = Range { start: 0, end: 1 };
            office.free_busy(who, std::slice::from_ref(at), range, &Zone::utc()).await.map(|_| ())
        }
        "read" => office.item(who, at, &a).await.map(|_| ()),
        "add" => office.put(who, at, &item("new.ics"), put("new", Expect::Absent)).await.map(|_| ()),
        "replace" => office.put(who, at, &a, put("a", Expect::Present)).await.map(|_| ()),
        "put" => office.put(who, at, &a, put("a", Expect::Any)).await.map(|_| ()),
        "change item" => {
            let change = vec![(PropertyKey::new("{x}y"), Some(vec![1]))];
            office.set_item_properties(who, at, &a, change).await
        }
        "remove" => office.remove(who, at, &a, Expect::Any).await,
        "move out" => {
            let home =
                office.place(&Asker::system(Origin::Job), "account", CALENDARS, "default").await.unwrap();
            office.relocate(who, (at, &a), Expect::Any, (&home, &item("moved.ics")), false).await.map(|_| ())
        }
        "copy in" => {
            let home =
                office.place(&Asker::system(Origin::Job), "account", CALENDARS, "default").await.unwrap();
            office
                .copy(who, (&home, &item("theirs.ics")), Expect::Any, (at, &item("copy.ics")), false)
                .await
                .map(|_| ())
        }
        "set" => {
            let change = vec![(PropertyKey::new(PropertyKey::COLOR), Some(b"#112233".to_vec()))];
            office.set_collection_properties(who, at, change).await
        }
        "grants" => office.grants(who, at).await.map(|_| ()),
        "share" => office.set_grants(who, at, Some(Vec::new())).await,
        "delete" => office.remove_collection(who, at).await,
        other => panic!("{other}"),
    }
}

/// One cell: a collection of its own with one item, the list set, the verb tried.
async fn cell(world: &World, nth: usize, list: &List, who: &Asker, verb: &str) -> String {
    let (office, root) = (&world.bed.office, &world.bed.root);
    let new = NewCollection {
        kind: Kind::Calendar,
        name: collection(&format!("c{nth}")),
        components: Components::EVENT,
        properties: Properties::new(),
    };
    let at = office.create_collection(root, "owner", new).await.unwrap();
    world.bed.put(root, &at, "a.ics", &event("a", 0), Expect::Any).await.unwrap();
    if list.2.is_some() {
        office.set_grants(root, &at, list.2.clone()).await.unwrap();
    }
    let result = act(office, who, &at, verb).await;
    let home = office.place(root, "account", CALENDARS, "default").await.unwrap();
    let _ = office.remove(root, &home, &item("moved.ics"), Expect::Any).await;
    let _ = office.remove_collection(root, &at).await;
    match result {
        Ok(()) => "yes".to_owned(),
        Err(Error::NotFound) => "-".to_owned(),
        Err(Error::Forbidden { right }) => format!("no:{}", right.letter()),
        Err(other) => panic!("{verb}: {other:?}"),
    }
}

async fn table(world: &World) -> String {
    let account = world.askers.iter().find(|(name, _)| *name == "account").unwrap().1.clone();
    let home = world.bed.place(&account, &account, "default").await.unwrap();
    world.bed.put(&account, &home, "theirs.ics", &event("theirs", 0), Expect::Any).await.unwrap();
    let mut out = String::from("yes: allowed; no:x: refused for want of x; -: not found\n");
    let mut nth = 0;
    for list in lists(&account) {
        let _ = writeln!(
            out,
            "\n{}\n{:22}{}",
            list.0,
            "",
            VERBS.map(|verb| format!("{verb:12}")).concat().trim_end()
        );
        world
            .bed
            .office
            .set_root_grants(&world.bed.root, &world.owner.principal, list.1.clone())
            .await
            .unwrap();
        for (name, who) in &world.askers {
            let mut row = format!("{name:22}");
            for verb in VERBS {
                nth += 1;
                let _ = write!(row, "{:12}", cell(world, nth, &list, who, verb).await);
            }
            let _ = writeln!(out, "{}", row.trim_end());
        }
    }
    out
}

#[tokio::test]
async fn the_table_is_as_it_was_agreed() {
    let made = table(&world().await).await;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/rights.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let agreed = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (made, agreed)) in made.lines().zip(agreed.lines()).enumerate() {
        assert_eq!(made, agreed, "line {}", line + 1);
    }
    assert_eq!(made.lines().count(), agreed.lines().count());
}

#[tokio::test]
async fn nobody_grants_more_than_they_have() {
    let world = world().await;
    let (office, bed) = (&world.bed.office, &world.bed);
    let account = world.askers.iter().find(|(name, _)| *name == "account").unwrap().1.clone();
    let admin = world.askers.iter().find(|(name, _)| *name == "administrator").unwrap().1.clone();
    let third = bed.user("third").await;
    let at = bed.place(&world.owner, &world.owner, "default").await.unwrap();
    let to = |who: &Asker, rights: Rights| Grant { grantee: Grantee::Account(who.principal.id), rights };
    let set = async |who: &Asker, grants: Vec<Grant>| office.set_grants(who, &at, Some(grants)).await;
    let forbidden = Err(Error::Forbidden { right: Right::Administer });

    let limited = Rights::of(&[Right::Read, Right::Administer]);
    set(&world.owner, vec![to(&account, limited)]).await.unwrap();
    let more = vec![to(&account, limited), to(&third, Role::Editor.rights())];
    assert_eq!(set(&account, more).await, forbidden);
    let enough = vec![to(&account, limited), to(&third, Role::Reader.rights())];
    set(&account, enough).await.unwrap();

    let sharer = Rights::of(&[Right::Read, Right::Reshare]);
    set(&world.owner, vec![to(&account, sharer)]).await.unwrap();
    let passed = vec![to(&account, sharer), to(&third, Role::Reader.rights())];
    set(&account, passed.clone()).await.unwrap();
    assert_eq!(set(&account, vec![passed[1].clone()]).await, Ok(()), "may lower what it could give");
    set(&world.owner, vec![to(&account, sharer), to(&third, Role::Editor.rights())]).await.unwrap();
    assert_eq!(set(&account, vec![to(&account, sharer)]).await, forbidden, "what is above it stays");

    set(&admin, vec![to(&admin, Role::Reader.rights())]).await.unwrap();
    office.item(&admin, &at, &item("none.ics")).await.unwrap_err();
    let invalid = |result: Result<()>| assert!(matches!(result, Err(Error::Invalid { .. })), "{result:?}");
    invalid(set(&world.owner, vec![to(&world.owner, Rights::NONE)]).await);
    invalid(set(&world.owner, vec![to(&third, Rights::NONE), to(&third, Rights::NONE)]).await);
    invalid(set(&world.owner, vec![Grant { grantee: Grantee::Public, rights: Role::Author.rights() }]).await);
    let nobody = Grantee::Account(kontor_model::AccountId(12345));
    invalid(set(&world.owner, vec![Grant { grantee: nobody, rights: Rights::NONE }]).await);
}
