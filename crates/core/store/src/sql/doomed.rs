//! What is left of collections that are gone.

statements! {
    /// One more.
    ADD = ["INSERT INTO doomed (account, collection) VALUES (?1, ?2)"];
    /// The next one. Asks every account: only by the engine's own housekeeping.
    NEXT = ["SELECT account, collection FROM doomed ORDER BY account, collection LIMIT 1"];
    /// Nothing is left of it.
    DONE = ["DELETE FROM doomed WHERE account = ?1 AND collection = ?2"];
    /// Some of its items, dead or alive.
    ITEMS = ["SELECT name, id, level, edge, folded, has_properties, live, size, texts FROM item WHERE account = ?1 \
              AND collection = ?2 ORDER BY name LIMIT ?3"];
    /// Drops the row of one.
    DROP_ITEM = ["DELETE FROM item WHERE account = ?1 AND collection = ?2 AND name = ?3"];
}
