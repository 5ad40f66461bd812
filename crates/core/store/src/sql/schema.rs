//! Tables, in numbered steps. A step that was released is never edited: add another.
//!
//! Steps only add: nodes of the version before go on working while one is run and after it, until they are replaced
//! one by one. So a step makes tables, indexes, and columns that may be empty, which those nodes leave empty; it takes
//! nothing away and says nothing of what is there already. What must go goes with a later version, whose step raises
//! [`OLDEST`] above the last program that needs it. Each statement may be run again: an engine that cannot undo half a
//! step does what is left of it (rows are made with ON CONFLICT DO NOTHING, changed to what they would be anyway).
//!
//! Two sorts of tables. Those of an account begin every key with it and can be spread over nodes by it. Those of the
//! directory ([`DIRECTORY`]) are small and are copied to every node.
//!
//! Every table is in one of [`CARRIED`] and [`STAYING`]: whether its rows belong to the office and go along when that is
//! copied, backed up and restored.

/// Tables that are looked up by something else than the account.
pub(crate) const DIRECTORY: &[&str] =
    &["setting", "principal", "address", "failure", "orphan", "lease", "moving", "place"];

/// Tables whose whole row lies in the tree of the primary key, where the engine can do so.
pub(crate) const CLUSTERED: &[&str] = &[
    "setting",
    "address",
    "failure",
    "moving",
    "place",
    "account_state",
    "counter",
    "property",
    "access_entry",
    "item",
    "item_property",
    "doomed",
    "span",
    "search_text",
    "change",
    "account_change",
    "lease",
    "ordinal",
    "ordinal_counter",
    "write_lock",
    "past",
    "tide",
    "trash",
    "trashed",
];

/// Tables whose rows are the office: they go wherever it goes.
pub(crate) const CARRIED: &[&str] = &[
    "setting",
    "principal",
    "address",
    "orphan",
    "failure",
    "secret",
    "app_password",
    "account_state",
    "account_change",
    "collection",
    "counter",
    "property",
    "access_entry",
    "item",
    "doomed",
    "item_property",
    "body",
    "blob",
    "span",
    "search_text",
    "change",
    "ordinal",
    "ordinal_counter",
    "write_lock",
    "past",
    "tide",
    "trash",
    "trashed",
];

/// Tables whose rows are about this very database and the servers on it: they stay when the office goes elsewhere.
#[cfg(test)]
pub(crate) const STAYING: &[&str] = &["lease", "moving", "place"];

/// Step `n` leads from schema version `n` to `n + 1`.
pub(crate) const STEPS: &[&[&str]] =
    &[FIRST, SECOND, THIRD, ORDINALS, BLOBS, PLACE, FOLDERS, LOCKS, QUOTAS, PAST, TIDES, TRASH];

/// The oldest program, by the number of steps it knows, that may still work on data of the latest version: one that does
/// not know of blobs would take the address of a body for the body.
pub(crate) const OLDEST: i64 = 5;

