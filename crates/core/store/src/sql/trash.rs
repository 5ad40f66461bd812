//! Collections that were removed and can come back. Their items, bodies, facets, properties and logs stay where they
//! are: nobody finds them, for no collection and no number of that id is there.

/// Columns in the order in which engines decode them.
macro_rules! tree {
    () => {
        "SELECT root, parent, kind, name, at, actor, origin, collections, deep, items, bytes, made, modified, creator \
         FROM trash WHERE account = ?1"
    };
}

statements! {
    /// One more tree.
    ADD_TREE = ["INSERT INTO trash (account, root, parent, kind, name, at, actor, origin, collections, deep, items, \
                 bytes, made, modified, creator) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"];
    /// One.
    TREE = [tree!(), " AND root = ?2"];
    /// Some, the latest first, removed before one.
    TREES = [tree!(), " AND (at, root) < (?2, ?3) ORDER BY at DESC, root DESC LIMIT ?4"];
    /// It is there no more.
    DROP_TREE = ["DELETE FROM trash WHERE account = ?1 AND root = ?2"];
    /// The next account that has a tree. Asks every account: only for housekeeping.
    NEXT_TREE = ["SELECT account FROM trash WHERE account > ?1 ORDER BY account, root LIMIT 1"];
    /// One more collection of a tree.
    ADD_TRASHED = ["INSERT INTO trashed (account, root, collection, parent, kind, name, components, own_grants, \
                    created, version, floor, items, bytes, grants) \
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"];
    /// Those of a tree.
    TRASHED = ["SELECT collection, parent, kind, name, components, own_grants, created, version, floor, items, bytes, \
                grants FROM trashed WHERE account = ?1 AND root = ?2 ORDER BY collection"];
    /// The numbers of all.
    TRASHED_NUMBERS = ["SELECT collection, version FROM trashed WHERE account = ?1"];
    /// Raises them.
    LEAP_TRASHED = ["UPDATE trashed SET version = version + CAST(?2 AS BIGINT) WHERE account = ?1"];
    /// Those of a tree are there no more.
    DROP_TRASHED = ["DELETE FROM trashed WHERE account = ?1 AND root = ?2"];
    /// Ends counting, and tells how far it was.
    TAKE_COUNTER = ["DELETE FROM counter WHERE account = ?1 AND collection = ?2 \
                     RETURNING version, floor, items, bytes"];
    /// Goes on counting.
    BRING_COUNTER = ["INSERT INTO counter (account, collection, version, floor, items, bytes) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6)"];
    /// Makes a collection again.
    BRING = ["INSERT INTO collection (account, collection, parent, kind, name, components, own_grants, created) \
              VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"];
}
