//! What was replaced or removed, and bringing it back.

use crate::bed::{Bed, event, event_with, item, policy};
use bytes::Bytes;
use kontor_groupware::{Asker, End, Expect, History, Place, Put, Restored, Which};
use kontor_model::{Error, Grant, Grantee, ItemName, Kind, PropertyKey, Result, Right, Rights, Role, Rule};
use kontor_store::sqlite::{SqliteOptions, open};
use std::path::Path;
use tempfile::TempDir;

/// A bed on a store that keeps what was.
async fn bed() -> Bed {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
    let history = History { texts: 10, bytes: 1 << 30 };
    let store = open(folder.path(), &SqliteOptions { history, ..SqliteOptions::default() }).unwrap();
    Bed::over(store, folder, policy()).await
}

impl Bed {
    async fn text(&self, who: &Asker, at: &Place, name: &str) -> Result<String> {
        let found = self.office.item(who, at, &item(name)).await?;
        Ok(String::from_utf8(found.body.to_vec()).unwrap())
    }

    async fn past(&self, who: &Asker, at: &Place, name: &str) -> Result<Vec<(u64, End)>> {
        let history = self.office.history(who, at, &item(name)).await?;
        Ok(history.past.iter().map(|past| (past.meta.size, past.end)).collect())
    }

    async fn back(&self, who: &Asker, at: &Place, name: &str) -> Result<Restored> {
        self.office.restore(who, at, &item(name), Which::Latest, None).await
    }

    async fn remove(&self, who: &Asker, at: &Place, name: &str) -> Result<()> {
        self.office.remove(who, at, &item(name), Expect::Any).await
    }

    async fn share(&self, owner: &Asker, at: &Place, with: &Asker, rights: Rights) {
        let grant = Grant { grantee: Grantee::Account(with.principal.id), rights };
        self.office.set_grants(owner, at, Some(vec![grant])).await.unwrap();
    }
}

#[tokio::test]
async fn an_event_comes_back_and_is_found_again() {
    let bed = bed().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("a", 1), Expect::Any).await.unwrap();
    let changes = vec![(PropertyKey::new("{x}y"), Some(b"z".to_vec()))];
    bed.office.set_item_properties(&anna, &at, &item("a.ics"), changes).await.unwrap();
    bed.remove(&anna, &at, "a.ics").await.unwrap();
    let back = bed.back(&anna, &at, "a.ics").await.unwrap();
    assert_eq!((back.name, back.written.created), (item("a.ics"), true));
    assert_eq!(bed.text(&anna, &at, "a.ics").await.unwrap(), event("a", 1));
    let properties = bed.office.item_properties(&anna, &at, Some(&item("a.ics"))).await.unwrap();
    assert_eq!(properties, [(item("a.ics"), PropertyKey::new("{x}y"), b"z".to_vec())]);
    // Its UID is taken again, as it is found by it.
    let other = bed.put(&anna, &at, "b.ics", &event("a", 2), Expect::Any).await;
    assert!(matches!(other, Err(Error::Invalid { rule: Rule::UidConflict { .. }, .. })), "{other:?}");
    assert_eq!(bed.back(&anna, &at, "a.ics").await.unwrap_err(), Error::NotFound, "only once");
    assert_eq!(bed.past(&anna, &at, "a.ics").await.unwrap(), []);
    assert_eq!(bed.past(&anna, &at, "never.ics").await.unwrap_err(), Error::NotFound);
}

#[tokio::test]
async fn an_old_text_comes_back_and_that_can_be_undone() {
    let bed = bed().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    let first = bed.put(&anna, &at, "a.ics", &event("a", 1), Expect::Any).await.unwrap();
    let second = bed.put(&anna, &at, "a.ics", &event("a", 22), Expect::Any).await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("a", 333), Expect::Any).await.unwrap();
    let to = |revision| Which::Revision(revision);
    let name = item("a.ics");
    let back = bed.office.restore(&anna, &at, &name, to(first.revision), None).await.unwrap();
    assert_eq!((back.written.created, back.written.id, back.revision), (false, first.id, first.revision));
    assert_eq!(bed.text(&anna, &at, "a.ics").await.unwrap(), event("a", 1));
    // The latest that was replaced is the one from before.
    bed.back(&anna, &at, "a.ics").await.unwrap();
    assert_eq!(bed.text(&anna, &at, "a.ics").await.unwrap(), event("a", 333));
    let open = bed.office.open_past(&anna, &at, &name, to(second.revision)).await.unwrap();
    let piece = open.body.read(0..15).next().await.unwrap().unwrap();
    assert_eq!(piece, "BEGIN:VCALENDAR");
    // As one of its own it has the UID that the first still has.
    let copy = bed.office.restore(&anna, &at, &name, to(second.revision), Some(&item("copy.ics"))).await;
    let Err(Error::Invalid { rule: Rule::UidConflict { name: holder }, detail }) = copy else {
        panic!("{copy:?}")
    };
    assert!(holder == "a.ics" && detail.contains("a.ics"), "{detail}");
    let none = bed.office.restore(&anna, &at, &name, to(kontor_model::Version(9_999)), None).await;
    assert_eq!(none.unwrap_err(), Error::NotFound);
}