const FIRST: &[&str] = &[
    "CREATE TABLE setting (key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (key))",
    "CREATE TABLE principal (account BIGINT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, \
     full_name TEXT NOT NULL, email TEXT NOT NULL, aliases TEXT NOT NULL, active BIGINT NOT NULL, \
     admin BIGINT NOT NULL, hidden BIGINT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (account))",
    "CREATE UNIQUE INDEX principal_name ON principal (name)",
    "CREATE TABLE address (folded TEXT NOT NULL, account BIGINT NOT NULL, PRIMARY KEY (folded))",
    "CREATE INDEX address_account ON address (account)",
    "CREATE TABLE orphan (account BIGINT NOT NULL, name TEXT NOT NULL, since BIGINT NOT NULL, \
     PRIMARY KEY (account))",
    "CREATE TABLE failure (scope TEXT NOT NULL, at BIGINT NOT NULL, tried BLOB NOT NULL, \
     PRIMARY KEY (scope, at, tried))",
    "CREATE INDEX failure_at ON failure (at)",
    "CREATE TABLE secret (account BIGINT NOT NULL, password TEXT, version BIGINT NOT NULL, \
     last_app_password BIGINT NOT NULL, PRIMARY KEY (account))",
    "CREATE TABLE app_password (account BIGINT NOT NULL, number BIGINT NOT NULL, label TEXT NOT NULL, \
     digest BLOB NOT NULL, scopes TEXT NOT NULL, read_only BIGINT NOT NULL, expires BIGINT, \
     created BIGINT NOT NULL, last_used BIGINT, PRIMARY KEY (account, number))",
    // One row per store. `number` counts what happened to the account as such, `shelf` is the number of the last
    // change of its collections, their properties or their access lists.
    "CREATE TABLE account_state (account BIGINT NOT NULL, number BIGINT NOT NULL, shelf BIGINT NOT NULL, \
     PRIMARY KEY (account))",
    "CREATE TABLE account_change (account BIGINT NOT NULL, number BIGINT NOT NULL, collection BIGINT NOT NULL, \
     verb TEXT NOT NULL, actor BIGINT NOT NULL, origin TEXT NOT NULL, at BIGINT NOT NULL, \
     PRIMARY KEY (account, number))",
    // `parent` is 0 at the top.
    "CREATE TABLE collection (account BIGINT NOT NULL, collection BIGINT NOT NULL, parent BIGINT NOT NULL, \
     kind TEXT NOT NULL, name TEXT NOT NULL, components BIGINT NOT NULL, own_grants BIGINT NOT NULL, \
     created BIGINT NOT NULL, PRIMARY KEY (account, collection))",
    "CREATE UNIQUE INDEX collection_name ON collection (account, parent, kind, name)",
    // Apart from `collection` because it moves with every write. `floor`: the log holds what is above it.
    "CREATE TABLE counter (account BIGINT NOT NULL, collection BIGINT NOT NULL, version BIGINT NOT NULL, \
     floor BIGINT NOT NULL, items BIGINT NOT NULL, bytes BIGINT NOT NULL, PRIMARY KEY (account, collection))",
    "CREATE TABLE property (account BIGINT NOT NULL, collection BIGINT NOT NULL, key TEXT NOT NULL, \
     value BLOB NOT NULL, PRIMARY KEY (account, collection, key))",
    // `collection` 0 is the root. `grantee_kind`: 0 the account `grantee`, 1 everyone, 2 the public.
    "CREATE TABLE access_entry (account BIGINT NOT NULL, collection BIGINT NOT NULL, place BIGINT NOT NULL, \
     grantee_kind BIGINT NOT NULL, grantee BIGINT NOT NULL, rights BIGINT NOT NULL, \
     PRIMARY KEY (account, collection, place))",
    "CREATE INDEX access_entry_grantee ON access_entry (grantee, account)",
    // `live` 0 is a tombstone: same row, so a name has one history. `level`, `edge` and `folded` say which facet rows
    // belong to it.
    "CREATE TABLE item (account BIGINT NOT NULL, collection BIGINT NOT NULL, name TEXT NOT NULL, \
     id BIGINT NOT NULL, version BIGINT NOT NULL, revision BIGINT NOT NULL, live BIGINT NOT NULL, \
     size BIGINT NOT NULL, media_type TEXT NOT NULL, created BIGINT NOT NULL, modified BIGINT NOT NULL, \
     has_properties BIGINT NOT NULL, components BIGINT NOT NULL, uid TEXT, level BIGINT, edge BIGINT, \
     folded BIGINT NOT NULL, creator BIGINT NOT NULL, PRIMARY KEY (account, collection, name))",
    "CREATE UNIQUE INDEX item_version ON item (account, collection, version)",
    // Tombstones have no UID, so this is unique among live items.
    "CREATE UNIQUE INDEX item_uid ON item (account, collection, uid)",
    // Collections that are gone, but whose rows are still to be dropped, some at a time.
    "CREATE TABLE doomed (account BIGINT NOT NULL, collection BIGINT NOT NULL, PRIMARY KEY (account, collection))",
    "CREATE TABLE item_property (account BIGINT NOT NULL, collection BIGINT NOT NULL, name TEXT NOT NULL, \
     key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (account, collection, name, key))",
    // Apart from `item`, so that listings do not read bodies; by id, so that a move leaves it alone.
    "CREATE TABLE body (account BIGINT NOT NULL, item BIGINT NOT NULL, bytes BLOB NOT NULL, \
     PRIMARY KEY (account, item))",
    "CREATE TABLE span (account BIGINT NOT NULL, collection BIGINT NOT NULL, level BIGINT NOT NULL, \
     edge BIGINT NOT NULL, name TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, \
     timeline BLOB NOT NULL, PRIMARY KEY (account, collection, level, edge, name))",
    "CREATE TABLE search_text (account BIGINT NOT NULL, collection BIGINT NOT NULL, name TEXT NOT NULL, \
     text BLOB NOT NULL, PRIMARY KEY (account, collection, name))",
    "CREATE TABLE change (account BIGINT NOT NULL, collection BIGINT NOT NULL, version BIGINT NOT NULL, \
     item BIGINT NOT NULL, name TEXT NOT NULL, verb TEXT NOT NULL, actor BIGINT NOT NULL, \
     origin TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (account, collection, version))",
];

