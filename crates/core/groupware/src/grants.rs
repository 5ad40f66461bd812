//! Who may do what: changing access lists (features.md 6.2, rules 1, 6 and 7).

use crate::{Asker, Office, Place, access};
use kontor_model::{
    AccountId, AdminLevel, Collection, Error, Grant, Grantee, Principal, Result, Right, Rights, Rule,
};
use kontor_store::{Op, Shelf};
use std::collections::HashMap;

impl Office {
    /// Replaces the access list of a collection; `None` inherits again. Rights are closed when written. Takes effect
    /// on requests that are under way, and wakes watchers.
    ///
    /// With `a` (or as owner) any entry may be set, at most with what the grantor has; administrators may grant what
    /// they do not have, as that is how they visibly let themselves in. With `s` alone, entries may be added or
    /// changed to at most the own rights without `a`; others stay as they are.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden`; `Invalid` for an unknown grantee, the owner, one grantee twice, or more than a reader
    /// or a drop box for the public; `TooLarge`.
    pub async fn set_grants(&self, who: &Asker, place: &Place, grants: Option<Vec<Grant>>) -> Result<()> {
        self.change_grants(who, place.account(), Some(&place.collection), grants).await
    }

    /// Replaces the access list of the root of a store, which collections without a list of their own inherit.
    ///
    /// # Errors
    /// As [`Office::set_grants`].
    pub async fn set_root_grants(&self, who: &Asker, owner: &Principal, grants: Vec<Grant>) -> Result<()> {
        self.change_grants(who, owner.id, None, Some(grants)).await
    }

    async fn change_grants(
        &self,
        who: &Asker,
        account: AccountId,
        on: Option<&Collection>,
        grants: Option<Vec<Grant>>,
    ) -> Result<()> {
        let grants = match grants {
            Some(grants) => Some(self.checked(account, grants).await?),
            None => None,
        };
        self.commit_shelf(who, &[account], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            self.may_grant(who, shelf, on, grants.as_deref())?;
            let collection = on.map(|one| one.id);
            Ok(vec![Op::SetGrants { account, collection, grants: grants.clone() }])
        })
        .await?;
        Ok(())
    }

    /// The entries closed, or why they cannot be.
    async fn checked(&self, owner: AccountId, grants: Vec<Grant>) -> Result<Vec<Grant>> {
        let max = self.inner.policy.limits.max_grants;
        if grants.len() > max {
            return Err(Error::TooLarge { limit: "max_grants", max: max as u64 });
        }
        let refuse = |why: &str| Err(Error::Invalid { rule: Rule::Name, detail: why.to_owned() });
        let mut closed: Vec<Grant> = Vec::with_capacity(grants.len());
        for grant in grants {
            let rights = grant.rights.closed();
            match &grant.grantee {
                Grantee::Account(id) if *id == owner => return refuse("the owner has every right already"),
                Grantee::Account(id) if self.inner.directory.principal_by_id(*id).await?.is_none() => {
                    return refuse("nobody of that name can be granted a right");
                }
                Grantee::Public if !fit_for_public(rights) => {
                    return refuse("the public can be a reader or have a drop box, no more");
                }
                Grantee::Account(_) | Grantee::Everyone | Grantee::Public => {}
            }
            if closed.iter().any(|one| one.grantee == grant.grantee) {
                return refuse("the same grantee is listed twice");
            }
            closed.push(Grant { grantee: grant.grantee, rights });
        }
        Ok(closed)
    }

    fn may_grant(
        &self,
        who: &Asker,
        shelf: &Shelf,
        on: Option<&Collection>,
        wanted: Option<&[Grant]>,
    ) -> Result<()> {
        let policy = &self.inner.policy;
        let (rights, have) = match on {
            Some(on) => {
                let (collection, rights) = access::find(policy, who, shelf, on.id)?;
                (rights, shelf.grants_on(collection.id).unwrap_or_default())
            }
            None => (access::on_root(policy, who, shelf, None), shelf.root_grants.as_slice()),
        };
        if rights.has(Right::Administer) {
            let unbounded = rights == Rights::ALL || who.principal.admin != AdminLevel::None;
            let ceiling = if unbounded { Rights::ALL } else { rights };
            return within(have, wanted, ceiling, true);
        }
        access::need(rights, Right::Reshare)?;
        let ceiling =
            Rights(rights.0 & !Rights::of(&[Right::Administer]).0).union(Rights::of(&[Right::Look]));
        within(have, wanted, ceiling.intersection(rights), false)
    }
}

/// At most a reader, or a drop box (rule 1).
fn fit_for_public(rights: Rights) -> bool {
    Rights::of(&[Right::Read]).covers(rights) || Rights::of(&[Right::Insert]).covers(rights)
}

/// Whether the change from `have` to `wanted` stays below `ceiling`: entries that are new or differ may hold no more
/// than it. Entries may be dropped, or lowered below what they were above the ceiling, only if `free`.
fn within(have: &[Grant], wanted: Option<&[Grant]>, ceiling: Rights, free: bool) -> Result<()> {
    let before: HashMap<&Grantee, Rights> = have.iter().map(|one| (&one.grantee, one.rights)).collect();
    let after: HashMap<&Grantee, Rights> =
        wanted.unwrap_or_default().iter().map(|one| (&one.grantee, one.rights)).collect();
    let forbidden = Err(Error::Forbidden { right: Right::Administer });
    for (grantee, rights) in &after {
        let same = before.get(grantee) == Some(rights);
        if !same && !ceiling.covers(*rights) {
            return forbidden;
        }
    }
    let untouched =
        |grantee: &&Grantee, rights: &Rights| after.get(*grantee) == Some(rights) || ceiling.covers(*rights);
    if free || before.iter().all(|(grantee, rights)| untouched(grantee, rights)) { Ok(()) } else { forbidden }
}
