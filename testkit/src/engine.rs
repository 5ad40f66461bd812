//! On which database tests run: one switch for all of them.

/// A database that a store can be kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The one that is built in.
    Sqlite,
    /// [`crate::postgres`].
    Postgres,
}

impl Engine {
    /// The one that `KONTOR_TEST_STORE` names (`sqlite` or `postgres`), if it names one.
    pub fn switched_to() -> Option<Engine> {
        match std::env::var("KONTOR_TEST_STORE").as_deref() {
            Ok("sqlite") => Some(Engine::Sqlite),
            Ok("postgres") => Some(Engine::Postgres),
            Err(std::env::VarError::NotPresent) => None,
            other => panic!("KONTOR_TEST_STORE is postgres or sqlite, not {other:?}"),
        }
    }
}

/// Those that a test of all engines runs over: the one that is switched to, else each.
pub fn engines() -> Vec<Engine> {
    Engine::switched_to().map_or_else(|| vec![Engine::Sqlite, Engine::Postgres], |one| vec![one])
}
