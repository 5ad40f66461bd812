//! Somebody writes to what is being moved or copied to another account, at each moment between the reading and the
//! commit: what they were told is done is where the rest is.

use crate::bed::{Bed, CALENDARS, collection, event, item, policy, task};
use bytes::Bytes;
use kontor_groupware::{Asker, DRIVE, Expect, NewCollection, Office, Parts, Place, Put, Select, Within};
use kontor_model::{
    Clock, Components, Error, FixedClock, Grant, Grantee, Kind, Properties, PropertyKey, Result, Right,
    Rights, Role, Rule, SeededChance, Timestamp,
};
use kontor_store::Store;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Handle;

const FILES: &[Kind] = &[Kind::Files];

type Deed = Box<dyn FnOnce() + Send>;

/// A clock at whose looks something else happens first: verbs look at it while they read, and last of all when what
/// they decided goes to the store.
struct Nudge {
    clock: Arc<FixedClock>,
    /// After how many more looks, and what.
    deed: Mutex<Option<(usize, Deed)>>,
}

impl Nudge {
    /// What is to happen after so many looks.
    fn set(&self, looks: usize, deed: Deed) {
        *self.deed.lock().unwrap() = Some((looks, deed));
    }

    /// Whether it did not happen.
    fn idle(&self) -> bool {
        self.deed.lock().unwrap().take().is_some()
    }
}

impl Clock for Nudge {
    fn now(&self) -> Timestamp {
        let mut next = self.deed.lock().unwrap();
        let due = match next.take() {
            Some((0, deed)) => Some(deed),
            Some((looks, deed)) => {
                *next = Some((looks - 1, deed));
                None
            }
            None => None,
        };
        drop(next);
        if let Some(deed) = due {
            deed();
        }
        self.clock.now()
    }

    fn steady(&self) -> Duration {
        self.clock.steady()
    }
}

/// What somebody does to the tree `top`, in which there is `b`.
#[derive(Clone, Copy, Debug)]
enum Act {
    Add,
    AddBelow,
    Change,
    Remove,
    MakeFolder,
    SetProperty,
    RenameBelow,
}

const ACTS: [Act; 7] =
    [Act::Add, Act::AddBelow, Act::Change, Act::Remove, Act::MakeFolder, Act::SetProperty, Act::RenameBelow];

/// What becomes of the source.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Goes,
    Stays,
}

/// Anna's and Ben's drives; Anna manages both.
struct Scene {
    bed: Bed,
    anna: Asker,
    ben: Asker,
    nudge: Arc<Nudge>,
    /// The one that moves and copies, by that clock.
    mover: Office,
}

impl Scene {
    async fn embedded() -> Self {
        let Bed { store, folder, .. } = Bed::new().await;
        Self::over(store, folder).await
    }

    async fn over(store: Arc<dyn Store>, folder: TempDir) -> Self {
        let bed = Bed::over(store.clone(), folder, policy()).await;
        let (anna, ben) = (bed.user("anna").await, bed.user("ben").await);
        bed.office.need_drive(&anna, "anna").await.unwrap();
        bed.office.need_drive(&ben, "ben").await.unwrap();
        let to = Grantee::Account(anna.principal.id);
        let rights = Role::Manager.rights().union(Rights::of(&[Right::CreateCollection, Right::Private]));
        let grants = vec![Grant { grantee: to, rights }];
        bed.office.set_root_grants(&ben, &ben.principal, grants).await.unwrap();
        let nudge = Arc::new(Nudge { clock: bed.clock.clone(), deed: Mutex::new(None) });
        let chance = Arc::new(SeededChance::new(77));
        let parts = Parts { store, clock: nudge.clone(), chance, policy: policy() };
        let mover = Office::open(parts).await.unwrap();
        Self { bed, anna, ben, nudge, mover }
    }

    async fn at(&self, owner: &str, path: &str) -> Place {
        at(&self.bed.office, &self.anna, owner, path).await.unwrap()
    }

    async fn tree(&self, top: &str) {
        let (office, anna) = (&self.bed.office, &self.anna);
        for (above, name) in [("", top.to_owned()), (top, "b".to_owned())] {
            let above = self.at("anna", above).await;
            office.create_folder(anna, &above, collection(&name), Properties::new()).await.unwrap();
        }
        for folder in [top.to_owned(), format!("{top}/b")] {
            for name in ["one", "two"] {
                write(office, anna, &folder, name, "early").await.unwrap();
            }
        }
    }

    /// All that is in a tree, and what is said about it.
    async fn told(&self, owner: &str, path: &str) -> Vec<String> {
        let mut told = Vec::new();
        let mut next = vec![(path.to_owned(), "top".to_owned())];
        while let Some((path, name)) = next.pop() {
            let at = self.at(owner, &path).await;
            told.push(format!("{name}/ {:?}", at.collection.properties));
            let page = self.bed.office.page(&self.anna, &at, None, 100, Select::Body).await.unwrap();
            for one in page.items {
                let below = format!("{name}/{}", one.meta.name);
                match one.meta.folder {
                    Some(_) => next.push((format!("{path}/{}", one.meta.name), below)),
                    None => told.push(format!("{below} {:?}", one.body)),
                }
            }
        }
        told.sort();
        told
    }

