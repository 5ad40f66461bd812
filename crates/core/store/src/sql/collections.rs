//! Collections, their properties, and who may do what.

statements! {
    /// Collections of an account.
    OF_ACCOUNT = ["SELECT collection, parent, kind, name, components, own_grants, created FROM collection \
                   WHERE account = ?1"];
    /// One.
    ONE = ["SELECT parent, kind, name FROM collection WHERE account = ?1 AND collection = ?2"];
    /// Whether it has an access list of its own.
    HAS_GRANTS = ["SELECT own_grants FROM collection WHERE account = ?1 AND collection = ?2"];
    /// Who has a name.
    BY_NAME = ["SELECT collection FROM collection WHERE account = ?1 AND parent = ?2 AND kind = ?3 AND name = ?4"];
    /// What lies in one.
    CHILDREN = ["SELECT collection FROM collection WHERE account = ?1 AND parent = ?2"];
    /// Makes one.
    CREATE = ["INSERT INTO collection (account, collection, parent, kind, name, components, own_grants, created) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)"];
    /// Another name or parent.
    RENAME = ["UPDATE collection SET parent = ?3, name = ?4 WHERE account = ?1 AND collection = ?2"];
    /// Away with it.
    REMOVE = ["DELETE FROM collection WHERE account = ?1 AND collection = ?2"];
    /// Says whether it has an access list of its own.
    OWN_GRANTS = ["UPDATE collection SET own_grants = ?3 WHERE account = ?1 AND collection = ?2"];
    /// Properties of all collections.
    PROPERTIES = ["SELECT collection, key, value FROM property WHERE account = ?1 ORDER BY collection, key"];
    /// Sets one.
    SET_PROPERTY = ["INSERT INTO property (account, collection, key, value) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT (account, collection, key) DO UPDATE SET value = excluded.value"];
    /// Unsets one.
    UNSET_PROPERTY = ["DELETE FROM property WHERE account = ?1 AND collection = ?2 AND key = ?3"];
    /// Unsets all.
    DROP_PROPERTIES = ["DELETE FROM property WHERE account = ?1 AND collection = ?2"];
    /// Access lists of an account.
    ENTRIES = ["SELECT collection, grantee_kind, grantee, rights FROM access_entry WHERE account = ?1 \
                ORDER BY collection, place"];
    /// One more entry.
    ADD_ENTRY = ["INSERT INTO access_entry (account, collection, place, grantee_kind, grantee, rights) \
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6)"];
    /// No entries.
    DROP_ENTRIES = ["DELETE FROM access_entry WHERE account = ?1 AND collection = ?2"];
    /// Where an account is granted something. Asks every account: only when one is removed.
    GRANTING_TO = ["SELECT DISTINCT account FROM access_entry WHERE grantee = ?1 AND grantee_kind = 0 \
                    ORDER BY account"];
    /// Takes that away.
    REVOKE_FROM = ["DELETE FROM access_entry WHERE account = ?1 AND grantee = ?2 AND grantee_kind = 0"];
    /// Where an account is granted something, and what. Asks every account: when somebody begins to watch.
    GRANTING = ["SELECT account, rights FROM access_entry WHERE grantee = ?1 AND grantee_kind = 0"];
    /// The next set of rights, in the order of their numbers, that everybody is granted anywhere.
    NEXT_RIGHTS = ["SELECT rights FROM access_entry WHERE grantee_kind = ?1 AND rights > ?2 \
                    ORDER BY rights LIMIT 1"];
    /// Where everybody is granted exactly that.
    GRANTING_ALL = ["SELECT DISTINCT account FROM access_entry WHERE grantee_kind = ?1 AND rights = ?2 \
                     ORDER BY account"];
}
