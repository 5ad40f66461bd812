//! Large bodies that lie outside: which object each is, and whether anything refers to it.
//!
//! Whoever refers to a blob, or no longer does, writes its row in the same transaction; so does the collector before it
//! looks whether anything refers. That row is what they wait for each other at.

statements! {
    /// One that is about to be laid down.
    LAY = ["INSERT INTO blob (account, id, state, since, size, upload) VALUES (?1, ?2, 0, ?3, 0, ?4)"];
    /// Still being laid down, in parts if the upload has a name.
    RENEW = ["UPDATE blob SET since = ?3, upload = ?4 WHERE account = ?1 AND id = ?2 AND state = 0"];
    /// It lies there, and something refers to it from now on.
    LAND = ["UPDATE blob SET state = 1, since = NULL, upload = NULL, size = ?3, hash = ?4, pieces = ?5 \
             WHERE account = ?1 AND id = ?2 AND state = 0"];
    /// Something more refers to it.
    REFER = ["UPDATE blob SET since = NULL WHERE account = ?1 AND id = ?2 AND state = 1"];
    /// The body of an item no longer refers to it, if it did.
    LOOSEN = ["UPDATE blob SET since = ?3 WHERE account = ?1 \
               AND id = (SELECT blob FROM body WHERE account = ?1 AND item = ?2)"];
    /// Nothing shall refer to it from now on, if it is as old as that.
    DOOM = ["UPDATE blob SET state = 2 WHERE account = ?1 AND id = ?2 AND since < ?3"];
    /// Whether something refers to it.
    USED = ["SELECT 1 FROM body WHERE account = ?1 AND blob = ?2 LIMIT 1"];
    /// Something does, after all.
    SPARE = ["UPDATE blob SET state = 1, since = NULL WHERE account = ?1 AND id = ?2"];
    /// Its object is gone.
    FORGET = ["DELETE FROM blob WHERE account = ?1 AND id = ?2 AND state = 2"];
    /// The mark of the place where they lie.
    PLACE = ["SELECT mark FROM place WHERE what = 'blobs'"];
    /// Takes a place, unless there is one.
    TAKE_PLACE = ["INSERT INTO place (what, mark) VALUES ('blobs', ?1) ON CONFLICT (what) DO NOTHING"];
    /// One of them.
    ONE = ["SELECT account, id, state, since, size, hash, upload, pieces FROM blob WHERE account = ?1 AND id = ?2"];
    /// Those of one content.
    OF_HASH = ["SELECT account, id, state, since, size, hash, upload FROM blob WHERE account = ?1 AND hash = ?2"];
    /// The next that nothing might refer to. Asks every account: only by the engine's own housekeeping.
    LOOSE = ["SELECT account, id, state, since, size, hash, upload FROM blob WHERE since < ?4 \
              AND (since, account, id) > (?1, ?2, ?3) ORDER BY since, account, id LIMIT ?5"];
    /// The next in key order, for looking at all.
    NEXT_BLOBS = ["SELECT account, id, state, since, size, hash, upload FROM blob WHERE account >= ?1 \
                   AND (account, id) > (?1, ?2) ORDER BY account, id LIMIT ?3"];
}
