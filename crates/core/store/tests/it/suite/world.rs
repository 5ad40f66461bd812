//! A store with two accounts and some collections, and short words to act on it.

use bytes::Bytes;
use kontor_model::{
    AccountId, AccountName, Actor, AdminLevel, Collection, CollectionId, CollectionName, Components, Item,
    ItemId, ItemMeta, ItemName, Kind, Origin, Principal, PrincipalKind, Properties, Result, Span, Timestamp,
    Version,
};
use kontor_store::{Body, Done, Expect, Facets, Op, Receipt, Select, Source, Store, Write};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) const ANNA: AccountId = AccountId(11);
pub(crate) const BERT: AccountId = AccountId(22);
pub(crate) const WORK: CollectionId = CollectionId(101);
pub(crate) const HOME: CollectionId = CollectionId(102);
pub(crate) const CARDS: CollectionId = CollectionId(103);
pub(crate) const BERTS: CollectionId = CollectionId(201);

/// The folded texts of a collection, by name: what a look-up by text that accepts everything gets to see.
pub(crate) async fn texts(
    store: &Arc<dyn Store>,
    account: AccountId,
    collection: CollectionId,
) -> Result<Vec<(ItemMeta, Vec<u8>)>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let test = move |text: &[u8]| {
        noted.lock().unwrap().push(text.to_vec());
        true
    };
    let page = store.matching(account, collection, Box::new(test), None, 1_000_000, Select::Meta).await?;
    assert!(!page.more);
    let texts = std::mem::take(&mut *seen.lock().unwrap());
    Ok(page.items.into_iter().map(|item| item.meta).zip(texts).collect())
}

pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    now: AtomicI64,
    ids: AtomicI64,
}

impl World {
    /// Anna with calendars `work` and `home` and an address book `cards`; Bert with a calendar `berts`.
    pub(crate) async fn new(store: Arc<dyn Store>) -> Self {
        let world = Self::again(store);
        world.write(vec![create(ANNA, "anna"), create(BERT, "bert")]).await.unwrap();
        let make =
            |account, id, name, kind| Op::CreateCollection(Box::new(collection(account, id, name, kind)));
        let ops = vec![
            make(ANNA, WORK, "work", Kind::Calendar),
            make(ANNA, HOME, "home", Kind::Calendar),
            make(ANNA, CARDS, "cards", Kind::Contacts),
            make(BERT, BERTS, "berts", Kind::Calendar),
        ];
        world.write(ops).await.unwrap();
        world
    }

    /// The same when all that is there already.
    pub(crate) fn again(store: Arc<dyn Store>) -> Self {
        // The time in the upper bits: ids of a later process are others.
        let ids = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
        let ids = AtomicI64::new(i64::try_from(ids).unwrap() << 20);
        Self { store, now: AtomicI64::new(1_000_000), ids }
    }

    /// Milliseconds; each write has its own.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    pub(crate) fn id(&self) -> ItemId {
        ItemId(self.ids.fetch_add(1, Ordering::SeqCst))
    }

    pub(crate) async fn write(&self, ops: Vec<Op>) -> Result<Receipt> {
        let at = Timestamp::from_millis(self.now.fetch_add(1, Ordering::SeqCst) + 1);
        let actor = Actor::Account(ANNA);
        self.store.write(Write { actor, origin: Origin::Dav, at, guards: Vec::new(), ops }).await
    }

    /// One op; what it did.
    pub(crate) async fn act(&self, op: Op) -> Result<Done> {
        Ok(self.write(vec![op]).await?.done.remove(0))
    }

    /// Puts a text with the UID `uid-NAME`, whatever is there.
    pub(crate) async fn put(&self, collection: CollectionId, name: &str, text: &str) -> (ItemId, Version) {
        let op = self.put_op(source(collection, name), Expect::Any, body(text, Some(&format!("uid-{name}"))));
        match self.act(op).await.unwrap() {
            Done::Item { id, revision, .. } => (id, revision),
            other => panic!("a put answered {other:?}"),
        }
    }

    pub(crate) fn put_op(&self, at: Source, expect: Expect, body: Body) -> Op {
        Op::Put { at, expect, new_id: self.id(), body, part: false }
    }

    pub(crate) async fn remove(&self, collection: CollectionId, name: &str) -> Version {
        match self.act(Op::Remove { at: source(collection, name), expect: Expect::Any }).await.unwrap() {
            Done::Removed { version } => version,
            other => panic!("a remove answered {other:?}"),
        }
    }

    pub(crate) async fn item(&self, collection: CollectionId, name: &str) -> Option<Item> {
        self.store.item(owner(collection), collection, &item_name(name)).await.unwrap()
    }

    pub(crate) async fn text(&self, collection: CollectionId, name: &str) -> Option<String> {
        let item = self.item(collection, name).await?;
        Some(String::from_utf8(item.body.to_vec()).unwrap())
    }

    pub(crate) async fn version(&self, collection: CollectionId) -> Version {
        self.store.version(owner(collection), collection).await.unwrap()
    }
}

pub(crate) fn owner(collection: CollectionId) -> AccountId {
    if collection == BERTS { BERT } else { ANNA }
}

pub(crate) fn source(collection: CollectionId, name: &str) -> Source {
    Source { account: owner(collection), collection, name: item_name(name) }
}

pub(crate) fn item_name(name: &str) -> ItemName {
    ItemName::new(name).unwrap()
}

pub(crate) fn body(text: &str, uid: Option<&str>) -> Body {
    let facets = Facets { uid: uid.map(str::to_owned), components: 1, ..Facets::default() };
    Body {
        media_type: "text/plain".to_owned(),
        content: Bytes::copy_from_slice(text.as_bytes()).into(),
        facets,
    }
}

pub(crate) fn body_at(first: i64, last: i64) -> Body {
    let mut body = body("timed", None);
    body.facets.span = Some(Span { first, last });
    body.facets.timeline = format!("{first}..{last}").into_bytes();
    body
}

pub(crate) fn principal(id: AccountId, name: &str) -> Principal {
    Principal {
        id,
        name: AccountName::new(name).unwrap(),
        kind: PrincipalKind::User,
        full_name: name.to_uppercase(),
        email: format!("{name}@example.org"),
        aliases: vec![format!("{name}@example.net")],
        active: true,
        admin: AdminLevel::None,
        hidden: false,
        created: Timestamp::from_secs(5),
    }
}

pub(crate) fn create(id: AccountId, name: &str) -> Op {
    Op::CreatePrincipal(Box::new(principal(id, name)))
}

pub(crate) fn collection(account: AccountId, id: CollectionId, name: &str, kind: Kind) -> Collection {
    Collection {
        account,
        id,
        parent: None,
        name: CollectionName::new(name).unwrap(),
        kind,
        components: if kind == Kind::Calendar { Components::EVENT } else { Components::NONE },
        created: Timestamp::from_secs(7),
        properties: Properties::new(),
    }
}
