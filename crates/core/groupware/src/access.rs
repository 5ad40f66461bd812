//! The one place that says yes or no (law 6, features.md section 6).
//!
//! How rights come to be, in this order:
//! 1. The system has all; the owner of a store has all on it, always (rule 3).
//! 2. Others walk from the collection up to the root of the store: the first level with an entry for the account or
//!    for everyone decides, with the union of those entries; an entry without rights stops the walk (rule 2). Guests
//!    do not count as everyone. What is granted to the public comes on top, found by a walk of its own: it would be
//!    there without log-in too.
//! 3. Administrators get `l k a` on top, or everything where `restrict_admin` is off (rule 4).
//! 4. The credential takes away: an app password for contacts has no right on a calendar, one that may only read has
//!    none of the rights that change (wish: app password scopes).
//!
//! How an answer is chosen: with the right, yes. Without it, but with `l`, `Forbidden`. Without `l`, `NotFound`, so
//! that nobody learns what exists. `f` and `i` work without `l`: free/busy of what one cannot see, and a drop box.

use crate::asker::Standing;
use crate::{Asker, Policy};
use kontor_directory::Scope;
use kontor_model::{
    AdminLevel, Collection, CollectionId, Error, Grant, Grantee, Kind, PrincipalKind, Result, Right, Rights,
};
use kontor_store::Shelf;

/// How deep collections may lie in each other (rule 2).
pub(crate) const DEEPEST: usize = 64;

/// What `who` may do on a collection of that shelf.
pub(crate) fn on(policy: &Policy, who: &Asker, shelf: &Shelf, collection: &Collection) -> Rights {
    let granted = unmasked(policy, who, shelf, Some(collection));
    granted.intersection(mask(who, Some(collection.kind)))
}

/// What `who` may do on the root of that shelf, where collections of `kind` are concerned.
pub(crate) fn on_root(policy: &Policy, who: &Asker, shelf: &Shelf, kind: Option<Kind>) -> Rights {
    unmasked(policy, who, shelf, None).intersection(mask(who, kind))
}

/// What `who` was granted on a collection, leaving out what comes with being an administrator: what watchers are
/// told rests on this, lest an administrator hear of every change of everybody.
pub(crate) fn granted(who: &Asker, shelf: &Shelf, collection: &Collection) -> Rights {
    base(who, shelf, Some(collection)).intersection(mask(who, Some(collection.kind)))
}

fn unmasked(policy: &Policy, who: &Asker, shelf: &Shelf, collection: Option<&Collection>) -> Rights {
    let rights = base(who, shelf, collection);
    if who.standing != Standing::Account || who.principal.admin == AdminLevel::None {
        return rights;
    }
    let extra = if policy.restrict_admin {
        Rights::of(&[Right::Look, Right::CreateCollection, Right::Administer])
    } else {
        Rights::ALL
    };
    rights.union(extra)
}

fn base(who: &Asker, shelf: &Shelf, collection: Option<&Collection>) -> Rights {
    if who.standing == Standing::System || who.is(shelf.account) {
        return Rights::ALL;
    }
    let public = walk(shelf, collection, |grantee| *grantee == Grantee::Public);
    if who.standing == Standing::Public {
        return public;
    }
    let guest = who.principal.kind == PrincipalKind::Guest;
    let own = walk(shelf, collection, |grantee| match grantee {
        Grantee::Account(id) => *id == who.principal.id,
        Grantee::Everyone => !guest,
        Grantee::Public => false,
    });
    own.union(public)
}

/// Rule 2: from the collection up, the first level with a matching entry decides.
fn walk(shelf: &Shelf, from: Option<&Collection>, matches: impl Fn(&Grantee) -> bool) -> Rights {
    let level = |grants: &[Grant]| {
        let mut found = grants.iter().filter(|grant| matches(&grant.grantee)).peekable();
        found.peek().is_some().then(|| found.fold(Rights::NONE, |sum, grant| sum.union(grant.rights)))
    };
    let mut at = from;
    for _ in 0..DEEPEST {
        let Some(here) = at else { break };
        if let Some(rights) = shelf.grants_on(here.id).and_then(level) {
            return rights;
        }
        at = here.parent.and_then(|parent| shelf.collection(parent)).map(|parent| &**parent);
    }
    // Deeper than allowed: the root does not count for it.
    if at.is_some() { Rights::NONE } else { level(&shelf.root_grants).unwrap_or(Rights::NONE) }
}

/// What the credential leaves of any rights.
fn mask(who: &Asker, kind: Option<Kind>) -> Rights {
    let scope = kind.map_or(Scope::Dav, Scope::of_kind);
    if !who.scopes.allows(scope) {
        return Rights::NONE;
    }
    if who.read_only {
        return Rights::of(&[Right::Private]);
    }
    if who.standing == Standing::Public { most_for_public() } else { Rights::ALL }
}

/// Rule 1: the public gets at most a reader's rights, or a drop box.
pub(crate) fn most_for_public() -> Rights {
    Rights::of(&[Right::Read, Right::Insert])
}

/// Yes if `right` is among `rights`, else the answer that gives nothing away.
pub(crate) fn need(rights: Rights, right: Right) -> Result<()> {
    if rights.has(right) {
        Ok(())
    } else if rights.has(Right::Look) {
        Err(Error::Forbidden { right })
    } else {
        Err(Error::NotFound)
    }
}

/// The collection of that id as it is now, if `who` has any right on it.
pub(crate) fn find<'a>(
    policy: &Policy,
    who: &Asker,
    shelf: &'a Shelf,
    id: CollectionId,
) -> Result<(&'a Collection, Rights)> {
    let collection = shelf.collection(id).ok_or(Error::NotFound)?;
    let rights = on(policy, who, shelf, collection);
    if rights == Rights::NONE { Err(Error::NotFound) } else { Ok((collection, rights)) }
}

/// Yes if the trash of that store is `who`'s to look through and to empty: the owner's, the administrators' and the
/// system's, by a credential that is good for what was removed (of that kind, or at all).
pub(crate) fn need_keeper(policy: &Policy, who: &Asker, shelf: &Shelf, kind: Option<Kind>) -> Result<()> {
    if who.standing == Standing::System || who.is(shelf.account) {
        return need(on_root(policy, who, shelf, kind).union(looks(who)), Right::Manage);
    }
    match need_admin(who) {
        Ok(()) => Ok(()),
        Err(_) => {
            need(on_root(policy, who, shelf, kind).intersection(Rights::of(&[Right::Look])), Right::Manage)
        }
    }
}

/// Who owns a store knows that it is there.
fn looks(who: &Asker) -> Rights {
    if who.standing == Standing::Account { Rights::of(&[Right::Look]) } else { Rights::NONE }
}

/// Yes if `who` may look after accounts: the system, and administrators whose credential is good for that.
pub(crate) fn need_admin(who: &Asker) -> Result<()> {
    let admin = match who.standing {
        Standing::System => true,
        Standing::Public => false,
        Standing::Account => {
            who.principal.admin != AdminLevel::None && who.scopes.allows(Scope::Admin) && !who.read_only
        }
    };
    if admin { Ok(()) } else { Err(Error::Forbidden { right: Right::Administer }) }
}