    async fn carry(&self, from: &Place, to: Within<'_>, name: &str, fate: Fate) -> Result<Place> {
        let name = collection(name);
        match fate {
            Fate::Goes => self.mover.relocate_collection(&self.anna, from, to, &name, false).await,
            Fate::Stays => self.mover.copy_collection(&self.anna, from, to, &name, false).await,
        }
    }

    /// Moves or copies a tree while somebody does that after so many looks; whether there were so many.
    async fn round(&self, act: Act, fate: Fate, looks: usize) -> bool {
        let (top, twin) = (format!("{act:?}{fate:?}{looks}"), format!("{act:?}{fate:?}{looks}twin"));
        self.tree(&top).await;
        self.tree(&twin).await;
        apply(&self.bed.office, &self.anna, &twin, act).await.unwrap();
        let (office, anna, path) = (self.bed.office.clone(), self.anna.clone(), top.clone());
        let deed = async move { apply(&office, &anna, &path, act).await.unwrap() };
        self.nudge.set(looks, meanwhile(deed));
        let from = self.at("anna", &top).await;
        let to = self.at("ben", "").await;
        self.carry(&from, Within::from(&to), &top, fate).await.unwrap();
        if self.nudge.idle() {
            return false;
        }
        let (expected, got) = (self.told("anna", &twin).await, self.told("ben", &top).await);
        assert_eq!(got, expected, "{act:?} before look {looks}, and the tree {fate:?}");
        true
    }

    async fn all(&self) {
        for fate in [Fate::Goes, Fate::Stays] {
            for act in ACTS {
                let mut looks = 0;
                while self.round(act, fate, looks).await {
                    looks += 1;
                }
                assert!(looks > 1, "it looked at the clock while it read, and when it wrote: {looks}");
            }
        }
    }
}

/// Does it, and only then goes on.
fn meanwhile(deed: impl Future<Output = ()> + Send + 'static) -> Deed {
    let deed: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(deed);
    let handle = Handle::current();
    Box::new(move || std::thread::spawn(move || handle.block_on(deed)).join().unwrap())
}

async fn at(office: &Office, who: &Asker, owner: &str, path: &str) -> Result<Place> {
    let path = if path.is_empty() { DRIVE.to_owned() } else { format!("{DRIVE}/{path}") };
    office.place(who, owner, FILES, &path).await
}

async fn write(office: &Office, who: &Asker, folder: &str, name: &str, text: &str) -> Result<()> {
    let at = at(office, who, "anna", folder).await?;
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let put = Put { media_type: "text/plain", bytes, expect: Expect::Any };
    office.put(who, &at, &item(name), put).await.map(drop)
}