const SECOND: &[&str] = &[
    // Who does a job that only one node is to do. `beat` moves for as long as the holder lives.
    "CREATE TABLE lease (name TEXT NOT NULL, holder BIGINT NOT NULL, beat BIGINT NOT NULL, PRIMARY KEY (name))",
    // The account 0 is the house as a whole: its log tells what happened to accounts as such, in one line, so that a
    // node can ask what it missed.
    "INSERT INTO account_state (account, number, shelf) VALUES (0, 0, 0) ON CONFLICT (account) DO NOTHING",
    // Which stores everybody may look into.
    "CREATE INDEX access_entry_kind ON access_entry (grantee_kind, rights, account)",
];

const THIRD: &[&str] = &[
    // Why nobody may use this store at present: it is being filled (`arriving`), its numbers are being raised
    // (`leaping`), its data were copied elsewhere (`left`).
    "CREATE TABLE moving (what TEXT NOT NULL, told TEXT NOT NULL, PRIMARY KEY (what))",
];

/// Small numbers of items and their parts, for clients that can keep nothing else. Rows stay when items go, so that no
/// number is given twice.
const ORDINALS: &[&str] = &[
    "CREATE TABLE ordinal (account BIGINT NOT NULL, collection BIGINT NOT NULL, number BIGINT NOT NULL, \
     item BIGINT NOT NULL, part TEXT NOT NULL, name TEXT NOT NULL, digest BIGINT NOT NULL, \
     version BIGINT NOT NULL, PRIMARY KEY (account, collection, number))",
    "CREATE UNIQUE INDEX ordinal_part ON ordinal (account, collection, item, part)",
    "CREATE INDEX ordinal_name ON ordinal (account, collection, name)",
    "CREATE TABLE ordinal_counter (account BIGINT NOT NULL, collection BIGINT NOT NULL, last BIGINT NOT NULL, \
     PRIMARY KEY (account, collection))",
];

/// Large bodies lie outside, each in an object of its own (`blob`).
const BLOBS: &[&str] = &[
    // `state`: 0 laid down or not yet, and nothing has referred to it; 1 referred to at some time; 2 doomed: nothing
    // refers to it, nor ever will. `since`: when it was last known that something might not refer to it, in which case
    // the collector looks; NULL if something did when that was last known. `upload` names an upload in parts that was
    // begun. `pieces`: digests of its pieces, if it has several: a byte for the sort, and 16 bytes for each.
    "CREATE TABLE blob (account BIGINT NOT NULL, id BIGINT NOT NULL, state BIGINT NOT NULL, since BIGINT, \
     size BIGINT NOT NULL, hash BLOB, upload TEXT, pieces BLOB, PRIMARY KEY (account, id))",
    "CREATE INDEX blob_hash ON blob (account, hash) WHERE hash IS NOT NULL",
    "CREATE INDEX blob_since ON blob (since, account, id) WHERE since IS NOT NULL",
    // Which blob a body is; its bytes are then the address.
    "ALTER TABLE body ADD COLUMN blob BIGINT",
    "CREATE INDEX body_blob ON body (account, blob) WHERE blob IS NOT NULL",
];

/// What lies outside, and by what mark its place is known. A store that was carried elsewhere has no place at first.
const PLACE: &[&str] = &["CREATE TABLE place (what TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (what))"];

