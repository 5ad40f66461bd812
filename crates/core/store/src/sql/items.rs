//! Items and their bodies.

/// Columns of an item in the order in which engines decode them.
macro_rules! meta {
    () => {
        "item.name, item.id, item.version, item.revision, item.size, item.media_type, item.created, \
         item.modified, item.has_properties, item.creator, item.folder"
    };
}
/// The same with the body. It is looked up item by item: of a join an engine that knows little of the tables may read all
/// bodies of the account first. What is dead has none.
macro_rules! meta_body {
    () => {
        "item.name, item.id, item.version, item.revision, item.size, item.media_type, item.created, \
         item.modified, item.has_properties, item.creator, item.folder, \
         (SELECT body.bytes FROM body WHERE body.account = ?1 AND body.item = item.id)"
    };
}
pub(crate) use {meta, meta_body};

statements! {
    /// All that a write must know of a name, dead or alive.
    FIND = ["SELECT id, version, revision, live, size, media_type, created, modified, has_properties, components, \
             uid, level, edge, folded, creator, name, folder, texts FROM item \
             WHERE account = ?1 AND collection = ?2 AND name = ?3"];
    /// The same for several at once.
    FIND_SOME = ["SELECT id, version, revision, live, size, media_type, created, modified, has_properties, \
                  components, uid, level, edge, folded, creator, name, folder, texts FROM item \
                  WHERE account = ?1 AND collection = ?2 AND name = ?3"];
    /// One item.
    META = ["SELECT ", meta!(), " FROM item WHERE account = ?1 AND collection = ?2 AND name = ?3 AND live = 1"];
    /// One item with its body.
    BODY = ["SELECT ", meta_body!(), " FROM item WHERE account = ?1 AND collection = ?2 AND name = ?3 AND live = 1"];
    /// One page, by name.
    PAGE_META = ["SELECT ", meta!(), " FROM item WHERE account = ?1 AND collection = ?2 AND name > ?3 AND live = 1 \
                  ORDER BY name LIMIT ?4"];
    /// One page with bodies, by name.
    PAGE_BODY = ["SELECT ", meta_body!(), " FROM item WHERE account = ?1 AND collection = ?2 AND name > ?3 AND live = 1 \
                  ORDER BY name LIMIT ?4"];
    /// Who has a UID: in the order of UIDs, so that no engine goes through the names.
    BY_UID = ["SELECT name FROM item WHERE account = ?1 AND collection = ?2 AND uid >= ?3 AND uid <= ?3 ORDER BY uid"];
    /// The same with the UID, for several at once.
    BY_UID_SOME = ["SELECT name, uid FROM item WHERE account = ?1 AND collection = ?2 AND uid >= ?3 AND uid <= ?3 \
                    ORDER BY uid"];
    /// Creates, revives or replaces.
    PUT = ["INSERT INTO item (account, collection, name, id, version, revision, live, size, media_type, created, \
            modified, has_properties, components, uid, level, edge, folded, creator, texts) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) \
            ON CONFLICT (account, collection, name) DO UPDATE SET id = excluded.id, version = excluded.version, \
            revision = excluded.revision, live = 1, size = excluded.size, media_type = excluded.media_type, \
            created = excluded.created, modified = excluded.modified, has_properties = excluded.has_properties, \
            components = excluded.components, uid = excluded.uid, level = excluded.level, edge = excluded.edge, \
            folded = excluded.folded, creator = excluded.creator, texts = excluded.texts"];
    /// Gives a collection its place among the items of another.
    FOLDER = ["INSERT INTO item (account, collection, name, id, version, revision, live, size, media_type, created, \
               modified, has_properties, components, folded, creator, folder) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, 0, '', ?7, ?8, 0, 0, 0, ?9, ?10) \
               ON CONFLICT (account, collection, name) DO UPDATE SET id = excluded.id, version = excluded.version, \
               revision = excluded.revision, live = 1, created = excluded.created, modified = excluded.modified, \
               creator = excluded.creator, folder = excluded.folder"];
    /// Turns an item into a tombstone.
    BURY = ["UPDATE item SET version = ?4, revision = ?4, live = 0, size = 0, media_type = '', has_properties = 0, \
             components = 0, uid = NULL, level = NULL, edge = NULL, folded = 0, folder = NULL \
             WHERE account = ?1 AND collection = ?2 AND name = ?3"];
    /// Notes that the properties changed.
    TOUCH = ["UPDATE item SET version = ?4, has_properties = ?5 \
              WHERE account = ?1 AND collection = ?2 AND name = ?3"];
    /// Drops a tombstone that nobody may ask for any more.
    DROP_TOMBSTONE = ["DELETE FROM item WHERE account = ?1 AND collection = ?2 AND name = ?3 AND version = ?4 \
                       AND live = 0"];
    /// Body of a new item.
    NEW_BODY = ["INSERT INTO body (account, item, bytes, blob) VALUES (?1, ?2, ?3, ?4)"];
    /// Another body.
    SET_BODY = ["UPDATE body SET bytes = ?3, blob = ?4 WHERE account = ?1 AND item = ?2"];
    /// Body of an item, new or not.
    PUT_BODY = ["INSERT INTO body (account, item, bytes, blob) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (account, item) DO UPDATE SET bytes = excluded.bytes, blob = excluded.blob"];
    /// The bytes, and which blob they are the address of.
    GET_BODY = ["SELECT bytes, blob FROM body WHERE account = ?1 AND item = ?2"];
    /// No body.
    DROP_BODY = ["DELETE FROM body WHERE account = ?1 AND item = ?2"];
    /// Properties of one item.
    PROPERTIES = ["SELECT name, key, value FROM item_property WHERE account = ?1 AND collection = ?2 AND name = ?3 \
                   ORDER BY key"];
    /// Properties of all items.
    ALL_PROPERTIES = ["SELECT name, key, value FROM item_property WHERE account = ?1 AND collection = ?2 \
                       ORDER BY name, key"];
    /// Whether an item has any.
    ANY_PROPERTY = ["SELECT 1 FROM item_property WHERE account = ?1 AND collection = ?2 AND name = ?3 LIMIT 1"];
    /// Sets one.
    SET_PROPERTY = ["INSERT INTO item_property (account, collection, name, key, value) VALUES (?1, ?2, ?3, ?4, ?5) \
                     ON CONFLICT (account, collection, name, key) DO UPDATE SET value = excluded.value"];
    /// Unsets one.
    UNSET_PROPERTY = ["DELETE FROM item_property WHERE account = ?1 AND collection = ?2 AND name = ?3 AND key = ?4"];
    /// Unsets all.
    DROP_PROPERTIES = ["DELETE FROM item_property WHERE account = ?1 AND collection = ?2 AND name = ?3"];
}
