//! Why a store cannot be used at present, and how it is filled.

statements! {
    /// Why, if there is a reason.
    REASONS = ["SELECT what, told FROM moving ORDER BY what"];
    /// Sets or changes one.
    NOTE = ["INSERT INTO moving (what, told) VALUES (?1, ?2) ON CONFLICT (what) DO UPDATE SET told = excluded.told"];
    /// Takes it away.
    FORGET = ["DELETE FROM moving WHERE what = ?1"];
    /// Fails if there is a reason: said last before a write is committed, by when it holds all that it changes.
    OPEN = ["SELECT 1 / (CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END) FROM moving"];
    /// Raises the number of a collection.
    LEAP_COUNTER = ["UPDATE counter SET version = version + CAST(?3 AS BIGINT) WHERE account = ?1 AND collection = ?2"];
    /// Raises the numbers of an account.
    LEAP_STATE = ["UPDATE account_state SET number = number + CAST(?2 AS BIGINT), shelf = shelf + CAST(?2 AS BIGINT) \
                   WHERE account = ?1"];
    /// Raises the number of its secrets.
    LEAP_SECRET = ["UPDATE secret SET version = version + CAST(?2 AS BIGINT) WHERE account = ?1"];
    /// Raises the small numbers of an account's items.
    LEAP_ORDINALS = ["UPDATE ordinal_counter SET last = last + CAST(?2 AS BIGINT) WHERE account = ?1"];
    /// The numbers of the next accounts.
    NEXT_NUMBERS = ["SELECT account, number FROM account_state WHERE account > ?1 ORDER BY account LIMIT ?2"];
}
