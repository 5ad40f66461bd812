//! What items said before: their past texts. The bytes of each are a row of `body` under a number of its own.

/// Columns of a past text in the order in which engines decode them.
macro_rules! about {
    () => {
        "past.item, past.number, past.collection, past.name, past.revision, past.size, past.media_type, past.created, \
         past.modified, past.creator, past.until, past.actor, past.origin, past.removed, past.properties"
    };
}

/// The number of the body of a past text.
macro_rules! text {
    () => {
        "(SELECT text FROM past WHERE account = ?1 AND item = ?2 AND number = ?3)"
    };
}

statements! {
    /// One more.
    KEEP_PAST = ["INSERT INTO past (account, item, number, text, collection, name, revision, size, media_type, created, \
                  modified, creator, until, actor, origin, removed, properties) \
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"];
    /// Gives the body of an item another number, so that a new one can take its place.
    SET_ASIDE = ["UPDATE body SET item = ?3 WHERE account = ?1 AND item = ?2"];
    /// The last number of an item.
    LAST_PAST = ["SELECT number FROM past WHERE account = ?1 AND item = ?2 ORDER BY number DESC LIMIT 1"];
    /// Whether the body of an item is this.
    IS_BODY = ["SELECT 1 FROM body WHERE account = ?1 AND item = ?2 AND bytes = ?3 LIMIT 1"];
    /// One of an item, held to the commit.
    HOLD_PAST = ["UPDATE past SET until = until WHERE account = ?1 AND item = ?2 AND number = ?3"];
    /// One of an item goes: its body no longer refers to a blob, if it did.
    LOOSEN_PAST = ["UPDATE blob SET since = ?4 WHERE account = ?1 \
                    AND id = (SELECT blob FROM body WHERE account = ?1 AND item = ", text!(), ")"];
    /// It goes: its body.
    DROP_PAST_BODY = ["DELETE FROM body WHERE account = ?1 AND item = ", text!()];
    /// It goes.
    DROP_PAST = ["DELETE FROM past WHERE account = ?1 AND item = ?2 AND number = ?3"];
    /// All of an item.
    PAST_OF_ITEM = ["SELECT ", about!(), " FROM past WHERE account = ?1 AND item = ?2 ORDER BY number"];
    /// One of an item with its bytes, or which blob they are the address of.
    PAST_TEXT = ["SELECT ", about!(), ", (SELECT body.bytes FROM body WHERE body.account = ?1 AND body.item = past.text) \
                  FROM past WHERE account = ?1 AND item = ?2 AND number = ?3"];
    /// The items that were removed under a name, the youngest first.
    REMOVED_NAMED = ["SELECT item FROM past WHERE account = ?1 AND collection = ?2 AND name = ?3 AND removed = 1 \
                      ORDER BY item DESC LIMIT ?4"];
    /// What was removed from a collection, the latest first.
    REMOVED = ["SELECT ", about!(), " FROM past WHERE account = ?1 AND collection = ?2 AND removed = 1 \
                AND until <= ?3 AND (until, item) < (?3, ?4) ORDER BY until DESC, item DESC LIMIT ?5"];
    /// Some items that were removed from a collection.
    REMOVED_ITEMS = ["SELECT item FROM past WHERE account = ?1 AND collection = ?2 AND removed = 1 \
                      ORDER BY until LIMIT ?3"];
    /// An item is there again that was removed.
    NOT_REMOVED = ["UPDATE past SET removed = 0, properties = NULL WHERE account = ?1 AND item = ?2 AND removed = 1"];
    /// Numbers of an item.
    PAST_NUMBERS = ["SELECT number FROM past WHERE account = ?1 AND item = ?2 ORDER BY number"];
    /// They belong to another item.
    GIVE_PAST = ["UPDATE past SET item = ?3 WHERE account = ?1 AND item = ?2"];
    /// How many an item has is to be looked up.
    UNCOUNT = ["UPDATE item SET texts = NULL WHERE account = ?1 AND collection = ?2 AND name = ?3"];
    /// What an account has of them.
    WEIGH_PAST = ["SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT), COUNT(*) FROM past WHERE account = ?1"];
    /// The oldest of an account that were replaced or removed before a time.
    OLDEST_PAST = ["SELECT item, number, size FROM past WHERE account = ?1 AND until > 0 AND until < ?2 \
                    ORDER BY until LIMIT ?3"];
}
