//! Change numbers, the log, and reading it.

use super::items::{meta, meta_body};

statements! {
    /// The next number of a collection. The row stays locked to the commit, so numbers become visible in order.
    BUMP = ["UPDATE counter SET version = version + 1, items = items + CAST(?3 AS BIGINT), \
             bytes = bytes + CAST(?4 AS BIGINT) WHERE account = ?1 AND collection = ?2 RETURNING version"];
    /// The number that a batch of changes led to; for engines that count in memory while they hold the row.
    ADVANCE = ["UPDATE counter SET version = ?3, items = items + CAST(?4 AS BIGINT), \
                bytes = bytes + CAST(?5 AS BIGINT) WHERE account = ?1 AND collection = ?2"];
    /// Its number, the floor of its log, and what is in it.
    COUNTER = ["SELECT version, floor, items, bytes FROM counter WHERE account = ?1 AND collection = ?2"];
    /// Whether a number was given out in the course of events that the log tells of.
    GIVEN = ["SELECT 1 FROM change WHERE account = ?1 AND collection = ?2 AND version = ?3"];
    /// All numbers of an account.
    COUNTERS = ["SELECT collection, version FROM counter WHERE account = ?1 ORDER BY collection"];
    /// Begins counting.
    NEW_COUNTER = ["INSERT INTO counter (account, collection, version, floor, items, bytes) \
                    VALUES (?1, ?2, 0, 0, 0, 0)"];
    /// Ends counting.
    DROP_COUNTER = ["DELETE FROM counter WHERE account = ?1 AND collection = ?2"];
    /// The next collections in key order, for trimming.
    NEXT_COUNTERS = ["SELECT account, collection, floor FROM counter WHERE account >= ?1 \
                      AND (account, collection) > (?1, ?2) ORDER BY account, collection LIMIT ?3"];
    /// The log now begins above this number.
    RAISE_FLOOR = ["UPDATE counter SET floor = ?3 WHERE account = ?1 AND collection = ?2"];
    /// A change.
    LOG = ["INSERT INTO change (account, collection, version, item, name, verb, actor, origin, at) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"];
    /// The oldest changes.
    OLDEST = ["SELECT version, name, verb, at FROM change WHERE account = ?1 AND collection = ?2 AND version > ?3 \
               ORDER BY version LIMIT ?4"];
    /// Forgets changes up to a number.
    FORGET = ["DELETE FROM change WHERE account = ?1 AND collection = ?2 AND version <= ?3"];
    /// What changed after a number, up to another, living or dead. Each row has a revision: saying so is what lets
    /// engines use an index that is narrowed to that, and to these statements.
    SINCE_META = ["SELECT ", meta!(), ", item.live FROM item WHERE account = ?1 AND collection = ?2 \
                   AND revision > 0 AND version > ?3 AND version <= ?4 ORDER BY version LIMIT ?5"];
    /// The same with bodies; what is dead has none.
    SINCE_BODY = ["SELECT ", meta_body!(), ", item.live FROM item WHERE account = ?1 AND collection = ?2 \
                   AND revision > 0 AND version > ?3 AND version <= ?4 ORDER BY version LIMIT ?5"];
    /// What lives, by number.
    LIVE_META = ["SELECT ", meta!(), ", item.live FROM item WHERE account = ?1 AND collection = ?2 \
                  AND revision > 0 AND version > ?3 AND version <= ?4 AND live = 1 ORDER BY version LIMIT ?5"];
    /// The same with bodies.
    LIVE_BODY = ["SELECT ", meta_body!(), ", item.live FROM item WHERE account = ?1 AND collection = ?2 \
                  AND revision > 0 AND version > ?3 AND version <= ?4 AND live = 1 ORDER BY version LIMIT ?5"];
    /// What all collections of an account hold.
    USED = ["SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM counter WHERE account = ?1"];
    /// The number and the shelf number of an account, and how much it may hold.
    STATE = ["SELECT number, shelf, warn, soft, hard FROM account_state WHERE account = ?1"];
    /// How much an account may hold.
    SET_QUOTA = ["UPDATE account_state SET warn = ?2, soft = ?3, hard = ?4 WHERE account = ?1"];
    /// Begins an account.
    NEW_STATE = ["INSERT INTO account_state (account, number, shelf) VALUES (?1, 0, 0)"];
    /// The next number of an account; a shelf change if `?2` is 1.
    BUMP_STATE = ["UPDATE account_state SET number = number + 1, \
                   shelf = CASE WHEN CAST(?2 AS BIGINT) = 1 THEN number + 1 ELSE shelf END \
                   WHERE account = ?1 RETURNING number"];
    /// A change of an account as such.
    LOG_ACCOUNT = ["INSERT INTO account_change (account, number, collection, verb, actor, origin, at) \
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"];
    /// The next accounts in key order, for trimming.
    NEXT_STATES = ["SELECT account FROM account_state WHERE account > ?1 ORDER BY account LIMIT ?2"];
    /// Forgets old changes of an account.
    FORGET_ACCOUNT = ["DELETE FROM account_change WHERE account = ?1 AND at < ?2"];
    /// What happened to an account as such after a number.
    ACCOUNT_SINCE = ["SELECT number, collection, verb FROM account_change WHERE account = ?1 AND number > ?2 \
                      ORDER BY number LIMIT ?3"];
}
