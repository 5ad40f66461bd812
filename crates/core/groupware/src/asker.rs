//! Who asks.

use kontor_directory::{Admission, Credential, Scope, Scopes, Ticket};
use kontor_model::{AccountId, AccountName, Actor, AdminLevel, Origin, Principal, PrincipalKind, Timestamp};
use std::sync::{Arc, LazyLock};

/// Somebody with a credential, the public, or the server itself. Made by [`Office::sign_in`](crate::Office::sign_in)
/// or, for the command line and jobs, by [`Asker::system`].
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who it is. The system and the public have stand-ins with id 0, which own nothing.
    pub principal: Arc<Principal>,
    /// Whether the credential may only read.
    pub read_only: bool,
    /// What sort of credential it is.
    pub credential: Credential,
    /// What the credential is good for.
    pub scopes: Scopes,
    /// Through which door.
    pub origin: Origin,
    pub(crate) standing: Standing,
    /// Tokens of locks that are shown: what those lock is open to who holds them.
    pub(crate) tokens: Arc<[u128]>,
    /// What the log-in rests on; none if no credential was needed.
    pub(crate) ticket: Option<Arc<Ticket>>,
}

/// In what capacity somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Account,
    Public,
    System,
}

static SYSTEM: LazyLock<Arc<Principal>> = LazyLock::new(|| Arc::new(stand_in("kontor", "Kontor")));
static PUBLIC: LazyLock<Arc<Principal>> = LazyLock::new(|| Arc::new(stand_in("public", "Public")));

fn stand_in(name: &str, full_name: &str) -> Principal {
    let Ok(name) = AccountName::new(name) else {
        // The two names above are good ones; there is nobody to ask if they were not.
        std::process::abort()
    };
    Principal {
        id: AccountId(0),
        name,
        kind: PrincipalKind::Service,
        full_name: full_name.to_owned(),
        email: String::new(),
        aliases: Vec::new(),
        active: false,
        admin: AdminLevel::None,
        hidden: true,
        created: Timestamp::from_millis(0),
    }
}

impl Asker {
    /// The server's own jobs, and the administrator at the command line: may do everything.
    pub fn system(origin: Origin) -> Self {
        Self::with_all(SYSTEM.clone(), origin, Standing::System)
    }

    /// Anybody, without log-in: has what was granted to the public.
    pub fn public(origin: Origin) -> Self {
        Self::with_all(PUBLIC.clone(), origin, Standing::Public)
    }

    /// An account that needs no credential here, because the door has its own proof (peer credentials of a socket).
    pub fn account(principal: Arc<Principal>, origin: Origin) -> Self {
        Self::with_all(principal, origin, Standing::Account)
    }

    /// Nothing is taken away by the credential.
    fn with_all(principal: Arc<Principal>, origin: Origin, standing: Standing) -> Self {
        Self {
            principal,
            read_only: false,
            credential: Credential::Password,
            scopes: Scopes::ALL,
            origin,
            standing,
            tokens: Arc::default(),
            ticket: None,
        }
    }

    pub(crate) fn admitted(admission: Admission, scope: Scope) -> Self {
        let origin = match scope {
            Scope::Web => Origin::Web,
            Scope::Admin => Origin::Admin,
            Scope::Dav | Scope::Calendar | Scope::Tasks | Scope::Contacts | Scope::Files => Origin::Dav,
        };
        let Admission { principal, scopes, read_only, credential, ticket } = admission;
        let (standing, ticket) = (Standing::Account, Some(ticket));
        let tokens = Arc::default();
        Self { principal, read_only, credential, scopes, origin, standing, tokens, ticket }
    }

    /// The same, showing the tokens of locks.
    #[must_use]
    pub fn showing(self, tokens: Vec<u128>) -> Self {
        Self { tokens: tokens.into(), ..self }
    }

    /// The tokens that are shown.
    pub fn tokens(&self) -> &[u128] {
        &self.tokens
    }

    /// Whether this is the server itself.
    pub fn is_system(&self) -> bool {
        self.standing == Standing::System
    }

    /// Whether this is somebody with an account, and `id` is it.
    pub(crate) fn is(&self, id: AccountId) -> bool {
        self.standing == Standing::Account && self.principal.id == id
    }

    /// Who acts, for the change log.
    pub(crate) fn actor(&self) -> Actor {
        match self.standing {
            Standing::Account => Actor::Account(self.principal.id),
            Standing::Public => Actor::Public,
            Standing::System => Actor::System,
        }
    }
}
