//! Items whose past texts were not counted right: programs of the version before know nothing of them, and may move an item
//! to a name with another count.

use super::{Place, database, folder, runtime};
use crate::suite::world::{ANNA, WORK, World, item_name};

fn texts(place: &Place, count: &str) -> Vec<i64> {
    runtime().block_on(async {
        let world = World::new(place.open().unwrap()).await;
        for text in ["1", "2", "3"] {
            world.put(WORK, "x", text).await;
        }
        world.store.close().await.unwrap();
    });
    place.sql(&format!("UPDATE item SET texts = {count} WHERE name = 'x'"));
    runtime().block_on(async {
        let world = World::again(place.open().unwrap());
        world.put(WORK, "x", "4").await;
        world.put(WORK, "x", "5").await;
        world.remove(WORK, "x").await;
        let past = world.store.past(ANNA, WORK, &item_name("x")).await.unwrap();
        crate::moving::is_as_it_should_be(&world.store).await;
        world.store.close().await.unwrap();
        let mut numbers: Vec<_> = past.iter().map(|past| past.number).collect();
        numbers.sort_unstable();
        numbers
    })
}

#[test]
fn a_wrong_count_keeps_nobody_from_writing() {
    for make in [folder as fn() -> Place, database] {
        for (count, numbers) in [("0", [1, 2, 3, 4, 5]), ("NULL", [1, 2, 3, 4, 5]), ("4", [1, 2, 5, 6, 7])] {
            let found = texts(&make().made(), count);
            assert!(numbers.ends_with(&found), "{count}: {found:?}");
            assert!(found.len() >= 3, "{count}: {found:?}");
        }
    }
}
