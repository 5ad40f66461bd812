//! Closing a store for writing: nothing that was acknowledged is missing in what is read after that.

use super::{Place, database, folder, keeper, runtime};
use crate::suite::world::{ANNA, BERT, BERTS, WORK, World, body, source};
use kontor_model::{CollectionId, Error};
use kontor_store::moving::carry;
use kontor_store::{Expect, Op, Select};
use std::collections::BTreeSet;
use std::sync::Arc;

const WRITERS: usize = 16;

/// Writes until it is refused; the names that were acknowledged.
async fn write_on(world: Arc<World>, writer: usize) -> Vec<String> {
    let mut done = Vec::new();
    for n in 0.. {
        let name = format!("{writer}-{n}");
        let collection: CollectionId = if writer.is_multiple_of(2) { WORK } else { BERTS };
        let put = world.put_op(source(collection, &name), Expect::Absent, body(&name, Some(&name)));
        match world.act(put).await {
            Ok(_) => done.push(name),
            Err(Error::Busy { retry_after: 60 }) => return done,
            // Not its turn within the time that a write has; nothing was done.
            Err(Error::Busy { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
        if n % 7 == 3 {
            // Something that holds the account rather than a collection.
            let _ = world.act(Op::SetPassword { id: BERT, digest: Some(format!("{n}")) }).await;
        }
    }
    done
}

#[test]
fn a_database_is_closed_under_the_hands_of_its_servers() {
    let (from, to) = (database().made(), folder());
    let url = from.name();
    let acknowledged = runtime().block_on(async {
        let nodes = [from.open().unwrap(), from.open().unwrap()];
        let worlds = [Arc::new(World::new(nodes[0].clone()).await), Arc::new(World::again(nodes[1].clone()))];
        let writers: Vec<_> =
            (0..WRITERS).map(|n| tokio::spawn(write_on(Arc::clone(&worlds[n / 2 % 2]), n))).collect();
        while worlds[0].version(WORK).await.0 < 300 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let closing = url.clone();
        tokio::task::spawn_blocking(move || {
            keeper(&closing).unwrap().leave("to elsewhere").unwrap();
        })
        .await
        .unwrap();
        let mut source = tokio::task::spawn_blocking({
            let url = url.clone();
            move || super::rows(&url).unwrap()
        })
        .await
        .unwrap();
        let mut all = BTreeSet::new();
        for writer in writers {
            all.extend(writer.await.unwrap());
        }
        let mut sink = to.fill().unwrap();
        tokio::task::spawn_blocking(move || {
            carry(&mut *source, "there", &mut *sink, None, &mut |_| {}).unwrap();
        })
        .await
        .unwrap();
        assert!(nodes[0].version(ANNA, WORK).await.is_ok(), "reads go on");
        all
    });
    assert!(acknowledged.len() > 300);
    assert_eq!(names(&to), acknowledged);
    assert_eq!(to.sums(), from.sums(), "nor was anything written after that");
    let Err(Error::Unsupported { detail }) = from.open().map(drop) else { panic!("it was opened") };
    assert!(detail.contains("copied to elsewhere"), "{detail}");
    assert!(keeper(&url).unwrap().reopen().unwrap());
    assert!(!keeper(&url).unwrap().reopen().unwrap());
    runtime().block_on(async {
        World::again(from.open().unwrap()).put(WORK, "again", "open").await;
    });
}

fn names(place: &Place) -> BTreeSet<String> {
    runtime().block_on(async {
        let store = place.open().unwrap();
        let mut all = BTreeSet::new();
        for (account, collection) in [(ANNA, WORK), (BERT, BERTS)] {
            let page = store.page(account, collection, None, 1_000_000, Select::Meta).await.unwrap();
            all.extend(page.items.into_iter().map(|item| item.meta.name.as_str().to_owned()));
        }
        store.close().await.unwrap();
        all
    })
}

#[test]
fn a_folder_is_closed_and_opened_again() {
    let from = super::furnished::at(folder(), 20);
    keeper(&from.name()).unwrap().leave("to PostgreSQL").unwrap();
    let Err(Error::Unsupported { detail }) = from.open().map(drop) else { panic!("it was opened") };
    assert!(detail.contains("copied to PostgreSQL") && detail.contains("kontor store reopen"), "{detail}");
    let to = folder();
    carry(&mut *from.rows().unwrap(), "x", &mut *to.fill().unwrap(), None, &mut |_| {}).unwrap();
    assert!(to.open().is_ok(), "what it was closed by does not go along");
    assert!(keeper(&from.name()).unwrap().reopen().unwrap());
    assert!(from.open().is_ok());
    assert!(matches!(keeper(&folder().name()).map(drop), Err(Error::NotFound)));
}
