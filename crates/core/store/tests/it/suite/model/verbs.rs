//! Random verbs on a few names, so that they meet often.

use super::office::Office;
use crate::suite::world::{ANNA, BERT, collection, create, item_name};
use bytes::Bytes;
use kontor_model::{
    AccountId, CollectionId, CollectionName, Grant, Grantee, ItemId, Kind, Lock, PropertyKey, Reach, Role,
    Sharing, Span, Timestamp, Version,
};
use kontor_store::{Body, Expect, Facets, Op, Remains, Source};

/// What items are called.
pub(super) const NAMES: [&str; 8] = ["a", "b", "c", "d", "E", "f.ics", "\u{e4}", "x"];

/// splitmix64.
pub(in crate::suite) struct Dice {
    state: u64,
    next_id: i64,
}

impl Dice {
    pub(in crate::suite) fn new(seed: u64) -> Self {
        Self { state: seed, next_id: 1_000 }
    }

    pub(in crate::suite) fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    pub(in crate::suite) fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub(in crate::suite) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let at = self.below(from.len());
        from[at].clone()
    }

    fn id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }

    /// Mostly one op, sometimes some.
    pub(super) fn ops(&mut self, office: &Office) -> Vec<Op> {
        if office.accounts.is_empty() {
            return vec![create(ANNA, "anna"), create(BERT, "bert")];
        }
        if self.one_in(12)
            && let Some(ops) = self.take_back(office)
        {
            return ops;
        }
        let many = if self.one_in(4) { 2 + self.below(3) } else { 1 };
        (0..many).map(|_| self.op(office)).collect()
    }

    /// Puts again what was removed, under any name of any collection of its account.
    fn take_back(&mut self, office: &Office) -> Option<Vec<Op>> {
        let all = office.past.all();
        let past = if all.is_empty() { return None } else { self.pick(&all) };
        let at = Source { account: past.account, ..self.source(office) };
        let body = past.thing.body.clone();
        let put =
            Op::Put { at: at.clone(), expect: Expect::Absent, new_id: ItemId(self.id()), body, part: false };
        Some(vec![put, Op::TakeBack { item: past.thing.id, number: past.number, at }])
    }

    fn op(&mut self, office: &Office) -> Op {
        let (from, to) = (self.source(office), self.source(office));
        let (expect, target) = (self.expect(office, &from), self.expect(office, &to));
        let new_id = ItemId(self.id());
        match self.below(27) {
            0..=8 => Op::Put { at: to, expect: target, new_id, body: self.body(), part: self.one_in(4) },
            9..=11 => Op::Remove { at: from, expect },
            12..=14 => Op::Relocate { from, expect, to, target, new_id },
            15..=16 => Op::Copy { from, expect, to, target, new_id },
            17..=18 => Op::SetItemProperties { at: from, changes: self.changes() },
            19 | 20 => self.new_collection(office),
            21 => {
                let (account, collection, changes) = (from.account, from.collection, self.changes());
                Op::SetCollectionProperties { account, collection, changes }
            }
            22 => self.rare(office, &from),
            26 if self.one_in(2) => self.undo(office),
            23 => Op::SetLock { account: from.account, lock: Box::new(self.lock(&from)) },
            24 => Op::DropLocks { account: from.account, tokens: vec![u128::MAX, self.token()] },
            25 => {
                let (account, collection) = (from.account, from.collection);
                let version = office.collections.get(&(account, collection)).map_or(0, |place| place.version);
                let behind = i64::from(self.one_in(3));
                Op::Unmoved { account, collection, version: Version(version - behind) }
            }
            _ => Op::SetGrants {
                account: from.account,
                collection: (!self.one_in(3)).then_some(from.collection),
                grants: self.grants(),
            },
        }
    }

    /// One of a few, the largest and the smallest among them.
    fn token(&mut self) -> u128 {
        self.pick(&[0, 1, 7, u128::MAX])
    }

    fn lock(&mut self, at: &Source) -> Lock {
        Lock {
            token: self.token(),
            collection: at.collection,
            name: self.one_in(2).then(|| at.name.clone()),
            reach: self.pick(&[Reach::Alone, Reach::Deep]),
            sharing: self.pick(&[Sharing::Shared, Sharing::Exclusive]),
            holder: BERT,
            about: vec![7; self.below(5)],
            until: Timestamp::from_millis(i64::try_from(self.below(9)).unwrap()),
        }
    }

    fn rare(&mut self, office: &Office, at: &Source) -> Op {
        let (account, collection) = (at.account, at.collection);
        match self.below(6) {
            0 => return Op::RemoveCollection { account, collection, remains: Remains::Nothing },
            1 | 2 => return Op::RemoveCollection { account, collection, remains: Remains::Trash },
            _ => {}
        }
        let parent = self.source(office).collection;
        let parent = self.one_in(2).then_some(parent);
        Op::RenameCollection { account, collection, parent, name: self.collection_name() }
    }

    /// Mostly of what is in the trash.
    fn undo(&mut self, office: &Office) -> Op {
        let trash: Vec<_> = office.trash.keys().copied().collect();
        let nothing = trash.is_empty() || self.one_in(20);
        let (account, root) = if nothing { (ANNA, CollectionId(7)) } else { self.pick(&trash) };
        if self.one_in(4) {
            return Op::PurgeCollection { account, root };
        }
        // Below where it was, if that is there; or elsewhere, seldom within what is in the trash too.
        let about = office.trash.get(&(account, root)).map(|tree| tree.places[0].about.clone());
        let elsewhere = self.source(office).collection;
        let parent = match about.as_ref().map(|about| about.parent) {
            Some(parent) if !self.one_in(3) => parent,
            _ => self.one_in(2).then_some(elsewhere),
        };
        let name = about.filter(|_| !self.one_in(3)).map(|about| about.name);
        Op::RestoreCollection { account, root, parent, name: name.unwrap_or_else(|| self.collection_name()) }
    }

    fn new_collection(&mut self, office: &Office) -> Op {
        let account = self.pick(&[ANNA, ANNA, BERT]);
        let kind = self.pick(&[Kind::Calendar, Kind::Contacts, Kind::Files]);
        let mut new = collection(account, CollectionId(self.id()), "x", kind);
        new.name = self.collection_name();
        let parents: Vec<_> = office.collections.keys().filter(|(owner, _)| *owner == account).collect();
        new.parent = (!parents.is_empty() && self.one_in(4)).then(|| self.pick(&parents).1);
        new.properties.extend(self.changes().into_iter().filter_map(|(key, value)| Some((key, value?))));
        Op::CreateCollection(Box::new(new))
    }

    fn collection_name(&mut self) -> CollectionName {
        CollectionName::new(self.pick(&["x", "y", "z"])).unwrap()
    }

    /// Mostly a place that is there, seldom one that is not.
    fn source(&mut self, office: &Office) -> Source {
        let places: Vec<(AccountId, CollectionId)> = office.collections.keys().copied().collect();
        let nowhere = places.is_empty() || self.one_in(50);
        let (account, collection) = if nowhere { (ANNA, CollectionId(7)) } else { self.pick(&places) };
        Source { account, collection, name: item_name(self.pick(&NAMES)) }
    }

    fn expect(&mut self, office: &Office, at: &Source) -> Expect {
        let place = office.collections.get(&(at.account, at.collection));
        let thing = place.and_then(|place| place.items.get(&at.name));
        match self.below(8) {
            0 => Expect::Absent,
            1 => Expect::Present,
            2 => Expect::Exactly(ItemId(1_001), Version(1)),
            3 => thing.map_or(Expect::Any, |thing| Expect::Exactly(thing.id, Version(thing.revision))),
            _ => Expect::Any,
        }
    }

    fn body(&mut self) -> Body {
        let length = self.pick(&[0, 1, 3, 3, 10, 40, 65_536, 65_537, 100_000]);
        let byte = u8::try_from(self.below(256)).unwrap();
        let uid = (!self.one_in(4)).then(|| format!("u{}", self.below(6)));
        let facets = Facets {
            uid,
            components: u8::try_from(self.below(4)).unwrap(),
            span: self.span(),
            timeline: vec![byte; self.below(40)],
            folded: if self.one_in(2) { vec![byte; 1 + self.below(60)] } else { Vec::new() },
        };
        let media_type = self.pick(&["text/calendar", "text/vcard; charset=utf-8"]).to_owned();
        Body { media_type, content: Bytes::from(vec![byte; length]).into(), facets }
    }

    fn span(&mut self) -> Option<Span> {
        let first = i64::try_from(self.below(100)).unwrap() * 10_000;
        let length = self.pick(&[0, 1, 3_600, 86_400, 500_000]);
        match self.below(6) {
            0 => None,
            1 => Some(Span { first, last: i64::MAX }),
            2 => Some(Span { first: i64::MIN, last: first }),
            _ => Some(Span { first, last: first + length }),
        }
    }

    fn changes(&mut self) -> Vec<(PropertyKey, Option<Vec<u8>>)> {
        let one = |dice: &mut Self| {
            let value = (!dice.one_in(3)).then(|| vec![7; dice.below(20)]);
            (PropertyKey::new(dice.pick(&["color", "{n}p", "{n}q"])), value)
        };
        (0..=self.below(3)).map(|_| one(self)).collect()
    }

    fn grants(&mut self) -> Option<Vec<Grant>> {
        let one = |dice: &mut Self| Grant {
            grantee: dice.pick(&[Grantee::Everyone, Grantee::Public, Grantee::Account(BERT)]),
            rights: dice.pick(&Role::ALL).rights(),
        };
        (!self.one_in(4)).then(|| (0..self.below(4)).map(|_| one(self)).collect())
    }
}
