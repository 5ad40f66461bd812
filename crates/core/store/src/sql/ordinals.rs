//! Small numbers of items and their parts.

/// Columns in the order in which engines decode them.
macro_rules! columns {
    () => {
        "SELECT item, part, number, name, digest, version FROM ordinal WHERE account = ?1 AND collection = ?2"
    };
}

statements! {
    /// Begins counting.
    BEGIN_ORDINALS = ["INSERT INTO ordinal_counter (account, collection, last) VALUES (?1, ?2, 0) \
                       ON CONFLICT (account, collection) DO NOTHING"];
    /// The last number that was given; nobody else gives one until the commit.
    HOLD_ORDINALS = ["UPDATE ordinal_counter SET last = last WHERE account = ?1 AND collection = ?2 \
                      RETURNING last"];
    /// Numbers up to here are given.
    ADVANCE_ORDINALS = ["UPDATE ordinal_counter SET last = ?3 WHERE account = ?1 AND collection = ?2"];
    /// Ends counting.
    END_ORDINALS = ["DELETE FROM ordinal_counter WHERE account = ?1 AND collection = ?2"];
    /// Those of an item. That it has a version, and the order, say which index is meant.
    ORDINALS_OF_ITEM = [columns!(), " AND item = ?3 AND version >= 0 ORDER BY part"];
    /// Those of all items that had a name last.
    ORDINALS_OF_NAME = [columns!(), " AND name >= ?3 AND name <= ?3 AND version >= 0 ORDER BY name"];
    /// Those of all items whose last names lie between two.
    ORDINALS_OF_NAMES = [columns!(), " AND name >= ?3 AND name <= ?4 AND version >= 0 ORDER BY name LIMIT ?5"];
    /// That one.
    ORDINAL = [columns!(), " AND number = ?3"];
    /// That of a part.
    ORDINAL_OF_PART = [columns!(), " AND item = ?3 AND version >= 0 AND part >= ?4 AND part <= ?4 ORDER BY part"];
    /// One more.
    NEW_ORDINAL = ["INSERT INTO ordinal (account, collection, number, item, part, name, digest, version) \
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"];
    /// What is kept beside a number.
    SET_ORDINAL = ["UPDATE ordinal SET name = ?4, digest = ?5, version = ?6 \
                    WHERE account = ?1 AND collection = ?2 AND number = ?3"];
    /// Some of them, for dropping.
    SOME_ORDINALS = ["SELECT number FROM ordinal WHERE account = ?1 AND collection = ?2 ORDER BY number LIMIT ?3"];
    /// Drops those up to a number.
    DROP_ORDINALS = ["DELETE FROM ordinal WHERE account = ?1 AND collection = ?2 AND number <= ?3"];
}
