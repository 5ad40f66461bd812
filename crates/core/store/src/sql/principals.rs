//! Accounts, addresses, secrets, failed log-ins, settings, leases.

/// Columns of a principal in the order in which engines decode them.
macro_rules! principal {
    () => {
        "SELECT principal.account, principal.name, principal.kind, principal.full_name, principal.email, \
         principal.aliases, principal.active, principal.admin, principal.hidden, principal.created"
    };
}

statements! {
    /// By log-in name.
    BY_NAME = [principal!(), " FROM principal WHERE name = ?1"];
    /// By id.
    BY_ID = [principal!(), " FROM principal WHERE account = ?1"];
    /// By address.
    BY_ADDRESS = [principal!(), " FROM address CROSS JOIN principal WHERE address.folded = ?1 \
                  AND principal.account = address.account"];
    /// Some, by name, behind one.
    PAGE_BY_NAME = [principal!(), " FROM principal WHERE name > ?1 ORDER BY name LIMIT ?2"];
    /// Whose address it is.
    ADDRESS_OWNER = ["SELECT account FROM address WHERE folded = ?1"];
    /// Makes one.
    CREATE = ["INSERT INTO principal (account, name, kind, full_name, email, aliases, active, admin, hidden, created) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"];
    /// Replaces what is known.
    UPDATE = ["UPDATE principal SET name = ?2, kind = ?3, full_name = ?4, email = ?5, aliases = ?6, active = ?7, \
               admin = ?8, hidden = ?9, created = ?10 WHERE account = ?1"];
    /// Away with it.
    REMOVE = ["DELETE FROM principal WHERE account = ?1"];
    /// Takes an address.
    ADD_ADDRESS = ["INSERT INTO address (folded, account) VALUES (?1, ?2)"];
    /// Gives all back.
    DROP_ADDRESSES = ["DELETE FROM address WHERE account = ?1"];
    /// A store without an owner.
    ADD_ORPHAN = ["INSERT INTO orphan (account, name, since) VALUES (?1, ?2, ?3)"];
    /// All such.
    ORPHANS = ["SELECT account, name, since FROM orphan ORDER BY since, account"];
    /// Secrets.
    SECRET = ["SELECT password, version FROM secret WHERE account = ?1"];
    /// A new account has none.
    NEW_SECRET = ["INSERT INTO secret (account, password, version, last_app_password) VALUES (?1, NULL, 1, 0)"];
    /// Sets or clears the password.
    SET_PASSWORD = ["UPDATE secret SET password = ?2, version = version + 1 WHERE account = ?1"];
    /// Whoever remembers a log-in must check again.
    BUMP_SECRET = ["UPDATE secret SET version = version + 1 WHERE account = ?1"];
    /// The next number of an app password.
    NEXT_APP_PASSWORD = ["UPDATE secret SET version = version + 1, last_app_password = last_app_password + 1 \
                          WHERE account = ?1 RETURNING last_app_password"];
    /// None.
    DROP_SECRET = ["DELETE FROM secret WHERE account = ?1"];
    /// App passwords.
    APP_PASSWORDS = ["SELECT number, label, digest, scopes, read_only, expires, created, last_used FROM app_password \
                      WHERE account = ?1 ORDER BY number"];
    /// One more.
    ADD_APP_PASSWORD = ["INSERT INTO app_password (account, number, label, digest, scopes, read_only, expires, \
                         created, last_used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"];
    /// One less.
    REVOKE_APP_PASSWORD = ["DELETE FROM app_password WHERE account = ?1 AND number = ?2"];
    /// Used today.
    TOUCH_APP_PASSWORD = ["UPDATE app_password SET last_used = ?3 WHERE account = ?1 AND number = ?2"];
    /// None.
    DROP_APP_PASSWORDS = ["DELETE FROM app_password WHERE account = ?1"];
    /// Counts a failure; the same at the same instant counts once.
    COUNT_FAILURE = ["INSERT INTO failure (scope, at, tried) VALUES (?1, ?2, ?3) \
                      ON CONFLICT (scope, at, tried) DO NOTHING"];
    /// Counted failures, the newest first: if they are too many to tell, the old ones go untold.
    FAILURES = ["SELECT at, tried FROM failure WHERE scope = ?1 AND at >= ?2 ORDER BY at DESC, tried DESC LIMIT ?3"];
    /// Forgets those of a scope.
    FORGET_FAILURES = ["DELETE FROM failure WHERE scope = ?1"];
    /// The oldest ones.
    OLD_FAILURES = ["SELECT scope, at, tried FROM failure WHERE at < ?1 ORDER BY at LIMIT ?2"];
    /// Forgets one.
    FORGET_FAILURE = ["DELETE FROM failure WHERE scope = ?1 AND at = ?2 AND tried = ?3"];
    /// A setting.
    SETTING = ["SELECT value FROM setting WHERE key = ?1"];
    /// Sets it if it has no value yet.
    INIT_SETTING = ["INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING"];
    /// Who has a lease.
    LEASE = ["SELECT holder, beat FROM lease WHERE name = ?1"];
    /// Takes one that nobody had ever.
    NEW_LEASE = ["INSERT INTO lease (name, holder, beat) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING"];
    /// Takes or renews one that is as it was seen.
    MOVE_LEASE = ["UPDATE lease SET holder = ?4, beat = ?5 WHERE name = ?1 AND holder = ?2 AND beat = ?3"];
}
