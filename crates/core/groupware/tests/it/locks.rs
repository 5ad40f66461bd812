//! Locks: whom they keep out of what, for how long, and that there are not too many.

use crate::bed::{Bed, collection, item, policy};
use bytes::Bytes;
use kontor_groupware::{Asker, DRIVE, Expect, Locked, NewLock, Place, Put};
use kontor_model::{
    Error, Grant, Grantee, Kind, Properties, PropertyKey, Reach, Result, Right, Rights, Role, Rule, Sharing,
};
use std::time::Duration;

const FILES: &[Kind] = &[Kind::Files];

/// Anna's drive, in which Ben may do everything, with the folders `a`, `a/b` and `c`, and a file in each.
struct Drive {
    bed: Bed,
    anna: Asker,
    ben: Asker,
}

impl Drive {
    async fn new() -> Self {
        let mut policy = policy();
        policy.limits.max_locks = 6;
        let bed = Bed::with(policy).await;
        let (anna, ben) = (bed.user("anna").await, bed.user("ben").await);
        bed.office.need_drive(&anna, "anna").await.unwrap();
        let drive = Self { bed, anna, ben };
        let top = drive.at("").await;
        let rights = Role::Manager.rights().union(Rights::of(&[Right::Private]));
        let grants = Some(vec![Grant { grantee: Grantee::Account(drive.ben.principal.id), rights }]);
        drive.bed.office.set_grants(&drive.anna, &top, grants).await.unwrap();
        for (above, name) in [("", "a"), ("a", "b"), ("", "c")] {
            let at = drive.at(above).await;
            drive
                .bed
                .office
                .create_folder(&drive.anna, &at, collection(name), Properties::new())
                .await
                .unwrap();
        }
        for folder in ["", "a", "a/b", "c"] {
            drive.write(&drive.anna, folder, "file.txt").await.unwrap();
        }
        drive
    }

    async fn at(&self, path: &str) -> Place {
        let path = if path.is_empty() { DRIVE.to_owned() } else { format!("{DRIVE}/{path}") };
        self.bed.office.place(&self.anna, "anna", FILES, &path).await.unwrap()
    }

    async fn write(&self, who: &Asker, folder: &str, name: &str) -> Result<()> {
        let at = self.at(folder).await;
        let put = Put { media_type: "", bytes: Bytes::from_static(b"text"), expect: Expect::Any };
        self.bed.office.put(who, &at, &item(name), put).await.map(drop)
    }

    /// Takes a lock; the asker with its token.
    async fn lock(&self, who: &Asker, path: &str, name: &str, new: NewLock) -> Result<(Asker, Locked)> {
        let at = self.at(path).await;
        let name = (!name.is_empty()).then(|| item(name));
        let locked = self.bed.office.lock(who, &at, name.as_ref(), new).await?;
        Ok((who.clone().showing(vec![locked.lock.token]), locked))
    }

    /// Each verb in the folder `a/b`, or with it: what it was told.
    async fn all(&self, who: &Asker) -> Vec<(&'static str, Result<()>)> {
        let office = &self.bed.office;
        let (top, above, at, c) =
            (self.at("").await, self.at("a").await, self.at("a/b").await, self.at("c").await);
        let (file, new, here) = (item("file.txt"), item("new.txt"), Expect::Any);
        let changes = vec![(PropertyKey::new("{n}x"), Some(b"1".to_vec()))];
        let mut done = vec![("put", self.write(who, "a/b", "file.txt").await)];
        done.push(("put new", self.write(who, "a/b", "new.txt").await));
        done.push(("remove", office.remove(who, &at, &new, here).await));
        done.push(("properties", office.set_item_properties(who, &at, &file, changes.clone()).await));
        done.push(("properties of it", office.set_collection_properties(who, &at, changes).await));
        done.push(("copy to", office.copy(who, (&c, &file), here, (&at, &file), true).await.map(drop)));
        let moved = office.relocate(who, (&at, &file), here, (&c, &new), true).await;
        done.push(("move from", moved.map(drop)));
        let moved = office.relocate(who, (&c, &new), here, (&at, &file), true).await;
        done.push(("move to", moved.map(drop)));
        let made = office.create_folder(who, &at, collection("deep"), Properties::new()).await;
        done.push(("make in", made.map(drop)));
        let renamed = office.relocate_collection(who, &at, &top, &collection("b"), false).await;
        done.push(("move it", renamed.map(drop)));
        if done.last().is_some_and(|(_, done)| done.is_ok()) {
            let at = self.at("b").await;
            office.relocate_collection(who, &at, &above, &collection("b"), false).await.unwrap();
        }
        done.push(("list", office.set_grants(who, &at, None).await));
        done
    }
}

