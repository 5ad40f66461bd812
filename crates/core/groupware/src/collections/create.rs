//! Making a collection.

use crate::{Asker, Limits, Office, Place, access, properties};
use kontor_model::{
    AccountId, Collection, CollectionId, CollectionName, Components, Error, Kind, Properties, Result, Right,
    Rule, Timestamp,
};
use kontor_store::{Op, Shelf};

/// A collection to be made at the top of a store.
#[derive(Clone, Debug)]
pub struct NewCollection {
    /// What it holds. A calendar that takes tasks only is a task list, whatever is said here.
    pub kind: Kind,
    /// Its name among the collections that share its address space.
    pub name: CollectionName,
    /// Component types it takes; [`Components::NONE`] means what is usual for the kind.
    pub components: Components,
    /// Its properties.
    pub properties: Properties,
}

impl Office {
    /// Makes a collection.
    ///
    /// # Errors
    /// `Exists` if the name is taken, by a task list for a calendar too; `Forbidden` without `k` on the store;
    /// `TooLarge` if the store has too many; `Unsupported` for files: every account has one drive, and folders lie in it.
    pub async fn create_collection(&self, who: &Asker, owner: &str, new: NewCollection) -> Result<Place> {
        let owner = self.principal(who, owner).await?;
        let id = self.inner.ids.collection();
        let made = plan(&self.inner.policy.limits, owner.id, id, new, self.inner.clock.now())?;
        if made.kind == Kind::Files {
            let detail = "a second drive for an account".to_owned();
            return Err(Error::Unsupported { detail });
        }
        self.commit_shelf(who, &[owner.id], |shelves| {
            let shelf = shelves.first().ok_or(Error::NotFound)?;
            self.may_create(who, shelf, made.kind)?;
            vacant(shelf, &made)?;
            Ok(vec![Op::CreateCollection(Box::new(made.clone()))])
        })
        .await?;
        self.place_of(who, owner, id).await
    }

    /// Decides whether one more collection may come to be at the top of a store.
    pub(crate) fn may_create(&self, who: &Asker, shelf: &Shelf, kind: Kind) -> Result<()> {
        let rights = access::on_root(&self.inner.policy, who, shelf, Some(kind));
        if !rights.has(Right::CreateCollection) {
            // That the account exists is known, or it would not have been found.
            return Err(Error::Forbidden { right: Right::CreateCollection });
        }
        let max = self.inner.policy.limits.max_collections;
        if shelf.below(None).filter(|one| one.kind != Kind::Files).count() >= max {
            return Err(Error::TooLarge { limit: "max_collections", max: max as u64 });
        }
        Ok(())
    }
}

/// The kinds that share an address space with `kind`: a name is given once among them.
pub(crate) fn siblings(kind: Kind) -> &'static [Kind] {
    match kind {
        Kind::Calendar | Kind::Tasks => &[Kind::Calendar, Kind::Tasks],
        Kind::Contacts => &[Kind::Contacts],
        Kind::Files => &[Kind::Files],
    }
}

pub(crate) fn vacant(shelf: &Shelf, made: &Collection) -> Result<()> {
    if shelf.named(None, siblings(made.kind), made.name.as_str()).is_some() {
        Err(Error::Exists)
    } else {
        Ok(())
    }
}

/// The collection that an order comes to.
pub(crate) fn plan(
    limits: &Limits,
    account: AccountId,
    id: CollectionId,
    new: NewCollection,
    created: Timestamp,
) -> Result<Collection> {
    let (kind, components) = shape(new.kind, new.components)?;
    let changes = new.properties.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
    properties::check(limits, [].iter(), &changes)?;
    Ok(Collection {
        account,
        id,
        parent: None,
        name: new.name,
        kind,
        components,
        created,
        properties: new.properties,
    })
}

fn shape(kind: Kind, components: Components) -> Result<(Kind, Components)> {
    let usual = Components::EVENT.with(Components::TASK).with(Components::JOURNAL);
    match (kind, components) {
        (Kind::Calendar, Components::NONE) => Ok((Kind::Calendar, usual)),
        (Kind::Calendar | Kind::Tasks, Components::TASK) | (Kind::Tasks, Components::NONE) => {
            Ok((Kind::Tasks, Components::TASK))
        }
        (Kind::Calendar, some) => Ok((Kind::Calendar, some)),
        (Kind::Contacts, _) => Ok((Kind::Contacts, Components::NONE)),
        (Kind::Tasks, _) => {
            let detail = "a task list takes tasks only".to_owned();
            Err(Error::Invalid { rule: Rule::Component, detail })
        }
        (Kind::Files, _) => Ok((Kind::Files, Components::NONE)),
    }
}
