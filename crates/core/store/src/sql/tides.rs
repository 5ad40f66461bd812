//! Numbers that stand for all collections of an account at once. Of each collection those are noted that changed since
//! the tide before; under collection 0 each tide itself.

statements! {
    /// Notes one.
    NOTE_TIDE = ["INSERT INTO tide (account, collection, number, version, at) VALUES (?1, ?2, ?3, ?4, ?5)"];
    /// The last tide up to a number.
    LAST_TIDE = ["SELECT number, at FROM tide WHERE account = ?1 AND collection = 0 AND number <= ?2 \
                  ORDER BY number DESC LIMIT 1"];
    /// The numbers of all collections, now and at a tide.
    TIDE_MARKS = ["SELECT counter.collection, counter.version, counter.floor, \
                   (SELECT tide.version FROM tide WHERE tide.account = ?1 AND tide.collection = counter.collection \
                   AND tide.number <= ?2 ORDER BY tide.number DESC LIMIT 1) \
                   FROM counter WHERE counter.account = ?1 ORDER BY counter.collection"];
    /// The oldest notes of a collection.
    OLDEST_TIDES = ["SELECT number, at FROM tide WHERE account = ?1 AND collection = ?2 ORDER BY number LIMIT ?3"];
    /// Drops those up to a number.
    DROP_TIDES = ["DELETE FROM tide WHERE account = ?1 AND collection = ?2 AND number <= ?3"];
    /// What the log of a collection tells after a number.
    LOG_SINCE = ["SELECT version, item, verb, name FROM change WHERE account = ?1 AND collection = ?2 AND version > ?3 \
                  ORDER BY version LIMIT ?4"];
}