fn exclusive(reach: Reach) -> NewLock {
    NewLock { sharing: Sharing::Exclusive, reach, about: b"me".to_vec(), time: Duration::from_secs(600) }
}

fn shared() -> NewLock {
    NewLock { sharing: Sharing::Shared, ..exclusive(Reach::Alone) }
}

/// The verbs that were kept out.
fn kept_out(done: &[(&'static str, Result<()>)]) -> Vec<&'static str> {
    let locked = done.iter().filter(|(_, done)| *done == Err(Error::Locked));
    locked.map(|(verb, _)| *verb).collect()
}

#[tokio::test]
async fn a_deep_lock_keeps_everybody_else_out_of_everything_below() {
    let drive = Drive::new().await;
    let (holder, _) = drive.lock(&drive.ben, "a", "", exclusive(Reach::Deep)).await.unwrap();
    let token = |of: &Asker| drive.anna.clone().showing(vec![of_token(of)]);
    for other in [&drive.anna, &drive.ben, &token(&holder)] {
        let done = drive.all(other).await;
        assert_eq!(kept_out(&done).len(), done.len(), "{done:?}");
    }
    assert_eq!(kept_out(&drive.all(&holder).await), [""; 0]);
    drive.write(&drive.anna, "c", "file.txt").await.unwrap();
    assert_eq!(drive.write(&drive.anna, "a", "file.txt").await, Err(Error::Locked));
}

fn of_token(asker: &Asker) -> u128 {
    asker.tokens().first().copied().unwrap()
}

#[tokio::test]
async fn a_lock_on_a_folder_alone_keeps_its_members_together() {
    let drive = Drive::new().await;
    let (holder, _) = drive.lock(&drive.ben, "a/b", "", exclusive(Reach::Alone)).await.unwrap();
    let kept = kept_out(&drive.all(&drive.anna).await);
    let expected = [
        "put new",
        "remove",
        "properties of it",
        "copy to",
        "move from",
        "move to",
        "make in",
        "move it",
        "list",
    ];
    assert_eq!(kept, expected, "what is there may be changed");
    assert_eq!(kept_out(&drive.all(&holder).await), [""; 0]);
}

#[tokio::test]
async fn a_lock_on_a_file_keeps_it_as_it_is_and_the_tree_in_place() {
    let drive = Drive::new().await;
    let (holder, locked) = drive.lock(&drive.ben, "a/b", "file.txt", exclusive(Reach::Alone)).await.unwrap();
    assert!(!locked.created);
    let kept = kept_out(&drive.all(&drive.anna).await);
    assert_eq!(kept, ["put", "properties", "copy to", "move from", "move to", "move it"]);
    let top = drive.at("a").await;
    assert_eq!(drive.bed.office.remove_collection(&drive.anna, &top).await, Err(Error::Locked));
    drive.bed.office.remove_collection(&holder, &top).await.unwrap();
    // The lock went with it.
    let root = drive.at("").await;
    assert!(drive.bed.store.shelf(root.collection.account).await.unwrap().locks.is_empty());
}

#[tokio::test]
async fn locks_stand_beside_each_other_if_all_are_shared() {
    let drive = Drive::new().await;
    let refused = async |path: &str, name: &str, new: NewLock| {
        let done = drive.lock(&drive.anna, path, name, new).await;
        assert_eq!(done.map(drop), Err(Error::Locked), "{path} {name}");
    };
    let (ben, _) = drive.lock(&drive.ben, "a/b", "file.txt", shared()).await.unwrap();
    refused("a/b", "file.txt", exclusive(Reach::Alone)).await;
    refused("a", "", exclusive(Reach::Deep)).await;
    let (anna, _) = drive.lock(&drive.anna, "a/b", "file.txt", shared()).await.unwrap();
    for holder in [&anna, &ben] {
        drive.write(holder, "a/b", "file.txt").await.unwrap();
    }
    assert_eq!(drive.write(&drive.anna, "a/b", "file.txt").await, Err(Error::Locked));
    drive.lock(&drive.anna, "c", "", exclusive(Reach::Deep)).await.unwrap();
    refused("c", "file.txt", shared()).await;
    // A folder alone does not reach into it.
    drive.lock(&drive.anna, "a/b", "", exclusive(Reach::Alone)).await.unwrap();
}

#[tokio::test]
async fn a_lock_ends_by_itself_unless_it_is_renewed() {
    let drive = Drive::new().await;
    let at = drive.at("a").await;
    let name = item("file.txt");
    let time = NewLock { time: Duration::MAX, ..exclusive(Reach::Alone) };
    let (holder, locked) = drive.lock(&drive.ben, "a", "file.txt", time).await.unwrap();
    let now = drive.bed.office.now();
    assert_eq!(locked.lock.until, now.plus_millis(3_600_000), "no longer than the server allows");
    drive.bed.pass_s(3_000);
    let renew = |who: Asker| {
        let (office, at, name) = (drive.bed.office.clone(), at.clone(), name.clone());
        async move { office.renew_lock(&who, &at, Some(&name), Duration::from_secs(900)).await }
    };
    assert_eq!(renew(drive.ben.clone()).await, Err(Error::Stale { have: None }), "without its token");
    renew(holder.clone()).await.unwrap();
    drive.bed.pass_s(899);
    assert_eq!(drive.write(&drive.anna, "a", "file.txt").await, Err(Error::Locked));
    drive.bed.pass_s(1);
    drive.write(&drive.anna, "a", "file.txt").await.unwrap();
    assert_eq!(renew(holder).await, Err(Error::Stale { have: None }));
}

#[tokio::test]
async fn what_is_not_there_is_locked_as_something_empty() {
    let drive = Drive::new().await;
    let (holder, locked) = drive.lock(&drive.ben, "a", "new.txt", exclusive(Reach::Alone)).await.unwrap();
    assert!(locked.created);
    let at = drive.at("a").await;
    let found = drive.bed.office.item(&drive.anna, &at, &item("new.txt")).await.unwrap();
    assert_eq!(found.body, "");
    assert_eq!(drive.write(&drive.anna, "a", "new.txt").await, Err(Error::Locked));
    drive.write(&holder, "a", "new.txt").await.unwrap();
}

#[tokio::test]
async fn locks_are_bounded_and_given_back() {
    let drive = Drive::new().await;
    let mut tokens = Vec::new();
    for n in 0..6 {
        let (_, locked) =
            drive.lock(&drive.ben, "a", &format!("{n}"), exclusive(Reach::Alone)).await.unwrap();
        tokens.push(locked.lock.token);
    }
    let more = drive.lock(&drive.ben, "a", "more", exclusive(Reach::Alone)).await;
    assert_eq!(more.map(drop), Err(Error::TooLarge { limit: "max_locks", max: 6 }));
    let (at, office) = (drive.at("a").await, &drive.bed.office);
    let elsewhere = office.unlock(&drive.ben, &at, Some(&item("1")), tokens[0]).await;
    assert!(matches!(elsewhere, Err(Error::Invalid { rule: Rule::Location, .. })), "{elsewhere:?}");
    office.unlock(&drive.ben, &at, Some(&item("0")), tokens[0]).await.unwrap();
    // Whose drive it is can open what others locked; others cannot.
    office.unlock(&drive.anna, &at, Some(&item("1")), tokens[1]).await.unwrap();
    let carl = drive.bed.user("carl").await;
    let nobody = office.unlock(&carl, &at, Some(&item("2")), tokens[2]).await;
    assert_eq!(nobody, Err(Error::NotFound));
    drive.lock(&drive.ben, "a", "more", exclusive(Reach::Alone)).await.unwrap();
}