#[tokio::test]
async fn what_has_lost_its_name_gets_one_like_it() {
    let bed = bed().await;
    let anna = bed.user("anna").await;
    bed.office.need_drive(&anna, "anna").await.unwrap();
    let at = bed.office.place(&anna, "anna", &[Kind::Files], "files").await.unwrap();
    let put = async |name: &str, text: &str| {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        let put = Put { media_type: "text/plain", bytes, expect: Expect::Any };
        bed.office.put(&anna, &at, &item(name), put).await.unwrap();
    };
    let mut names: Vec<ItemName> = Vec::new();
    for text in ["one", "two", "three"] {
        put("offer.odt", text).await;
        bed.remove(&anna, &at, "offer.odt").await.unwrap();
    }
    put("offer.odt", "the present one").await;
    for text in ["three", "two", "one"] {
        let back = bed.back(&anna, &at, "offer.odt").await.unwrap();
        assert_eq!(bed.text(&anna, &at, back.name.as_str()).await.unwrap(), text);
        names.push(back.name);
    }
    let names: Vec<_> = names.iter().map(ItemName::as_str).collect();
    assert_eq!(names, ["offer (restored).odt", "offer (restored 2).odt", "offer (restored 3).odt"]);
    assert_eq!(bed.text(&anna, &at, "offer.odt").await.unwrap(), "the present one");
    bed.remove(&anna, &at, "offer.odt").await.unwrap();
    let name = item("offer.odt");
    let taken =
        bed.office.restore(&anna, &at, &name, Which::Latest, Some(&item("offer (restored).odt"))).await;
    assert_eq!(taken.unwrap_err(), Error::Exists);
    let back = bed.office.restore(&anna, &at, &name, Which::Latest, Some(&item("new.odt"))).await.unwrap();
    assert_eq!(back.name, item("new.odt"));
    assert_eq!(bed.office.removed(&anna, &at, None).await.unwrap(), []);
}

#[tokio::test]
async fn who_may_not_read_is_told_nothing_and_who_may_not_write_changes_nothing() {
    let bed = bed().await;
    let (anna, ben) = (bed.user("anna").await, bed.user("ben").await);
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("a", 1), Expect::Any).await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("a", 22), Expect::Any).await.unwrap();
    bed.put(&anna, &at, "gone.ics", &event("gone", 1), Expect::Any).await.unwrap();
    bed.remove(&anna, &at, "gone.ics").await.unwrap();
    let all = async |rights: Rights| {
        bed.share(&anna, &at, &ben, rights).await;
        let history = bed.office.history(&ben, &at, &item("a.ics")).await.map(|told| told.past.len());
        let removed = bed.office.removed(&ben, &at, None).await.map(|told| told.len());
        let open = bed.office.open_past(&ben, &at, &item("a.ics"), Which::Latest).await.map(|_| 1);
        assert_eq!((&removed, &open), (&history, &history), "{rights:?}");
        let over = bed.back(&ben, &at, "a.ics").await.map(drop);
        let new = bed.back(&ben, &at, "gone.ics").await.map(drop);
        (history, over, new)
    };
    let forbidden = |right| Err(Error::Forbidden { right });
    let missing = || Err(Error::NotFound);
    let look = Rights::of(&[Right::Look]);
    let read = Role::Reader.rights().union(Rights::of(&[Right::Private]));
    let veiled = Rights::of(&[Right::Look, Right::Read, Right::Insert, Right::EditAll]);
    assert_eq!(all(Role::FreeBusy.rights()).await, (missing(), missing().map(drop), missing().map(drop)));
    let no = forbidden(Right::Read);
    assert_eq!(all(look).await, (no.clone(), no.clone().map(drop), no.map(drop)));
    // An event may have been private when it said that.
    let no = forbidden(Right::Private);
    assert_eq!(all(veiled).await, (no.clone(), no.clone().map(drop), no.map(drop)));
    let (edit, insert) = (forbidden(Right::EditAll), forbidden(Right::Insert));
    assert_eq!(all(read).await, (Ok(1), edit.map(drop), insert.map(drop)));
    let author = read.union(Rights::of(&[Right::Insert]));
    let (told, over, new) = all(author).await;
    assert_eq!((told, over, new), (Ok(1), forbidden(Right::EditAll).map(drop), Ok(())));
    let text = bed.text(&anna, &at, "a.ics").await.unwrap();
    assert_eq!(text, event("a", 22));
}

/// Rules of today count: what could be put once need not be any more.
#[tokio::test]
async fn what_is_in_the_way_is_told() {
    let bed = bed().await;
    let anna = bed.user("anna").await;
    let at = bed.place(&anna, &anna, "default").await.unwrap();
    bed.put(&anna, &at, "a.ics", &event("same", 1), Expect::Any).await.unwrap();
    bed.remove(&anna, &at, "a.ics").await.unwrap();
    bed.put(&anna, &at, "b.ics", &event_with("same", "DTSTART:20260101\r\n"), Expect::Any).await.unwrap();
    let back = bed.back(&anna, &at, "a.ics").await;
    let Err(Error::Invalid { rule: Rule::UidConflict { name }, .. }) = back else { panic!("{back:?}") };
    assert_eq!(name, "b.ics");
    // It is still there to come back.
    bed.remove(&anna, &at, "b.ics").await.unwrap();
    bed.back(&anna, &at, "a.ics").await.unwrap();
    assert_eq!(bed.text(&anna, &at, "a.ics").await.unwrap(), event("same", 1));
}
