//! Locks, by their tokens.

statements! {
    /// Those of an account.
    LOCKS = ["SELECT token, collection, name, deep, shared, holder, about, until FROM write_lock WHERE account = ?1 \
              ORDER BY token"];
    /// Sets one, or renews it.
    SET_LOCK = ["INSERT INTO write_lock (account, token, collection, name, deep, shared, holder, about, until) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (account, token) DO UPDATE SET \
                 until = excluded.until"];
    /// Takes one away.
    DROP_LOCK = ["DELETE FROM write_lock WHERE account = ?1 AND token = ?2"];
    /// Takes away what is over.
    DROP_OLD_LOCKS = ["DELETE FROM write_lock WHERE account = ?1 AND until < ?2"];
}
