//! What items are found by: time, text.

/// The size classes of `span.rs` and what of each can touch the stretch from `?3` to below `?4`.
macro_rules! classes {
    () => {
        "WITH class (level, low, high) AS (VALUES \
         (12, CAST(?3 AS BIGINT) - 4096, CAST(?4 AS BIGINT)), \
         (14, CAST(?3 AS BIGINT) - 16384, CAST(?4 AS BIGINT)), \
         (16, CAST(?3 AS BIGINT) - 65536, CAST(?4 AS BIGINT)), \
         (18, CAST(?3 AS BIGINT) - 262144, CAST(?4 AS BIGINT)), \
         (20, CAST(?3 AS BIGINT) - 1048576, CAST(?4 AS BIGINT)), \
         (22, CAST(?3 AS BIGINT) - 4194304, CAST(?4 AS BIGINT)), \
         (24, CAST(?3 AS BIGINT) - 16777216, CAST(?4 AS BIGINT)), \
         (26, CAST(?3 AS BIGINT) - 67108864, CAST(?4 AS BIGINT)), \
         (28, CAST(?3 AS BIGINT) - 268435456, CAST(?4 AS BIGINT)), \
         (30, CAST(?3 AS BIGINT) - 1073741824, CAST(?4 AS BIGINT)), \
         (32, CAST(?3 AS BIGINT) - 4294967296, CAST(?4 AS BIGINT)), \
         (34, CAST(?3 AS BIGINT) - 17179869184, CAST(?4 AS BIGINT)), \
         (36, CAST(?3 AS BIGINT) - 68719476736, CAST(?4 AS BIGINT)), \
         (38, CAST(?3 AS BIGINT) - 274877906944, CAST(?4 AS BIGINT)), \
         (40, CAST(?3 AS BIGINT) - 1099511627776, CAST(?4 AS BIGINT)), \
         (42, CAST(?3 AS BIGINT) - 4398046511104, CAST(?4 AS BIGINT)), \
         (44, CAST(?3 AS BIGINT) - 17592186044416, CAST(?4 AS BIGINT)), \
         (46, CAST(?3 AS BIGINT) - 70368744177664, CAST(?4 AS BIGINT)), \
         (48, CAST(?3 AS BIGINT) - 281474976710656, CAST(?4 AS BIGINT)), \
         (50, CAST(?3 AS BIGINT) - 1125899906842624, CAST(?4 AS BIGINT)), \
         (52, CAST(?3 AS BIGINT) - 4503599627370496, CAST(?4 AS BIGINT)), \
         (54, CAST(?3 AS BIGINT) - 18014398509481984, CAST(?4 AS BIGINT)), \
         (56, CAST(?3 AS BIGINT) - 72057594037927936, CAST(?4 AS BIGINT)), \
         (58, CAST(?3 AS BIGINT) - 288230376151711744, CAST(?4 AS BIGINT)), \
         (60, CAST(?3 AS BIGINT) - 1152921504606846976, CAST(?4 AS BIGINT)), \
         (62, CAST(?3 AS BIGINT) - 4611686018427387904, CAST(?4 AS BIGINT)), \
         (100, -1152921504606846976, CAST(?4 AS BIGINT)), \
         (101, CAST(?3 AS BIGINT), 2305843009213693952), \
         (102, -1, 1)) \
         "
    };
}
/// Spans of those classes.
macro_rules! spans {
    () => {
        "span.account = ?1 AND span.collection = ?2 AND span.level = class.level AND span.edge >= class.low \
         AND span.edge < class.high AND span.last >= CAST(?3 AS BIGINT)"
    };
}
statements! {
    /// Items that can touch a stretch of time, with their compiled time.
    TIMINGS = [classes!(), "SELECT span.name, span.timeline FROM class CROSS JOIN span WHERE ", spans!()];
    /// The stretch of one item.
    SPAN = ["SELECT first, last, timeline FROM span WHERE account = ?1 AND collection = ?2 AND level = ?3 \
             AND edge = ?4 AND name = ?5"];
    /// Sets it.
    SET_SPAN = ["INSERT INTO span (account, collection, level, edge, name, first, last, timeline) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (account, collection, level, edge, name) \
                 DO UPDATE SET first = excluded.first, last = excluded.last, timeline = excluded.timeline"];
    /// Unsets it.
    DROP_SPAN = ["DELETE FROM span WHERE account = ?1 AND collection = ?2 AND level = ?3 AND edge = ?4 AND name = ?5"];
    /// Texts alone, after a name.
    TEXTS = ["SELECT name, text FROM search_text WHERE account = ?1 AND collection = ?2 AND name > ?3 ORDER BY name"];
    /// Some of them.
    SOME_TEXTS = ["SELECT name, text FROM search_text WHERE account = ?1 AND collection = ?2 AND name > ?3 \
                   ORDER BY name LIMIT ?4"];
    /// The text of one item.
    TEXT = ["SELECT text FROM search_text WHERE account = ?1 AND collection = ?2 AND name = ?3"];
    /// Sets it.
    SET_TEXT = ["INSERT INTO search_text (account, collection, name, text) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (account, collection, name) DO UPDATE SET text = excluded.text"];
    /// Unsets it.
    DROP_TEXT = ["DELETE FROM search_text WHERE account = ?1 AND collection = ?2 AND name = ?3"];
}