async fn apply(office: &Office, who: &Asker, top: &str, act: Act) -> Result<()> {
    let (here, below) = (at(office, who, "anna", top).await?, format!("{top}/b"));
    match act {
        Act::Add => write(office, who, top, "late", "late").await,
        Act::AddBelow => write(office, who, &below, "late", "late").await,
        Act::Change => write(office, who, &below, "one", "late").await,
        Act::Remove => office.remove(who, &here, &item("one"), Expect::Any).await,
        Act::MakeFolder => {
            office.create_folder(who, &here, collection("late"), Properties::new()).await.map(drop)
        }
        Act::SetProperty => {
            let changes = vec![(PropertyKey::new("color"), Some(b"late".to_vec()))];
            office.set_collection_properties(who, &here, changes).await
        }
        Act::RenameBelow => {
            let below = at(office, who, "anna", &below).await?;
            office.relocate_collection(who, &below, &here, &collection("late"), false).await.map(drop)
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_while_a_tree_goes_to_another_account_goes_along() {
    Scene::embedded().await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_too() {
    Scene::over(crate::nodes::store().await, TempDir::new().unwrap()).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_put_while_its_calendar_goes_away_goes_along() {
    let scene = Scene::embedded().await;
    for looks in 0.. {
        let from = scene.bed.place(&scene.anna, &scene.anna, "default").await.unwrap();
        let (office, anna, at) = (scene.bed.office.clone(), scene.anna.clone(), from.clone());
        let deed = async move {
            let bytes = Bytes::from(event("late", 1));
            let put = Put { media_type: "", bytes, expect: Expect::Any };
            office.put(&anna, &at, &item("late.ics"), put).await.unwrap();
        };
        scene.nudge.set(looks, meanwhile(deed));
        let moved = scene.carry(&from, Within::from("ben"), &format!("c{looks}"), Fate::Goes).await.unwrap();
        if scene.nudge.idle() {
            assert!(looks > 1, "{looks}");
            break;
        }
        scene.bed.office.item(&scene.anna, &moved, &item("late.ics")).await.unwrap();
        let back = scene.carry(&moved, Within::from("anna"), "default", Fate::Goes).await.unwrap();
        scene.bed.office.remove(&scene.anna, &back, &item("late.ics"), Expect::Any).await.unwrap();
    }
    assert!(scene.bed.office.place(&scene.ben, "anna", CALENDARS, "default").await.is_err());
}

/// What is allowed by a look at the text is allowed for that text only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_changes_while_it_is_carried_is_looked_at_again() {
    let scene = Scene::embedded().await;
    let (bed, anna, ben) = (&scene.bed, &scene.anna, &scene.ben);
    let new = NewCollection {
        kind: Kind::Calendar,
        name: collection("mixed"),
        components: Components::NONE,
        properties: Properties::new(),
    };
    let here = bed.office.create_collection(anna, "anna", new).await.unwrap();
    let to = Grantee::Account(ben.principal.id);
    let grants = vec![Grant { grantee: to, rights: Role::Reader.rights() }];
    bed.office.set_grants(anna, &here, Some(grants)).await.unwrap();
    let becomes = |name: &'static str, text: String| {
        let (office, anna, here) = (bed.office.clone(), anna.clone(), here.clone());
        meanwhile(async move {
            let put = Put { media_type: "", bytes: Bytes::from(text), expect: Expect::Any };
            office.put(&anna, &here, &item(name), put).await.unwrap();
        })
    };
    // A task becomes an event on its way to a list of tasks.
    let (name, tasks) = (item("a.ics"), bed.place(anna, ben, "tasks").await.unwrap());
    bed.put(anna, &here, "a.ics", &task("a"), Expect::Absent).await.unwrap();
    scene.nudge.set(0, becomes("a.ics", event("a", 1)));
    let done = scene.mover.relocate(anna, (&here, &name), Expect::Any, (&tasks, &name), false).await;
    assert!(!scene.nudge.idle());
    assert!(matches!(done, Err(Error::Invalid { rule: Rule::Component, .. })), "{done:?}");
    // Something becomes private while somebody copies it who may not see that.
    let at = bed.place(ben, ben, "default").await.unwrap();
    let from = bed.place(ben, anna, "mixed").await.unwrap();
    let name = item("b.ics");
    bed.put(anna, &here, "b.ics", &event("b", 1), Expect::Absent).await.unwrap();
    scene.nudge.set(0, becomes("b.ics", event("b", 1).replace("SUMMARY:b", "CLASS:PRIVATE\r\nSUMMARY:b")));
    let done = scene.mover.copy(ben, (&from, &name), Expect::Present, (&at, &name), false).await;
    assert!(!scene.nudge.idle());
    assert_eq!(done.map(drop), Err(Error::Forbidden { right: Right::Private }));
    assert_eq!(bed.office.item(ben, &at, &name).await.map(drop), Err(Error::NotFound));
}

/// Who never stops is not waited for, and keeps all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tree_that_never_stands_still_stays_where_it_is() {
    let scene = Scene::embedded().await;
    scene.tree("top").await;
    let count = Arc::new(AtomicUsize::new(0));
    restless(&scene, count.clone());
    let (from, to) = (scene.at("anna", "top").await, scene.at("ben", "").await);
    let done = scene.carry(&from, Within::from(&to), "top", Fate::Goes).await.map(drop);
    assert_eq!(done, Err(Error::Busy { retry_after: 1 }));
    assert!(at(&scene.bed.office, &scene.anna, "ben", "top").await.is_err());
    let (told, last) = (scene.told("anna", "top").await, count.load(Ordering::Relaxed) - 1);
    assert_eq!(told.len(), 7, "{told:?}");
    assert!(told.contains(&format!("top/b/late b\"{last}\"")), "{told:?} {last}");
}

/// A file changes at each look from now on.
fn restless(scene: &Scene, count: Arc<AtomicUsize>) {
    let (office, anna) = (scene.bed.office.clone(), scene.anna.clone());
    let (nudge, handle) = (scene.nudge.clone(), Handle::current());
    again(
        &nudge.clone(),
        Arc::new(move || {
            let (office, anna, count) = (office.clone(), anna.clone(), count.clone());
            let deed = async move {
                let text = count.fetch_add(1, Ordering::Relaxed).to_string();
                write(&office, &anna, "top/b", "late", &text).await.unwrap();
            };
            let handle = handle.clone();
            std::thread::spawn(move || handle.block_on(deed)).join().unwrap();
        }),
    );
}

fn again(nudge: &Arc<Nudge>, deed: Arc<dyn Fn() + Send + Sync>) {
    let next = nudge.clone();
    nudge.set(
        0,
        Box::new(move || {
            deed();
            again(&next, deed);
        }),
    );
}