/// Collections lie in each other, and each has a row among the items of the one that it lies in.
const FOLDERS: &[&str] = &["ALTER TABLE item ADD COLUMN folder BIGINT"];

/// Who keeps others from writing. `name` is empty for the collection itself. A row may be older than its lock: what is
/// over is swept when the next one is set.
const LOCKS: &[&str] = &[
    "CREATE TABLE write_lock (account BIGINT NOT NULL, token TEXT NOT NULL, collection BIGINT NOT NULL, \
     name TEXT NOT NULL, deep BIGINT NOT NULL, shared BIGINT NOT NULL, holder BIGINT NOT NULL, about BLOB NOT NULL, \
     until BIGINT NOT NULL, PRIMARY KEY (account, token))",
];

/// How many bytes an account may hold: NULL is what the server says, 0 no limit.
const QUOTAS: &[&str] = &[
    "ALTER TABLE account_state ADD COLUMN warn BIGINT",
    "ALTER TABLE account_state ADD COLUMN soft BIGINT",
    "ALTER TABLE account_state ADD COLUMN hard BIGINT",
];

/// What items said before they were replaced or removed.
const PAST: &[&str] = &[
    // `text` is the number of its row in `body`. `until` when, `actor` and `origin` by whom and through what it was
    // replaced or removed; `properties` are those of what was removed.
    "CREATE TABLE past (account BIGINT NOT NULL, item BIGINT NOT NULL, number BIGINT NOT NULL, text BIGINT NOT NULL, \
     collection BIGINT NOT NULL, name TEXT NOT NULL, revision BIGINT NOT NULL, size BIGINT NOT NULL, \
     media_type TEXT NOT NULL, created BIGINT NOT NULL, modified BIGINT NOT NULL, creator BIGINT NOT NULL, \
     until BIGINT NOT NULL, actor BIGINT NOT NULL, origin TEXT NOT NULL, removed BIGINT NOT NULL, properties BLOB, \
     PRIMARY KEY (account, item, number))",
    "CREATE INDEX past_until ON past (account, until)",
    "CREATE INDEX past_removed ON past (account, collection, until, item) WHERE removed = 1",
    "CREATE INDEX past_name ON past (account, collection, name, item) WHERE removed = 1",
    // How many texts of an item were replaced; NULL if nobody counted.
    "ALTER TABLE item ADD COLUMN texts BIGINT",
];
/// One number for all collections of an account: what each had counted to when the account had that number, noted only
/// where it differs from the time before. `collection` 0 is the note itself. Made when somebody asks, not by writes.
const TIDES: &[&str] =
    &["CREATE TABLE tide (account BIGINT NOT NULL, collection BIGINT NOT NULL, number BIGINT NOT NULL, \
     version BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (account, collection, number))"];

/// Collections that were removed and can come back: a row of `trash` for each tree, and one of `trashed` for each collection
/// of it. They are no rows of `collection`, `counter` and `access_entry` meanwhile, so that whoever looks there finds
/// none, programs of the version before too; all else that belongs to them stays where it is.
const TRASH: &[&str] = &[
    // `made`, `modified` and `creator` are of the item as which the root lay in its parent.
    "CREATE TABLE trash (account BIGINT NOT NULL, root BIGINT NOT NULL, parent BIGINT NOT NULL, kind TEXT NOT NULL, \
     name TEXT NOT NULL, at BIGINT NOT NULL, actor BIGINT NOT NULL, origin TEXT NOT NULL, \
     collections BIGINT NOT NULL, deep BIGINT NOT NULL, items BIGINT NOT NULL, bytes BIGINT NOT NULL, \
     made BIGINT NOT NULL, modified BIGINT NOT NULL, creator BIGINT NOT NULL, PRIMARY KEY (account, root))",
    "CREATE INDEX trash_at ON trash (account, at, root)",
    "CREATE TABLE trashed (account BIGINT NOT NULL, root BIGINT NOT NULL, collection BIGINT NOT NULL, \
     parent BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, components BIGINT NOT NULL, \
     own_grants BIGINT NOT NULL, created BIGINT NOT NULL, version BIGINT NOT NULL, floor BIGINT NOT NULL, \
     items BIGINT NOT NULL, bytes BIGINT NOT NULL, grants BLOB NOT NULL, PRIMARY KEY (account, root, collection))",
];
